"""Whether two states of the program write the same: every picture of the gallery, every golden file, every source.

`python -m tests.support.same_bytes COMMIT` compares this state with that of a commit (`make same BEFORE=COMMIT`).
Golden files are compared as they are kept, whatever folder they lie in.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.support.paths import ROOT

FOLDERS = ("graphs", "blocks", "builder", "training", "tui", "examples")
WRITE = """
import sys
from pathlib import Path
from click.testing import CliRunner
sys.path.insert(0, "docs")
import gallery
from leporello.cli.main import cli
out = Path(sys.argv[1])
for spec in sorted(Path("examples").glob("*.yaml")):
    for picture in gallery.pictures(spec.stem):
        gallery.draw(picture, out)
    for words in (["code"], ["check", "--json"], ["check"]):
        done = CliRunner().invoke(cli, [words[0], str(spec), *words[1:]])
        (out / f"{spec.stem}.{'.'.join(words)}").write_text(done.output)
"""


def written(checkout: Path, folder: Path) -> dict[str, bytes]:
    """What the program in a checkout writes, by name, with its golden files."""
    tree = folder / "tree" / "leporello"
    tree.mkdir(parents=True)
    for source in (checkout / "leporello").iterdir():
        (tree / source.name).symlink_to(source)
    for name in FOLDERS:
        (tree / name).symlink_to(checkout / name)
    out = folder / "out"
    out.mkdir()
    environment = {**os.environ, "PYTHONPATH": str(tree.parent)}
    subprocess.run([sys.executable, "-P", "-c", WRITE, str(out)], cwd=checkout, env=environment, check=True)
    golden = [path for path in (checkout / "tests").rglob("*") if path.is_file() and "golden" in path.parts]
    kept = {"golden " + "/".join(path.parts[-2:]): path.read_bytes() for path in golden}
    return kept | {path.name: path.read_bytes() for path in out.iterdir()}


def main(commit: str) -> int:
    """The number of files that differ, each told."""
    with tempfile.TemporaryDirectory() as place:
        before = Path(place) / "before"
        subprocess.run(["git", "worktree", "add", "--detach", "-q", str(before), commit], cwd=ROOT, check=True)
        try:
            old = written(before, Path(place) / "old")
            new = written(ROOT, Path(place) / "new")
        finally:
            subprocess.run(["git", "worktree", "remove", "--force", str(before)], cwd=ROOT, check=True)
    differ = sorted(name for name in old.keys() | new.keys() if old.get(name) != new.get(name))
    for name in differ:
        told = "is gone" if name not in new else "is new" if name not in old else "differs"
        print(f"{name} {told}")
    print(f"{len(new)} files, {len(differ)} differ")
    return len(differ)


if __name__ == "__main__":
    sys.exit(bool(main(sys.argv[1])))
