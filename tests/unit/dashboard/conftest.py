"""A chain for the page to show."""

import pytest

from tests.support.book_chain import BookChain


@pytest.fixture
def story() -> BookChain:
    """A chain with one owner's battery and issuer."""
    chain = BookChain()
    chain.begin()
    return chain
