"""`python -m benchmarks`: measure, and print a table of what was found beside what is wanted."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import torch

from benchmarks import startup
from benchmarks.cases import CASES, CONTROL, SMALL, Case, Sizes
from benchmarks.memory import peak
from benchmarks.report import Row, as_json, compared, conditions, noisy, table
from benchmarks.runner import CLOCKS, Clock, alternate
from leporello.graphs.problems import suggest

TRIAL_PAIRS = 5
"""Where there are several rivals, each first meets us so often; the fastest of them is then measured."""


def timed(case: Case, sizes: Sizes, pairs: int, clock: Clock) -> Row:
    """The row of a case: both sides in alternating pairs."""
    contest = case.make(sizes)
    rival = next(iter(contest.theirs))
    if len(contest.theirs) > 1:
        trials = {
            name: alternate(contest.ours, step, min(pairs, TRIAL_PAIRS), clock) for name, step in contest.theirs.items()
        }
        rival = max(trials, key=lambda name: trials[name].ratio)
    found = alternate(contest.ours, contest.theirs[rival], pairs, clock)
    return compared(case.name, found, rival, case.wanted if sizes == Sizes() else None)


def held(case: Case, wanted: float, sizes: Sizes) -> Row:
    """The row of the memory that a case needs."""
    contest = case.make(sizes)
    (rival, step), *_ = contest.theirs.items()
    ours, theirs = peak(contest.ours), peak(step)
    return Row(
        f"memory_{case.name}", "MB", ours, theirs, rival, ours / theirs, wanted=wanted if sizes == Sizes() else None
    )


def absolute(name: str, measure: Callable[[], float], wanted: float) -> Row:
    """The row of a measurement with nothing beside it."""
    return Row(name, "ms", measure(), wanted=wanted)


def measurements(sizes: Sizes, pairs: int, clock: Clock) -> dict[str, Callable[[], Row]]:
    """Everything that can be measured, by name, in the order of the table; of tiny models nothing is wanted."""
    found: dict[str, Callable[[], Row]] = {case.name: partial(timed, case, sizes, pairs, clock) for case in CASES}
    if sizes.device != "cpu":
        return found | {f"memory_{case.name}": partial(held, case, 1.1, sizes) for case in CASES if case is not CONTROL}
    fused = [case for case in CASES if case.name in ("lstm", "gru", "rnn")]
    found |= {f"memory_{case.name}": partial(held, case, 1.1, sizes) for case in fused}
    times = startup.TIMES if sizes == Sizes() else 1
    ways: dict[str, tuple[Callable[[], float], float]] = {
        "check_command": (partial(startup.check_command, times), 400),
        "check_1000_nodes": (partial(startup.checking, 1000, times, clock), 600),
        "source_of_1000_nodes": (partial(startup.to_source, 1000, times, clock), 1000),
        "module_of_1000_nodes": (partial(startup.to_module, 1000, times, clock), 1000),
        "module_of_4000_nodes": (partial(startup.to_module, 4000, max(1, times // 5), clock), 4000),
    }
    return found | {name: partial(absolute, name, measure, wanted) for name, (measure, wanted) in ways.items()}


def parser() -> argparse.ArgumentParser:
    """The command's options."""
    made = argparse.ArgumentParser("python -m benchmarks", description=__doc__)
    made.add_argument("--pairs", type=int, default=40, help="pairs of runs per case (40)")
    made.add_argument("--only", action="append", metavar="NAME", help="measure this case; may be given again")
    clocks = ("wall", "processor")
    made.add_argument("--clock", choices=clocks, default="wall", help="processor: where others use the machine too")
    made.add_argument("--device", choices=("cpu", "cuda"), default="cpu", help="cuda: on a graphics card, by its clock")
    made.add_argument("--small", action="store_true", help="tiny models, to see that every case runs")
    made.add_argument("--list", action="store_true", help="print the names of the cases")
    made.add_argument("--json", action="store_true", help="print JSON in place of a table")
    return made


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure what is asked for, and print it."""
    command = parser()
    said = command.parse_args(arguments)
    if said.pairs < 1:
        command.error(f"--pairs {said.pairs}: at least 1")
    torch.set_num_threads(1)
    torch.backends.cudnn.allow_tf32 = False  # or a card's layers would multiply by fewer bits than a loop over cells
    if os.environ.get("OMP_NUM_THREADS") != "1":
        print("OMP_NUM_THREADS is not 1: other libraries may take more than one thread", file=sys.stderr)
    if said.device == "cuda" and not torch.cuda.is_available():
        command.error("--device cuda: torch finds no such card here")
    clock = said.clock if said.device == "cpu" else "card"
    sizes = replace(SMALL if said.small else Sizes(), device=said.device)
    known = measurements(sizes, said.pairs, CLOCKS[clock])
    names = said.only or list(known)
    for name in names:
        if name not in known:
            command.error(f"there is no case {name!r}; {suggest(name, known, 'cases')}")
    if said.list:
        print("\n".join(known))
        return
    where = conditions(said.pairs, clock)
    rows = [_measured(name, known[name]) for name in _with_control(names)]
    print_all(rows, where, said.json)


def _with_control(names: Sequence[str]) -> list[str]:
    """The names each once; whatever is timed in pairs is led by torch against itself."""
    control = [CONTROL.name] if {case.name for case in CASES}.intersection(names) else []
    return list(dict.fromkeys([*control, *names]))


def _measured(name: str, measure: Callable[[], Row]) -> Row:
    if sys.stderr.isatty():
        print(f"measuring {name}", file=sys.stderr)
    return measure()


def print_all(rows: Sequence[Row], where: dict[str, object], program: bool) -> None:
    """The rows for a program or for a person, and whether the machine was quiet enough to believe them."""
    control = next((row for row in rows if row.name == CONTROL.name), None)
    if program:
        print(json.dumps(as_json(rows, where, control), indent=2))
        return
    print(", ".join(f"{name} {value}" for name, value in where.items()))
    print(table(rows))
    if control is not None and noisy(control):
        print(f"noisy: torch against itself took {control.ratio:.3f}, not 0.98 to 1.02; run again on a quiet machine")


if __name__ == "__main__":
    main()
