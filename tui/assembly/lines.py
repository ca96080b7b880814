"""What is typed to add something, all of it in one line: `e = emb 32`, `lstm 256 layers=2`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import field

from leporello.graphs.frozen import frozen

_NAMED = re.compile(r"\s*([A-Za-z]\w*)\s*=\s*(?=\S|$)")
_SET = re.compile(r"([A-Za-z]\w*)=(\S+)")
_SIZE = re.compile(r"-?\d+(\.\d*)?(e-?\d+)?|-?\.\d+|\$[A-Za-z]\w*")


@frozen
class Line:
    """A name (if one is given), the letters of what is looked for, a size or another number, and what is set."""

    letters: str
    name: str = ""
    size: str = ""
    said: dict[str, str] = field(default_factory=dict)

    def of(self, keys: Iterable[str]) -> dict[str, str]:
        """What is set, by the full names of these keys; what is none of them under what was typed."""
        known = list(keys)
        found = {}
        for key, value in self.said.items():
            full = [one for one in known if one == key] or [one for one in known if one.startswith(key)]
            found[full[0] if full else key] = value
        return found


def read_line(typed: str) -> Line:
    """What is meant by what was typed.

    >>> read_line("e = emb 32")
    Line(letters='emb', name='e', size='32', said={})
    >>> read_line("dropout 0.3").size
    '0.3'
    >>> read_line("enc 64 cell=gru dir=both").said
    {'cell': 'gru', 'dir': 'both'}
    """
    named = _NAMED.match(typed)
    rest = typed[named.end() :] if named and not _is_setting(typed, named) else typed
    letters, said, size = list[str](), dict[str, str](), ""
    for word in rest.split():
        if found := _SET.fullmatch(word):
            said[found[1]] = found[2]
        elif _SIZE.fullmatch(word) and letters:
            size = word
        else:
            letters.append(word)
    name = named[1] if named and rest is not typed else ""
    return Line(" ".join(letters), name, size, said)


def _is_setting(typed: str, named: re.Match[str]) -> bool:
    """Whether a line that begins as a name does begins with something that is set: never, a block comes first."""
    return not typed[named.end() :].strip()
