"""Which composites a function makes, and of which modifiers; their headers are in `bodies/`, as those of others."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from leporello.blocks.structures.asked import Said
from leporello.blocks.structures.decoder import decoder
from leporello.blocks.structures.encoder import encoder
from leporello.blocks.structures.heads import multi_head_attention
from leporello.graphs.blocktypes import Registry

Made = Callable[[Said, Registry], str]
STRUCTURES: Mapping[str, tuple[Made, tuple[str, ...]]] = {
    "decoder": (decoder, ("layers", "residual", "dropout")),
    "encoder": (encoder, ("layers", "direction", "residual", "dropout")),
    "multi_head_attention": (multi_head_attention, ()),
}
"""By block the function that writes its body, and the modifiers that go into the body in place of copies of it all."""
