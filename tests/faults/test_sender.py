"""What a sender does about each kind of trouble, one at a time."""

import asyncio
import sqlite3
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, closing
from pathlib import Path
from typing import Any

import pytest
from solana.rpc.async_api import AsyncClient
from solana.rpc.commitment import Confirmed
from solana.rpc.core import RPCException
from solders.account import Account
from solders.compute_budget import ID as COMPUTE_BUDGET
from solders.instruction import Instruction
from solders.keypair import Keypair
from solders.pubkey import Pubkey
from solders.signature import Signature
from solders.system_program import ID as SYSTEM_PROGRAM_ID

from amalgam.battery import program as energy_allocation
from amalgam.battery.client import EnergyAllocationClient
from amalgam.chain import errors, transactions
from amalgam.chain.embedded import EmbeddedChain
from amalgam.chain.journal import Entry, Journal, Outcome
from amalgam.chain.rpc import CLUSTERS, Cluster, NodeError, WrongClusterError, connect
from amalgam.chain.transactions import (
    MAX_TRANSACTION_BYTES,
    PRIORITY_FEE_CAP_LAMPORTS,
    UNITS_MARGIN,
    ExpiredError,
    Sender,
    UnresolvedError,
)
from tests.faults.conftest import Pool
from tests.faults.faulty import Fault, FaultyNode


def always(**faults: Fault) -> Callable[[str], Fault | None]:
    return faults.get


def allocation(pool: Pool, amount: int = 7) -> Instruction:
    return energy_allocation.allocate(owner=pool.owner.pubkey(), battery=pool.battery, amount=amount)


@pytest.fixture
async def reach() -> AsyncIterator[Callable[..., AsyncClient]]:
    """Connections to nodes, or to named clusters, that are closed in the end."""
    async with AsyncExitStack() as connections:

        def connected(*nodes: FaultyNode | str) -> AsyncClient:
            connection = connect([node if isinstance(node, str) else node.url for node in nodes])
            connections.push_async_callback(connection.close)
            return connection

        yield connected


Reach = Callable[..., AsyncClient]


async def begun(connection: AsyncClient, pool: Pool, journal: Journal) -> Sender:
    """One that knows what was signed before."""
    sender = Sender(connection, pool.owner, journal=journal)
    await sender.resolve()
    return sender


# What is signed


@pytest.mark.parametrize(
    ("fees", "price"),
    [([], None), ([0, 0, 5_000, 0], 5_000), ([10**9] * 4, "the cap")],
    ids=["none asked", "three quarters pay at most", "capped"],
)
async def test_limits_and_fees(pool: Pool, reach: Reach, fees: list[int], price: int | str | None) -> None:
    with FaultyNode(pool.chain, always()) as node:
        node.fees = fees
        signature = await Sender(reach(node), pool.owner).send([allocation(pool)])
    landed = pool.chain.landed(signature)
    assert landed is not None
    message = landed.transaction.message
    budget = [
        bytes(each.data)
        for each in message.instructions
        if message.account_keys[each.program_id_index] == COMPUTE_BUDGET
    ]
    limit = int.from_bytes(budget[0][1:], "little")
    used = landed.meta.compute_units_consumed()
    assert budget[0][0] == 2
    simulated = used - 150 * (len(budget) - 1)  # without the instruction that sets the price
    assert int(simulated * 1.1) <= limit <= simulated * 1.1 + 4_096
    if price is None:
        assert len(budget) == 1
        return
    assert budget[1][0] == 3
    paid = int.from_bytes(budget[1][1:], "little")
    if price == "the cap":
        assert paid * (used * 1.1 + 4_096) / 10**6 > 0.9 * PRIORITY_FEE_CAP_LAMPORTS
        assert paid * limit <= PRIORITY_FEE_CAP_LAMPORTS * 10**6
    else:
        assert paid == price


