"""Tables as Arrow and Parquet keep them: a dataset of Hugging Face in the folder of its `save_to_disk`, or one file.

They are read by pyarrow (the extra `datasets`); nothing of the library itself is needed, and nothing of it is run.
"""

from __future__ import annotations

import hashlib
import json
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from leporello.graphs.composing.named_files import inside
from leporello.graphs.extras import LackingError
from leporello.graphs.frozen import frozen
from leporello.graphs.problems import Mark, refuse
from leporello.training.data.entries import Entry
from leporello.training.data.files import HELD, LARGEST, read_text, suffix_of
from leporello.training.data.reading import Rows, part_of
from leporello.training.data.stored import Opened, Picked, Stored

STATE, INFO, PARTED = "state.json", "dataset_info.json", "dataset_dict.json"
ARROW, PARQUET = ".arrow", ".parquet"
BLOCK = 1 << 20


def is_saved(path: Path, name: str) -> bool:
    """Whether a path is such a folder or file."""
    folder = path.is_dir() and any((path / file).is_file() for file in (STATE, PARTED))
    return folder or suffix_of(name) in (ARROW, PARQUET)


def read_saved(path: Path, name: str, entry: Entry, mark: Mark | None) -> tuple[str, Rows]:
    """The digest of all its files, and the rows of the column that an entry names; many stay where they are.

    Raises SpecError for what is damaged, and for what else it cannot read; LackingError without pyarrow.
    """
    if path.is_dir() and not (path / STATE).is_file():
        hint = f"name each by files: such as files: [{name}/train, {name}/validation, {name}/test]"
        raise refuse(f"{name} has several parts", hint, mark)
    opened = [Opened(file, f"{name}/{file.name}" if path.is_dir() else name, mark) for file in _files(path, name, mark)]
    size = sum(file.size for file in opened)
    digest = hashlib.sha256()
    for file in opened:
        for at in range(0, file.size, BLOCK):
            digest.update(file.read(at, at + BLOCK))
    if suffix_of(name) == PARQUET and size > LARGEST:
        what = f"at most {LARGEST // 2**20} MiB of Parquet are read: save it by save_to_disk, which is read in parts"
        raise refuse(f"{name} is {size / 2**20:,.0f} MiB large", what, mark)
    with _said_so(name, mark):
        rows = _rows([_table(file, name) for file in opened], _labels(path, name, mark), name, entry)
        checked = list(rows) if size <= HELD else _gone_through(rows)
    if not len(checked):
        raise refuse(f"{name} is empty", "give a dataset with some rows in it", mark)
    return digest.hexdigest(), checked


def _gone_through(rows: Rows) -> Rows:
    """The rows, each read once, so that whatever is wrong is said before anything begins."""
    for _ in rows:
        pass
    return rows


@frozen
class ArrowRows(Stored):
    """One column of tables that are mapped into memory, value by value."""

    chunks: Sequence[Any]
    starts: Sequence[int]
    entry: Entry
    labels: Mapping[str, Sequence[str]]
    name: str

    def __len__(self) -> int:
        return self.starts[-1]

    def __getitem__(self, place: Any) -> Any:
        if isinstance(place, slice):
            return Picked(self, range(len(self))[place])
        place = range(len(self))[place]
        chunk = bisect_right(self.starts, place) - 1
        row = place - self.starts[chunk]
        value = {one: column[row].as_py() for one, column in self.chunks[chunk].items()}
        return self._named(part_of(value, self.entry, Mark(self.name, place + 1, 1)), place)

    def _named(self, value: Any, place: int) -> Any:
        """A label by its name, where the dataset has names for its numbers."""
        names = self.labels.get(str(self.entry["column"]))
        if names is None:
            return value
        if not isinstance(value, int) or not 0 <= value < len(names):
            what = f"the row has the label {value}, and {self.entry['column']} has {len(names)} names"
            raise refuse(what, "leave out rows that have no label", Mark(self.name, place + 1, 1))
        return names[value]


def _rows(tables: Sequence[Any], labels: Mapping[str, Sequence[str]], name: str, entry: Entry) -> Rows:
    column = str(entry["column"]) if entry["column"] is not None else ""
    chunks, starts = [], [0]
    for table in tables:
        wanted = column if column in table.column_names else column.partition(".")[0]
        picked = table.select([wanted]) if wanted in table.column_names else table
        for batch in picked.to_batches():
            chunks.append(dict(zip(batch.schema.names, batch.columns, strict=True)))
            starts.append(starts[-1] + batch.num_rows)
    return ArrowRows(chunks, starts, entry, labels, name)


def _files(path: Path, name: str, mark: Mark | None) -> list[Path]:
    """The files of a table, in their order."""
    if not path.is_dir():
        return [path]
    said = _said(path / STATE, f"{name}/{STATE}", mark).get("_data_files")
    names = [one.get("filename") for one in said if isinstance(one, dict)] if isinstance(said, list) else []
    if not names or not all(isinstance(one, str) for one in names):
        raise refuse(f"{name}/{STATE} names no files of data", "save the dataset again by save_to_disk", mark)
    return [inside(path, str(one), mark) for one in names]


def _labels(path: Path, name: str, mark: Mark | None) -> dict[str, list[str]]:
    """The names of labels by column, of columns whose numbers have names."""
    if not path.is_dir() or not (path / INFO).is_file():
        return {}
    features = _said(path / INFO, f"{name}/{INFO}", mark).get("features")
    found = {}
    for column, said in features.items() if isinstance(features, dict) else ():
        names = said.get("names") if isinstance(said, dict) and said.get("_type") == "ClassLabel" else None
        if isinstance(names, list) and all(isinstance(one, str) for one in names):
            found[str(column)] = names
    return found


def _said(path: Path, name: str, mark: Mark | None) -> dict[str, Any]:
    try:
        value = json.loads(read_text(inside(path.parent, path.name, mark), name, mark))
    except (ValueError, RecursionError) as error:
        raise refuse(f"{name} is not JSON: {error}", "save the dataset again by save_to_disk", mark) from error
    return value if isinstance(value, dict) else {}


def _table(file: Opened, name: str) -> Any:
    """A file as a table, of which nothing is read that nobody asks for."""
    try:
        import pyarrow  # late: an extra, and large
        import pyarrow.parquet
    except ImportError as error:
        raise LackingError("pyarrow", "datasets", "a table of Arrow or Parquet") from error
    if suffix_of(name) == PARQUET:
        return pyarrow.parquet.read_table(file.path)
    source = pyarrow.memory_map(str(file.path))
    try:
        return pyarrow.ipc.open_stream(source).read_all()
    except pyarrow.ArrowInvalid:
        return pyarrow.ipc.open_file(source).read_all()  # what a program writes as a file, and not as a stream


@contextmanager
def _said_so(name: str, mark: Mark | None) -> Iterator[None]:
    """What pyarrow says of a file as what is refused."""
    try:
        yield
    except LackingError:
        raise
    except (OSError, ValueError, NotImplementedError) as error:  # ArrowInvalid is a ValueError
        first = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise refuse(f"{name} is no whole table: {first}", "save the dataset again by save_to_disk", mark) from error
