"""The tables of the books, as `migrations/` makes them.

`blocks`, `transactions`, `events` and `event_accounts` are the books: rows are added, and triggers refuse to
change or delete any. `about`, `listings` and `queue` are what `sync` works with.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import JSON

_ADDRESS = String(44)  # base 58
_SIGNATURE = String(88)  # likewise
_ID = BigInteger().with_variant(Integer, "sqlite")  # of which SQLite makes its own row number
_JSON = JSON().with_variant(JSONB, "postgresql")

metadata = MetaData()

blocks = Table(
    "blocks",
    metadata,
    Column("slot", _ID, primary_key=True, autoincrement=False),
    Column("unix_timestamp", BigInteger),  # s; null if the node had forgotten it
)

transactions = Table(
    "transactions",
    metadata,
    Column("id", _ID, primary_key=True, autoincrement=False),  # in the order in which they were read
    Column("signature", _SIGNATURE, nullable=False, unique=True),
    Column("slot", BigInteger, ForeignKey("blocks.slot"), nullable=False, index=True),
    Column("error", Text),  # why it failed; null if it did not
    Column("log_is_whole", Boolean, nullable=False),  # as it was told first
    Column("wire", LargeBinary, nullable=False),  # as it was sent: signatures, accounts and instructions
)
Index(
    "ix_transactions_failed",
    transactions.c.slot,
    sqlite_where=transactions.c.error.is_not(None),
    postgresql_where=transactions.c.error.is_not(None),
)

events = Table(
    "events",
    metadata,
    Column("transaction_id", _ID, ForeignKey("transactions.id"), primary_key=True, autoincrement=False),
    Column("position", Integer, primary_key=True),  # among the transaction's events
    Column("program", String(64), nullable=False),  # by its name
    Column("name", String(64), nullable=False),
    Column("ledger", _ADDRESS, nullable=False),  # the account that numbers the events
    Column("sequence", BigInteger, nullable=False),
    Column("unix_timestamp", BigInteger),  # of the block, in s
    Column("data", _JSON, nullable=False),  # all fields: addresses in base 58, amounts in base units
    UniqueConstraint("ledger", "sequence"),
    Index("ix_events_ledger_time", "ledger", "unix_timestamp"),
    Index("ix_events_time", "unix_timestamp"),
)

event_accounts = Table(
    "event_accounts",  # beside its ledger
    metadata,
    Column("account", _ADDRESS, primary_key=True),
    Column("slot", BigInteger, primary_key=True),
    Column("transaction_id", BigInteger, primary_key=True),
    Column("position", Integer, primary_key=True),
    ForeignKeyConstraint(["transaction_id", "position"], ["events.transaction_id", "events.position"]),
    sqlite_with_rowid=False,
)

about = Table(
    "about",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("value", Text, nullable=False),
)

listings = Table(
    "listings",  # of a program's transactions, by each node, newest first: how far they have got
    metadata,
    Column("program", _ADDRESS, primary_key=True),
    Column("node", String(255), primary_key=True),
    Column("head", _SIGNATURE),  # all down from this one are listed
    Column("below", _SIGNATURE),  # one of an earlier block than that
    Column("top", _SIGNATURE),  # where the listing that goes on began
    Column("top_below", _SIGNATURE),
    Column("above", _SIGNATURE),  # the next page has to tell `bottom` again after this one
    Column("bottom", _SIGNATURE),
)

queue = Table(
    "queue",  # what is listed and not yet read
    metadata,
    Column("signature", _SIGNATURE, primary_key=True),
    Column("slot", BigInteger, nullable=False),
    Column("failed", Boolean, nullable=False),
    Index("ix_queue_order", "slot", "signature"),
)

BOOKS = (blocks, transactions, events, event_accounts)
