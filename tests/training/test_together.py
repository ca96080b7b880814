"""Several processes train as one with larger batches would; the first writes the run; it stops, dies and goes on."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest
import torch
import torch.distributed
from hypothesis import given
from hypothesis import strategies as st

from leporello.graphs.problems import SpecError
from leporello.training.checkpoints import stored_weights
from leporello.training.feeding.batch import Batch
from leporello.training.feeding.shared import share
from leporello.training.ranks import Rank, rank_here
from leporello.training.runs.run import Run
from leporello.training.tasks.scores import Tally, added
from tests.support.forked import forked
from tests.support.paths import ROOT
from tests.support.together import main

EVERY = "updates: 50, report_every: 1, validate_every: 7, checkpoint_every: 10, sample: 0"
TEXT = f"""
spec: 1
inputs: {{text: {{tokens: $characters}}}}
nodes:
  e: {{block: embedding, input: text(t-1), units: 6}}
  h: {{block: gru, input: e, units: 8}}
  logits: {{block: linear, input: h, units: $characters}}
outputs: {{next: {{from: logits, predicts: text}}}}
data: {{text: {{file: input.txt}}}}
training: {{batch: 4, steps: 11, {EVERY}}}
"""
RAGGED = f"""
spec: 1
inputs: {{text: {{tokens: $characters}}, label: {{tokens: $labels, axis: none}}}}
nodes:
  e: {{block: embedding, input: text, units: 6}}
  h: {{block: lstm, input: e, units: 8}}
  tag: {{block: linear, input: h, units: $characters}}
  o: {{block: linear, input: h.final, units: $labels}}
  unused: {{block: linear, input: h, units: 2}}
outputs:
  said: {{from: o, predicts: label, score: f1}}
  again: {{from: tag, predicts: text, leak: allowed}}
  beside: unused
data: {{text: {{file: rows.jsonl, column: text}}, label: {{file: rows.jsonl, column: label}}}}
training: {{batch: 3, accumulate: 2, average: 0.9, optimizer: adamw, weight_decay: 0.1, {EVERY}}}
"""
KINDS = {"text": TEXT, "ragged": RAGGED}
SHAKEN = TEXT.replace("input: e, units: 8", "input: d, units: 8").replace(
    "  h: {", "  d: {block: dropout, input: e, rate: 0.2}\n  h: {"
)


def written(folder: Path, spec: str) -> None:
    words = ["the", "quick", "brown", "fox", "jumps", "over", "a", "lazy", "dog"]
    rows = [{"text": words[n * n % 9] * (1 + n % 3), "label": words[n % 3]} for n in range(61)]
    (folder / "spec.yaml").write_text(spec)
    (folder / "input.txt").write_text(" ".join(words[n * n % 9] for n in range(700)))
    (folder / "rows.jsonl").write_text("\n".join(map(json.dumps, rows)))


@dataclass(frozen=True)
class Ended:
    """The exit status of each process, and what all have said."""

    exits: tuple[int | None, ...]
    said: str


def started(folder: Path, run: str, *options: str, processes: int = 2) -> Ended:
    """A run of so many processes, to its end; they find each other at a store, as with a launcher."""
    store = torch.distributed.TCPStore("127.0.0.1", 0, is_master=True, wait_for_workers=False)
    here = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(store.port), "TORCHELASTIC_USE_AGENT_STORE": "True"}
    told = [{"RANK": str(rank), "LOCAL_RANK": str(rank), "WORLD_SIZE": str(processes)} for rank in range(processes)]
    begun = [
        forked(main, str(folder), run, *options, heard=folder / f"{run}.{rank}.heard", **here, **one)
        for rank, one in enumerate(told)
    ]
    exits, said = zip(*[one.ended() for one in begun], strict=True)
    return Ended(exits, "".join(said))


def launched(module: str, *arguments: str, launcher: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Two processes of a module begun by a launcher, to their end."""
    torchrun = launcher.startswith("torch")
    options = ["--nproc-per-node", "2"] if torchrun else ["--multi_gpu", "--num_processes", "2"]
    # A port of its own, so that several tests may run beside each other.
    port = ["--standalone"] if torchrun else ["--main_process_port", "0"]
    line = [sys.executable, "-W", "ignore", "-m", launcher, *options, *port, "--module"]
    line += ["--"] if torchrun else []  # it would take --run for an option of its own
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"}
    return subprocess.run(
        [*line, module, *arguments], cwd=cwd, env=environment, capture_output=True, text=True, timeout=300
    )


