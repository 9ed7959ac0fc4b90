"""A command's session: a connection, keys, and one way to send and to answer.

A command is an async function of a Session and of its own arguments; `reading` and `sending` give it the
options that all of them share.
"""

from __future__ import annotations

import asyncio
import inspect
import json
import os
import sqlite3
from collections.abc import Callable, Coroutine, Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property, partial, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import typer

from amalgam.cli import output
from amalgam.cli.failures import Failure, failure_of
from amalgam.cli.options import (
    CONNECTION_OPTIONS,
    EMBEDDED,
    OFFLINE_OPTIONS,
    PAYING_OPTIONS,
    SENDING_OPTIONS,
    CommitmentLevel,
    Output,
    UnusableInput,
    node_urls,
    read_config,
)
from amalgam.units import ENERGY, Amount, Measure

if TYPE_CHECKING:
    from decimal import Decimal

    from solana.rpc.async_api import AsyncClient
    from solders.hash import Hash
    from solders.instruction import Instruction
    from solders.keypair import Keypair
    from solders.pubkey import Pubkey
    from solders.signature import Signature

    from amalgam.chain.events import Landed
    from amalgam.chain.journal import Entry, Journal
    from amalgam.chain.keys import Key
    from amalgam.chain.program_client import ProgramClient, Unsettled
    from amalgam.chain.signing import Durable, Signed
    from amalgam.chain.transactions import Courier
    from amalgam.units import Traded

INTERRUPTED = 130  # as shells have it: 128 + SIGINT
_EMBEDDED_LAMPORTS = 10**12
_RECEIPT_ATTEMPTS = 10
_RECEIPT_PAUSE_S = 0.5
_ADDRESS_COLUMNS = 110  # of a terminal on which a dry run shows addresses too
_Work = Coroutine[Any, Any, None]
_Client = TypeVar("_Client", bound="ProgramClient")


class Receipt(NamedTuple):
    """The result of sending."""

    signature: Signature
    landed: list[Landed]  # events
    resumed: bytes | None  # what an interrupted run of the same command had sent already


def reading(command: Callable[..., _Work]) -> Callable[..., None]:
    """A command for typer that asks a cluster."""
    return _command(command, CONNECTION_OPTIONS)


def offline(command: Callable[..., _Work]) -> Callable[..., None]:
    """A command for typer that opens no connection."""
    return _command(command, OFFLINE_OPTIONS)


def paying(command: Callable[..., _Work]) -> Callable[..., None]:
    """A command for typer that sends a transaction as it was made and signed elsewhere."""
    return _command(command, PAYING_OPTIONS)


def sending(command: Callable[..., _Work]) -> Callable[..., None]:
    """A command for typer that sends transactions to a cluster."""
    return _command(command, SENDING_OPTIONS)


def _command(command: Callable[..., _Work], options: dict[str, tuple[Any, Any]]) -> Callable[..., None]:
    signature = inspect.signature(command, eval_str=True)
    own = list(signature.parameters.values())[1:]
    shared = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=annotation, default=default)
        for name, (annotation, default) in options.items()
    ]

    @wraps(command)
    def run(**arguments: Any) -> None:
        given = {name: arguments.pop(name) for name in options}
        session = Session(**given, is_offline="url" not in options or given.get("sign_only", False))
        session.run(partial(command, session, **arguments))

    run.__annotations__ = {}
    vars(run)["__signature__"] = inspect.Signature([*own, *shared])
    return run


