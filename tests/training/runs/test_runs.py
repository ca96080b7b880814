"""The run folder: whole or absent files, damaged checkpoints, locks, events, and who may write where."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from leporello.graphs.problems import SpecError
from leporello.training.runs import storage
from leporello.training.runs.run import EVENTS, STATUS, Run
from leporello.training.runs.storage import DamagedError, commit_directory, read_directory, remove_partial, write_atomic
from leporello.training.runs.writer import Writer, create_run, next_folder, resume_run

FILES = {"weights": bytes(range(256)) * 40, "empty": b"", "facts.json": b'{"a": 1}'}


@pytest.fixture
def writer(tmp_path: Path) -> Any:
    made = create_run(tmp_path / "run", {"spec.yaml": "spec: 1"}, {"format": 1, "name": "tiny"}, {}, None)
    yield made
    made.close()


def test_a_directory_comes_back_as_committed(tmp_path: Path) -> None:
    commit_directory(tmp_path / "step", FILES, {"update": 3})
    manifest, files = read_directory(tmp_path / "step")
    assert files == FILES
    assert manifest["update"] == 3
    assert [entry.name for entry in tmp_path.iterdir()] == ["step"]


def test_every_cut_and_every_changed_byte_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "step"
    commit_directory(path, FILES, {"update": 3})
    data = FILES["weights"]
    for size in range(0, len(data), 4096):
        (path / "weights").write_bytes(data[:size])
        with pytest.raises(DamagedError, match="bytes"):
            read_directory(path)
    for place in range(0, len(data), 997):
        changed = bytearray(data)
        changed[place] ^= 1 << place % 8
        (path / "weights").write_bytes(changed)
        with pytest.raises(DamagedError, match="SHA-256"):
            read_directory(path)
    (path / "weights").unlink()
    with pytest.raises(DamagedError):
        read_directory(path)


def test_a_changed_manifest_never_gives_other_files(tmp_path: Path) -> None:
    path = tmp_path / "step"
    commit_directory(path, FILES, {"update": 3})
    manifest = (path / "manifest.json").read_bytes()
    for place in range(len(manifest)):
        changed = bytearray(manifest)
        changed[place] ^= 1 << place % 8
        (path / "manifest.json").write_bytes(changed)
        try:
            _, files = read_directory(path)
        except DamagedError:
            continue
        assert files == FILES


@pytest.mark.parametrize("name", ["../outside", "/etc/hostname", "a/b", "link"])
def test_a_manifest_reaches_nothing_outside(tmp_path: Path, name: str) -> None:
    path = tmp_path / "step"
    (tmp_path / "outside").write_bytes(b"x")
    commit_directory(path, {}, {})
    (path / "link").symlink_to("../outside")
    facts = {"bytes": 1, "sha256": "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"}
    (path / "manifest.json").write_text(json.dumps({"format": 1, "files": {name: facts}}))
    with pytest.raises(DamagedError):
        read_directory(path)


@pytest.mark.parametrize("fails", ["write", "fsync", "rename"])
@pytest.mark.parametrize("at", range(1, 5))
def test_a_commit_that_fails_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails: str, at: int
) -> None:
    calls = 0
    real = {"write": storage._write_synced, "fsync": os.fsync, "rename": os.rename}[fails]

    def failing(*arguments: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == (1 if fails == "rename" else at):
            raise OSError(28, "No space left on device")
        return real(*arguments)

    commit_directory(tmp_path / "old", FILES, {})
    target = (storage, "_write_synced") if fails == "write" else (os, fails)
    monkeypatch.setattr(*target, failing)
    with pytest.raises(OSError, match="No space"):
        commit_directory(tmp_path / "new", FILES, {})
    monkeypatch.undo()
    assert [entry.name for entry in tmp_path.iterdir()] == ["old"]
    assert read_directory(tmp_path / "old")[1] == FILES


KILLED = """
import os, signal, sys
from pathlib import Path
from leporello.training.runs import storage

