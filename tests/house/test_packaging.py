"""What a wheel holds, that it works away from the repository, and that the constraints pin all that is installed."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.support.paths import ROOT

FOLDERS = ["blocks", "builder", "examples", "graphs", "training", "tui"]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of a copy of the repository, so that nothing left in this one gets into it."""
    source = tmp_path_factory.mktemp("source")
    for name in ["pyproject.toml", "README.md", "LICENSE"]:
        shutil.copy(ROOT / name, source)
    for folder in ["leporello", *FOLDERS]:
        shutil.copytree(ROOT / folder, source / folder, ignore=shutil.ignore_patterns("__pycache__"))
    target = tmp_path_factory.mktemp("wheel")
    options = ["--no-deps", "--no-build-isolation", "--no-index", "--disable-pip-version-check"]
    command = [sys.executable, "-m", "pip", "wheel", *options, "--wheel-dir", str(target), str(source)]
    subprocess.run(command, cwd=target, check=True, capture_output=True, timeout=300)
    (built,) = target.glob("leporello-*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel unpacked in it, as an installation has it."""
    folder = tmp_path_factory.mktemp("installed")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def in_package(path: Path) -> str:
    """Where the wheel holds a file of the repository."""
    place = path.relative_to(ROOT).as_posix()
    return place if place.startswith("leporello/") else f"leporello/{place}"


def expected() -> set[str]:
    """The files of the repository that belong into the package."""
    code = [path for folder in ["leporello", *FOLDERS] for path in (ROOT / folder).rglob("*.py")]
    bodies, examples = (
        list((ROOT / "blocks/bodies").glob("*.yaml")),
        [p for p in (ROOT / "examples").iterdir() if p.suffix in (".yaml", ".json")],
    )
    assert bodies
    assert examples
    pages = list((ROOT / "tui/serving/templates").glob("*.html"))
    return {in_package(path) for path in [*code, *bodies, *examples, *pages, ROOT / "leporello/py.typed"]}


def test_the_wheel_holds_the_code_the_bodies_and_the_examples(installed: Path) -> None:
    held = {path.relative_to(installed).as_posix() for path in (installed / "leporello").rglob("*") if path.is_file()}
    assert held == expected()


def test_the_wheel_claims_one_import_name(installed: Path) -> None:
    assert {path.name.partition("-")[0] for path in installed.iterdir()} == {"leporello"}


def test_the_wheel_carries_licence_command_and_extras(installed: Path) -> None:
    (about,) = installed.glob("leporello-*.dist-info")
    assert (about / "licenses/LICENSE").read_bytes() == (ROOT / "LICENSE").read_bytes()
    assert "leporello = leporello.cli.main:main" in (about / "entry_points.txt").read_text()
    metadata = (about / "METADATA").read_text()
    assert "License-Expression: Apache-2.0" in metadata
    assert set(re.findall(r"^Provides-Extra: (.*)$", metadata, re.M)) == {
        "all",
        "datasets",
        "pictures",
        "scores",
        "serve",
        "test",
        "torch",
        "train",
        "tui",
    }


def leporello(installed: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A command of the unpacked wheel, run inside its folder."""
    command = [sys.executable, "-B", "-m", "leporello", *arguments]
    return subprocess.run(command, cwd=installed, capture_output=True, text=True, timeout=120)


def test_the_unpacked_wheel_is_what_runs(installed: Path) -> None:
    script = "import leporello, leporello.graphs; print(leporello.__file__); print(leporello.graphs.__file__)"
    command = [sys.executable, "-B", "-c", script]
    printed = subprocess.run(command, cwd=installed, capture_output=True, text=True, check=True, timeout=120).stdout
    assert [Path(line).is_relative_to(installed) for line in printed.splitlines()] == [True, True]


def test_the_unpacked_wheel_checks_an_example(installed: Path) -> None:
    finished = leporello(installed, "check", "leporello/examples/elman.yaml")
    assert finished.returncode == 0, finished.stderr


def test_the_unpacked_wheel_refuses_bad_input(installed: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text("spec: 1\nnodes:\n  h: {block: lstn}\n")
    finished = leporello(installed, "check", str(bad))
    assert finished.returncode == 2
    assert "lstm" in finished.stderr + finished.stdout
    assert "Traceback" not in finished.stderr


def pins() -> dict[str, str]:
    """The pinned versions by name."""
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    return dict(line.split("==") for line in lines if line and not line.startswith("#"))


def reached(project: str, extras: frozenset[str]) -> set[str]:
    """The names of all that an installation of `project` with `extras` brings along here, itself included."""
    found: set[str] = set()
    waiting, seen = [(project, extras)], set()
    while waiting:
        name, wanted = waiting.pop()
        if (name, wanted) in seen:
            continue
        seen.add((name, wanted))
        found.add(canonicalize_name(name))
        for requirement in map(Requirement, requires(name) or []):
            settings = [{"extra": extra} for extra in wanted or [""]]
            if requirement.marker is None or any(requirement.marker.evaluate(setting) for setting in settings):
                waiting.append((requirement.name, frozenset(requirement.extras)))
    return found


def test_constraints_pin_all_that_is_installed() -> None:
    needed = reached("leporello", frozenset({"all", "test"})) - {"leporello"}
    assert {"torch", "textual", "safetensors", "sympy"} <= needed
    assert needed <= {canonicalize_name(name) for name in pins()}


def test_constraints_are_exact_versions_only() -> None:
    assert pins()["torch"] == "2.13.0"
    assert all(re.fullmatch(r"[A-Za-z0-9_.-]+", name) for name in pins())
    assert all(re.fullmatch(r"\d+(\.\d+)*", version) for version in pins().values())


def test_pins_satisfy_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    lists = [project["dependencies"], *project["optional-dependencies"].values()]
    stated = [Requirement(line) for lines in lists for line in lines]
    versions = {canonicalize_name(name): version for name, version in pins().items()}
    for requirement in stated:
        if requirement.name != "leporello":
            assert requirement.specifier.contains(versions[canonicalize_name(requirement.name)]), requirement