def figures(run: Run, *events: str) -> dict[tuple[str, int], list[float]]:
    """What was reported at each update."""
    told = ("loss", "norm", "bits", "said.f1", "again.bits")
    return {
        (one["event"], one["update"]): [one[name] for name in told if name in one]
        for one in run.events()
        if one["event"] in events
    }


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "exactly", "apart"),
    [("text", ("--double",), 1e-9), ("ragged", ("--double",), 1e-9), ("text", (), 1e-4)],
)
def test_two_processes_learn_as_one_with_twice_the_batch(
    tmp_path: Path, kind: str, exactly: tuple[str, ...], apart: float
) -> None:
    written(tmp_path, KINDS[kind])
    done = started(tmp_path, "two", *exactly)
    assert done.exits == (0, 0), done.said
    written(tmp_path, re.sub(r"batch: (\d)", lambda found: f"batch: {2 * int(found[1])}", KINDS[kind]))
    assert started(tmp_path, "one", *exactly, processes=1).exits == (0,)
    one, two = (figures(Run(tmp_path / name), "update", "validation", "test") for name in ("one", "two"))
    assert list(one) == list(two) and len(one) == 50 + 8 + 1
    for event, values in one.items():
        assert two[event] == pytest.approx(values, rel=apart), event
    first, second = (stored_weights(Run(tmp_path / name).read(50)) for name in ("one", "two"))
    for name, weight in first.items():  # those too that nothing reads: they have no gradient, and do not decay
        assert torch.allclose(second[name], weight, rtol=0, atol=apart * 10), name


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run of two processes that nothing disturbs."""
    folder = tmp_path_factory.mktemp("whole")
    written(folder, SHAKEN)
    done = started(folder, "whole")
    assert done.exits == (0, 0), done.said
    return Run(folder / "whole")


TOLD = "another process of this run does not answer"
ENDS = {"--stop=23": (143, 143), "--die=23": (-signal.SIGKILL, 1), "--kill=23": (1, -signal.SIGKILL)}


@pytest.mark.slow
@pytest.mark.parametrize(("end", "launcher"), [*((end, "") for end in ENDS), ("--kill=23", "torch.distributed.run")])
def test_they_pause_stop_or_die_and_go_on_as_if_nothing_had_been(
    tmp_path: Path, whole: Run, end: str, launcher: str
) -> None:
    written(tmp_path, SHAKEN)
    cut = Run(tmp_path / "cut")
    if launcher:  # which ends the other process when one is gone
        given = ("tests.support.together", str(tmp_path), "cut", "--pause=5", end)
        assert launched(*given, launcher=launcher).returncode != 0
    else:
        done = started(tmp_path, "cut", "--pause=5", end)
        assert done.exits == ENDS[end], done.said
        assert (TOLD in done.said) == (1 in done.exits)
    said = cut.status()
    assert said.died if end.startswith("--die") else said.state == ("interrupted" if "stop" in end else "failed")
    done = started(tmp_path, "cut", "--resume")
    assert done.exits == (0, 0), done.said
    assert cut.read(50) == whole.read(50)
    assert figures(cut, "update", "validation", "test") == figures(whole, "update", "validation", "test")
    assert {"paused", "continued", "resume"} <= {one["event"] for one in cut.events()}
    assert Counter(one["event"] for one in whole.events())["update"] == 50  # the second process writes none
    assert whole.facts()["processes"] == 2
    generators = json.loads(whole.read(50)["generator.json"])
    assert list(generators) == ["0", "1"]


@pytest.mark.slow
def test_they_do_not_go_on_as_fewer_nor_in_a_folder_that_is_used(tmp_path: Path) -> None:
    written(tmp_path, TEXT)
    started(tmp_path, "run", "--stop=9")
    alone = started(tmp_path, "run", "--resume", processes=1)
    assert alone.exits == (2,)
    assert "is trained by 2 processes together, and here are 1" in alone.said
    again = started(tmp_path, "run")
    assert again.exits == (2, 2)
    assert again.said.count("holds a run already (interrupted at update 9)") == 2
    assert "does not answer" not in again.said


@pytest.mark.slow
@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("input.txt", "nowhere.txt", "there is no file 'nowhere.txt'"),  # before they know each other
        ("batch: 4", "batch: 4000", "fewer than batch"),  # while each begins
        ("spec: 1", "spec: 1", "run is not empty and not a run"),  # where the first alone can tell
    ],
)
def test_what_is_refused_is_told_once(tmp_path: Path, before: str, after: str, told: str) -> None:
    written(tmp_path, TEXT.replace(before, after))
    if before == after:
        (tmp_path / "run").mkdir()
        (tmp_path / "run" / "file").write_text("precious")
    launcher = [sys.executable, "-W", "ignore", "-m", "torch.distributed.run", "--nproc-per-node", "2", "--standalone"]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [*launcher, "--module", "--", "leporello", "train", "spec.yaml", "--run=run"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode != 0
    assert len(re.findall(r"error: .*", done.stderr)) == 1, done.stderr
    assert re.search(told, done.stderr)


@pytest.mark.slow
@pytest.mark.parametrize("launcher", ["torch.distributed.run", "accelerate.commands.launch"])
def test_the_command_trains_by_either_launcher_and_speaks_once(tmp_path: Path, launcher: str) -> None:
    written(tmp_path, TEXT.replace("batch: 4", "batch: 3"))
    done = launched("leporello", "train", "spec.yaml", "--run=run", launcher=launcher, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("bits per character") == 1
    assert done.stderr.count("parameters, 50 updates") == 1
    assert Run(tmp_path / "run").facts()["processes"] == 2


@given(st.integers(0, 9), st.integers(1, 4))
def test_the_shares_of_a_batch_are_the_batch(rows: int, count: int) -> None:
    values = torch.arange(rows * 3).view(rows, 3)
    whole = Batch(
        {"x": values}, {"time": 3}, {"time": values[:, 0]}, False, values > 4, tuple(range(rows)), {"x": values > 2}
    )
    shares = [share(whole, Rank(number, count)) for number in range(count)]
    assert torch.equal(torch.cat([one.inputs["x"] for one in shares]), values)
    assert torch.equal(torch.cat([one.lengths["time"] for one in shares]), values[:, 0])
    assert torch.equal(torch.cat([one.known["x"] for one in shares]), values > 2)
    assert torch.equal(torch.cat([one.counted for one in shares if one.counted is not None]), values > 4)
    assert [row for one in shares for row in one.rows] == list(range(rows))
    assert max(one.size for one in shares) - min(one.size for one in shares) <= 1
    assert not any(one.fresh for one in shares)


def test_what_processes_have_counted_is_added_up() -> None:
    one = Tally(1.5, 2, 1, Counter("a"), Counter("ab"), Counter("aa"), 3)
    other = Tally(2.5, 3, 2, Counter("b"), Counter("bb"), Counter("ab"), 1)
    assert added([{"y": one}, {"y": other}]) == {
        "y": Tally(4.0, 5, 3, Counter("ab"), Counter("abbb"), Counter("aaab"), 4)
    }


@pytest.mark.parametrize(
    ("environment", "told"),
    [
        ({"RANK": "one", "WORLD_SIZE": "2"}, "RANK='one'"),
        ({"RANK": "2", "WORLD_SIZE": "2"}, "RANK=2, and WORLD_SIZE=2"),
        ({"WORLD_SIZE": "-1"}, "WORLD_SIZE='-1'"),
        ({"WORLD_SIZE": "0"}, "WORLD_SIZE=0"),
    ],
)
def test_an_environment_that_cannot_be_is_refused(environment: dict[str, str], told: str) -> None:
    with pytest.raises(SpecError, match=re.escape(told)):
        rank_here(environment)
