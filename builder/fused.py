"""Functions of generated source around torch's own kernels: an rnn, lstm or gru in one call, or both ways in one."""

from __future__ import annotations

FUSED: dict[str, str] = {
    "weights_of": '''def weights_of(
    weight: Tensor,
    recurrent: Tensor,
    bias: Tensor | None,
    hidden: Tensor | None = None,
    projection: Tensor | None = None,
) -> list[Tensor]:
    """The weights of one direction as torch's kernels take them; `hidden` is the bias inside the reset of a gru."""
    found = [weight.contiguous(), recurrent.contiguous()]
    if bias is not None:
        inner = torch.zeros_like(bias)
        found += [bias, inner if hidden is None else torch.cat([inner[: -len(hidden)], hidden])]
    found += [] if projection is None else [projection]
    rounded = rounded_as(weight)  # once, where a kernel would do it at every step
    return [value.to(rounded) for value in found] if rounded else found
''',
    "one_piece": '''def one_piece(parameters: list[Tensor]) -> list[Tensor]:
    """The same values, on a graphics card in one piece of memory, matrices first: its kernels would copy them else."""
    if not parameters[0].is_cuda:
        return parameters
    order = sorted(range(len(parameters)), key=lambda place: -parameters[place].dim())
    pieces = torch.cat([parameters[place].flatten() for place in order])
    sizes = [parameters[place].numel() for place in order]
    found = dict(zip(order, pieces.split(sizes), strict=True))
    return [found[place].view_as(value) for place, value in enumerate(parameters)]
''',
    "fused_rnn": '''def fused_rnn(
    x: Tensor, h: Tensor, weight: Tensor, recurrent: Tensor, bias: Tensor | None, relu: bool
) -> Tensor:
    """h at all steps, `[batch, time, units]`, by torch's kernel."""
    kernel = torch.rnn_relu if relu else torch.rnn_tanh
    parameters = weights_of(weight, recurrent, bias)
    start, training = h.unsqueeze(0).contiguous(), torch.is_grad_enabled()
    return kernel(x, start, one_piece(parameters), bias is not None, 1, 0.0, training, False, True)[0]
''',
    "both_rnn": '''def both_rnn(x: Tensor, length: Tensor | None, forward: tuple, backward: tuple) -> Tensor:
    """h forward and backward, `[batch, time, 2 * units]`; in one call where every sequence has all steps.

    For each direction the arguments of `fused_rnn` after x.
    """
    if length is not None:
        back = reverse(fused_rnn(reverse(x, length), *backward), length)
        return torch.cat([fused_rnn(x, *forward), back], -1)
    kernel = torch.rnn_relu if forward[-1] else torch.rnn_tanh
    parameters = weights_of(*forward[1:4]) + weights_of(*backward[1:4])
    start, training = torch.stack([forward[0], backward[0]]), torch.is_grad_enabled()
    return kernel(x, start, one_piece(parameters), forward[3] is not None, 1, 0.0, training, True, True)[0]
''',
    "fused_lstm": '''def fused_lstm(
    x: Tensor,
    h: Tensor,
    c: Tensor,
    weight: Tensor,
    recurrent: Tensor,
    bias: Tensor | None,
    mask: Tensor | None,
    projection: Tensor | None = None,
) -> tuple[Tensor, Tensor]:
    """h at all steps and c after the last, by torch's kernel; the gates are i, f, g, o.

    Where a step is not valid its input counts for nothing, and an input of its own holds the forget gate open and the
    input gate shut, further than bias and hidden state together can pull, so that c stays as it is.
    """
    if mask is not None:
        most = torch.ones_like(recurrent[0]) if projection is None else projection.detach().abs().sum(1)
        pull = recurrent.detach().abs() @ most + (0.0 if bias is None else bias.detach().abs())
        shut, opened, *_ = (1e4 + 2 * pull).clamp(max=torch.finfo(pull.dtype).max).chunk(4)
        gates = torch.cat([-shut, opened, torch.zeros_like(shut), torch.zeros_like(opened)])
        weight = torch.cat([weight, gates.unsqueeze(1)], 1)
        x = torch.cat([keep(x, mask), (~mask).unsqueeze(-1).to(x.dtype)], -1)
    parameters = weights_of(weight, recurrent, bias, projection=projection)
    start = (h.unsqueeze(0).contiguous(), c.unsqueeze(0).contiguous())
    training = torch.is_grad_enabled()
    h, _, c = torch.lstm(x, start, one_piece(parameters), bias is not None, 1, 0.0, training, False, True)
    return h, c.squeeze(0)
''',
    "both_lstm": '''def both_lstm(
    x: Tensor, length: Tensor | None, forward: tuple, backward: tuple
) -> tuple[Tensor, Tensor]:
    """h forward and backward, `[batch, time, 2 * units]`, and c of both where they end, `[2, batch, units]`.

    In one call where every sequence has all steps. For each direction the arguments of `fused_lstm` after x.
    """
    if length is not None:
        (h, c), (back, start) = fused_lstm(x, *forward), fused_lstm(reverse(x, length), *backward)
        return torch.cat([h, reverse(back, length)], -1), torch.stack([c, start])
    parameters: list[Tensor] = []
    for _, _, weight, recurrent, bias, _, *projection in (forward, backward):
        parameters += weights_of(weight, recurrent, bias, None, *projection)
    start = tuple(torch.stack([forward[place], backward[place]]) for place in (0, 1))
    training = torch.is_grad_enabled()
    h, _, c = torch.lstm(x, start, one_piece(parameters), forward[4] is not None, 1, 0.0, training, True, True)
    return h, c
''',
    "fused_gru": '''def fused_gru(
    x: Tensor, h: Tensor, weight: Tensor, recurrent: Tensor, bias: Tensor | None, hidden: Tensor | None
) -> Tensor:
    """h at all steps, `[batch, time, units]`, by torch's kernel; `hidden` is the bias inside the reset."""
    parameters = weights_of(weight, recurrent, bias, hidden)
    start, training = h.unsqueeze(0).contiguous(), torch.is_grad_enabled()
    return torch.gru(x, start, one_piece(parameters), bias is not None, 1, 0.0, training, False, True)[0]
''',
    "both_gru": '''def both_gru(x: Tensor, length: Tensor | None, forward: tuple, backward: tuple) -> Tensor:
    """h forward and backward, `[batch, time, 2 * units]`; in one call where every sequence has all steps.

    For each direction the arguments of `fused_gru` after x.
    """
    if length is not None:
        back = reverse(fused_gru(reverse(x, length), *backward), length)
        return torch.cat([fused_gru(x, *forward), back], -1)
    parameters = weights_of(*forward[1:]) + weights_of(*backward[1:])
    start, training = torch.stack([forward[0], backward[0]]), torch.is_grad_enabled()
    return torch.gru(x, start, one_piece(parameters), forward[3] is not None, 1, 0.0, training, True, True)[0]
''',
}
"""By name."""
