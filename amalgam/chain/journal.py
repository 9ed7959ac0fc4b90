"""Signed transactions, written down before they are sent: so a crash in between loses and doubles nothing.

Each journal that signs holds a lock of its own beside the file, which ends with its process: so others know
whether what is pending is still somebody's, or was abandoned.
"""

import os
import secrets
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
    holder TEXT NOT NULL,
    signed_at TEXT NOT NULL,
    outcome TEXT NOT NULL DEFAULT 'pending'
)
"""


class Outcome(StrEnum):
    """The outcome of a transaction."""

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
    signed_at: str  # ISO 8601, UTC
    outcome: Outcome = Outcome.PENDING


class Journal:
    """A file of signed transactions; several processes may use it at once."""

    def __init__(self, path: Path) -> None:
        """Open the file, or begin it if there is none. Raises OSError if that cannot be."""
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        self._path = path
        self._holder = secrets.token_hex(8)
        self._lock: sqlite3.Connection | None = None  # of this holder, from its first signing on
        with closing(self._connected()) as database, database:
            database.execute(_SCHEMA)
            columns = {row[1] for row in database.execute("PRAGMA table_info(transactions)")}
            if "holder" not in columns:  # version 0.1.0 had a hash of the instructions in its place
                database.execute("ALTER TABLE transactions RENAME COLUMN content TO holder")
                database.execute("UPDATE transactions SET holder = ''")

    def sign(self, entry: Entry) -> bool:
        """Write down a transaction before it is sent; False if the very same is there already."""
        self._lock = self._lock or locked(self._lock_path(self._holder))
        row = (str(entry.signature), *entry[1:6], self._holder)
        with closing(self._connected()) as database, database:
            done = database.execute(
                "INSERT OR IGNORE INTO transactions"
                " (signature, genesis_hash, wire, last_valid_block_height, purpose, signed_at, holder)"
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
        return [entry for entry, _ in self._entries(outcome)]

    def abandoned(self) -> list[Entry]:
        """Pending transactions, oldest first, but those that another journal has signed and not released."""
        pending = self._entries(Outcome.PENDING)
        held = {holder for holder in {holder for _, holder in pending} if self._is_held(holder)}
        return [entry for entry, holder in pending if holder not in held]

    def release(self) -> None:
        """Leave what is pending to others, as the end of this process does."""
        if self._lock is not None:
            self._lock.close()
            self._lock = None
            self._lock_path(self._holder).unlink(missing_ok=True)

    def _is_held(self, holder: str) -> bool:
        """Whether another journal, of this process or of one that runs, has that lock."""
        path = self._lock_path(holder)
        if holder == self._holder or not path.exists():
            return False
        lock = locked(path)
        if lock is None:
            return True
        lock.close()
        path.unlink(missing_ok=True)
        return False

    def _lock_path(self, holder: str) -> Path:
        return self._path.with_name(f"{self._path.name}-{holder}.lock")

    def _entries(self, outcome: Outcome | None) -> list[tuple[Entry, str]]:
        with closing(self._connected()) as database:
            rows = database.execute(
                "SELECT signature, genesis_hash, wire, last_valid_block_height, purpose, signed_at,"
                " outcome, holder FROM transactions WHERE ? IN (outcome, '') ORDER BY rowid",
                (outcome or "",),
            ).fetchall()
        return [
            (Entry(Signature.from_string(row[0]), *row[1:6], outcome=Outcome(row[6])), str(row[7]))
            for row in rows
        ]

    def _connected(self) -> sqlite3.Connection:
        database = sqlite3.connect(self._path, timeout=30)
        database.execute("PRAGMA synchronous = FULL")
        return database


def locked(path: Path) -> sqlite3.Connection | None:
    """A lock that SQLite keeps on a file, wherever Python runs, until it is closed; None if it is taken."""
    lock = sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)
    try:
        lock.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError:
        lock.close()
        return None
    return lock
