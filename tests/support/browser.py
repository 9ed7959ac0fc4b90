"""The dashboard's page in Debian's Chromium, served in the loop of the test."""

import asyncio
import hashlib
import shutil
import socket
import subprocess
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from tarfile import TarFile
from tarfile import open as open_tar
from time import monotonic
from typing import Any

from playwright.async_api import Browser, Error, Page, async_playwright

from amalgam.dashboard.live import Source
from amalgam.dashboard.server import Site, serve

CHROMIUM = shutil.which("chromium")
PATIENCE_S = 20  # on a loaded machine
LOOKS_EVERY_S = 0.02
AXE = "axe-core-4.14.1"
_AXE_SHA256 = "e6b0ce02b84d892e2e33e403485e7f3d6c29e2be6df65daf44d89ba564139745"
# As root without a sandbox; and several tabs are all in front.
_FLAGS = ["--no-sandbox", "--disable-renderer-backgrounding", "--disable-backgrounding-occluded-windows"]
_CACHE = Path("~/.cache/amalgam-tests").expanduser()


@asynccontextmanager
async def chromium() -> AsyncGenerator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=_FLAGS)
        yield browser
        await browser.close()


@asynccontextmanager
async def served(site: Site, source: Source, port: int = 0) -> AsyncGenerator[str]:
    """Look and serve while entered, from the first answer on: the page's address."""
    listening = socket.create_server(("127.0.0.1", port))
    tasks = [
        asyncio.create_task(site.live.run(source, LOOKS_EVERY_S)),
        asyncio.create_task(serve(site, listening, ["127.0.0.1"])),
    ]
    try:
        await site.live.newer(0)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        listening.close()


class Tab:
    """A page, and all that its console has said: complaints about the policy are there too."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.said: list[str] = []
        page.on("console", lambda message: self.said.append(message.text))
        page.on("pageerror", lambda error: self.said.append(str(error)))

    async def go(self, url: str) -> None:
        response = await self.page.goto(url, wait_until="domcontentloaded")
        assert response is not None
        assert response.ok, response.status

    async def asked(self, script: str, argument: Any = None) -> Any:
        """What a script says, of the page that comes if this one is just being loaded again."""
        while True:
            try:
                return await self.page.evaluate(script, argument)
            except Error as error:
                if "Execution context was destroyed" not in error.message:
                    raise

    async def values(self) -> dict[str, str]:
        """All figures, by their keys."""
        return await self.asked(
            "() => Object.fromEntries([...document.querySelectorAll('[data-value]')]"
            ".map(each => [each.dataset.value, each.textContent]))"
        )

    async def rows(self, table: str) -> dict[str, list[str]]:
        """A table's cells, by the keys of its rows."""
        return await self.asked(
            "key => Object.fromEntries([...document.querySelector(`[data-rows='${key}']`).tBodies[0].rows]"
            ".map(row => [row.dataset.row, [...row.cells].map(cell => cell.textContent)]))",
            table,
        )

    async def text(self, selector: str) -> str:
        return await self.asked("it => document.querySelector(it)?.textContent ?? ''", selector)

    async def reaches(self, slot: int) -> None:
        """Wait until the page is of that slot."""
        await until(lambda: self.text("#as_of"), lambda told: told.endswith(f" {slot}"))


async def until(ask: Callable[[], Any], holds: Callable[[Any], bool]) -> Any:
    """Ask until an answer is as it has to be: that answer."""
    end = monotonic() + PATIENCE_S
    while not holds(answer := await ask()):
        assert monotonic() < end, answer
        await asyncio.sleep(0.01)
    return answer


def axe() -> str:
    """The source of axe-core, from npm, kept for the next run."""
    kept = _CACHE / AXE / "axe.min.js"
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        name, _, version = AXE.rpartition("-")
        subprocess.run(["npm", "pack", "--silent", f"{name}@{version}"], cwd=kept.parent, check=True)
        packed = kept.parent / f"{AXE}.tgz"
        assert hashlib.sha256(packed.read_bytes()).hexdigest() == _AXE_SHA256
        with open_tar(packed) as tar:
            kept.write_bytes(_read(tar, "package/axe.min.js"))
    return kept.read_text("utf-8")


def _read(tar: TarFile, name: str) -> bytes:
    file = tar.extractfile(name)
    assert file is not None
    return file.read()