place, at, calls = Path(sys.argv[1]), int(sys.argv[2]), 0

def counted(*given):
    # Each call of the system by which something is opened, made, renamed, removed or brought to the disk.
    global calls
    if given[0] in ("open", "os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.scandir", "fsync"):
        if str(place) in str(given[1:]) or given[0] == "fsync":
            calls += 1
            if calls == at:
                os.kill(os.getpid(), signal.SIGKILL)

real = os.fsync
os.fsync = lambda number: (counted("fsync"), real(number))
sys.addaudithook(counted)
storage.commit_directory(place / "new", {"a": b"1" * 9000, "b": b"2"}, {"update": 2})
print(calls)
"""


def test_killed_at_each_call_of_a_save_it_is_whole_or_absent(tmp_path: Path) -> None:
    seen = set()
    for at in range(1, 60):
        folder = tmp_path / str(at)
        folder.mkdir()
        commit_directory(folder / "old", FILES, {})
        done = subprocess.run([sys.executable, "-c", KILLED, str(folder), str(at)], capture_output=True, text=True)
        assert read_directory(folder / "old")[1] == FILES
        found = (folder / "new").exists()
        if found:
            assert read_directory(folder / "new")[1]["a"] == b"1" * 9000
        seen.add(found)
        if not done.returncode:
            break
        assert done.returncode == -9, done.stderr
        remove_partial(folder)
        assert sorted(entry.name for entry in folder.iterdir()) == (["new", "old"] if found else ["old"])
        commit_directory(folder / "new", {"a": b"1" * 9000, "b": b"2"}, {"update": 2})
        assert read_directory(folder / "new")[0]["update"] == 2
    assert at > 8
    assert seen == {True, False}


def test_a_damaged_directory_is_replaced_and_a_good_one_stays(tmp_path: Path) -> None:
    path = tmp_path / "step"
    commit_directory(path, FILES, {"update": 1})
    commit_directory(path, {}, {"update": 1})
    assert read_directory(path)[1] == FILES
    (path / "weights").write_bytes(b"")
    commit_directory(path, {"other": b"x"}, {"update": 1})
    assert read_directory(path)[1] == {"other": b"x"}


def test_an_atomic_write_keeps_the_old_bytes_when_it_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_atomic(tmp_path / "a", b"old")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space"):
            write_atomic(tmp_path / "a", b"new")
    assert (tmp_path / "a").read_bytes() == b"old"


def test_the_newest_whole_checkpoint_is_found(writer: Writer) -> None:
    assert writer.run.newest() is None
    for update in (10, 20, 100_000_000):
        writer.commit(update, {"weights": str(update).encode()})
    (writer.run.checkpoints / "step-3").mkdir()
    assert writer.run.steps() == [100_000_000, 20, 10]
    (writer.run.at(100_000_000) / "weights").write_bytes(b"")
    found = writer.run.newest()
    assert found is not None
    assert found[:2] == (20, {"weights": b"20"})
    assert "step-100000000/weights has 0 bytes" in found[2][0]
    writer.run.at(20).rename(writer.run.at(30))
    assert writer.run.newest()[0] == 10  # type: ignore[index]
    (writer.run.at(10) / "manifest.json").write_text("[" * 100_000)
    with pytest.raises(SpecError, match="is whole"):
        writer.run.newest()


def test_old_checkpoints_go_and_the_best_stays(writer: Writer) -> None:
    for update in range(1, 8):
        writer.commit(update, {})
    writer.prune(2, 3)
    assert writer.run.steps() == [7, 6, 3]


def test_events_are_lines_and_broken_ones_are_passed_over(writer: Writer) -> None:
    heard: list[Any] = []
    writer.listener = heard.append
    writer.event("update", update=1, loss=0.1 + 0.2)
    with (writer.run.folder / EVENTS).open("a") as log:
        log.write('{"event": "upd')
    resumed = Writer(writer.run, os.dup(writer.lock))
    resumed.event("update", update=2, note="\x1b[2J\n\u2028")
    resumed.close()
    assert [event["update"] for event in writer.run.events()] == [1, 2]
    assert writer.run.events()[0]["loss"] == 0.1 + 0.2
    assert heard[0]["event"] == "update"
    assert len((writer.run.folder / EVENTS).read_text().split("\n")) == 4


def test_events_after_the_checkpoint_that_was_resumed_do_not_count(writer: Writer) -> None:
    for update in (1, 2, 3):
        writer.event("update", update=update, loss=1.0)
    writer.event("resume", update=2)
    writer.event("validation", update=2)
    writer.event("update", update=3, loss=2.0)
    found = [(event["event"], event["update"], event.get("loss")) for event in writer.run.events()]
    assert found == [
        ("update", 1, 1.0),
        ("update", 2, 1.0),
        ("resume", 2, None),
        ("validation", 2, None),
        ("update", 3, 2.0),
    ]


def test_a_listener_without_a_terminal_does_not_stop_the_run(writer: Writer) -> None:
    def closed(event: Any) -> None:
        raise BrokenPipeError(32, "Broken pipe")

    writer.listener = closed
    writer.event("update", update=1)
    writer.event("update", update=2)
    assert len(writer.run.events()) == 2


def test_a_folder_in_use_is_refused_with_its_process(writer: Writer) -> None:
    writer.status("running", 5)
    for attempt in (lambda: resume_run(writer.run.folder, {}, None), lambda: new_run(writer.run.folder)):
        with pytest.raises(SpecError, match=f"in use by process {os.getpid()}"):
            attempt()


def test_another_process_is_refused_while_one_writes(writer: Writer) -> None:
    code = "import sys; from pathlib import Path; from leporello.training.runs.writer import resume_run\n"
    code += "resume_run(Path(sys.argv[1]), {}, None)"
    done = subprocess.run([sys.executable, "-c", code, str(writer.run.folder)], capture_output=True, text=True)
    assert done.returncode == 1
    assert f"in use by process {os.getpid()}" in done.stderr


@pytest.mark.parametrize("signal", ["SIGKILL"])
def test_a_run_whose_process_died_is_taken_over(tmp_path: Path, signal: str) -> None:
    code = f"""
