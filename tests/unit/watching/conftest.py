"""A chain with one owner's battery and issuer."""

import pytest

from tests.support.book_chain import BookChain


@pytest.fixture
def story_of_one() -> BookChain:
    chain = BookChain()
    chain.begin()
    return chain
