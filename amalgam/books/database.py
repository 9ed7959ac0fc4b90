"""The database of the books: SQLite in a file, or PostgreSQL by URL.

What is read from a chain is added in whole transactions of the database, with what is still to be read: so a
process that is killed at any point loses and doubles nothing.
"""

import sqlite3
from collections import defaultdict
from collections.abc import Collection, Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import fields
from datetime import datetime
from enum import IntEnum
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, Self, get_type_hints

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from solders.pubkey import Pubkey
from solders.signature import Signature
from sqlalchemy import Connection, Engine, Select, delete, event, func, insert, select, update
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from amalgam import AmalgamError, NotFoundError, programs
from amalgam.books.tables import about, blocks, event_accounts, events, listings, queue, transactions
from amalgam.chain.events import Landed, ledger_of
from amalgam.chain.journal import locked
from amalgam.programs import Program

_WAIT_S = 30  # for another process to end its transaction
_LOCK = 0x616D616C67616D  # PostgreSQL's number of the lock of who fills the books
_AT_ONCE = 500  # parameters of a statement
_GENESIS_HASH = "genesis hash"
_EVENTS = select(
    events.c.program,
    events.c.name,
    events.c.data,
    transactions.c.slot,
    events.c.unix_timestamp,
    transactions.c.signature,
).join(transactions)
_Events = Select[str, str, dict[str, Any], int, int | None, str]


class BooksError(AmalgamError):
    """The database could not be used: what was not yet in it is read again by the next run."""


class NoBooksError(NotFoundError):
    """There are no books there, or not of this version."""


class WrongBooksError(AmalgamError, ValueError):
    """The books are of another cluster."""


class ContradictionError(AmalgamError):
    """A transaction tells an event that the books have of another one: a node has lied."""


class Listed(NamedTuple):
    """A transaction as a node has listed it."""

    signature: Signature
    slot: int
    failed: bool


class Listing(NamedTuple):
    """How far a node's listing of a program's transactions has got; signatures, None for none.

    Attributes:
        head: All from this one down are listed.
        below: One of an earlier block than that: a node that knows `head` tells it before this.
        top: Where the listing that goes on began: it ends at `head`.
        top_below: As `below`, of `top`.
        above: The next page is asked for after this one, and has to tell `bottom` again.
        bottom: The last one listed.
    """

    head: Signature | None = None
    below: Signature | None = None
    top: Signature | None = None
    top_below: Signature | None = None
    above: Signature | None = None
    bottom: Signature | None = None


class Read(NamedTuple):
    """A transaction as a node has told it.

    Attributes:
        unix_timestamp: Of its block.
        error: Why it failed; None if it did not.
        log_is_whole: Whether its events are all there are.
        wire: As it was sent.
    """

    signature: Signature
    slot: int
    unix_timestamp: int | None
    error: str | None
    log_is_whole: bool
    events: Sequence[Any]
    wire: bytes


class Gap(NamedTuple):
    """Events of a ledger that the books lack, between two that they have.

    Attributes:
        after: The transaction of the event before them; None if there is none.
        before: That of the event after them.
    """

    ledger: Pubkey
    missing: range
    after: Signature | None
    before: Signature


class Failed(NamedTuple):
    """A transaction that failed, and why."""

    signature: Signature
    slot: int
    unix_timestamp: int | None
    error: str


def books_url(place: str) -> sa.URL:
    """The database that a file's path or a URL names. Raises ValueError for a database of another kind."""
    if "://" not in place:
        return sa.URL.create("sqlite", database=str(Path(place).expanduser()))
    try:
        url = sa.make_url(place)
    except ArgumentError as error:
        raise ValueError(f"not a database's URL: {error}") from None
    kind = url.get_backend_name()
    if kind == "postgresql":
        return url.set(drivername="postgresql+psycopg")
    if kind != "sqlite" or not url.database:
        raise ValueError(f"{kind} is no database for books; name a file, or postgresql://HOST/NAME")
    return url


