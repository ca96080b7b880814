"""Names in generated source: parameters by dotted path, variables by the shortest clear end of a path."""

from __future__ import annotations

import builtins
import keyword
from collections import Counter
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field

from leporello.builder.snippets import SNIPPETS

MODULE_ATTRIBUTES = frozenset(
    {
        "T_destination",
        "add_module",
        "apply",
        "bfloat16",
        "buffers",
        "call_super_init",
        "children",
        "compile",
        "cpu",
        "cuda",
        "double",
        "dump_patches",
        "eval",
        "extra_repr",
        "float",
        "forward",
        "get_buffer",
        "get_extra_state",
        "get_parameter",
        "get_submodule",
        "half",
        "ipu",
        "load_state_dict",
        "modules",
        "mtia",
        "named_buffers",
        "named_children",
        "named_modules",
        "named_parameters",
        "parameters",
        "register_backward_hook",
        "register_buffer",
        "register_forward_hook",
        "register_forward_pre_hook",
        "register_full_backward_hook",
        "register_full_backward_pre_hook",
        "register_load_state_dict_post_hook",
        "register_load_state_dict_pre_hook",
        "register_module",
        "register_parameter",
        "register_state_dict_post_hook",
        "register_state_dict_pre_hook",
        "requires_grad_",
        "set_extra_state",
        "set_submodule",
        "share_memory",
        "state_dict",
        "to",
        "to_empty",
        "train",
        "training",
        "type",
        "xpu",
        "zero_grad",
    }
)
"""The attributes of `torch.nn.Module` (a test compares them with torch's)."""

OWN_ATTRIBUTES = frozenset(
    {"run", "start", "step", "reset_parameters", "graph", "source", "checked", "constants", "from_torch", "to_torch"}
)
"""The attributes of a compiled module beside its parts."""

STATE_WANTED = "state_wanted"
"""The argument of `run` by which `forward` says that it does not need the state."""

GLOBALS = frozenset(
    {"torch", "nn", "F", "Tensor", "self", "super", "lengths", "state", "samples", "inputs", "outputs", "Parts"}
) | {"zip", "reversed", "next", "iter", "ValueError", STATE_WANTED, *SNIPPETS}
"""What the methods of a module call by name."""


def attribute(name: str, top: bool) -> str:
    """`name` as an attribute: a trailing underscore keeps it apart from those that modules have.

    Were a part called `forward`, it would hide the method, and no exported program could find it.

    >>> attribute("half", True), attribute("forward", False), attribute("run", False), attribute("class", True)
    ('half_', 'forward_', 'run', 'class_')
    """
    return _apart(name, MODULE_ATTRIBUTES | OWN_ATTRIBUTES if top else MODULE_ATTRIBUTES)


def dotted(path: str) -> str:
    """The name in `state_dict` of the parameter at `path`.

    >>> dotted("decoder/1/forward/W_i/weight")
    'decoder.1.forward_.W_i.weight'
    """
    first, *rest = path.split("/")
    return ".".join([attribute(first, True), *(attribute(name, False) for name in rest)])


def argument(name: str) -> str:
    """An input's name as an argument.

    >>> argument("lambda")
    'lambda_'
    """
    name = name.replace("/", "_")
    return _apart(name, GLOBALS | {"batch", "axis"})


def _apart(name: str, taken: Set[str]) -> str:
    """`name` with an underscore more where it is taken; so is what another taken name becomes (`half_`)."""
    stems = {name[:end] for end in range(len(name.rstrip("_")), len(name) + 1)}
    return name + "_" if stems & taken or any(map(keyword.iskeyword, stems)) else name


def readable(paths: Iterable[str]) -> dict[str, str]:
    """For every path the shortest end that names it alone; layers and directions are said where there are several.

    >>> readable(["e/1/forward/h", "e/2/forward/h", "e/1/forward/c", "o"])
    {'e/1/forward/h': 'e_1_h', 'e/2/forward/h': 'e_2_h', 'e/1/forward/c': 'c', 'o': 'o'}
    """
    listed = list(paths)
    folders = {"/".join(path.split("/")[:i]) for path in listed for i in range(1, path.count("/") + 1)}
    ends: dict[str, list[str]] = {}
    for path in listed:
        parts = path.split("/")
        told = [part for i, part in enumerate(parts) if i == len(parts) - 1 or not _only(parts, i, folders)]
        ends[path] = ["_".join(told[i:]) for i in range(len(told) - 1, -1, -1)]
    count = Counter(end for candidates in ends.values() for end in candidates)
    found = {}
    for path, candidates in ends.items():
        unique = [end for end in candidates if count[end] == 1 and end[0].isalpha()]
        found[path] = next(iter(unique), "_".join(path.split("/")))
    return found


def _only(parts: list[str], place: int, folders: set[str]) -> bool:
    """Whether a layer's number or a direction has no other beside it."""
    part, before = parts[place], "/".join(parts[:place])
    if part.isdigit():
        return part == "1" and f"{before}/2" not in folders
    other = {"forward": "backward", "backward": "forward"}.get(part)
    return other is not None and place > 0 and parts[place - 1].isdigit() and f"{before}/{other}" not in folders


@dataclass
class Names:
    """Names for the variables of one function: unlike each other, and unlike what else is in scope.

    `known` gives, for the nodes of the model, the names that `readable` chose.
    """

    known: Mapping[str, str] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)
    found: dict[str, str] = field(default_factory=dict)

    def of(self, path: str) -> str:
        """The variable of the node at `path`."""
        if path not in self.found:
            parts = [part for part in path.split("/") if part[0].isalpha()]
            self.found[path] = self.new(self.known.get(path, parts[-1]), "_".join(path.split("/")))
        return self.found[path]

    def new(self, *wanted: str) -> str:
        """The first of `wanted` that is free, else the last of them with a number."""
        for name in wanted:
            if self._free(name):
                self.taken.add(name)
                return name
        count = 2
        while not self._free(f"{wanted[-1]}_{count}"):
            count += 1
        self.taken.add(f"{wanted[-1]}_{count}")
        return f"{wanted[-1]}_{count}"

    def _free(self, name: str) -> bool:
        return name not in self.taken and not keyword.iskeyword(name) and name not in GLOBALS


def class_name(name: str) -> str:
    """A class's name for a model's name.

    >>> class_name("char_lm")
    'CharLm'
    """
    words = [word[:1].upper() + word[1:] for word in name.split("_") if word]
    made = "".join(words)
    of_source = ("Blank", "Later", "Parts", "Tanh", "Tensor", "F")
    taken = keyword.iskeyword(made) or made in of_source or made in dir(builtins)
    return made + "_" if taken else made


def shared_prefix(paths: Iterable[str]) -> str:
    """The folder in which all `paths` lie.

    >>> shared_prefix(["h/1/forward/W_i", "h/1/forward/W_f"])
    'h/1/forward'
    """
    folders = [path.split("/")[:-1] for path in paths]
    shared = 0
    while all(len(folder) > shared for folder in folders) and len({folder[shared] for folder in folders}) == 1:
        shared += 1
    return "/".join(folders[0][:shared]) if folders else ""


def part(path: str) -> str:
    """How generated source names the submodule at `path`."""
    first, *rest = path.split("/")
    return f"self.{attribute(first, True)}" + "".join(f'["{attribute(name, False)}"]' for name in rest)


def reference(path: str) -> str:
    """How generated source names the parameter at `path` (its last name is the parameter's)."""
    owner, name = path.rsplit("/", 1)
    return f"{part(owner)}.{name}"