@pytest.mark.parametrize("margin", [UNITS_MARGIN, 10**6], ids=["as usual", "all the units there are"])
async def test_the_same_twice_with_one_blockhash_is_done_twice(
    pool: Pool, reach: Reach, monkeypatch: pytest.MonkeyPatch, margin: float
) -> None:
    monkeypatch.setattr(transactions, "UNITS_MARGIN", margin)
    with FaultyNode(pool.chain, always(getLatestBlockhash=Fault.BEHIND)) as node:
        sender = Sender(reach(node), pool.owner)
        first, second = [await sender.send([allocation(pool)]) for _ in range(2)]
    one, other = pool.chain.landed(first), pool.chain.landed(second)
    assert one is not None
    assert other is not None
    assert one.transaction.message.recent_blockhash == other.transaction.message.recent_blockhash
    assert pool.allocated() == 14


async def test_a_stranger_who_must_sign_is_asked_to(pool: Pool, reach: Reach) -> None:
    stranger = Keypair()
    with FaultyNode(pool.chain, always()) as node:
        sender = Sender(reach(node), pool.owner)
        instruction = energy_allocation.open_member(
            payer=pool.owner.pubkey(), battery=pool.battery, owner=stranger.pubkey()
        )
        await sender.send([instruction])
        nothing = energy_allocation.allocate(owner=stranger.pubkey(), battery=pool.battery, amount=1)
        with pytest.raises(errors.AssertionRefused, match="amount exceeds the unallocated balance"):
            await sender.send([nothing], stranger)


# What is refused


async def test_what_would_fail_is_never_sent(pool: Pool, reach: Reach, journal_path: Path) -> None:
    journal = Journal(journal_path)
    before = pool.chain.balance(pool.owner.pubkey())
    with FaultyNode(pool.chain, always()) as node:
        with pytest.raises(errors.AssertionRefused, match="amount must be positive"):
            await (await begun(reach(node), pool, journal)).send([allocation(pool, 0)])
        assert "sendTransaction" not in node.requests
    assert pool.chain.balance(pool.owner.pubkey()) == before
    assert journal.entries() == []


async def test_what_fails_on_landing_is_told_with_its_signature(
    pool: Pool, reach: Reach, journal_path: Path
) -> None:
    journal = Journal(journal_path)

    def pause_before_it_lands(method: str) -> None:
        if method == "sendTransaction":
            client = EnergyAllocationClient(pool.chain.client(), pool.owner)
            asyncio.run(
                client.send(
                    energy_allocation.pause(authority=pool.owner.pubkey(), battery=pool.battery), pool.owner
                )
            )

    with FaultyNode(pool.chain, pause_before_it_lands) as node:
        with pytest.raises(errors.AssertionRefused, match="battery is paused") as refusal:
            await (await begun(reach(node), pool, journal)).send([allocation(pool)])
    (entry,) = journal.entries()
    assert (entry.signature, entry.outcome) == (refusal.value.signature, Outcome.FAILED)
    landed = pool.chain.landed(entry.signature)
    assert landed is not None
    assert refusal.value.logs == tuple(landed.meta.logs())
    assert pool.allocated() == 0


async def test_a_program_that_is_not_there_is_never_called(pool: Pool, reach: Reach) -> None:
    nowhere = Keypair().pubkey()
    with FaultyNode(pool.chain, always()) as node:
        with pytest.raises(LookupError, match=rf"there is no program {nowhere} on this cluster"):
            await Sender(reach(node), pool.owner).send([Instruction(nowhere, b"", [])])
        assert "simulateTransaction" not in node.requests


# What the caller's own chain refuses: it is not asked first, and a refusal costs nothing there either


@pytest.mark.parametrize(
    ("lamports", "cause"),
    [(0, "has no lamports"), (4_999, "has too few lamports")],
)
async def test_a_payer_who_cannot_pay_the_fee_is_told_at_once(pool: Pool, lamports: int, cause: str) -> None:
    payer = Keypair()
    pool.chain.set_account(payer.pubkey(), Account(lamports, b"", SYSTEM_PROGRAM_ID))
    with pytest.raises(errors.Refused, match=f"The fee payer {payer.pubkey()} {cause}"):
        await asyncio.wait_for(Sender(pool.chain.client(), payer).send([allocation(pool)], pool.owner), 60)
    assert pool.chain.balance(payer.pubkey()) == lamports


