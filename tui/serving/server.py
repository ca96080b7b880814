"""The app in a browser: a process of it for every page that is opened, reached over the loopback alone."""

from __future__ import annotations

import shlex
import socket
import sys
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from pathlib import Path

from aiohttp import web
from textual_serve.app_service import AppService
from textual_serve.server import Server, to_int

from leporello.graphs.problems import refuse
from leporello.tui.serving.guard import HOSTS, Guard

MOST = 1_000
"""Columns and lines of a page at most."""
SAFE = {
    "Referrer-Policy": "no-referrer",  # the token is in the address
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}


def command_of(spec: str | None, theme: str) -> str:
    """What runs the app behind a page, as a line of a shell, in which nothing of `spec` is more than a word."""
    words = [sys.executable, "-m", "leporello.tui.serving.served", theme, *([spec] if spec else [])]
    return shlex.join(words)


def listening(port: int) -> socket.socket:
    """A socket on the loopback. Raises SpecError where the port is taken."""
    try:
        return socket.create_server((HOSTS[0], port))
    except (OSError, OverflowError) as error:
        raise refuse(f"port {port} cannot be listened to: {error}", "name another with --port, or 0") from None


class Service(AppService):
    """The process behind a page."""

    async def stop(self) -> None:
        """End it, and see that it has ended."""
        await super().stop()
        if self._process is not None:
            await self._process.wait()


class GuardedServer(Server):
    """Textual's server below the token, silent, with a page of ours that loads nothing from elsewhere."""

    def __init__(self, command: str, guard: Guard) -> None:
        super().__init__(
            command, HOSTS[0], guard.port, title="Leporello", templates_path=Path(__file__).parent / "templates"
        )
        self.guard = guard

    async def on_startup(self, app: web.Application) -> None:
        """Nothing is printed but the address, by whoever serves."""

    async def guarded(self) -> web.Application:
        """All routes below the token; whatever else is asked for is refused."""
        outer = web.Application(middlewares=[self._check])
        outer.add_subapp(f"/{self.guard.token}", await self._make_app())
        return outer

    async def handle_websocket(self, request: web.Request) -> web.WebSocketResponse:
        """Run the app for a page, until the page or the app is closed; what is no message ends it."""
        page = web.WebSocketResponse(heartbeat=15)
        await page.prepare(request)

        async def close() -> None:
            await page.close()

        app = Service(
            self.command,
            write_bytes=page.send_bytes,
            write_str=page.send_str,
            close=close,
            download_manager=self.download_manager,
        )
        sizes = (request.query.get("width", ""), request.query.get("height", ""))
        try:
            await app.start(*(min(max(to_int(size, 80), 20), MOST) for size in sizes))
            with suppress(AssertionError, AttributeError, LookupError, TypeError, ValueError):
                await self._process_messages(page, app)
        finally:
            await app.stop()
        return page

    @web.middleware
    async def _check(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        websocket = request.headers.get("Upgrade", "").lower() == "websocket" or request.path.endswith("/ws")
        why = self.guard.refusal(request.path, request.headers, websocket)
        if why:
            return web.Response(status=403, text=f"{why}\n", headers=SAFE)
        response = await handler(request)
        if not response.prepared:
            response.headers.update(SAFE)
        return response


def serve(command: str, guard: Guard, sockets: Sequence[socket.socket]) -> None:
    """Serve until it is stopped."""
    web.run_app(
        GuardedServer(command, guard).guarded(), sock=list(sockets), print=None, access_log=None, shutdown_timeout=2
    )
