"""The first tables, and the triggers that keep rows of the books as they are."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_BOOKS = ("blocks", "transactions", "events", "event_accounts")


def upgrade() -> None:
    """Make the tables."""
    number = sa.BigInteger().with_variant(sa.Integer, "sqlite")
    address, signature = sa.String(44), sa.String(88)
    op.create_table(
        "blocks",
        sa.Column("slot", number, primary_key=True, autoincrement=False),
        sa.Column("unix_timestamp", sa.BigInteger),
    )
    op.create_table(
        "transactions",
        sa.Column("id", number, primary_key=True, autoincrement=False),
        sa.Column("signature", signature, nullable=False, unique=True),
        sa.Column("slot", sa.BigInteger, sa.ForeignKey("blocks.slot"), nullable=False),
        sa.Column("error", sa.Text),
        sa.Column("log_is_whole", sa.Boolean, nullable=False),
        sa.Column("wire", sa.LargeBinary, nullable=False),
    )
    op.create_index("ix_transactions_slot", "transactions", ["slot"])
    failed = sa.text("error IS NOT NULL")
    op.create_index(
        "ix_transactions_failed", "transactions", ["slot"], sqlite_where=failed, postgresql_where=failed
    )
    op.create_table(
        "events",
        sa.Column(
            "transaction_id", number, sa.ForeignKey("transactions.id"), primary_key=True, autoincrement=False
        ),
        sa.Column("position", sa.Integer, primary_key=True),
        sa.Column("program", sa.String(64), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("ledger", address, nullable=False),
        sa.Column("sequence", sa.BigInteger, nullable=False),
        sa.Column("unix_timestamp", sa.BigInteger),
        sa.Column("data", sa.JSON().with_variant(JSONB, "postgresql"), nullable=False),
        sa.UniqueConstraint("ledger", "sequence"),
    )
    op.create_index("ix_events_ledger_time", "events", ["ledger", "unix_timestamp"])
    op.create_index("ix_events_time", "events", ["unix_timestamp"])
    op.create_table(
        "event_accounts",
        sa.Column("account", address, primary_key=True),
        sa.Column("slot", sa.BigInteger, primary_key=True),
        sa.Column("transaction_id", sa.BigInteger, primary_key=True),
        sa.Column("position", sa.Integer, primary_key=True),
        sa.ForeignKeyConstraint(["transaction_id", "position"], ["events.transaction_id", "events.position"]),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "about",
        sa.Column("name", sa.String(64), primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
    )
    op.create_table(
        "listings",
        sa.Column("program", address, primary_key=True),
        sa.Column("node", sa.String(255), primary_key=True),
        *(sa.Column(name, signature) for name in ("head", "below", "top", "top_below", "above", "bottom")),
    )
    op.create_table(
        "queue",
        sa.Column("signature", signature, primary_key=True),
        sa.Column("slot", sa.BigInteger, nullable=False),
        sa.Column("failed", sa.Boolean, nullable=False),
    )
    op.create_index("ix_queue_order", "queue", ["slot", "signature"])
    _keep_rows()


def _keep_rows() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION keep_rows() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'the books are append-only'; END $$"
        )
        for table in _BOOKS:
            op.execute(
                f"CREATE TRIGGER keep_{table} BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION keep_rows()"
            )
        return
    for table in _BOOKS:
        for change in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER keep_{table}_{change.lower()} BEFORE {change} ON {table} "
                "BEGIN SELECT RAISE(ABORT, 'the books are append-only'); END"
            )