async def test_what_ones_own_chain_refuses_lands_in_no_block(pool: Pool, journal_path: Path) -> None:
    journal, slot = Journal(journal_path), pool.chain.slot
    before = pool.chain.balance(pool.owner.pubkey())
    with pytest.raises(errors.AssertionRefused, match="amount must be positive") as refusal:
        await (await begun(pool.chain.client(), pool, journal)).send([allocation(pool, 0)])
    assert refusal.value.signature is None
    assert (pool.chain.slot, pool.chain.balance(pool.owner.pubkey())) == (slot, before)
    assert [entry.outcome for entry in journal.entries()] == [Outcome.FAILED]


async def test_a_transaction_too_large_is_told_at_once(pool: Pool, journal_path: Path) -> None:
    journal = Journal(journal_path)
    large = Instruction(SYSTEM_PROGRAM_ID, bytes(MAX_TRANSACTION_BYTES), [])
    sending = (await begun(pool.chain.client(), pool, journal)).send([large])
    with pytest.raises(RPCException, match=r"too large: \d+ bytes \(max: 1232 bytes\)"):
        await asyncio.wait_for(sending, 60)
    assert [entry.outcome for entry in journal.entries()] == [Outcome.FAILED]


async def test_what_has_landed_on_ones_own_chain_is_not_refused_as_sent_again(
    pool: Pool, journal_path: Path
) -> None:
    """The chain says that it knows the transaction, and its status tells that it has landed."""
    journal = Journal(journal_path)
    signature = await (await begun(pool.chain.client(), pool, journal)).send([allocation(pool)])
    journal.close(signature, Outcome.PENDING)  # as a process leaves it that dies before it hears of it
    (entry,) = await Sender(pool.chain.client(), pool.owner, journal=journal).resolve()
    assert (entry.signature, entry.outcome) == (signature, Outcome.LANDED)
    assert pool.allocated() == 7


# What is lost


async def test_what_expired_is_signed_anew_and_only_then(
    pool: Pool, reach: Reach, journal_path: Path
) -> None:
    journal = Journal(journal_path)
    sent: list[str] = []

    def choose(method: str) -> Fault | None:
        sent.append(method)
        if method == "getEpochInfo" and sent.count(method) == 3:
            return Fault.EXPIRING
        return Fault.DROPPED if sent.count("getLatestBlockhash") == 1 else None

    with FaultyNode(pool.chain, choose) as node:
        signature = await (await begun(reach(node), pool, journal)).send([allocation(pool)], purpose="once")
    expired, landed = journal.entries()
    assert (expired.outcome, landed.outcome) == (Outcome.EXPIRED, Outcome.LANDED)
    assert landed.signature == signature != expired.signature
    assert (expired.purpose, landed.purpose) == ("once", "once")
    assert sent.index("getEpochInfo") < sent.index("sendTransaction", sent.index("getEpochInfo"))
    assert pool.allocated() == 7


async def test_a_node_behind_does_not_make_it_expire(pool: Pool, reach: Reach) -> None:
    """It has landed; a node that has not seen it yet is past its last height, and then another tells."""
    asked = 0

    def choose(method: str) -> Fault | None:
        nonlocal asked
        if method == "getSignatureStatuses":
            asked += 1
            return Fault.BEHIND if asked < 6 else None
        return Fault.EXPIRING if method == "getEpochInfo" else None

    with FaultyNode(pool.chain, choose) as node:
        await Sender(reach(node), pool.owner).send([allocation(pool)])
    assert asked == 6
    assert pool.allocated() == 7


class Liar(FaultyNode):
    """A node that says that the last block came long ago, and forgets what it has taken."""

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        answer = super().answer(request)
        if request["method"] == "getEpochInfo":
            answer["result"]["blockHeight"] += 10_000
        if request["method"] == "getSignatureStatuses":
            answer["result"]["value"] = [None] * len(answer["result"]["value"])
        return answer


def wait_for_sendings(node: FaultyNode, times: int = 3) -> None:
    """Until it has been sent the same so often."""
    while node.requests.count("sendTransaction") < times:
        time.sleep(0.01)


