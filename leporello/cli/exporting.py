"""A trained model as a folder of its own: source, weights, encoders, and the lines that put them together."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from leporello.graphs.problems import refuse, visible

LOADER = """\
\"\"\"Loads the trained model: needs torch and safetensors, nothing else.\"\"\"

from pathlib import Path

from model import {name}
from safetensors.torch import load_file

model = {name}()
model.load_state_dict(load_file(Path(__file__).parent / "weights.safetensors"))
model.eval()
"""


def export_run(folder: Path, output: str, feedback: str, also: Sequence[str]) -> list[str]:
    """Write the model of a run into the new folder `output`; what was written, in words.

    Raises SpecError for a folder that is no run, and for an output that is there already.
    """
    from leporello.blocks.registry import registry
    from leporello.builder.lowering.generate import source
    from leporello.builder.names import class_name
    from leporello.graphs.analysis.checks import check
    from leporello.training.models import read_kept
    from leporello.training.resuming import trained_graph
    from leporello.training.runs import ENCODERS, Run

    if output == "-":
        raise refuse("a run is written into a folder", f"name one that is new: -o {folder.name}_model")
    target = Path(output)
    if target.exists():
        raise refuse(f"{output} is there already", "name a folder that is new")
    if not target.parent.is_dir():
        raise refuse(f"there is no folder {target.parent}", "make it first, or name a folder in one that is there")
    run = Run(folder)
    files, update = run.chosen()
    checked = check(trained_graph(run, read_kept), registry(), run.facts().get("sizes", {}))
    text = source(checked, feedback, also)  # type: ignore[arg-type]
    encoders = (folder / ENCODERS).read_bytes()
    target.mkdir()
    (target / "model.py").write_text(text, encoding="utf-8")
    (target / "weights.safetensors").write_bytes(files["weights.safetensors"])
    (target / ENCODERS).write_bytes(encoders)
    (target / "load.py").write_text(LOADER.format(name=class_name(checked.written.name)), encoding="utf-8")
    return [
        f"the model of {visible(str(folder))} at update {update:,}, in {visible(output)}:",
        "  model.py             the source, which needs nothing but torch",
        "  weights.safetensors  its weights",
        "  encoders.json        how each input is made numbers: its symbols in their order, or its scale",
        "  load.py              puts them together: from load import model",
    ]
