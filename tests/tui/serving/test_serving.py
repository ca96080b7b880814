"""The app in a browser: real requests and websockets, with and without the token, from our page and from others."""

from __future__ import annotations

import asyncio
import re
import shlex
import signal
import subprocess
import sys
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

pytest.importorskip("textual_serve")

from aiohttp import ClientSession, ClientWebSocketResponse, WSServerHandshakeError, web

from leporello.graphs.problems import SpecError
from leporello.tui.serving.guard import Guard, check_port
from leporello.tui.serving.server import GuardedServer, command_of, listening
from tests.support.command_line import EXAMPLES, refused
from tests.support.screens import session

TOKEN = "secret-of-this-test"


@asynccontextmanager
async def served(command: str = "true") -> AsyncIterator[tuple[Guard, ClientSession]]:
    """A server on a free port, and someone who asks it."""
    with listening(0) as found:
        guard = Guard(found.getsockname()[1], TOKEN)
        runner = web.AppRunner(await GuardedServer(command, guard).guarded(), shutdown_timeout=1)
        await runner.setup()
        await web.SockSite(runner, found).start()
        try:
            async with ClientSession() as asker:
                yield guard, asker
        finally:
            await runner.cleanup()


@session
async def test_only_the_whole_address_on_our_own_host_is_answered() -> None:
    async with served() as (guard, asker):
        root = f"http://127.0.0.1:{guard.port}"
        assert guard.address == f"{root}/{TOKEN}/"
        for path in ("/", "/wrong/", f"/{TOKEN[:-1]}/", "/static/js/textual.js", "//", f"/x/{TOKEN}/", "/%00/"):
            async with asker.get(root + path) as answer:
                assert (answer.status, TOKEN in await answer.text()) == (403, False), path
        evil = "evil.example"
        for headers in ({"Host": evil}, {"Host": f"{evil}:{guard.port}"}, {"Origin": f"http://{evil}"}):
            async with asker.get(guard.address, headers=headers) as answer:
                assert answer.status == 403
        async with asker.get(guard.address) as answer:
            page = await answer.text()
            assert answer.status == 200 and answer.headers["Referrer-Policy"] == "no-referrer"
        assert f"ws://127.0.0.1:{guard.port}/{TOKEN}/ws" in page
        assert set(re.findall(r"(?:https?|wss?)://[^/\"]+", page)) <= {root, root.replace("http", "ws")}, "ours alone"
        async with asker.get(f"{guard.address}static/js/textual.js") as answer:
            assert answer.status == 200


@session
async def test_a_websocket_is_opened_by_our_page_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    spec = tmp_path / "it's; $(touch no).yaml"
    spec.write_text((EXAMPLES / "elman.yaml").read_text())
    async with served(command_of(str(spec), "leporello-dark")) as (guard, asker):
        root = f"http://127.0.0.1:{guard.port}"
        for path, origin in ((TOKEN, None), (TOKEN, "http://evil.example"), (TOKEN, "null"), ("wrong", root)):
            with pytest.raises(WSServerHandshakeError, match="403"):
                await asker.ws_connect(f"{root}/{path}/ws", headers={"Origin": origin} if origin else {})
        async with asker.ws_connect(f"{guard.address}ws?width=110&height=34", headers={"Origin": root}) as page:
            await heard(page, b"Model", b"elman")
            await page.send_json(["stdin", "2"])
            await heard(page, b"space begins a run")
            await page.send_json(["resize", {"width": 60, "height": 20}])
            await page.send_json(["stdin", "1"])
            await heard(page, b"unfold")
        async with asker.ws_connect(f"{guard.address}ws?width=many&height=-1", headers={"Origin": root}) as page:
            await heard(page, b"elman")
            await page.send_json({"no": "message"})
            async with asyncio.timeout(90):
                while not (await page.receive()).type.name.startswith("CLOS"):
                    pass
    assert not (tmp_path / "no").exists()


async def heard(page: ClientWebSocketResponse, *wanted: bytes) -> None:
    """Listen until all of these words have come."""
    found = b""
    async with asyncio.timeout(90):
        while not all(words in found for words in wanted):
            message = await page.receive()
            assert isinstance(message.data, bytes | str), message
            found += message.data if isinstance(message.data, bytes) else message.data.encode()


def test_the_command_says_where_it_is_and_ends_with_a_signal() -> None:
    command = [sys.executable, "-m", "leporello", "serve", str(EXAMPLES / "elman.yaml")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            address = process.stdout.readline().split()[-1]
            assert len(address.split("/")[3]) >= 32
            with urllib.request.urlopen(address, timeout=60) as answer:
                assert b"terminal" in answer.read()
            process.send_signal(signal.SIGINT)
            assert process.wait(60) == 0
        finally:
            process.kill()


def test_a_spec_is_one_word_of_the_line() -> None:
    assert shlex.split(command_of("a b; c", "leporello-light"))[-2:] == ["leporello-light", "a b; c"]


def test_what_cannot_be_served_is_refused() -> None:
    with listening(0) as found:
        port = str(found.getsockname()[1])
        assert "cannot be listened to" in refused("serve", "--port", port)
    assert "there is no port" in refused("serve", "--port", "70000")
    assert "nowhere.yaml" in refused("serve", "nowhere.yaml")
    with pytest.raises(SpecError):
        check_port(-1)