@pytest.mark.parametrize("jump_s", [0, 10**6], ids=["steady clock", "clock that jumps"])
async def test_a_node_that_lies_about_the_height_cannot_make_it_sign_anew(
    pool: Pool, reach: Reach, monkeypatch: pytest.MonkeyPatch, jump_s: int
) -> None:
    """Not before the blockhash has had its time by this machine's clock."""
    monkeypatch.setattr(transactions, "_BLOCKHASH_LIFETIME_S", 3_600.0)
    with Liar(pool.chain, always()) as node:
        sending = asyncio.create_task(Sender(reach(node), pool.owner).send([allocation(pool)]))
        await asyncio.to_thread(wait_for_sendings, node, 1)
        monkeypatch.setattr(transactions, "time", lambda: time.time() + jump_s)
        await asyncio.to_thread(wait_for_sendings, node)
        assert node.requests.count("getLatestBlockhash") == 1
        sending.cancel()
    assert pool.allocated() == 7


async def test_of_several_nodes_a_second_one_has_to_agree(pool: Pool, reach: Reach) -> None:
    """The time has passed here, and one node lies: the other tells that it has landed."""
    with Liar(pool.chain, always()) as liar, FaultyNode(pool.chain, always()) as honest:
        sending = asyncio.create_task(Sender(reach(liar, honest), pool.owner).send([allocation(pool)]))
        await asyncio.to_thread(wait_for_sendings, liar)
        assert honest.requests.count("getEpochInfo") > 0
        assert liar.requests.count("getLatestBlockhash") == 1
        sending.cancel()
    assert pool.allocated() == 7


@pytest.mark.parametrize("other", [{}, {"getEpochInfo": Fault.CUT}], ids=["says no", "says nothing"])
async def test_nodes_that_never_agree_end_it(pool: Pool, reach: Reach, other: dict[str, Fault]) -> None:
    """One says that it has expired, which is false, and the other never does."""
    dropped = {"sendTransaction": Fault.DROPPED}
    with (
        Liar(pool.chain, always(**dropped)) as liar,
        FaultyNode(pool.chain, always(**dropped, **other)) as honest,
    ):
        with pytest.raises(UnresolvedError, match=r"\(the nodes do not agree whether it can land\)"):
            await Sender(reach(liar, honest), pool.owner).send([allocation(pool)])
        assert liar.requests.count("getLatestBlockhash") == 1
    assert pool.allocated() == 0


async def test_what_never_lands_ends_after_some_signings(pool: Pool, reach: Reach) -> None:
    faults = always(sendTransaction=Fault.DROPPED, getEpochInfo=Fault.EXPIRING)
    with FaultyNode(pool.chain, faults) as node:
        with pytest.raises(ExpiredError, match=r"^transaction \w+ expired before it landed; try again$"):
            await Sender(reach(node), pool.owner).send([allocation(pool)])
        assert node.requests.count("getLatestBlockhash") == 5
    assert pool.allocated() == 0


# What is not known


async def _interrupted(pool: Pool, reach: Reach, journal: Journal, fault: Fault) -> UnresolvedError:
    """Sent, and then no node answers."""
    sent = False

    def choose(method: str) -> Fault | None:
        nonlocal sent
        if method == "sendTransaction" and not sent:
            sent = True
            return fault
        return Fault.CUT if sent else None

    with FaultyNode(pool.chain, choose) as node, pytest.raises(UnresolvedError) as unresolved:
        await (await begun(reach(node), pool, journal)).send([allocation(pool)], purpose="once")
    (entry,) = journal.entries(outcome=Outcome.PENDING)
    assert entry.signature == unresolved.value.signature
    assert str(entry.signature) in str(unresolved.value)
    return unresolved.value


async def test_nothing_is_sent_before_it_is_known_what_landed_unseen(
    pool: Pool, reach: Reach, journal_path: Path
) -> None:
    journal = Journal(journal_path)
    unresolved = await _interrupted(pool, reach, journal, Fault.LOST_ANSWER)
    assert pool.allocated() == 7
    with FaultyNode(pool.chain, always()) as node:
        sender = Sender(reach(node), pool.owner, journal=journal)
        with pytest.raises(RuntimeError, match=r"^call resolve\(\) first: "):
            await sender.send([allocation(pool)])
        assert node.requests == []
        (entry,) = await sender.resolve()
        assert (entry.signature, entry.outcome) == (unresolved.signature, Outcome.LANDED)
        assert pool.allocated() == 7
        await sender.send([allocation(pool)])  # asked for once more
    assert pool.allocated() == 14


