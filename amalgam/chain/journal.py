"""What was signed, written down before it is sent: so a crash in between loses and doubles nothing."""

import os
import sqlite3
from contextlib import closing
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from solders.signature import Signature

_SCHEMA = """
CREATE TABLE IF NOT EXISTS transactions (
    signature TEXT PRIMARY KEY,
    genesis_hash TEXT NOT NULL,
    wire BLOB NOT NULL,
    last_valid_block_height INTEGER NOT NULL,
    purpose TEXT NOT NULL,
    content BLOB NOT NULL,
    signed_at TEXT NOT NULL,
    outcome TEXT NOT NULL DEFAULT 'pending'
)
"""


class Outcome(StrEnum):
    """What became of a transaction."""

    PENDING = "pending"  # not known yet
    LANDED = "landed"
    FAILED = "failed"  # landed, and changed nothing but the fee payer's lamports
    EXPIRED = "expired"  # can never land


class Entry(NamedTuple):
    """A signed transaction, and what became of it."""

    signature: Signature
    genesis_hash: str  # of the cluster it was signed for
    wire: bytes  # what is sent
    last_valid_block_height: int
    purpose: str  # for people
    content: bytes  # the same for transactions that do the same
    signed_at: str  # ISO 8601, UTC
    outcome: Outcome = Outcome.PENDING


class Journal:
    """A file of signed transactions; several processes may use it at once."""

    def __init__(self, path: Path) -> None:
        """Open the file, or begin it if there is none. Raises OSError if that cannot be."""
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        self._path = path
        with closing(self._connected()) as database, database:
            database.execute(_SCHEMA)

    def sign(self, entry: Entry) -> bool:
        """Write down a transaction before it is sent; False if the very same is there already."""
        row = (str(entry.signature), *entry[1:7])
        with closing(self._connected()) as database, database:
            done = database.execute(
                "INSERT OR IGNORE INTO transactions"
                " (signature, genesis_hash, wire, last_valid_block_height, purpose, content, signed_at)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                row,
            )
            return done.rowcount == 1

    def close(self, signature: Signature, outcome: Outcome) -> None:
        """Write down what became of a transaction."""
        with closing(self._connected()) as database, database:
            database.execute(
                "UPDATE transactions SET outcome = ? WHERE signature = ?", (outcome, str(signature))
            )

    def entries(self, *, outcome: Outcome | None = None) -> list[Entry]:
        """All transactions, or those of one outcome, oldest first."""
        with closing(self._connected()) as database:
            rows = database.execute(
                "SELECT signature, genesis_hash, wire, last_valid_block_height, purpose, content, signed_at,"
                " outcome FROM transactions WHERE ? IN (outcome, '') ORDER BY rowid",
                (outcome or "",),
            ).fetchall()
        return [Entry(Signature.from_string(row[0]), *row[1:7], outcome=Outcome(row[7])) for row in rows]

    def _connected(self) -> sqlite3.Connection:
        database = sqlite3.connect(self._path, timeout=30)
        database.execute("PRAGMA synchronous = FULL")
        return database
