"""A trained model as a folder of its own: source, weights, encoders, and the lines that put them together."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from leporello.graphs.problems import refuse, visible

LOADER = """\
\"\"\"Loads the trained model: needs torch, nothing else.\"\"\"

import json
from pathlib import Path

import torch
from model import {name}

KINDS = {{"F64": torch.float64, "F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16, "I64": torch.int64}}


def weights(file):
    \"\"\"The tensors of a safetensors file: its header's length, its header, its numbers.\"\"\"
    data = bytearray(Path(file).read_bytes())
    start = 8 + int.from_bytes(data[:8], "little")
    header = json.loads(data[8:start])
    tied = json.loads(header.pop("__metadata__", {{}}).get("tied", "{{}}"))
    found = {{}}
    for name, said in header.items():
        first, last = (start + place for place in said["data_offsets"])
        numbers = torch.frombuffer(data[first:last], dtype=KINDS[said["dtype"]]) if last > first else torch.empty(0)
        found[name] = numbers.view(said["shape"])
    return found | {{name: found[other] for name, other in tied.items()}}


model = {name}()
model.load_state_dict(weights(Path(__file__).parent / "weights.safetensors"))
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
    from leporello.training.runs.run import ENCODERS, Run
    from leporello.writing import write_folder

    if output == "-":
        raise refuse("a run is written into a folder", f"name one that is new: -o {folder.name}_model")
    run = Run(folder)
    files, update = run.chosen()
    checked = check(trained_graph(run, read_kept), registry(), run.facts().get("sizes", {}))
    text = source(checked, feedback, also)  # type: ignore[arg-type]
    files = {
        "model.py": text.encode(),
        "weights.safetensors": files["weights.safetensors"],
        ENCODERS: (folder / ENCODERS).read_bytes(),
        "load.py": LOADER.format(name=class_name(checked.written.name)).encode(),
    }
    write_folder(files, output)
    return [
        f"the model of {visible(str(folder))} at update {update:,}, in {visible(output)}:",
        "  model.py             the source, which needs nothing but torch",
        "  weights.safetensors  its weights",
        "  encoders.json        how each input is made numbers: its symbols in their order, or its scale",
        "  load.py              puts them together with nothing but torch: from load import model",
    ]