async def test_whose_outcome_is_not_known_sends_nothing_more(
    pool: Pool, reach: Reach, journal_path: Path
) -> None:
    sent = False

    def choose(method: str) -> Fault | None:
        nonlocal sent
        sent = sent or method == "sendTransaction"
        return Fault.CUT if sent else None

    with FaultyNode(pool.chain, choose) as node:
        sender = await begun(reach(node), pool, Journal(journal_path))
        with pytest.raises(UnresolvedError):
            await sender.send([allocation(pool)])
        with pytest.raises(RuntimeError, match=r"^call resolve\(\) first: "):
            await sender.send([allocation(pool)])


async def test_what_never_left_is_sent_again_as_it_was(pool: Pool, reach: Reach, journal_path: Path) -> None:
    journal = Journal(journal_path)
    unresolved = await _interrupted(pool, reach, journal, Fault.CUT)
    assert pool.allocated() == 0
    with FaultyNode(pool.chain, always()) as node:
        (entry,) = await Sender(reach(node), pool.owner, journal=journal).resolve()
    assert (entry.signature, entry.outcome) == (unresolved.signature, Outcome.LANDED)
    assert pool.allocated() == 7


async def test_who_resolves_knows_and_may_do_it_again(pool: Pool, reach: Reach, journal_path: Path) -> None:
    journal = Journal(journal_path)
    unresolved = await _interrupted(pool, reach, journal, Fault.LOST_ANSWER)
    with FaultyNode(pool.chain, always()) as node:
        sender = Sender(reach(node), pool.owner, journal=journal)
        (entry,) = await sender.resolve()
        assert (entry.signature, entry.purpose) == (unresolved.signature, "once")
        assert entry.outcome is Outcome.LANDED
        await sender.send([allocation(pool)])
    assert pool.allocated() == 14


async def test_what_was_meant_for_another_cluster_stays_pending(
    pool: Pool, reach: Reach, journal_path: Path
) -> None:
    journal = Journal(journal_path)
    await _interrupted(pool, reach, journal, Fault.CUT)
    with FaultyNode(EmbeddedChain(), always()) as node:
        assert await Sender(reach(node), pool.owner, journal=journal).resolve() == []
    assert len(journal.entries(outcome=Outcome.PENDING)) == 1


async def test_what_a_process_that_still_runs_has_signed_is_its_own(
    pool: Pool, reach: Reach, journal_path: Path
) -> None:
    running = Journal(journal_path)
    unresolved = await _interrupted(pool, reach, running, Fault.CUT)
    with FaultyNode(pool.chain, always()) as node:
        assert await Sender(reach(node), pool.owner, journal=Journal(journal_path)).resolve() == []
        assert pool.allocated() == 0
        running.release()  # as its end does
        (entry,) = await Sender(reach(node), pool.owner, journal=Journal(journal_path)).resolve()
    assert (entry.signature, entry.outcome) == (unresolved.signature, Outcome.LANDED)
    assert pool.allocated() == 7
    assert list(journal_path.parent.glob("*.lock*")) == []


