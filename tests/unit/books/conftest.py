"""Books in SQLite and in PostgreSQL, empty, and a chain to fill them from."""

from collections.abc import Generator
from pathlib import Path

import pytest

from tests.support.book_chain import BookChain
from tests.support.postgres import Postgres, postgres_server


@pytest.fixture(scope="session")
def postgres() -> Generator[Postgres]:
    with postgres_server() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return str(tmp_path / "books.sqlite")
    return request.getfixturevalue("postgres").new_database()


@pytest.fixture
def story() -> BookChain:
    chain = BookChain()
    chain.begin()
    return chain
