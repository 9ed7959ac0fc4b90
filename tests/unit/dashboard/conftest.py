"""One browser for all tests, and a tab for each. All of them share a loop with it."""

from collections.abc import AsyncGenerator, Callable
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from tests.support.book_chain import BookChain
from tests.support.browser import CHROMIUM, Tab, chromium

OpenTab = Callable[..., Any]


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncGenerator[Browser]:
    if CHROMIUM is None:
        pytest.skip("there is no chromium; on Debian: apt-get install chromium")
    async with chromium() as browser:
        yield browser


@pytest_asyncio.fixture(loop_scope="session")
async def open_tab(browser: Browser) -> AsyncGenerator[OpenTab]:
    """Open a tab with options of the browser; it must have had nothing to complain of in the end."""
    tabs: list[Tab] = []

    async def open_tab(**options: Any) -> Tab:
        context = await browser.new_context(**options)
        tabs.append(Tab(await context.new_page()))
        return tabs[-1]

    yield open_tab
    said = [each for tab in tabs for each in tab.said]
    for tab in tabs:
        await tab.page.context.close()
    assert said == []


@pytest.fixture
def story() -> BookChain:
    """A chain with one owner's battery and issuer."""
    chain = BookChain()
    chain.begin()
    return chain