import os, signal, sys
from pathlib import Path
from leporello.training.runs.writer import create_run
writer = create_run(Path(sys.argv[1]), {{}}, {{"format": 1}}, {{}}, None)
writer.status("running", 7)
os.kill(os.getpid(), signal.{signal})
"""
    process = subprocess.Popen([sys.executable, "-c", code, str(tmp_path / "run")])
    assert process.wait() != 0
    run = Run(tmp_path / "run")
    assert run.status().state == "running"
    assert run.status().died
    with pytest.raises(SpecError, match=r"died at update 7.*\n.*--resume"):
        new_run(run.folder)
    resumed = resume_run(run.folder, {}, None)
    assert resumed.taken_over == process.pid
    resumed.status("running", 7)
    assert not run.status().died
    resumed.close()


def test_what_an_interrupted_save_left_is_removed(writer: Writer) -> None:
    left = writer.run.checkpoints / ".step-00000009.partial"
    left.mkdir()
    (left / "weights").write_bytes(b"half")
    (writer.run.folder / ".status.json.partial").write_text('{"sta')
    assert writer.run.newest() is None
    os.close(writer.lock)
    writer.lock = resume_run(writer.run.folder, {}, None).lock
    assert not left.exists()
    assert not (writer.run.folder / ".status.json.partial").exists()


def test_a_reused_pid_is_not_taken_for_the_run(writer: Writer) -> None:
    writer.status("running", 1)
    path = writer.run.folder / STATUS
    path.write_text(json.dumps({**json.loads(path.read_text()), "born": "1"}))
    assert writer.run.status().died


def new_run(folder: Path) -> None:
    create_run(folder, {}, {"format": 1}, {}, None).close()


def test_only_new_or_empty_folders_become_runs(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    new_run(tmp_path / "empty")
    new_run(tmp_path / "deep" / "er")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.tex").write_text("precious")
    with pytest.raises(SpecError, match="not empty and not a run"):
        new_run(tmp_path / "full")
    (tmp_path / "file").write_text("x")
    with pytest.raises(SpecError, match="not a folder"):
        new_run(tmp_path / "file")
    with pytest.raises(SpecError, match="cannot be written"):
        new_run(tmp_path / "file" / "run")
    (tmp_path / "dangling").symlink_to("nowhere")
    with pytest.raises(SpecError, match="not a folder"):
        new_run(tmp_path / "dangling")
    assert (tmp_path / "full" / "thesis.tex").read_text() == "precious"


@pytest.mark.parametrize(
    ("left", "taken"),
    [
        ([], True),
        (["spec.yaml", "checkpoints/", "cells.yaml"], True),
        (["spec.yaml", "encoders.json", ".run.json.partial"], True),
        (["thesis.tex"], False),
        (["checkpoints/step-00000002/"], False),
        (["other.yaml"], False),
    ],
)
def test_what_a_killed_start_has_left_is_no_hindrance(tmp_path: Path, left: list[str], taken: bool) -> None:
    for name in [".lock", *left]:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).mkdir(parents=True) if name.endswith("/") else (tmp_path / name).write_text("half")
    specs = {"spec.yaml": "spec: 1", "cells.yaml": "cell"}
    if not taken:
        with pytest.raises(SpecError, match="not empty and not a run"):
            create_run(tmp_path, specs, {"format": 1}, {}, None)
        assert (tmp_path / left[0]).is_dir() or (tmp_path / left[0]).read_text() == "half"
        return
    create_run(tmp_path, specs, {"format": 1}, {}, None).close()
    assert Run(tmp_path).spec.read_text() == "spec: 1"
    (tmp_path / ".lock").unlink()
    with pytest.raises(SpecError, match="holds a run already"):
        create_run(tmp_path, specs, {"format": 1}, {}, None)


def test_a_process_that_is_forked_does_not_hold_the_folder(tmp_path: Path) -> None:
    """So that whoever trains may be killed and his run taken up, while what he has forked still ends."""
    writer = create_run(tmp_path / "run", {}, {"format": 1}, {}, None)
    heard, held = os.pipe()
    pid = os.fork()
    if not pid:
        os.close(held)
        os.read(heard, 1)
        os._exit(0)
    try:
        writer.status("running", 3)
        writer.close()
        resume_run(writer.run.folder, {}, None).close()
    finally:
        os.close(held)
        os.waitpid(pid, 0)


def test_a_finished_run_is_not_overwritten(writer: Writer) -> None:
    writer.status("finished", 9, 0)
    writer.close()
    with pytest.raises(SpecError, match=r"holds a run already \(finished at update 9\)"):
        new_run(writer.run.folder)
    writer.lock = os.open(os.devnull, os.O_RDONLY)


@pytest.mark.parametrize("content", ["", "{", "[]", "\x00"])
def test_what_is_no_run_is_refused(tmp_path: Path, content: str) -> None:
    with pytest.raises(SpecError, match="not the folder of a run"):
        resume_run(tmp_path, {}, None)
    (tmp_path / "run.json").write_text(content)
    with pytest.raises(SpecError):
        resume_run(tmp_path, {}, None)


def test_run_folders_are_numbered(tmp_path: Path) -> None:
    assert next_folder("tiny", tmp_path).name == "tiny-1"
    (tmp_path / "tiny-1").mkdir()
    (tmp_path / "tiny-2").write_text("")
    assert next_folder("tiny", tmp_path).name == "tiny-3"
