"""Documents keep what their files hold: bytes that nobody edited, other writers' work, edits that were never saved."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leporello.graphs.problems import SpecError
from leporello.tui.session import journal
from leporello.tui.session.document import Document, Stamp, opened, stamp_of
from leporello.tui.session.history import Change
from tests.support.paths import EXAMPLES
from tests.support.strategies import some

TEXT = (EXAMPLES / "elman.yaml").read_text(encoding="utf-8")


@given(st.sampled_from(["\n", "\r\n", "\r"]), st.booleans(), st.lists(st.sampled_from(["a: 1", "", "# é", "b: [2]"])))
@some(60)
def test_a_file_that_is_saved_unchanged_is_the_same_bytes(
    tmp_path_factory: pytest.TempPathFactory, end: str, mark: bool, lines: list[str]
) -> None:
    path = tmp_path_factory.mktemp("spec") / "model.yaml"
    data = ("\ufeff" if mark else "") + end.join(lines)
    path.write_bytes(data.encode())
    document = opened(path)
    assert not document.modified
    document.save()
    assert path.read_bytes() == data.encode()


def test_mixed_line_ends_stay_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "model.yaml"
    path.write_bytes(b"a: 1\r\nb: 2\nc: 3\r\n")
    document = opened(path)
    document.apply(Change(document.text.index("2"), "2", "20"))
    document.save()
    assert path.read_bytes() == b"a: 1\r\nb: 20\nc: 3\r\n"


def test_edits_are_saved_with_the_mode_of_the_file_and_through_links(tmp_path: Path) -> None:
    path, link = tmp_path / "model.yaml", tmp_path / "link.yaml"
    path.write_text(TEXT)
    path.chmod(0o640)
    link.symlink_to(path)
    document = opened(link)
    document.rewrite(TEXT.replace("units: 16", "units: 32"), "units")
    assert document.modified
    document.save()
    assert not document.modified
    assert "units: 32" in path.read_text()
    assert link.is_symlink()
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_a_file_that_something_else_has_changed_is_not_written_over(tmp_path: Path) -> None:
    path = tmp_path / "model.yaml"
    path.write_text(TEXT)
    document = opened(path)
    os.utime(path, (1, 1))
    assert not document.changed_on_disk()  # touched, and the same
    path.write_text(TEXT + "# theirs\n")
    assert document.changed_on_disk()
    document.apply(Change(0, "", "# mine\n"))
    with pytest.raises(SpecError, match="changed by something else"):
        document.save()
    assert path.read_text().endswith("# theirs\n")
    change = document.reload()
    assert change is not None
    assert document.text == TEXT + "# theirs\n"
    assert not document.modified
    document.undo()
    assert document.text.startswith("# mine\n")
    document.save(force=True)
    assert path.read_text() == "# mine\n" + TEXT


def test_another_file_is_not_written_over_unasked(tmp_path: Path) -> None:
    path, other = tmp_path / "model.yaml", tmp_path / "other.yaml"
    path.write_text(TEXT)
    other.write_text("theirs")
    document = opened(path)
    with pytest.raises(SpecError, match="there already"):
        document.save(other)
    document.save(tmp_path / "third.yaml")
    assert document.name == "third.yaml"
    with pytest.raises(SpecError, match="no name"):
        Document(text="a").save()
    with pytest.raises(SpecError, match="no folder"):
        document.save(tmp_path / "nowhere" / "a.yaml")
    assert other.read_text() == "theirs"


@pytest.mark.parametrize("data", [b"\xff\xfe", b"a\0b", b"\xe4", b"x" * 1_000_001])
def test_what_is_no_text_of_a_spec_is_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "model.yaml"
    path.write_bytes(data)
    with pytest.raises(SpecError):
        opened(path)
    for wrong in (tmp_path, tmp_path / "nothing.yaml"):
        with pytest.raises(SpecError):
            opened(wrong)


def test_a_journal_is_found_again_and_goes_when_all_is_saved(tmp_path: Path) -> None:
    path = tmp_path / "model.yaml"
    path.write_text(TEXT)
    document = opened(path)
    assert journal.found(document) is None
    document.apply(Change(0, "", "# mine 漢\n"))
    assert journal.keep(document)
    place = journal.journal_of(path)
    assert journal.found(opened(path)) == journal.Found("# mine 漢\n" + TEXT, True, place)
    assert journal.found(opened(path), [place]) is None
    path.write_text(TEXT + "# theirs\n")
    assert journal.found(opened(path)) == journal.Found("# mine 漢\n" + TEXT, False, place)
    document.save(force=True)
    assert journal.keep(document)
    assert not journal.journal_of(path).exists()


def test_a_text_without_a_file_has_a_journal_too() -> None:
    document = Document(text=TEXT, saved=TEXT)
    assert journal.keep(document)
    assert journal.found(Document()) is None
    document.apply(Change(0, "", "# mine\n"))
    assert journal.keep(document)
    left = journal.found(Document())
    assert left is not None and left.text == "# mine\n" + TEXT
    journal.discard(left)
    assert journal.found(Document()) is None


def test_two_sessions_on_one_file_keep_a_journal_each(tmp_path: Path) -> None:
    path = tmp_path / "model.yaml"
    path.write_text(TEXT)
    program = (
        "import sys\nfrom pathlib import Path\nfrom leporello.tui.session import journal\n"
        "from leporello.tui.session.document import Change, opened\n"
        "document = opened(Path(sys.argv[1]))\ndocument.apply(Change(0, '', '# theirs\\n'))\n"
        "assert journal.keep(document)\nprint('kept', flush=True)\nsys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None and other.stdout.readline() == b"kept\n"
        mine = opened(path)
        assert journal.found(mine) is None  # it is not lost: that session goes on
        assert journal.others(mine) == [other.pid]
        mine.apply(Change(0, "", "# mine\n"))
        assert journal.keep(mine)
        assert "# theirs" in journal.journal_of(path).read_text()
        mine.save()
        assert journal.keep(mine)
        assert journal.journal_of(path).exists()
        other.communicate()
    left = journal.found(mine)
    assert left is not None and left.text == "# theirs\n" + TEXT and not left.fits
    assert journal.others(mine) == []


def test_a_file_that_was_touched_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "model.yaml"
    path.write_text(TEXT)
    document, reads = opened(path), 0

    def counted(where: Path) -> Stamp:
        nonlocal reads
        reads += 1
        return stamp_of(where)

    monkeypatch.setattr("leporello.tui.session.document.stamp_of", counted)
    for time, expected in ((1, 1), (2, 2)):
        os.utime(path, (time, time))
        assert not any(document.changed_on_disk() for _ in range(5))
        assert reads == expected
    path.write_text(TEXT + "# theirs\n")
    assert all(document.changed_on_disk() for _ in range(5))
    assert reads == 3
    path.unlink()
    assert not document.changed_on_disk()


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b'{"text": 3, "digest": ""}', b"\xff", b"[" * 100_000])
def test_a_journal_that_is_damaged_is_passed_over(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "model.yaml"
    path.write_text(TEXT)
    journal.journal_of(path).write_bytes(data)
    assert journal.found(opened(path)) is None


def test_a_folder_that_cannot_be_written_costs_no_edit(tmp_path: Path) -> None:
    path = tmp_path / "model.yaml"
    path.write_text(TEXT)
    document = opened(path)
    document.apply(Change(0, "", "#"))
    path.unlink()
    tmp_path.rmdir()
    assert not journal.keep(document)
    with pytest.raises(SpecError):
        document.save()
    assert document.text == "#" + TEXT
