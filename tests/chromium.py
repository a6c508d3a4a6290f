"""A headless Chromium that shows the app, driven by its DevTools protocol."""

import asyncio
import shutil
import subprocess
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

from tests.waiting import wait_for

PROGRAM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

# The page draws its text on a canvas; what it drew is known to the xterm.js terminal, which is kept from the moment the
# page gives it to an object.
_KEEP_TERMINAL = """
Object.defineProperty(Object.prototype, "terminal", {configurable: true, set(value) {
    Object.defineProperty(this, "terminal", {value, writable: true, configurable: true, enumerable: true});
    if (value?.loadAddon) { window.keptTerminal = value; delete Object.prototype.terminal; }
}});
"""
_READ_TERMINAL = """(() => {
    const terminal = window.keptTerminal, buffer = terminal?.buffer.active;
    if (!terminal || !document.body.classList.contains("-first-byte")) return "";
    return Array.from({length: terminal.rows}, (_, line) => buffer.getLine(line).translateToString(true)).join("\\n");
})()"""


class Page:
    """A page of the browser."""

    def __init__(self, connection: aiohttp.ClientWebSocketResponse) -> None:
        self._connection = connection
        self._calls = 0

    async def call(self, method: str, **parameters: object) -> dict[str, Any]:
        """What a method of the protocol answers."""
        self._calls += 1
        await self._connection.send_json({"id": self._calls, "method": method, "params": parameters})
        while True:
            answer = await self._connection.receive_json(timeout=60)
            if answer.get("id") == self._calls:
                assert "error" not in answer, answer
                return dict(answer["result"])

    async def open(self, url: str) -> None:
        await self.call("Page.enable")
        await self.call("Page.addScriptToEvaluateOnNewDocument", source=_KEEP_TERMINAL)
        await self.call("Page.navigate", url=url)

    async def click(self, x: int, y: int) -> None:
        for kind in ("mousePressed", "mouseReleased"):
            await self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    async def press(self, key: str) -> None:
        await self.call("Input.dispatchKeyEvent", type="keyDown", key=key, text=key)
        await self.call("Input.dispatchKeyEvent", type="keyUp", key=key)

    async def shows(self, *texts: str) -> None:
        """Wait until the terminal on the page has all of these texts."""
        shown = ""
        for _ in range(600):
            answer = await self.call("Runtime.evaluate", expression=_READ_TERMINAL)
            shown = answer["result"].get("value", "")
            if all(text in shown for text in texts):
                return
            await asyncio.sleep(0.1)
        raise AssertionError(f"no {texts} in the browser, but:\n{shown}")


@asynccontextmanager
async def chromium(profile: Path) -> AsyncIterator[Page]:
    """An empty page of a new browser that reaches this machine only, with its profile in a folder."""
    assert PROGRAM is not None
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--window-size=1000,700"]
    only_here = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1"
    browser = subprocess.Popen(
        [PROGRAM, *options, only_here, "--remote-debugging-port=0", f"--user-data-dir={profile}", "about:blank"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        port = (await asyncio.to_thread(wait_for, _told(profile / "DevToolsActivePort"), "port of the browser"))[0]
        async with aiohttp.ClientSession() as session:
            pages = await (await session.get(f"http://127.0.0.1:{port}/json/list")).json(content_type=None)
            address = next(one["webSocketDebuggerUrl"] for one in pages if one["type"] == "page")
            async with session.ws_connect(address, max_msg_size=0) as connection:
                yield Page(connection)
    finally:
        browser.terminate()
        browser.wait(60)


def _told(file: Path) -> Callable[[], list[str] | None]:
    """The lines of the file, once both of them are there."""

    def look() -> list[str] | None:
        lines = file.read_text(encoding="ascii").split("\n") if file.exists() else []
        return lines if len(lines) > 1 else None

    return look
