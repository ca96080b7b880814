"""Who may look: a request to our own host, with the token in its address, from no other page than ours."""

from __future__ import annotations

import hmac
from collections.abc import Mapping

from leporello.graphs.frozen import frozen
from leporello.graphs.problems import refuse

HOSTS = ("127.0.0.1", "localhost")


@frozen
class Guard:
    """The port that is listened to on the loopback, and the secret first part of every path."""

    port: int
    token: str

    @property
    def address(self) -> str:
        """What a person opens in a browser."""
        return f"http://{HOSTS[0]}:{self.port}/{self.token}/"

    def refusal(self, path: str, headers: Mapping[str, str], websocket: bool) -> str:
        """Why a request is refused; nothing for one that is not.

        A name that leads here but is not ours (DNS rebinding) is told by its Host, a page of another site by its
        Origin, which a browser sends with every websocket.
        """
        if headers.get("Host", "") not in self._hosts:
            return "this is not the host that is asked for"
        origin = headers.get("Origin")
        if origin is None and websocket:
            return "a websocket says where it comes from"
        if origin is not None and origin not in [f"http://{host}" for host in self._hosts]:
            return "this page is not ours"
        said = path.lstrip("/").partition("/")[0]
        if not hmac.compare_digest(said.encode(errors="replace"), self.token.encode()):
            return "the address lacks its token"
        return ""

    @property
    def _hosts(self) -> list[str]:
        return [f"{host}:{self.port}" for host in HOSTS]


def check_port(port: int) -> int:
    """A port that may be asked for, 0 for any. Raises SpecError for others."""
    if not 0 <= port <= 65_535:
        raise refuse(f"there is no port {port}", "1024 to 65535 are usual, 0 takes a free one")
    return port
