"""The app in a browser: it works, and only for who knows the address."""

import asyncio
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import pytest
from typer.testing import CliRunner

from pandium_tui.cli.main import app
from pandium_tui.storage.database import Store
from pandium_tui.terminal_watch import is_closed
from tests import chromium


@pytest.fixture
def address(store: Store) -> Iterator[str]:
    """What `pandium-tui web` has printed, while it serves at a name that differs from where it listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "pandium_tui", "--home", str(store.settings.home), "web"]
    program = subprocess.Popen(
        [*command, "--port", str(port), "--public-url", f"http://localhost:{port}/"],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    assert program.stdout is not None
    told = program.stdout.readline()
    assert f"ssh -L {port}:127.0.0.1:{port} " in program.stdout.readline()
    yield re.findall(r"http://\S+", told)[0]
    os.killpg(program.pid, signal.SIGTERM)
    program.stdout.close()
    assert program.wait(30) == 0


async def connect(session: aiohttp.ClientSession, url: str) -> aiohttp.ClientResponse:
    """Wait until the server listens, which is after its address was printed."""
    for _ in range(200):
        try:
            return await session.get(url)
        except aiohttp.ClientConnectorError:
            await asyncio.sleep(0.1)
    raise AssertionError("it does not listen")


async def test_the_app_comes_to_who_has_the_address_and_to_nobody_else(address: str) -> None:
    origin = address.partition("/?")[0]
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
        assert (await connect(session, origin)).status == 403
        assert (await session.get(f"{origin}/?key=guessed")).status == 403
        assert (await session.get(f"{origin}/static/js/textual.js")).status == 403
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await session.ws_connect(f"{origin}/ws", origin=origin)
        page = await session.get(address)
        assert (page.status, "key=" in str(page.url)) == (200, False)
        assert "default-src 'self';" in page.headers["Content-Security-Policy"]  # the page names a font elsewhere
        for other in ("http://evil.example.com", origin.replace("localhost", "127.0.0.1")):
            with pytest.raises(aiohttp.WSServerHandshakeError):
                await session.ws_connect(f"{origin}/ws", origin=other)
        async with session.ws_connect(f"{origin}/ws?width=80&height=24", origin=origin) as terminal:
            await until_shown(terminal, "Scheduler on")
            await terminal.send_json(["stdin", "?"])
            await until_shown(terminal, "One row down")


@pytest.mark.skipif(
    chromium.PROGRAM is None, reason="NOT TESTED: the app in a real browser, for Chromium is not installed"
)
async def test_a_browser_shows_the_app_and_its_keys_work(address: str, tmp_path: Path) -> None:
    async with aiohttp.ClientSession() as session:
        await connect(session, address.partition("/?")[0])
    async with chromium.chromium(tmp_path / "profile") as page:
        await page.open(address)
        await page.shows("Three ways to begin", "Scheduler on")
        await page.click(300, 500)
        await page.press("?")
        await page.shows("One row down")


async def until_shown(terminal: aiohttp.ClientWebSocketResponse, words: str) -> None:
    """Read what the app paints until it has painted these words."""
    seen = ""
    while words not in seen:
        message = await terminal.receive(60)
        assert message.type in (aiohttp.WSMsgType.BINARY, aiohttp.WSMsgType.TEXT), seen[-2000:]
        seen += message.data.decode("utf-8", "replace") if isinstance(message.data, bytes) else ""


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--host", "0.0.0.0"], "A browser cannot open 0.0.0.0: say --public-url http://NAME:8765 too."),
        (["--public-url", "https://pandium.example.com/app"], "give scheme, host and port only"),
        (["--public-url", "http://pandium.example.com:eighty"], "give scheme, host and port only"),
    ],
)
def test_an_address_that_no_browser_could_use_is_refused(store: Store, options: list[str], told: str) -> None:
    answer = CliRunner().invoke(app, ["--home", str(store.settings.home), "web", *options])
    assert answer.exit_code == 1
    assert told in answer.stderr


def test_an_app_whose_server_is_gone_notices() -> None:
    reading, writing = os.pipe()
    assert not is_closed(reading)
    os.close(writing)
    assert is_closed(reading)
    os.close(reading)
