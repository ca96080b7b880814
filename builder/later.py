"""The class of generated source whose products leave the gradient of a loop's weight to one product after the loop."""

from __future__ import annotations

LATER = '''class Later:
    """Products of a loop's steps with one weight, whose gradient is one product after all of them.

    The weight is `[units, features]`, or a memory `[batch, units, steps]`, of each sequence its own. Under autocast it
    is rounded once, and its gradient is added up in 32 bits.
    """

    class Weight(torch.autograd.Function):
        """The weight as the steps read it: its gradient is of all that they left on the tape."""

        @staticmethod
        def forward(ctx: torch.autograd.function.FunctionCtx, weight: Tensor, tape: dict[str, list]) -> Tensor:
            ctx.tape = tape
            ctx.set_materialize_grads(False)
            return weight.view_as(weight)

        @staticmethod
        def backward(ctx: torch.autograd.function.FunctionCtx, gradient: Tensor | None) -> tuple[Tensor | None, None]:
            """The one product, `[units, features]`."""
            if ctx.tape["values"]:
                found = torch.cat(ctx.tape["gradients"], -2).mT @ torch.cat(ctx.tape["values"], -2)
                gradient = found if gradient is None else gradient + found
            ctx.tape.update(values=[], gradients=[])
            return gradient, None

    class Product(torch.autograd.Function):
        """That of one step, `[batch, units]` (of a memory `[batch, 1, units]`), added to `onto`.

        That is a bias, or what was worked out for all steps.
        """

        @staticmethod
        def forward(
            ctx: torch.autograd.function.FunctionCtx,
            value: Tensor,
            weight: Tensor,
            onto: Tensor | None,
            tape: dict[str, list],
        ) -> Tensor:
            value = value.to(weight.dtype)
            ctx.save_for_backward(value, weight)
            ctx.tape, ctx.bias = tape, onto is not None and onto.dim() == 1
            return value @ weight.mT if onto is None else torch.addmm(onto.to(weight.dtype), value, weight.t())

        @staticmethod
        def backward(
            ctx: torch.autograd.function.FunctionCtx, gradient: Tensor
        ) -> tuple[Tensor | None, None, Tensor | None, None]:
            """The gradients of what was read and added to; what the weight's needs is left on the tape."""
            value, weight = ctx.saved_tensors
            task = torch._C._current_graph_task_id()
            if ctx.tape["task"] != task:  # what a pass left that did not come to the weight
                ctx.tape.update(task=task, values=[], gradients=[])
            ctx.tape["values"].append(value if gradient.requires_grad else value.detach())
            ctx.tape["gradients"].append(gradient)
            read = gradient @ weight if ctx.needs_input_grad[0] else None
            onto = (gradient.sum(0) if ctx.bias else gradient) if ctx.needs_input_grad[2] else None
            return read, None, onto, None

    def __init__(self, weight: Tensor) -> None:
        rounded = rounded_as(weight)
        weight = weight.to(rounded or weight.dtype)
        learns = torch.is_grad_enabled() and weight.requires_grad
        watched = torch.compiler.is_compiling() or torch._C._are_functorch_transforms_active()
        self.tape: dict[str, list] | None = None
        if learns and not watched and (rounded or weight.dim() == 2):
            self.tape = {"task": -1, "values": [], "gradients": []}
            weight = self.Weight.apply(weight, self.tape)
        self.weight = weight

    def __call__(self, value: Tensor, onto: Tensor | None = None) -> Tensor:
        """The product of one step."""
        if self.tape is not None:
            return self.Product.apply(value, self.weight, onto, self.tape)
        if self.weight.dim() > 2:
            return torch.bmm(value, self.weight.mT)
        if onto is None or onto.dim() == 1:
            return F.linear(value, self.weight, onto)
        return torch.addmm(onto, value, self.weight.t())
'''