class Books:
    """Books of one cluster. Several processes may read them; one at a time fills them.

    Each method raises BooksError if the database does not answer.
    """

    def __init__(self, place: str) -> None:
        """Open books to be read. Raises ValueError as `books_url`, and NoBooksError."""
        self._url = books_url(place)
        self.name = self._url.render_as_string(hide_password=True)
        self._lock: sqlite3.Connection | Connection | None = None
        with self._failing():
            self._engine = _engine(self._url)
        if self._version() != _newest():
            self.close()
            raise NoBooksError(f"{self.name} has no books of this version; run: amalgam books sync")

    @classmethod
    def filled(cls, place: str, genesis_hash: str) -> Self:
        """Open books to be filled, or begin them, with those of an earlier version brought up to this one.

        Raises ValueError as `books_url`, WrongBooksError if they are another cluster's, and BooksError if
        another process fills them.
        """
        books = cls.__new__(cls)
        books._url = books_url(place)
        books.name = books._url.render_as_string(hide_password=True)
        books._lock = None
        with books._failing():
            if books._url.get_backend_name() == "sqlite":
                Path(str(books._url.database)).parent.mkdir(parents=True, exist_ok=True)
            books._engine = _engine(books._url)
            books._take_lock()
            try:
                books._begin(genesis_hash)
            except BaseException:
                books.close()
                raise
        books.check_cluster(genesis_hash)
        return books

    def close(self) -> None:
        """Let go of the database."""
        if isinstance(self._lock, Connection):
            with suppress(SQLAlchemyError):  # it may have broken off; a server sees the end of one later
                self._lock.execute(select(func.pg_advisory_unlock(_LOCK)))
            self._lock.invalidate()
        if self._lock is not None:
            self._lock.close()
            self._lock = None
        self._engine.dispose()

    def check_cluster(self, genesis_hash: str) -> None:
        """Raise WrongBooksError if the books are of another cluster."""
        with self._reading() as connection:
            known = connection.scalar(select(about.c.value).where(about.c.name == _GENESIS_HASH))
        if known != genesis_hash:
            self.close()
            raise WrongBooksError(
                f"{self.name} has the books of another cluster, whose genesis hash is {known}, not "
                f"{genesis_hash}; name that cluster with --url, or other books"
            )

    # Opening

    def _version(self) -> str | None:
        if self._url.get_backend_name() == "sqlite" and not Path(str(self._url.database)).exists():
            return None
        with self._reading() as connection:
            return MigrationContext.configure(connection).get_current_revision()

    def _begin(self, genesis_hash: str) -> None:
        """Bring the tables up to this version, and note the cluster of new books, all or nothing."""
        config = _config()
        with self._engine.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            if connection.scalar(select(about.c.value).where(about.c.name == _GENESIS_HASH)) is None:
                connection.execute(insert(about), {"name": _GENESIS_HASH, "value": genesis_hash})

    def _take_lock(self) -> None:
        """Held until `close`, or the end of the process."""
        if self._url.get_backend_name() == "sqlite":
            self._lock = locked(Path(f"{self._url.database}.lock"))
        else:
            connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            if connection.scalar(select(func.pg_try_advisory_lock(_LOCK))):
                self._lock = connection
            else:
                connection.close()
        if self._lock is None:
            self._engine.dispose()
            raise BooksError(f"{self.name}: another process fills these books; wait for it, or stop it")

    @contextmanager
    def _failing(self) -> Generator[None]:
        try:
            yield
        except ModuleNotFoundError as error:
            raise BooksError(f"{error}; run: pip install 'amalgam-energy[postgresql]'") from None
        except (SQLAlchemyError, sqlite3.Error, OSError) as error:
            said = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
            raise BooksError(
                f"the books at {self.name}: {said}; run the same again once that is mended, it goes on"
            ) from error

    @contextmanager
    def _reading(self) -> Generator[Connection]:
        with self._failing(), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def _writing(self) -> Generator[Connection]:
        with self._failing(), self._engine.begin() as connection:
            yield connection

    # Filling

    def listing(self, program: Pubkey, node: str) -> Listing:
        """How far a node's listing of a program's transactions has got."""
        columns = [listings.c[name] for name in Listing._fields]
        with self._reading() as connection:
            row = connection.execute(select(*columns).where(_at(program, node))).one_or_none()
        return Listing(*(text and Signature.from_string(text) for text in row)) if row else Listing()

    def note(self, program: Pubkey, node: str, page: Iterable[Listed], listing: Listing) -> None:
        """Add to what is to be read, unless it has been, and note how far the listing has got."""
        rows = {str(each.signature): each for each in page}
        state = {name: at and str(at) for name, at in listing._asdict().items()}
        with self._writing() as connection:
            known = {*_known(connection, rows, transactions), *_known(connection, rows, queue)}
            new = [
                {"signature": signature, "slot": each.slot, "failed": each.failed}
                for signature, each in rows.items()
                if signature not in known
            ]
            if new:
                connection.execute(insert(queue), new)
            done = connection.execute(update(listings).where(_at(program, node)).values(state))
            if not done.rowcount:
                at = {"program": str(program), "node": node}
                connection.execute(insert(listings), {**at, **state})

    def queued(self, after: Listed | None, limit: int) -> Sequence[Listed]:
        """Some of what is to be read, oldest first; those after one of them."""
        query = select(queue).order_by(queue.c.slot, queue.c.signature).limit(limit)
        if after is not None:
            order = sa.tuple_(queue.c.slot, queue.c.signature)
            query = query.where(order > sa.tuple_(sa.literal(after.slot), sa.literal(str(after.signature))))
        with self._reading() as connection:
            rows = connection.execute(query).all()
        return [Listed(Signature.from_string(row.signature), row.slot, row.failed) for row in rows]

    def unread(self) -> int:
        """How many transactions are listed and not yet read."""
        with self._reading() as connection:
            return connection.scalar(select(func.count()).select_from(queue)) or 0

    def add(self, read: Sequence[Read]) -> None:
        """Add transactions, their blocks and events, and take them from what is to be read.

        One that is there already stays as it is; but if its log was cut off, and is not now, its events
        are added.

        Raises ContradictionError if an event is there already, of another transaction; then nothing is added.
        """
        with self._writing() as connection:
            by_signature = {str(each.signature): each for each in read}
            known = dict(_known_ids(connection, by_signature))
            new = {signature: each for signature, each in by_signature.items() if signature not in known}
            _add_blocks(connection, new.values())
            ids = self._add_transactions(connection, new)
            ids |= {known[signature]: by_signature[signature] for signature in _cut(connection, known)}
            _add_events(connection, ids)
            _remove(connection, by_signature)

    def _add_transactions(self, connection: Connection, new: Mapping[str, Read]) -> dict[int, Read]:
        first = (connection.scalar(select(func.max(transactions.c.id))) or 0) + 1
        rows = [
            {
                "id": number,
                "signature": signature,
                "slot": each.slot,
                "error": each.error,
                "log_is_whole": each.log_is_whole,
                "wire": each.wire,
            }
            for number, (signature, each) in enumerate(new.items(), first)
        ]
        if rows:
            connection.execute(insert(transactions), rows)
        return dict(enumerate(new.values(), first))

    # Reading

    def story(self, ledger: Pubkey, *, after: int = 0) -> Sequence[Landed]:
        """The events of a ledger in their order, those after that number."""
        chosen = (events.c.ledger == str(ledger)) & (events.c.sequence > after)
        return self._landed(_EVENTS.where(chosen).order_by(events.c.sequence))

    def page(
        self,
        *,
        ledger: Pubkey | None = None,
        account: Pubkey | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int,
    ) -> Sequence[Landed]:
        """The latest events, newest first: of a ledger, with an account, from `since`, before `until`."""
        query, order = _EVENTS.limit(limit), [events.c.unix_timestamp]
        if account is not None:
            of = event_accounts.c
            same = (of.transaction_id == events.c.transaction_id) & (of.position == events.c.position)
            query = query.join(event_accounts, same).where(of.account == str(account))
            order = [of.slot, of.transaction_id, of.position]
        elif ledger is not None:
            order = [events.c.sequence]
        if ledger is not None:
            query = query.where(events.c.ledger == str(ledger))
        if since is not None:
            query = query.where(events.c.unix_timestamp >= since.timestamp())
        if until is not None:
            query = query.where(events.c.unix_timestamp < until.timestamp())
        return self._landed(query.order_by(*(column.desc() for column in order)))

    def _landed(self, query: _Events) -> Sequence[Landed]:
        with self._reading() as connection:
            rows = connection.execute(query).all()
        return [
            Landed(_typed(program, name, data), Signature.from_string(signature), slot, unix_timestamp)
            for program, name, data, slot, unix_timestamp, signature in rows
        ]

    def latest_block(self) -> tuple[int, int]:
        """The slot of the latest block with a transaction, and the latest time of one in Unix seconds.

        0 if there is none.
        """
        with self._reading() as connection:
            latest = select(func.max(blocks.c.slot), func.max(blocks.c.unix_timestamp))
            slot, unix_timestamp = connection.execute(latest).one()
        return slot or 0, unix_timestamp or 0

    def heads(self) -> dict[Pubkey, int]:
        """The ledgers, each with the number of its latest event."""
        query = select(events.c.ledger, func.max(events.c.sequence)).group_by(events.c.ledger)
        with self._reading() as connection:
            rows = connection.execute(query).all()
        return {Pubkey.from_string(ledger): sequence for ledger, sequence in rows}

    def counts(self) -> dict[str, int]:
        """How many transactions there are, of them failed and with logs cut off, and events by program."""
        failed, cut = transactions.c.error.is_not(None), ~transactions.c.log_is_whole
        with self._reading() as connection:

            def number(*where: Any) -> int:
                return connection.scalar(select(func.count()).select_from(transactions).where(*where)) or 0

            grouped = select(events.c.program, func.count()).group_by(events.c.program)
            by_program = connection.execute(grouped.order_by(events.c.program)).all()
            counted = {"transactions": number(), "failed": number(failed), "cut_off": number(cut)}
            counted |= dict(by_program)
        return counted

    def sums(
        self,
        ledger: Pubkey,
        since: int,
        until: int,
        step_s: int,
        fields: Mapping[str, Sequence[str]],
        accounts: Sequence[Pubkey] | None = None,
    ) -> dict[tuple[int, str, str], int]:
        """Sums of a ledger's events, by step, event and field; of those with one of some accounts.

        Args:
            ledger: Whose events.
            since: Unix seconds, as is `until`, before which they are.
            until: See there.
            step_s: Of the time that a sum is of. Step n begins at n times that.
            fields: By the event, what is summed up.
            accounts: None for all.
        """
        step = (events.c.unix_timestamp // step_s).label("step")
        found: dict[tuple[int, str, str], int] = {}
        with self._reading() as connection:
            for name, summed in fields.items():
                amounts = [func.sum(_integer(each)) for each in summed]
                query = select(step, *amounts).where(_within(ledger, since, until), events.c.name == name)
                if accounts is not None:
                    of = event_accounts.c
                    same = (of.transaction_id == events.c.transaction_id) & (of.position == events.c.position)
                    named = of.account.in_([str(each) for each in accounts])
                    query = query.where(select(of.account).where(same, named).exists())
                for at, *values in connection.execute(query.group_by(step)):
                    found |= {
                        (at, name, each): int(value) for each, value in zip(summed, values, strict=True)
                    }
        return found

    def levels(
        self, ledger: Pubkey, since: int, until: int, step_s: int, fields: Sequence[str]
    ) -> dict[int | None, int]:
        """The sum of some fields in a ledger's latest event of each step, as in `sums`.

        That in the latest event before `since` is under None. There is none for steps without events.
        """
        mine = events.c.ledger == str(ledger)
        step = events.c.unix_timestamp // step_s
        latest = select(func.max(events.c.sequence)).where(_within(ledger, since, until)).group_by(step)
        before = select(func.max(events.c.sequence)).where(mine, events.c.unix_timestamp < since)
        total = sum(map(_integer, fields), start=sa.literal(0))
        query = select(step, events.c.unix_timestamp, total).where(
            mine, events.c.sequence.in_(latest) | (events.c.sequence == before.scalar_subquery())
        )
        with self._reading() as connection:
            rows = connection.execute(query).all()
        return {at if time >= since else None: int(value) for at, time, value in rows}

    def failed(self, limit: int) -> Sequence[Failed]:
        """The latest transactions that failed, newest first."""
        told = (transactions.c.signature, transactions.c.slot, blocks.c.unix_timestamp, transactions.c.error)
        query = select(*told).join(blocks).where(transactions.c.error.is_not(None))
        query = query.order_by(transactions.c.slot.desc()).limit(limit)
        with self._reading() as connection:
            rows = connection.execute(query).all()
        return [Failed(Signature.from_string(signature), *told) for signature, *told in rows]

    def gaps(self, since: Mapping[Pubkey, int] | None = None) -> Sequence[Gap]:
        """The events that are missing before one that is there; of some ledgers from a number on."""
        if since is None:
            since = dict.fromkeys(self._incomplete(), 1)
        found: list[Gap] = []
        for ledger, first in since.items():
            mine = events.c.ledger == str(ledger)
            earlier = select(func.max(events.c.sequence)).where(mine, events.c.sequence < first)
            with self._reading() as connection:
                start = connection.scalar(earlier) or 0
            found += self._gaps(mine & (events.c.sequence >= start), max(start - 1, 0))
        return found

    def _incomplete(self) -> Sequence[Pubkey]:
        """The ledgers that have fewer events than the number of the latest; a count of an index."""
        fewer = func.count() < func.max(events.c.sequence)
        query = select(events.c.ledger).group_by(events.c.ledger).having(fewer).order_by(events.c.ledger)
        with self._reading() as connection:
            return [Pubkey.from_string(ledger) for ledger in connection.scalars(query)]

    def _gaps(self, chosen: Any, start: int) -> Sequence[Gap]:
        def earlier(column: sa.Column[Any]) -> Any:
            return func.lag(column).over(partition_by=events.c.ledger, order_by=events.c.sequence)

        was = func.coalesce(earlier(events.c.sequence), start)
        inner = (
            select(
                events.c.ledger,
                events.c.sequence,
                was.label("was"),
                events.c.transaction_id.label("of"),
                earlier(events.c.transaction_id).label("of_was"),
            )
            .where(chosen)
            .subquery()
        )
        that, other = transactions.alias(), transactions.alias()
        query = (
            select(inner.c.ledger, inner.c.was, inner.c.sequence, that.c.signature, other.c.signature)
            .join(that, that.c.id == inner.c.of)
            .outerjoin(other, other.c.id == inner.c.of_was)
            .where(inner.c.sequence > inner.c.was + 1)
            .order_by(inner.c.ledger, inner.c.sequence)
        )
        with self._reading() as connection:
            rows = connection.execute(query).all()
        return [
            Gap(
                Pubkey.from_string(ledger),
                range(was + 1, sequence),
                Signature.from_string(after) if after else None,
                Signature.from_string(before),
            )
            for ledger, was, sequence, before, after in rows
        ]

    def cut_off(self, signatures: Collection[Signature]) -> set[Signature]:
        """Those of these transactions that are there, with logs that were cut off."""
        with self._reading() as connection:
            known = dict(_known_ids(connection, [str(each) for each in signatures]))
            return {Signature.from_string(each) for each in _cut(connection, known)}

    def unknown(self, signatures: Collection[Signature]) -> set[Signature]:
        """Those of these transactions that are not there."""
        with self._reading() as connection:
            known = {signature for signature, _ in _known_ids(connection, [str(each) for each in signatures])}
        return {each for each in signatures if str(each) not in known}


# Opening


def _engine(url: sa.URL) -> Engine:
    engine = sa.create_engine(url, pool_pre_ping=True)
    if url.get_backend_name() == "sqlite":

        @event.listens_for(engine, "connect")
        def _(connection: sqlite3.Connection, _: object) -> None:
            connection.isolation_level = None  # SQLAlchemy begins transactions itself, also before DDL
            for pragma in (f"busy_timeout = {_WAIT_S * 1_000}", "journal_mode = WAL", "foreign_keys = ON"):
                connection.execute(f"PRAGMA {pragma}")

        @event.listens_for(engine, "begin")
        def _(connection: Connection) -> None:
            connection.exec_driver_sql("BEGIN")

    return engine


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    return config


@cache
def _newest() -> str | None:
    return ScriptDirectory.from_config(_config()).get_current_head()


# Filling


def _at(program: Pubkey, node: str) -> Any:
    return (listings.c.program == str(program)) & (listings.c.node == node)


def _parts(values: Iterable[str]) -> Generator[Sequence[str]]:
    everything = list(values)
    for start in range(0, len(everything), _AT_ONCE):
        yield everything[start : start + _AT_ONCE]


def _known(connection: Connection, signatures: Iterable[str], table: sa.Table) -> Generator[str]:
    for part in _parts(signatures):
        yield from connection.scalars(select(table.c.signature).where(table.c.signature.in_(part)))


def _known_ids(connection: Connection, signatures: Iterable[str]) -> Generator[tuple[str, int]]:
    for part in _parts(signatures):
        told = select(transactions.c.signature, transactions.c.id)
        yield from connection.execute(told.where(transactions.c.signature.in_(part)))


def _cut(connection: Connection, known: Iterable[str]) -> Generator[str]:
    """Those whose logs were cut off, and that have no events yet."""
    for part in _parts(known):
        has_events = select(events.c.position).where(events.c.transaction_id == transactions.c.id).exists()
        chosen = transactions.c.signature.in_(part) & ~transactions.c.log_is_whole & ~has_events
        yield from connection.scalars(select(transactions.c.signature).where(chosen))


def _remove(connection: Connection, signatures: Iterable[str]) -> None:
    for part in _parts(signatures):
        connection.execute(delete(queue).where(queue.c.signature.in_(part)))


def _add_blocks(connection: Connection, read: Iterable[Read]) -> None:
    times = {each.slot: each.unix_timestamp for each in read}
    known = set[int]()
    slots = list(times)
    for start in range(0, len(slots), _AT_ONCE):
        part = slots[start : start + _AT_ONCE]
        known |= set(connection.scalars(select(blocks.c.slot).where(blocks.c.slot.in_(part))))
    new = [{"slot": slot, "unix_timestamp": at} for slot, at in times.items() if slot not in known]
    if new:
        connection.execute(insert(blocks), new)


def _add_events(connection: Connection, read: Mapping[int, Read]) -> None:
    rows: list[dict[str, Any]] = []
    accounts: list[dict[str, Any]] = []
    numbers: defaultdict[str, dict[int, Signature]] = defaultdict(dict)
    for number, each in read.items():
        for position, told in enumerate(each.events):
            data, named = _plain(told)
            ledger = str(ledger_of(told))
            if told.sequence in numbers[ledger]:
                raise _contradiction(ledger, told.sequence, each.signature, numbers[ledger][told.sequence])
            numbers[ledger][told.sequence] = each.signature
            at = {"transaction_id": number, "position": position}
            row = {"program": str(programs.of_record(told)), "name": type(told).__name__, "ledger": ledger}
            time = {"sequence": told.sequence, "unix_timestamp": each.unix_timestamp}
            rows.append(at | row | time | {"data": data})
            accounts += [{"account": account, "slot": each.slot, **at} for account in named - {ledger}]
    for ledger, told in numbers.items():
        _check_new(connection, ledger, told)
    if rows:
        connection.execute(insert(events), rows)
    if accounts:
        connection.execute(insert(event_accounts), accounts)


def _check_new(connection: Connection, ledger: str, told: Mapping[int, Signature]) -> None:
    """Raise ContradictionError if the books have one of these events."""
    near = events.c.sequence.between(min(told), max(told))
    query = select(events.c.sequence, transactions.c.signature).join(transactions)
    for sequence, signature in connection.execute(query.where(events.c.ledger == ledger, near)):
        if sequence in told:
            raise _contradiction(ledger, sequence, told[sequence], signature)


def _contradiction(ledger: str, sequence: int, signature: Signature, known: object) -> ContradictionError:
    return ContradictionError(
        f"event {sequence} of {ledger} is told of transaction {known}, and of {signature} too: "
        "a node has lied; ask others, and begin new books if these differ from the chain: amalgam books audit"
    )


# Reading


def _within(ledger: Pubkey, since: int, until: int) -> Any:
    at = events.c.unix_timestamp
    return (events.c.ledger == str(ledger)) & (at >= since) & (at < until)


def _integer(field: str) -> Any:
    """An amount in an event's data: beyond what a database's JSON counts as an integer."""
    return sa.cast(events.c.data[field].as_string(), sa.BigInteger)


# Events as data


def _plain(told: object) -> tuple[dict[str, Any], set[str]]:
    """An event's fields as JSON has them, and the addresses in it."""
    data: dict[str, Any] = {}
    named = set[str]()
    for name, kind in _kinds(type(told)).items():
        value = getattr(told, name)
        if kind is Pubkey:
            value = str(value)
            named.add(value)
        data[name] = int(value) if isinstance(value, IntEnum) else value
    return data, named


def _typed(program: str, name: str, data: Mapping[str, Any]) -> Any:
    """The event that `_plain` has made data of."""
    record = getattr(Program(program).module, name)
    values = {
        key: Pubkey.from_string(data[key]) if kind is Pubkey else kind(data[key])
        for key, kind in _kinds(record).items()
    }
    return record(**values)


@cache
def _kinds(record: type[Any]) -> dict[str, Any]:
    types = get_type_hints(record)
    return {field.name: types[field.name] for field in fields(record)}