def test_a_process_that_is_killed_leaves_what_it_has_signed(journal_path: Path) -> None:
    """Its lock file stays, and nobody holds it any more."""
    entry = Entry(Signature.new_unique(), "genesis", b"", 0, "once", "2026-06-21T12:00:00+00:00")
    work = (
        "import sys, time; from pathlib import Path; from amalgam.chain.journal import Entry, Journal;"
        "from solders.signature import Signature;"
        f"journal = Journal(Path({str(journal_path)!r}));"
        f"journal.sign(Entry(Signature.from_string('{entry.signature}'), *{entry[1:6]!r}));"
        "print('signed', flush=True); time.sleep(600)"
    )
    journal = Journal(journal_path)
    with subprocess.Popen([sys.executable, "-c", work], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "signed\n"
        assert (journal.abandoned(), journal.entries()) == ([], [entry])
        process.kill()
    assert journal.abandoned() == [entry]
    assert list(journal_path.parent.glob("*.lock*")) == []


def test_a_journal_of_before_is_read(journal_path: Path) -> None:
    """Of version 0.1.0, with a transaction whose end nobody has seen."""
    entry = Entry(Signature.new_unique(), "genesis", b"wire", 7, "once", "2026-06-21T12:00:00+00:00")
    with closing(sqlite3.connect(journal_path)) as database, database:
        database.execute(
            "CREATE TABLE transactions (signature TEXT PRIMARY KEY, genesis_hash TEXT NOT NULL,"
            " wire BLOB NOT NULL, last_valid_block_height INTEGER NOT NULL, purpose TEXT NOT NULL,"
            " content BLOB NOT NULL, signed_at TEXT NOT NULL, outcome TEXT NOT NULL DEFAULT 'pending')"
        )
        row = (str(entry.signature), *entry[1:5], b"\x00/content", entry.signed_at, "pending")
        database.execute("INSERT INTO transactions VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
    assert Journal(journal_path).abandoned() == [entry]


def test_a_journal_is_for_its_owner_alone(journal_path: Path) -> None:
    Journal(journal_path)
    assert journal_path.stat().st_mode & 0o777 == 0o600


# Nodes


async def test_one_node_stands_in_for_another(pool: Pool, reach: Reach) -> None:
    with FaultyNode(pool.chain, always()) as gone:
        pass
    with FaultyNode(pool.chain, always()) as node:
        await Sender(reach(gone, node), pool.owner).send([allocation(pool)])
        assert pool.allocated() == 7
    with pytest.raises(NodeError, match=rf"^no usable answer from {gone.url}: ConnectError"):
        await Sender(reach(gone, node), pool.owner).send([allocation(pool)])


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (Fault.CUT, "RemoteProtocolError"),
        (Fault.BUSY, "429"),
        (Fault.BROKEN, "502"),
        (Fault.SLOW, "ReadTimeout"),
        (Fault.GARBAGE, "not an answer of a Solana node"),
        (Fault.TRUNCATED, "not an answer of a Solana node"),
        (Fault.UNHEALTHY, "Node is behind"),
    ],
)
async def test_a_node_that_never_answers_is_told_with_the_reason(
    pool: Pool, reach: Reach, fault: Fault, told: str
) -> None:
    with FaultyNode(pool.chain, always(getBalance=fault)) as node:
        with pytest.raises(NodeError, match=told) as failure:
            await reach(node).get_balance(pool.owner.pubkey())
    assert str(failure.value).startswith(f"no usable answer from {node.url}: ")
    assert str(failure.value).endswith("; check the URL and the network, or add another --url")


async def test_an_airdrop_is_asked_for_once(pool: Pool, reach: Reach) -> None:
    to = Pubkey.new_unique()
    with FaultyNode(pool.chain, always(requestAirdrop=Fault.LOST_ANSWER)) as node:
        with pytest.raises(NodeError):
            await reach(node).request_airdrop(to, 10**9)
    assert pool.chain.balance(to) == 10**9


async def test_nodes_of_two_clusters_are_not_mixed(pool: Pool, reach: Reach) -> None:
    with FaultyNode(pool.chain, always(getBalance=Fault.CUT)) as one:
        with FaultyNode(EmbeddedChain(), always()) as other:
            with pytest.raises(WrongClusterError, match=rf"^{other.url} is of another cluster: "):
                await reach(one, other).get_balance(pool.owner.pubkey())


async def test_a_named_cluster_is_checked_before_anything_is_signed(
    pool: Pool, reach: Reach, monkeypatch: pytest.MonkeyPatch
) -> None:
    with FaultyNode(pool.chain, always()) as node:
        monkeypatch.setitem(CLUSTERS, "devnet", Cluster(node.url, CLUSTERS["devnet"].genesis_hash))
        sender = Sender(reach("d"), pool.owner)
        with pytest.raises(WrongClusterError, match=f"not {CLUSTERS['devnet'].genesis_hash}"):
            await sender.send([allocation(pool)])
        assert set(node.requests) == {"getGenesisHash"}
    with pytest.raises(WrongClusterError, match=r"^devnet, testnet are different clusters; name one$"):
        connect(["devnet", "testnet"])


def test_the_commitment_is_confirmed_unless_asked_otherwise() -> None:
    assert connect(["localnet"]).commitment == Confirmed