@dataclass
class Session:
    """One command's connection, keys and way to answer: as its options say, or Solana's configuration."""

    keypair: Path | None
    config: Path | None
    output: Output
    url: list[str] | None = None
    commitment: CommitmentLevel | None = None
    fee_payer: Path | None = None
    dry_run: bool = False
    sign_only: bool = False
    dump_transaction_message: bool = False
    blockhash: Hash | None = None
    signatures: list[tuple[Pubkey, Signature]] | None = None
    nonce: Pubkey | None = None
    nonce_authority: Path | None = None
    with_compute_unit_price: int | None = None

    is_offline: bool = False

    def __post_init__(self) -> None:
        """Refuse what is unusable before anything is asked."""
        self._check_signing()
        found = read_config(self.config)
        self._urls = node_urls(self.url or [found.json_rpc_url])
        self._websocket_url = "" if self.url else found.websocket_url
        self.keypair_file = self.keypair or Path(found.keypair_path)
        self._commitment = self.commitment or CommitmentLevel(found.commitment)
        self.measure = ENERGY  # of what the command is about, as soon as that is known
        self._purpose: str | None = None  # of what is being sent
        self._landed: Signature | None = None
        self._journals: list[Journal] = []

    def run(self, work: Callable[[], _Work]) -> None:
        """Do the work of a command, and end with the exit code of its kind of failure."""
        try:
            asyncio.run(self._done(work))
        except KeyboardInterrupt:
            told = self._told_of_interruption()
            if told is None:
                raise
            raise Failure(f"interrupted; {told}", INTERRUPTED) from None
        except Exception as error:
            failure = failure_of(error)
            if isinstance(failure, Failure):
                failure.message = self.measure.in_resource_words(failure.message)
            raise failure from None
        finally:
            for journal in self._journals:
                journal.release()

    async def _done(self, work: Callable[[], _Work]) -> None:
        async with self.connection:
            await work()

    # Keys

    @cached_property
    def signer(self) -> Key:
        """The signer beside the fee payer: the member, or the authority."""
        return key_in(self.keypair_file)

    @property
    def address(self) -> Pubkey:
        """The signer's."""
        return self.signer.pubkey()

    @cached_property
    def payer(self) -> Key:
        """The payer of fees and rent."""
        return key_in(self.fee_payer) if self.fee_payer else self.signer

    def here(self, key: Key) -> Keypair:
        """The keypair that a command signs several transactions with. Fails if that is to be done elsewhere.

        Each of them follows from what the chain holds after the one before.
        """
        from solders.keypair import Keypair

        if not isinstance(key, Keypair):
            raise UnusableInput(
                f"{key.pubkey()} signs elsewhere, and this command sends several transactions, each as the "
                "chain then is: run it where the keypair is"
            )
        if self._is_elsewhere:
            raise UnusableInput(
                "this command sends several transactions, each as the chain then is, and cannot have them "
                "signed elsewhere or later: leave out the options for that"
            )
        return key

    # Reading

    @cached_property
    def connection(self) -> AsyncClient:
        """To the cluster, or to a chain of the command's own, on which the payer has got SOL."""
        from solana.rpc.commitment import Commitment

        from amalgam.chain.rpc import connect
        from amalgam.chain.rpc import offline as no_connection

        if self.is_offline:
            return no_connection()
        if self._urls == [EMBEDDED]:
            from amalgam.chain.embedded import EmbeddedChain

            chain = EmbeddedChain()
            chain.airdrop(self.payer.pubkey(), _EMBEDDED_LAMPORTS)
            return chain.client()
        return connect(self._urls, Commitment(self._commitment))

    @property
    def websocket_urls(self) -> list[str]:
        """Of the cluster's nodes; none if the chain is the command's own."""
        from amalgam.chain.rpc import websocket_url

        if self._urls == [EMBEDDED]:
            return []
        return [self._websocket_url] if self._websocket_url else [websocket_url(url) for url in self._urls]

    @property
    def cluster(self) -> str:
        """Its name, or its first node's, for people."""
        from amalgam.chain.rpc import cluster_name, shown

        return cluster_name(self._urls[0]) or shown(self._urls[0]).partition("://")[2] or self._urls[0]

    async def source(self, mint: Pubkey, given: Pubkey | None) -> Pubkey:
        """A token account to pay from: the one given, or the signer's associated one, which has to exist."""
        from spl.token.instructions import get_associated_token_address

        source = given or get_associated_token_address(self.address, mint)
        if (await self.connection.get_account_info(source)).value is None:
            raise self.not_found(
                f"no token account {source}", f"have tokens of mint {mint} sent to {self.address} first"
            )
        return source

    async def traded(self, payment_mint: Pubkey) -> Traded:
        """The words and units of what is traded for the tokens of a mint."""
        from amalgam.units import Traded

        return Traded.with_decimals(await self.decimals(payment_mint))

    def destination(self, mint: Pubkey, given: Pubkey | None = None) -> tuple[Pubkey, list[Instruction]]:
        """A token account that pays the signer, and what creates it: the associated one by default."""
        from amalgam.chain.tokens import open_token_account

        if given:
            return given, []
        account, create = open_token_account(self.payer.pubkey(), self.address, mint)
        return account, [create]

    async def openings(self, *mints: Pubkey) -> list[Instruction]:
        """Instructions that create the signer's missing associated token accounts, to be paid to later."""
        from amalgam.chain.tokens import openings

        return await openings(self.connection, self.payer.pubkey(), self.address, mints)

    async def now(self) -> int:
        """The cluster's clock, in Unix seconds."""
        from amalgam.chain.rpc import clock

        return await clock(self.connection)

    async def check_mint(self, mint: Pubkey) -> None:
        """Fail if there is no mint at an address."""
        await self.decimals(mint)

    async def decimals(self, mint: Pubkey) -> int:
        """Of a mint's tokens. Fails if there is no mint at an address."""
        from amalgam.chain.tokens import decimals

        with self.finding(f"no mint at {mint}"):
            return await decimals(self.connection, mint)

    @contextmanager
    def finding(self, what: str, remedy: str = "check the address and --url") -> Generator[None]:
        """Say what is not on the cluster if what is inside does not find it."""
        try:
            yield
        except LookupError:
            raise self.not_found(what, remedy) from None

    def not_found(self, what: str, remedy: str) -> Failure:
        """Say what is not on the cluster."""
        return Failure(f"there is {what} on {self.cluster}; {remedy}", 3)

    # Sending

    async def send(
        self, purpose: str, instructions: Sequence[Instruction], measure: Measure, *others: Key
    ) -> Receipt | None:
        """Send a transaction, signed by payer, signer and others, or with what they have signed elsewhere.

        All that is done with batteries, mints and issuers goes through here. An interrupted run of the same
        command is brought to its end first, and if it has landed nothing is sent again: the receipt is
        that of the earlier run. A dry run shows what would change, and what is to be signed elsewhere is
        printed: then nothing is sent, and there is no receipt.

        Args:
            purpose: What is done, with what, to whom: the same for runs of the same command alone.
            instructions: Done all, or not at all.
            measure: Of the amounts in them.
            others: Further signers.
        """
        from solders.keypair import Keypair

        from amalgam.chain.transactions import Sender

        self.measure = measure
        if self.dry_run:
            await self.show_preview(instructions, measure, self.payer.pubkey())
            return None
        keys = [self.payer, self.signer, *others]
        here = [key for key in keys if isinstance(key, Keypair)]
        if self._is_elsewhere or len(here) < len(keys):
            signed = await self._signed(instructions, others)
            if self.passes_on:
                self.pass_on(signed, whole=self.dump_transaction_message)
                return None
            return await self.submit(signed, purpose)
        payer, *signers = here
        sender = Sender(self.connection, payer, journal=self.journal())
        if landed := await self.resolve(sender, purpose):
            return Receipt(landed.signature, await self._events(landed.signature), landed.wire)
        self._purpose = purpose
        self._landed = await sender.send(
            instructions, *signers, purpose=purpose, price=self.with_compute_unit_price
        )
        return Receipt(self._landed, await self._events(self._landed), None)

    @property
    def passes_on(self) -> bool:
        """Whether what is signed is printed, and nothing sent."""
        return self.sign_only or self.dump_transaction_message

    @property
    def _is_elsewhere(self) -> bool:
        """Whether options say that something is signed elsewhere, or later."""
        alone = (self.blockhash, self.nonce, self.signatures)
        return self.passes_on or any(map(bool, alone))

    def _check_signing(self) -> None:
        wrong = [
            (self.sign_only and not self.blockhash, "--sign-only needs --blockhash, which all sign with"),
            (self.signatures and not self.blockhash, "--signer needs --blockhash, which all sign with"),
            (self.nonce_authority and not self.nonce, "--nonce-authority needs --nonce"),
            (
                self.dry_run and self.sign_only,
                "--dry-run asks the cluster, and --sign-only nobody: give one",
            ),
        ]
        for is_wrong, complaint in wrong:
            if is_wrong:
                raise UnusableInput(complaint)

    async def _signed(self, instructions: Sequence[Instruction], others: Sequence[Key]) -> Signed:
        """A transaction, signed by those whose keys are here, and with the signatures that were given."""
        from amalgam.chain.signing import Durable, message_of, signed

        authority = key_in(self.nonce_authority) if self.nonce_authority else self.signer
        durable = Durable(self.nonce, authority.pubkey()) if self.nonce else None
        message = message_of(
            instructions,
            self.payer.pubkey(),
            self.blockhash or await self._present_blockhash(durable),
            durable=durable,
            price=self.with_compute_unit_price,
        )
        return signed(message, [self.payer, self.signer, authority, *others], dict(self.signatures or ()))

    async def _present_blockhash(self, durable: Durable | None) -> Hash:
        """The latest, or the value of a nonce."""
        from amalgam.chain.nonce import find_nonce

        if durable is None:
            return (await self.connection.get_latest_blockhash()).value.blockhash
        found = await find_nonce(self.connection, durable.address)
        if found.authority != durable.authority:
            raise UnusableInput(
                f"nonce account {durable.address} belongs to {found.authority}; give --nonce-authority"
            )
        return found.value

    async def submit(self, signed: Signed, purpose: str) -> Receipt:
        """Send what all have signed."""
        from amalgam.chain.transactions import Courier

        if signed.absent:
            raise UnusableInput(
                f"{' and '.join(map(str, signed.absent))} must sign too, and nothing was sent; give --signer "
                "ADDRESS=SIGNATURE for each, or have them sign what --dump-transaction-message prints"
            )
        courier = Courier(self.connection, journal=self.journal())
        if landed := await self.resolve(courier, purpose, signed):
            return Receipt(landed.signature, await self._events(landed.signature), landed.wire)
        transaction = signed.transaction
        if await courier.is_known(transaction.signatures[0]):
            self.say("this very transaction has landed already; nothing was sent now")
        self._purpose = purpose
        self._landed = await courier.submit(transaction, purpose=purpose)
        return Receipt(self._landed, await self._events(self._landed), None)

    async def resolve(
        self, courier: Courier, purpose: str | None = None, signed: Signed | None = None
    ) -> Entry | None:
        """Say what became of commands that were interrupted, but of one that landed, which is returned.

        Its purpose is that of what is to be sent now. Fails if such a one may still land, unless it is what
        is signed, or has the same value of a nonce, with which only one can.
        """
        from amalgam.chain.journal import Outcome
        from amalgam.chain.transactions import durable_by, message_in

        same = None
        for entry in await courier.resolve():
            if entry.outcome is Outcome.PENDING:
                if signed and message_in(entry).recent_blockhash == signed.message.recent_blockhash:
                    continue
                if entry.purpose == purpose:
                    nonce = durable_by(entry)
                    raise Failure(
                        f"the same was signed with nonce account {nonce}, and may still land as "
                        f"{entry.signature}: send that one, or end it: amalgam nonce withdraw {nonce}",
                        5,
                    )
                self.say(f"signed earlier, it may still land: {entry.purpose} ({entry.signature})")
            elif entry.purpose == purpose and entry.outcome is Outcome.LANDED:
                same = entry
            elif entry.purpose != purpose:
                self.say(f"interrupted earlier, it has {entry.outcome}: {entry.purpose} ({entry.signature})")
        return same

    async def paying(self, kind: Callable[..., _Client]) -> _Client:
        """A program's client that sends at the payer's expense, after what was interrupted has ended."""
        client = kind(self.connection, self.here(self.payer), journal=self.journal())
        await self.resolve(client.sender)
        return client

    async def _events(self, signature: Signature) -> list[Landed]:
        """The program's events in a transaction that has landed, which a node may tell a little later."""
        from amalgam.chain.events import landed_events
        from amalgam.chain.rpc import NodeError

        with suppress(NodeError):  # it has landed all the same
            for _ in range(_RECEIPT_ATTEMPTS):
                found = await landed_events(self.connection, signature)
                if found is not None:
                    return found
                await asyncio.sleep(_RECEIPT_PAUSE_S)
        return []

    def journal(self, name: str = "journal") -> Journal:
        """Open the journal that records each transaction before it is sent."""
        from amalgam.chain.journal import Journal

        path = state_file(f"{name}.sqlite")
        try:
            journal = Journal(path)
        except (OSError, sqlite3.Error) as error:
            raise UnusableInput(
                f"{path}: {error}; what is signed is written there first: make it writable, "
                "or name another folder in XDG_STATE_HOME"
            ) from None
        self._journals.append(journal)
        return journal

    def _told_of_interruption(self) -> str | None:
        """A remark on the transaction that was being sent; None if none was."""
        from amalgam.chain.journal import Outcome

        if self._landed is not None:
            return f"it has landed: {self._landed}"
        pending = self._purpose and self.journal().entries(outcome=Outcome.PENDING)
        if pending and any(entry.purpose == self._purpose for entry in pending):
            return "it may have landed: run the same again, which tells, and does nothing twice"
        return None

    # Answering

    def answer(self, value: Any, *shown: Any) -> None:
        """Print the one as JSON, or the other for people."""
        if self.output is Output.JSON:
            typer.echo(json.dumps(value))
        else:
            output.show(*shown)

    def pass_on(self, signed: Signed, *, whole: bool) -> None:
        """Print signatures as Solana's tools do, and the whole message if the next to sign is to have it."""
        value = {name: part for name, part in signed.value().items() if part}
        if not whole:
            del value["message"], value["transaction"]
        lines = [
            f"Blockhash: {value['blockhash']}",
            *([f"Transaction Message: {value['message']}"] if whole else []),
            *_listed("Signers (Pubkey=Signature):", value.get("signers", [])),
            *_listed("Absent Signers (Pubkey):", value.get("absent", [])),
        ]
        typer.echo(json.dumps(value) if self.output is Output.JSON else "\n".join(lines))

    def say(self, line: str) -> None:
        """Tell people something beside the answer."""
        typer.echo(f"amalgam: {line}", err=True)

    def report_audit(
        self,
        found: Mapping[str, Any],
        rows: Sequence[tuple[str, str, Callable[[int], str], int]],
        measure: Measure,
        violations: Sequence[str],
    ) -> None:
        """Answer with what an audit has found, and fail if it does not add up.

        Args:
            found: By name: the address of what was audited, first, the `sequence` of its latest event, and
                what else is counted.
            rows: Of amounts, for people and programs: title, name, and how it is written.
            measure: Of these amounts.
            violations: What does not hold.
        """
        amounts = {name: amount for _, name, _, amount in rows}
        value = {**found, **amounts, "unit": measure.base_unit, "violations": violations}
        verdict = [("Wrong", violation) for violation in violations] or [
            ("Audit", f"all adds up, as of event {found['sequence']:,}")
        ]
        lines = [(title, written(amount)) for title, _, written, amount in rows]
        self.answer(value, output.facts([*lines, *verdict]))
        if violations:
            kind = next(iter(found))
            raise Failure(f"what the chain holds does not add up; pause the {kind} and find out why", 1)

    def report(self, receipt: Receipt | None, measure: Measure, done: str = "", **values: Any) -> None:
        """Answer with what came of sending: the program's events, or what was done without any."""
        from amalgam.cli.words import describe_event, plain_event

        if receipt is None:  # a dry run, shown already
            return
        if receipt.resumed:
            self.say("an interrupted run of this command had landed already; nothing was sent now")
        phrases = [describe_event(landed.event, measure) for landed in receipt.landed] or [done or "done"]
        value = {
            **values,
            "signature": str(receipt.signature),
            "resumed": receipt.resumed is not None,
            "events": [plain_event(landed, {}) for landed in receipt.landed],
            "unit": measure.base_unit,
        }
        self.answer(value, *map(_sentence, phrases), f"Signature {receipt.signature}")

    async def show_preview(
        self, instructions: Sequence[Instruction], measure: Measure, payer: Pubkey
    ) -> None:
        """Show what would change if it were sent."""
        from amalgam.chain.preview import preview
        from amalgam.chain.transactions import Courier
        from amalgam.cli.words import cell, describe_event, event_name
        from amalgam.programs import plain

        await Courier(self.connection).check_programs(instructions)
        found = await preview(self.connection, payer, instructions)
        titles = ("Account", "What", "Before", "After", "Address")
        rows = [
            (
                measure.in_resource_words(change.kind),
                "SOL" if name == "lamports" else name.removesuffix("_bps").replace("_", " "),
                *(cell(name, side[name], measure) if name in side else "-" for side in change[2:]),
                str(change.address),
            )
            for change in found.changes
            for name in change.before | change.after
        ]
        is_narrow = output.console().width < _ADDRESS_COLUMNS
        if is_narrow:
            titles, rows = titles[:-1], [row[:-1] for row in rows]
        value = {
            "dry_run": True,
            "events": [{"event": event_name(event), **plain(event)} for event in found.events],
            "changes": [change._asdict() | {"address": str(change.address)} for change in found.changes],
            "unit": measure.base_unit,
        }
        self.answer(
            value,
            "Dry run: nothing was sent. It would be so:",
            *(_sentence(describe_event(event, measure)) for event in found.events),
            output.columns(titles, rows, numbers=("Before", "After")),
            *([f"A terminal of {_ADDRESS_COLUMNS} columns shows addresses too."] if is_narrow else []),
        )


