"""Small functions that generated source may need; each is printed only where it is used."""

from __future__ import annotations

import re

from leporello.builder.fused import FUSED
from leporello.builder.later import LATER

PARTS = '''class Parts(nn.Module):
    """The parts of a block under their names."""

    def __init__(self, parts: dict[str, nn.Module | nn.Parameter]) -> None:
        super().__init__()
        for name, part in parts.items():
            if isinstance(part, nn.Parameter):
                self.register_parameter(name, part)
            else:
                self.add_module(name, part)

    def __getitem__(self, name: str) -> nn.Module:
        return self._modules[name]
'''

SNIPPETS: dict[str, str] = {
    "check_axes": '''def check_axes(lengths: dict[str, Tensor | int] | None, axes: tuple[str, ...]) -> None:
    """Refuse lengths of an axis that the model does not have."""
    if lengths is not None and not isinstance(lengths, dict):
        raise TypeError(f"lengths is a dict from axis to how many steps are valid, not {type(lengths).__name__}")
    for axis in lengths or {}:
        if axis not in axes:
            raise ValueError(f"lengths names the axis {axis!r}, not one of: {', '.join(axes)}")
''',
    "check_names": '''def check_names(
    given: dict[str, Tensor], wanted: tuple[str, ...], free: tuple[str, ...] = ()
) -> None:
    """Refuse what is missing and what nothing reads; `free` names may be left out."""
    if not isinstance(given, dict):
        names = ", ".join(f'"{name}": ...' for name in wanted)
        raise TypeError(f"give tensors by name: {{{names}}}, not {type(given).__name__}")
    missing = [name for name in wanted if name not in given]
    unknown = [name for name in given if name not in wanted + free]
    if missing or unknown:
        told = f"missing: {', '.join(missing) or 'none'}, unknown: {', '.join(map(str, unknown)) or 'none'}"
        raise ValueError(f"{told}; wanted: {', '.join(wanted + free) or 'none'}")
''',
    "check_inputs": '''def check_inputs(
    like: Tensor | None, /, **inputs: tuple[Tensor, tuple[str | int, ...]]
) -> None:
    """Refuse inputs of another shape or type; a dimension's name stands for one size in all of them.

    Features, whose last dimension is a number, are of the type of the weights, or of each other.
    """
    sizes: dict[str | int, int] = {}
    kind = None if like is None else like.dtype
    for name, (value, shape) in inputs.items():
        wanted = f"{name} must be a tensor [{', '.join(map(str, shape))}]"
        if not isinstance(value, Tensor):
            told = f"give {name}=..." if value is None else f"not {type(value).__name__}"
            raise TypeError(f"{wanted}, {told}")
        if value.dim() != len(shape) or 0 in value.shape:
            raise ValueError(f"{wanted}, not {list(value.shape)}")
        for dimension, size in zip(shape, value.shape, strict=True):
            if size != sizes.setdefault(dimension, dimension if isinstance(dimension, int) else size):
                told = "" if isinstance(dimension, int) else f" with {dimension} = {sizes[dimension]}"
                raise ValueError(f"{wanted}{told}, not {list(value.shape)}")
        if isinstance(shape[-1], int):
            if not value.is_floating_point():
                raise TypeError(f"{wanted} of numbers in floating point, not of {value.dtype}: {name}.float()")
            kind = value.dtype if kind is None else kind
            if value.dtype != kind and not torch.is_autocast_enabled(value.device.type):
                told = "the inputs before it" if like is None else "the weights"
                raise TypeError(f"{wanted} of {kind}, as {told} are, not of {value.dtype}: {name}.to({kind})")
''',
    "check_tokens": '''def check_tokens(**tokens: tuple[Tensor, int]) -> None:
    """Refuse tokens that are no whole numbers, or that lie out of range.

    Values are looked at on a CPU only: anywhere else the look would have to wait for what runs there.
    """
    for name, (value, size) in tokens.items():
        if value.dtype not in (torch.int64, torch.int32):
            raise TypeError(f"{name} must hold tokens, of torch.int64 or torch.int32, not of {value.dtype}")
        if value.device.type != "cpu" or torch.compiler.is_compiling():
            continue
        try:
            low, high = (bound.item() for bound in torch.aminmax(value))
        except RuntimeError:  # within torch.func.vmap, say, nobody can look at values
            continue
        if low < 0 or high >= size:
            wrong = low if low < 0 else high
            raise ValueError(f"{name} holds the token {wrong}, out of range: 0 to {size - 1} are allowed")
''',
    "check_state": '''def check_state(
    state: dict[str, Tensor], batch: int, keys: tuple[str, ...], elsewhere: tuple[str, ...] = (), advice: str = ""
) -> None:
    """Refuse the state of another model or of another batch; for keys that are from `elsewhere` there is advice."""
    if not isinstance(state, dict):
        raise TypeError(f"a state is a dict, as start() and run() give it, not {type(state).__name__}")
    for key in keys:
        if key not in state:
            why = advice if key in elsewhere else "it is of another model, or not from start() or run()"
            raise ValueError(f"the state has no {key!r}: {why}")
        if state[key].shape[0] != batch:
            raise ValueError(f"the state is of a batch of {state[key].shape[0]}, the inputs are of a batch of {batch}")
''',
    "check_hypotheses": '''def check_hypotheses(
    state: dict[str, Tensor], hypotheses: int, keys: tuple[str, ...]
) -> None:
    """Refuse a state of another number of hypotheses, `[batch, hypotheses, ...]`."""
    for key in keys:
        if state[key].dim() < 2 or state[key].shape[1] != hypotheses:
            told = f"the state has {key!r} of {list(state[key].shape)}, the inputs are of {hypotheses} hypotheses"
            raise ValueError(f"{told}: give [batch, hypotheses, ...]")
''',
    "whole_lengths": '''def whole_lengths(length: Tensor | int, axis: str, batch: int | None) -> Tensor:
    """The lengths of an axis, `[batch]`; one number is the length of every sequence."""
    if not isinstance(length, int | list | tuple | Tensor):
        raise TypeError(f"lengths of {axis} must be a tensor [batch] or a whole number, not {type(length).__name__}")
    length = torch.as_tensor(length)
    known = length.dim() == 0 or batch is None or batch == length.shape[0]
    if length.is_floating_point() or length.dim() > 1 or not known:
        told = f"{list(length.shape)} of {length.dtype}"
        raise ValueError(f"lengths of {axis} must be whole numbers [batch = {batch}], not {told}")
    # A look at values would break the graph of torch.compile.
    if not torch.compiler.is_compiling() and int(length.min()) < 1:
        raise ValueError(f"lengths of {axis} must be at least 1")
    return length.reshape(-1).expand(batch or length.numel())
''',
    "length_of": '''def length_of(lengths: dict[str, Tensor | int] | None, axis: str, known: Tensor) -> Tensor | None:
    """The valid steps of each sequence, `[batch]`, or None where all steps are valid."""
    if lengths is None or lengths.get(axis) is None:
        return None
    length = whole_lengths(lengths[axis], axis, known.shape[0]).to(known.device)
    if torch.compiler.is_compiling():
        return length
    least, most = (int(bound) for bound in torch.aminmax(length))
    if most > known.shape[1]:
        raise ValueError(f"lengths of {axis} must lie between 1 and {known.shape[1]}")
    return None if least == known.shape[1] else length
''',
    "asked": '''def asked(lengths: dict[str, Tensor | int] | None, axis: str, batch: int | None) -> tuple[Tensor, int]:
    """How many steps the model is to run by itself: for each sequence, `[batch]`, and at most."""
    if lengths is None or lengths.get(axis) is None:
        raise ValueError(f"say how many steps of {axis} to run: lengths={{'{axis}': 20}}")
    length = whole_lengths(lengths[axis], axis, batch)
    return length, int(length.max())
''',
    "rounded_as": '''def rounded_as(value: Tensor) -> torch.dtype | None:
    """What autocast makes of numbers that are multiplied on the value's device; None where it makes nothing of them."""
    device = value.device.type
    rounds = torch.amp.is_autocast_available(device) and torch.is_autocast_enabled(device)
    return torch.get_autocast_dtype(device) if rounds else None
''',
    "Later": LATER,
    "Tanh": '''class Tanh(torch.autograd.Function):
    """tanh of numbers of 16 bits by way of 32: on a CPU torch's own for them takes five times as long."""

    @staticmethod
    def forward(ctx: torch.autograd.function.FunctionCtx, value: Tensor) -> Tensor:
        found = torch.tanh(value.float()).to(value.dtype)
        ctx.save_for_backward(found)
        return found

    @staticmethod
    def backward(ctx: torch.autograd.function.FunctionCtx, gradient: Tensor) -> Tensor:
        """By what was found, as torch's own."""
        return torch.ops.aten.tanh_backward(gradient, *ctx.saved_tensors)
''',
    "wide_tanh": '''def wide_tanh(value: Tensor) -> Tensor:
    """tanh of many steps side by side."""
    watched = torch.compiler.is_compiling() or torch._C._are_functorch_transforms_active()
    short = value.device.type == "cpu" and value.dtype.itemsize < 4 and not watched
    return Tanh.apply(value) if short else torch.tanh(value)
''',
    "steps_of": '''def steps_of(value: Tensor | None, steps: int) -> list[Tensor | None]:
    """What `[batch, time]` holds at each step, `[batch]`, or None at all of them."""
    return [None] * steps if value is None else list(value.unbind(1))
''',
    "mask_of": '''def mask_of(length: Tensor | None, steps: int) -> Tensor | None:
    """Which steps are valid, `[batch, steps]`, or None where all are."""
    return None if length is None else torch.arange(steps, device=length.device) < length.unsqueeze(1)
''',
    "fit": '''def fit(mask: Tensor, value: Tensor, dimension: int) -> Tensor:
    """The mask `[batch, steps]` as it broadcasts against a value whose `dimension` are those steps."""
    shape = [1] * value.dim()
    shape[0], shape[dimension] = mask.shape
    return mask.reshape(shape)
''',
    "keep": '''def keep(value: Tensor, mask: Tensor | None, fill: float = 0, dimension: int = 1) -> Tensor:
    """`value` where the mask holds, `fill` elsewhere; selected, not multiplied, so that NaN stays out."""
    return value if mask is None else torch.where(fit(mask, value, dimension), value, fill)
''',
    "valid_first": '''def valid_first(mask: Tensor) -> Tensor:
    """The numbers of all steps, `[batch * steps]`, those of the valid ones before those of padding."""
    return torch.argsort(~mask.flatten(), stable=True)
''',
    "gathered": '''def gathered(value: Tensor, mask: Tensor | None) -> Tensor:
    """Steps below each other, `[steps, features]`: the valid ones where a tenth or more are not; else all of them.

    Products of 16 bits get padding to a multiple of 64: on a CPU another number of rows is another kernel to compile.
    """
    if mask is None or torch.compiler.is_compiling():
        return value
    value, count = value.flatten(0, 1), int(mask.sum())
    if rounded_as(value) or torch.get_float32_matmul_precision() == "medium":
        count += -count % 64
    if count > 0.9 * len(value):
        return value
    return value.index_select(0, valid_first(mask)[:count])
''',
    "Blank": '''class Blank(torch.autograd.Function):
    """A product `[steps, features]` with some rows set to zero, as their gradient is; neither is copied for it."""

    @staticmethod
    def forward(ctx: torch.autograd.function.FunctionCtx, value: Tensor, rows: Tensor) -> Tensor:
        ctx.save_for_backward(rows)
        ctx.mark_dirty(value)
        return value.index_fill_(0, rows, 0)

    @staticmethod
    def backward(ctx: torch.autograd.function.FunctionCtx, gradient: Tensor) -> tuple[Tensor, None]:
        """The gradient as it is where it is zero in these rows, as that of a loss that does not read them is."""
        (rows,) = ctx.saved_tensors
        blank = gradient.device.type == "cpu" and not gradient.requires_grad
        if blank and not gradient.index_select(0, rows).any():
            return gradient, None
        return gradient.index_fill(0, rows, 0), None
''',
    "blanked": '''def blanked(value: Tensor, rows: Tensor) -> Tensor:
    """A product of which nothing else has need, with zeros in these rows."""
    return value.index_fill(0, rows, 0) if torch._C._are_functorch_transforms_active() else Blank.apply(value, rows)
''',
    "scattered": '''def scattered(value: Tensor, mask: Tensor | None) -> Tensor:
    """What was made of `gathered` steps in their places again, `[batch, steps, features]`, zero elsewhere."""
    if mask is None or torch.compiler.is_compiling():
        return keep(value, mask)
    rows, count = valid_first(mask), int(mask.sum())
    if len(value) == len(rows):
        return blanked(value, rows[count:]).unflatten(0, mask.shape)
    if len(value) > count:
        value = blanked(value, torch.arange(count, len(value), device=value.device))
    whole = value.new_zeros(len(rows), value.shape[1])
    return whole.index_copy_(0, rows[: len(value)], value).unflatten(0, mask.shape)
''',
    "hold": '''def hold(mask: Tensor | None, new: Tensor, old: Tensor) -> Tensor:
    """The new state where the step is valid, `[batch]`, else the old one."""
    return new if mask is None else torch.where(mask.reshape(mask.shape + (1,) * (new.dim() - 1)), new, old)
''',
    "late": '''def late(value: Tensor, delay: int, before: Tensor) -> Tensor:
    """`value(t - delay)` at all steps; `before` is what lies before the first, `[batch, places, ...]`."""
    return torch.cat([before[:, before.shape[1] - delay :], value], 1)[:, : value.shape[1]]
''',
    "ahead": '''def ahead(value: Tensor, steps: int, after: Tensor, length: Tensor | None) -> Tensor:
    """`value(t + steps)` at all steps; `after` is what lies past each sequence's end, `[batch, places, ...]`."""
    places = after[:, :steps]
    moved = torch.cat([value[:, steps:], places[:, max(0, steps - value.shape[1]) :]], 1)
    if length is None:
        return moved
    beyond = torch.arange(value.shape[1], device=length.device) + steps - length.unsqueeze(1)
    index = beyond.clamp(0, steps - 1).reshape(beyond.shape + (1,) * (value.dim() - 2)).expand(moved.shape)
    past = (beyond >= 0).reshape(beyond.shape + (1,) * (value.dim() - 2))
    return torch.where(past, torch.gather(places, 1, index), moved)
''',
    "first_of": '''def first_of(value: Tensor, state: dict[str, Tensor] | None, key: str) -> Tensor:
    """The first step of each sequence; in a later piece of it, as the state remembers it."""
    return value[:, 0] if state is None or key not in state else state[key]
''',
    "last": '''def last(value: Tensor, length: Tensor | None) -> Tensor:
    """The last valid step of each sequence."""
    return value[:, -1] if length is None else value[torch.arange(length.shape[0], device=length.device), length - 1]
''',
    "ending": '''def ending(value: Tensor, places: int, before: Tensor, length: Tensor | None) -> Tensor:
    """The last `places` values of each sequence, those before the first step included, `[batch, places, ...]`."""
    line = torch.cat([before, value], 1)
    if length is None:
        return line[:, line.shape[1] - places :]
    index = length.unsqueeze(1) + before.shape[1] - places + torch.arange(places, device=length.device)
    return line[torch.arange(length.shape[0], device=length.device).unsqueeze(1), index]
''',
    "reverse": '''def reverse(value: Tensor, length: Tensor | None) -> Tensor:
    """Each sequence from its own last step to its first; what lies beyond stays where it is."""
    if length is None:
        return value.flip(1)
    steps = torch.arange(value.shape[1], device=length.device).unsqueeze(0)
    index = torch.where(steps < length.unsqueeze(1), length.unsqueeze(1) - 1 - steps, steps)
    return value[torch.arange(length.shape[0], device=length.device).unsqueeze(1), index]
''',
    "join": '''def join(*values: Tensor) -> Tensor:
    """Features side by side, `[..., features]`, after the other dimensions are made equal."""
    shape = torch.broadcast_shapes(*(value.shape[:-1] for value in values))
    return torch.cat([value.expand(*shape, value.shape[-1]) for value in values], -1)
''',
    "softmax_over": '''def softmax_over(value: Tensor, dimension: int, mask: Tensor | None) -> Tensor:
    """Softmax over the valid steps of a carried axis."""
    if mask is not None:
        value = value.masked_fill(~fit(mask, value, dimension), -torch.inf)
    return torch.softmax(value, dimension)
''',
    "sum_over": '''def sum_over(value: Tensor, dimension: int, mask: Tensor | None) -> Tensor:
    """The sum over the valid steps of a carried axis."""
    return keep(value, mask, 0, dimension).sum(dimension)
''',
    "mean_over": '''def mean_over(value: Tensor, dimension: int, mask: Tensor | None) -> Tensor:
    """The mean over the valid steps of a carried axis."""
    if mask is None:
        return value.mean(dimension)
    return keep(value, mask, 0, dimension).sum(dimension) / fit(mask, value, dimension).sum(dimension)
''',
    "max_over": '''def max_over(value: Tensor, dimension: int, mask: Tensor | None) -> Tensor:
    """The largest of the valid steps of a carried axis."""
    return keep(value, mask, -torch.inf, dimension).amax(dimension)
''',
    "draw": '''def draw(logits: Tensor) -> Tensor:
    """A token by its score: the largest after Gumbel noise is added."""
    return (logits - torch.empty_like(logits).exponential_().log()).argmax(-1)
''',
    "steady_dropout": '''def steady_dropout(value: Tensor, rate: float, training: bool) -> Tensor:
    """Dropout with one mask for all steps, `[batch, time, features]`."""
    return value * F.dropout(torch.ones_like(value[:, :1]), rate, training)
''',
    **FUSED,
}
"""By name."""


def used(text: str) -> list[str]:
    """The names of the snippets that `text` calls, directly or through each other, in printing order."""
    found: set[str] = set()
    queue = [text]
    for piece in queue:
        called = set(re.findall(r"(?<![\w.])(?<!def )(\w+)(?:\.apply)?\(", piece))
        for name in SNIPPETS:
            if name not in found and name in called:
                found.add(name)
                queue.append(SNIPPETS[name])
    return [name for name in SNIPPETS if name in found]
