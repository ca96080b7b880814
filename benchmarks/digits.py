"""How well the example spoken_digits does on the free spoken digit dataset: `make digits`.

python -m benchmarks.digits fsdd.tar.gz
python -m benchmarks.digits fsdd.tar.gz --seeds 1 --set training.epochs=5
"""

from __future__ import annotations

import argparse
import re
import tarfile
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from leporello.blocks.registry import registry
from leporello.examples import examples
from leporello.graphs.specs import read_spec
from leporello.training.overrides import apply_overrides
from leporello.training.train import train

PARTS = ("train", "valid", "test")


def part_of(name: str) -> str:
    """The part in which a recording is, by the number at the end of its name.

    >>> part_of("7_jackson_3.wav"), part_of("0_theo_12.wav")
    ('test', 'train')
    """
    number = int(re.findall(r"_(\d+)\.wav", name)[-1])
    return "test" if number < 5 else "valid" if number < 10 else "train"


def cut(packed: Path, folder: Path) -> None:
    """Write the three parts of the dataset as tars into a folder."""
    with ExitStack() as opened:
        whole = opened.enter_context(tarfile.open(packed))
        parts = {part: opened.enter_context(tarfile.open(folder / f"{part}.tar", "w")) for part in PARTS}
        for member in whole:
            if member.isfile() and member.name.endswith(".wav"):
                member.name = Path(member.name).name
                parts[part_of(member.name)].addfile(member, whole.extractfile(member))


def main() -> None:
    """Train with each seed and print what share of the test part is right."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("dataset", type=Path)
    parser.add_argument("--seeds", nargs="+", type=int, default=[1, 2, 3])
    parser.add_argument("--set", action="append", default=[], dest="overrides")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        cut(asked.dataset, folder)
        for seed in asked.seeds:
            said, begun = [f"training.seed={seed}", *asked.overrides], time.process_time()
            graph = apply_overrides(read_spec(examples()["spoken_digits"], registry(), str(folder / "spec.yaml")), said)
            found = train(graph, folder / f"run-{seed}", overrides=said).test
            spent = time.process_time() - begun
            if not found:
                parser.exit(1, f"seed {seed}: stopped before its test\n")
            print(f"seed {seed}: {found['accuracy']:.1%} of the test part, {spent:.0f} s of processor time", flush=True)


if __name__ == "__main__":
    main()