def _listed(title: str, lines: Sequence[str]) -> list[str]:
    return [title, *(f" {line}" for line in lines)] if lines else []


def _sentence(phrase: str) -> str:
    return phrase[:1].upper() + phrase[1:]


def amount_of(amount: Amount, measure: Measure, place: str) -> int:
    """Base units of an amount given at a place, which has to be of that resource."""
    try:
        return amount.of(measure)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint=place) from None


def unsettled_text(unsettled: Unsettled, traded: Traded) -> str:
    """The owner, amount and reason of what waits, as a part of a sentence."""
    due = [
        *([traded.text(unsettled.energy)] if unsettled.energy else []),
        *([f"{traded.payment(unsettled.payment)} of payment"] if unsettled.payment else []),
    ]
    return f"waits on with {' and '.join(due) or 'nothing'} for {unsettled.owner}: {unsettled.reason}"


def unsettled_value(unsettled: Mapping[Pubkey, Unsettled]) -> dict[str, Any]:
    """The same as JSON, in base units, by address."""
    return {str(address): {**each._asdict(), "owner": str(each.owner)} for address, each in unsettled.items()}


def units_of(tokens: Decimal, traded: Traded, place: str) -> int:
    """Base units of a payment or price given at a place."""
    try:
        return traded.payment_units(tokens)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint=place) from None


def state_file(name: str) -> Path:
    """The path of a file in which this machine keeps what the next run of a command has to know."""
    state = Path(os.environ.get("XDG_STATE_HOME") or "~/.local/state").expanduser()
    return state / "amalgam" / name


def keypair_in(path: Path) -> Keypair:
    """The keypair in a file."""
    from amalgam.chain.keys import read_keypair

    return read_keypair(path.expanduser())


def key_in(path: Path) -> Key:
    """The keypair in a file, or the key of who signs elsewhere, of whom there is the address in its place."""
    from amalgam.chain.keys import read_key

    return read_key(path.expanduser())
