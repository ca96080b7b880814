"""The words of a diagnosis: each difference of a loop from a cell, in the names of the spec."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from leporello.builder.plan.affine import MOST, Misfit
from leporello.builder.plan.cell_texts import ANYTHING, TOLD, CellTexts, is_told, short
from leporello.builder.plan.diagnosis import Difference, Sort
from leporello.builder.plan.equations import SHORT, Applied, Late, Mixed, Pattern, Product, Rest, State, Sum
from leporello.builder.plan.recognition import Bound, Term, sign_block
from leporello.graphs.expressions.tree import Binary, Call, Expression, Operator, Read, unparse
from leporello.graphs.expressions.wording import is_expression, owner
from leporello.graphs.frozen import frozen
from leporello.graphs.nodes import NOW, Node, Time, Wire
from leporello.graphs.problems import an
from leporello.graphs.size import AnySize

_SORTS: Mapping[str, tuple[Sort, str]] = {
    "unweighed": ("added", "add"),
    "taken": ("added", "take"),
    "many": ("extra", "add"),
    "delay": ("delay", "read"),
}


@frozen
class CellWords(CellTexts):
    """Tells differences from one kind of cell."""

    @property
    def _has(self) -> str:
        return f"where {SHORT[self.kind]}"

    def differs(self, term: Term, pattern: Pattern, bound: Bound) -> Difference:
        """Something else stands where a cell has what a pattern asks for."""
        whole = {Late: (), Rest: ("subtract",)}.get(type(pattern), TOLD)
        path, found, _ = self.stands(term, *whole)
        return self._differs(path, found, pattern, self.opened(pattern, bound))

    def unlike(self, term: Term, pattern: Applied, inside: Term, bound: Bound) -> Difference:
        """Another function, or none, stands around something."""
        bare = term == inside
        stays = bare and term[0].source in bound.values()  # c, in place of a function of it
        path, found, read = self.stands(term, *(() if stays else TOLD))
        unsaid = inside[0].source == inside[1] and not is_told(self.model.graph[inside[1]])
        argument = self.stands(inside)[2] if not bare else ANYTHING if unsaid else read
        return self._differs(path, found, pattern, Call(pattern.functions[0], argument))

    def _differs(self, path: str, found: str, pattern: Pattern, wanted: Expression) -> Difference:
        part = f"{pattern.told} differs: " if isinstance(pattern, Applied | State) and pattern.told else ""
        return Difference("other", (path,), part + found, self._wanted(wanted))

    def parted(
        self,
        term: Term,
        pattern: Sum | Product,
        pairs: Sequence[tuple[Pattern, Term | None]],
        extra: Sequence[Term],
        bound: Bound,
    ) -> Difference:
        """A sum or a product lacks a side, which is matched with no term, or has terms too much."""
        path, found, whole = self.stands(term, "identity", sign_block(pattern))
        single = self.read if extra else lambda _: whole
        left, right = (self.pattern(side, bound) if read is None else single(read[0]) for side, read in pairs)
        wanted = self._wanted(Binary(_sign(pattern), left, right))
        for side, read in pairs:
            if read is None:
                return Difference("missing", (path,), f"{self._part(side, bound)} is missing: {found}", wanted)
        told = " and ".join(self.text(wire) for wire, _ in extra)
        return Difference("extra", (path,), f"{told} {'is' if len(extra) == 1 else 'are'} too much: {found}", wanted)

    def signed(self, term: Term, pattern: Sum | Product, sides: Sequence[Term], bound: Bound) -> Difference:
        """A sum stands for a product, or a product for a sum."""
        path, found, _ = self.stands(term, *TOLD)
        left, right = (self.read(wire) for wire, _ in sides)
        return Difference("other", (path,), found, self._wanted(Binary(_sign(pattern), left, right)))

    def _wanted(self, expression: Expression) -> str:
        return f"{self._has} has {short(unparse(expression))}"

    def _part(self, pattern: Pattern, bound: Bound) -> str:
        named = isinstance(pattern, Applied) and pattern.told
        return named if named else unparse(self.pattern(pattern, bound))

    def ungated(self, term: Term, pattern: Mixed, bound: Bound) -> Difference:
        """A sum lacks the term that a gate multiplies."""
        path, found, rest = self.stands(term, "add", "identity")
        lacking = self.pattern(pattern.term, bound)
        wanted = self._wanted(Binary("+", rest, lacking))
        return Difference("missing", (path,), f"{unparse(lacking)} is missing: {found}", wanted)

    def early(self, node: Node, piece: Wire, pattern: Mixed, bound: Bound) -> Difference:
        """A gate multiplies what a linear weighs, in place of the product."""
        wanted = f"{self._wanted(self.pattern(pattern.term, bound))}, the gate after the product"
        return Difference("other", (node.path,), self.text(piece), wanted, "weigh", (self.name(node.path),))

    def other_than(self, term: Term, letter: str, bound: Bound) -> Difference:
        """Another node is read where the same one stands twice."""
        at = owner(self.model.graph[term[1]])
        wanted = f"{self._has} has {self.text(Wire(bound[letter]))} again"
        return Difference("other", (at,), f"{self.name(at)} has {self.text(term[0])}", wanted)

    def delayed(self, time: Time, at: str, letter: str, bound: Bound) -> Difference:
        """A state is read at another step."""
        at, state = owner(self.model.graph[at]), self.letter(letter, bound)
        wanted = f"{self._has} reads {unparse(self.late(state))}"
        return Difference("delay", (at,), unparse(Read(state, time=time)), wanted, "read", (self.name(at),))

    def biased(self, node: Node, bound: Bound) -> Difference:
        """A projection has a bias."""
        found = f"{self.name(node.path)}, a projection, has a bias"
        return Difference("extra", (node.path,), found, f"{self._has} has none there")

    def misfit(self, misfit: Misfit, bound: Bound) -> Difference:
        """Something is read where a cell adds products with weights."""
        at = owner(self.model.graph[misfit.path])
        name, text, before = self.name(at), self.text(misfit.wire), unparse(self.late(self.letter("h", bound)))
        node = self.model.graph[misfit.wire.source]
        plain = is_expression(node) or misfit.wire.time != NOW
        found, wanted = {
            "unweighed": (text if plain else f"{text}, {an(node.block)}", "adds products with weights only"),
            "taken": (f"{text} away", "adds it"),
            "many": (f"more than {MOST:,} terms", "is looked for in no more"),
            "delay": (text, f"reads {before}"),
            "inside": (text, f"reads {before} and nothing else of the loop"),
            "state": (f"{text} beside what the reset gate multiplies", "weighs it in there only"),
            "outside": (f"{text} in what the reset gate multiplies", f"weighs {before} only"),
        }[misfit.kind]
        sort, verb = _SORTS.get(misfit.kind, ("read", "read"))
        return Difference(sort, (at,), found, f"{self._has} {wanted}", verb, (name,))

    def sized(self, term: Term, size: AnySize | None, wanted: AnySize | None) -> Difference:
        """A value of one size serves for all units."""
        at = owner(self.model.graph[term[1]])
        found = f"{self.text(term[0])}, in {self.name(at)}, has the size {size} and serves for all of {wanted}"
        return Difference("size", (at,), found, f"{self._has} has one for each unit")

    def returned(self, reader: str, wire: Wire, at_all_steps: bool) -> Difference:
        """Something is read, by a node or an output, that a kernel keeps to itself."""
        found = f"{reader} reads {self.text(wire)}{' at every step' if at_all_steps else ''}"
        path = owner(self.model.graph[wire.source])
        return Difference("returned", (path,), found, f"which the kernel of {SHORT[self.kind]} does not return")

    def says(self, sort: Sort, path: str, found: str, wanted: str) -> Difference:
        """A sentence about a node."""
        at = owner(self.model.graph[path])
        return Difference(sort, (at,), f"{self.name(at)} {found}", f"{self._has} {wanted}")

    def beside(self, bound: Bound) -> Difference:
        """The hidden state is no part of the loop."""
        state = self.letter("h", bound)
        found = f"no gate reads {unparse(self.late(state))}, so that {state} is no part of the loop"
        return Difference("missing", (bound["h"],), found, f"{self._has} reads it in its gates")

    def told(self, path: str) -> str:
        """What a node is."""
        return self.stands((Wire(path), path))[1]


def _sign(pattern: Sum | Product) -> Operator:
    return "+" if isinstance(pattern, Sum) else "*"
