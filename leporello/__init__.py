"""Leporello: recurrent models as graphs with delays, drawn, compiled to PyTorch and trained."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from leporello.graphs.presenting import WAYS

if TYPE_CHECKING:
    from pathlib import Path

    from leporello.blocks.registry import registry
    from leporello.graphs.graph import Graph
    from leporello.graphs.problems import SpecError

__version__ = "0.1.0"
__all__ = ["Graph", "SpecError", "__version__", "check", "compile", "draw", "fit", "load", "read", "registry"]

_HOMES = {
    "Graph": "leporello.graphs.graph",
    "SpecError": "leporello.graphs.problems",
    "registry": "leporello.blocks.registry",
}


def read(path: str) -> Graph:
    """The graph in a spec file (YAML, or node-link JSON).

    Raises:
        SpecError: with every problem found in it, each with its place.
    """
    from leporello.blocks.registry import registry
    from leporello.graphs.specs import read_file

    return read_file(path, registry())


def check(spec: Any, **sizes: int) -> Any:
    """Everything that can be known of a model before it runs (`leporello.graphs.analysis.checks.Checked`).

    Args:
        spec: a path, the text of a spec, or a graph.
        sizes: values for the spec's `$names`.
    """
    from leporello.training.models import check_bound

    return check_bound(spec, sizes)


def compile(
    spec: Any,
    *,
    feedback: str = "teacher",
    also: Sequence[str] = (),
    sharing: Any = None,
    hypotheses: bool = False,
    **sizes: int,
) -> Any:
    """A PyTorch module for a spec (`leporello.builder.compiling.compile` says more).

    Args:
        spec: a path, the text of a spec, a graph, or a model that was checked.
        feedback: what every `feedback` reads: `teacher`, `free`, `curriculum`.
        also: inner nodes wanted as outputs, by path or as the spec names them.
        sharing: a module of the same model, whose parameters this one uses as its own.
        hypotheses: whether `step` takes several hypotheses of every sequence, `[batch, hypotheses, ...]`.
        sizes: values for the spec's `$names`; those that are not given are bound by its data, if it names any.

    Returns:
        A `torch.nn.Module`, called as `module(x)` with `[batch, time, features]`, which gives a dict of outputs.

    Raises:
        SpecError: if the spec is not a model, with every problem found.
        LackingError: if torch is not installed.
    """
    try:
        from leporello.builder.compiling import compile
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("torch", "numpy"):
            raise
        from leporello.graphs.extras import LackingError

        raise LackingError(str(error.name), "torch", "leporello.compile") from None
    from leporello.training.models import check_bound

    return compile(check_bound(spec, sizes), feedback=feedback, also=also, sharing=sharing, hypotheses=hypotheses)  # type: ignore[arg-type]


def fit(
    spec: Any,
    train: Any,
    *,
    valid: Any = None,
    test: Any = None,
    loss: Any = None,
    run: str | Path | None = None,
    resume: bool = False,
    sizes: Mapping[str, int] | None = None,
    on_event: Any = None,
    **settings: Any,
) -> Any:
    """Train a model on batches of one's own: the loop, the run's folder and the checkpoints of `leporello train`.

    A batch is a mapping from inputs to tensors, `{"x": [batch, time, features], "label": [batch]}`, with
    `"lengths": {"time": [batch]}` where sequences end early.

    >>> import leporello, tempfile, torch
    >>> spec = '''spec: 1
    ... inputs: {x: {features: 2}, sum: {features: 1, axis: none}}
    ... nodes:
    ...   h: {block: gru, input: x, units: 8}
    ...   o: {block: linear, input: h(last), units: 1}
    ... outputs: {y: {from: o, predicts: sum}}'''
    >>> def train(epoch):
    ...     generator = torch.Generator().manual_seed(epoch)
    ...     for x in torch.randn(20, 16, 5, 2, generator=generator):
    ...         yield {"x": x, "sum": x.sum((1, 2))[:, None]}
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     done = leporello.fit(spec, train, run=folder + "/run", updates=40)
    ...     module = leporello.load(done.folder).module
    >>> done.state, done.update, module(torch.randn(3, 5, 2))["y"].shape
    ('finished', 40, torch.Size([3, 1]))

    Args:
        spec: a path, the text of a spec, or a graph.
        train: an iterable of batches, or a function of the epoch that gives one.
        valid: what to validate with, a list or a function; without it the last weights are kept.
        test: what to test on when the run has ended.
        loss: a function of the outputs and the batch that gives the mean loss; without it what the spec's outputs
            say that they predict.
        run: the folder of the run; without it a new one under runs/.
        resume: go on with the run in that folder, to the same weights, bit for bit. It must be known where the
            batches were left: `train` is a list, a function of the epoch, or has `state_dict` and `load_state_dict`.
        sizes: values for the spec's `$names`.
        on_event: called with each event of the run, a mapping.
        settings: what `training:` may say in a spec, by the same names: `updates=500`, `rate=1e-3`.

    Returns:
        How the run ended (`leporello.training.recording.Outcome`): `state`, `folder`, `update`, `best`, `test`.

    Raises:
        SpecError: for a spec, settings or batches that will not do, and for a resume that could not be exact.
    """
    from leporello.training.fitting import fit

    return fit(
        spec,
        train,
        valid=valid,
        test=test,
        loss=loss,
        run=run,
        resume=resume,
        sizes=sizes or {},
        on_event=on_event,
        **settings,
    )


def load(run: str | Path, checkpoint: int | None = None) -> Any:
    """A trained model from the folder of a run (`leporello.training.using.trained.Trained`).

    Args:
        run: the folder that `leporello train` made.
        checkpoint: the update whose weights are wanted, instead of those that validated best.

    Returns:
        A value with the `module` in evaluation, its `graph`, and the `encoders` of its inputs by name: vocabularies,
        labels, scales.

    Raises:
        SpecError: for a folder that is no run, or has no whole checkpoint.
    """
    from pathlib import Path

    from leporello.training.models import read_kept
    from leporello.training.runs.run import Run
    from leporello.training.using.trained import load_trained

    return load_trained(Run(Path(run)), read_kept, checkpoint)


def draw(
    spec: Any,
    format: str | None = None,
    *,
    output: str | None = None,
    unfold: Any = None,
    sizes: Mapping[str, int] | None = None,
    **wanted: Any,
) -> Any:
    """A picture of a model: text as svg, txt, dot or json, bytes as png or pdf (those need `leporello[pictures]`).

    >>> import leporello
    >>> spec = "spec: 1\\ninputs: {x: {features: 3}}\\nnodes: {h: tanh(x + h(t-1))}\\noutputs: {y: h}"
    >>> leporello.draw(spec, unfold=3, both=True)[:4]
    '<svg'

    Args:
        spec: a path, the text of a spec, or a graph.
        format: one of svg, png, pdf, dot, txt, json; without it what the name of `output` asks for, else svg.
        output: the file that the picture is written to, too.
        unfold: so many steps: `4`, or `{"source": 6, "target": 5}`.
        sizes: values for the spec's `$names`.
        wanted: what `leporello draw --help` offers, by the same names: `both=True`, `weights="boxes"`,
            `open=["decoder"]`, `depth=2`, `style="paper"`, `key=True`, `focus=2` or `focus={"target": 4}`,
            `values="file.json"` or as a dictionary, `motion=True`, `cell="h"`, `feedback="curriculum=0.75"`,
            `schedule=True`, `dark=True`, `scale=2`, `positions=True`.

    Raises:
        SpecError: for a spec that is no model, for an option or a format that does not exist, and where the output
            cannot be written.
    """
    from pathlib import Path

    from leporello.graphs.drawing.draw import draw
    from leporello.pictures import format_of, options_for
    from leporello.training.models import Given, check_model
    from leporello.writing import write_file

    if unfold is not None:
        wanted["steps"] = unfold
    checked = check_model(spec, Given(sizes or {}), data=False)
    options = options_for(checked, **wanted)
    picture = draw(checked.graph, checked.axes, options, format or format_of(output))
    if output is not None:
        reads = [file for file in (checked.written.file, wanted.get("values")) if isinstance(file, str | Path) and file]
        write_file(picture, output, reads)
    return picture


def _text(graph: Graph) -> str:
    from leporello.graphs.writing.printing import print_graph

    return print_graph(graph)


def _to_networkx(graph: Graph) -> Any:
    from leporello.graphs.interchange.node_link import to_networkx

    return to_networkx(graph)


def _from_networkx(graph: Any, registry: Any) -> Graph:
    from leporello.graphs.interchange.node_link import from_networkx

    return from_networkx(graph, registry)


def _svg(shown: Any) -> str:
    from leporello.graphs.problems import SpecError

    try:
        return str(draw(shown))
    except SpecError:
        return ""


WAYS |= {"text": _text, "svg": _svg, "to_networkx": _to_networkx, "from_networkx": _from_networkx}


def __dir__() -> list[str]:
    return __all__


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        from importlib import import_module

        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'leporello' has no attribute {name!r}")
