"""A chain with one owner's battery and issuer."""

import pytest

from tests.support.book_chain import BookChain
from tests.support.servers import authority, broker, ca, hook

__all__ = ["authority", "broker", "ca", "hook"]


@pytest.fixture
def story_of_one() -> BookChain:
    chain = BookChain()
    chain.begin()
    return chain
