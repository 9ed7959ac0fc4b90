"""Deployments through nodes that fail: what they leave is taken up again, and no write is paid twice."""

from collections import Counter
from collections.abc import Callable
from random import Random

import pytest
from solana.rpc.async_api import AsyncClient
from solders.keypair import Keypair
from spl.memo.constants import MEMO_PROGRAM_ID

from amalgam.chain import deployment as deploy
from amalgam.chain import errors, loader
from amalgam.chain.deployment import DeployError, Deployment
from amalgam.chain.embedded import LAMPORTS_PER_SIGNATURE, EmbeddedChain
from amalgam.chain.rpc import NodeError, connect
from amalgam.chain.transactions import NotConfirmedError
from tests.faults.faulty import Fault, FaultyNode

PAYER_LAMPORTS = 10**10
SEED = 20_261_124
FAULT_SHARE = 0.2  # of all requests
REFUSALS = (DeployError, NodeError, NotConfirmedError, errors.Refused)


class Site:
    """A chain, and a program that is to be deployed on it."""

    def __init__(self) -> None:
        self.chain, self.payer, self.program = EmbeddedChain(), Keypair(), Keypair()
        self.chain.airdrop(self.payer.pubkey(), PAYER_LAMPORTS)
        account = self.chain.account(MEMO_PROGRAM_ID)
        assert account is not None
        self.code = account.data

    def deployment(self, connection: AsyncClient) -> Deployment:
        program_id = self.program.pubkey()
        return Deployment(
            connection,
            self.payer,
            self.code,
            program_id=program_id,
            authority=self.payer,
            program=self.program,
        )

    def assert_deployed_and_paid_once(self) -> None:
        program_id = self.program.pubkey()
        data = loader.program_data_address(program_id)
        account = self.chain.account(data)
        assert account is not None
        assert account.data[loader.PROGRAM_DATA_HEAD_BYTES :] == self.code
        landed = list(self.chain.landed_newest_first())
        done = Counter(
            bytes(each.transaction.message.instructions[-1].data) for each in landed if not each.err
        )
        assert max(done.values()) == 1
        signatures = sum(len(each.transaction.signatures) for each in landed) - 1  # the airdrop is not theirs
        rents = self.chain.balance(program_id) + self.chain.balance(data)
        spent = PAYER_LAMPORTS - self.chain.balance(self.payer.pubkey())
        assert spent == rents + signatures * LAMPORTS_PER_SIGNATURE


@pytest.fixture(autouse=True)
def hurry_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deploy, "_PAUSE_S", 0.01)


@pytest.mark.parametrize("seed", range(5))
async def test_a_deployment_through_nodes_that_fail_all_the_time(seed: int) -> None:
    site, random = Site(), Random(SEED + seed)  # noqa: S311

    def choose(_: str) -> Fault | None:
        return random.choice([*Fault]) if random.random() < FAULT_SHARE else None

    runs = 0
    with FaultyNode(site.chain, choose) as one, FaultyNode(site.chain, choose) as other:
        async with connect([one.url, other.url]) as connection:
            while True:
                runs += 1
                deployment = site.deployment(connection)
                try:
                    plan = await deployment.plan()
                    await deployment.carry_out(plan)
                except REFUSALS:
                    assert runs <= 50
                    continue
                break

    site.assert_deployed_and_paid_once()


async def test_writes_pay_what_others_pay() -> None:
    site = Site()
    with FaultyNode(site.chain, lambda _: None) as node:
        node.fees = [5_000] * 4  # micro-lamports a compute unit
        async with connect([node.url]) as connection:
            deployment = site.deployment(connection)
            plan = await deployment.plan()
            await deployment.carry_out(plan)

    site.assert_deployed_and_paid_once()
    seen = set[tuple[int, int]]()
    for landed in site.chain.landed_newest_first():
        limit, *others = (bytes(each.data) for each in landed.transaction.message.instructions)
        if others and others[-1].startswith(b"\1\0\0\0"):  # a write
            assert others[0] == b"\3" + (5_000).to_bytes(8, "little")
            seen.add((int.from_bytes(limit[1:], "little"), landed.meta.compute_units_consumed()))
    ((limit, used),) = seen
    assert limit == int(used * 1.1)
    assert plan.cost.fees == plan.transactions * (LAMPORTS_PER_SIGNATURE + 10_000) + LAMPORTS_PER_SIGNATURE


def only(method: str, fault: Fault) -> Callable[[str], Fault | None]:
    return {method: fault}.get


async def test_where_nothing_lands_it_is_broken_off_and_taken_up_again() -> None:
    site = Site()
    with FaultyNode(site.chain, only("", Fault.CUT)) as node:
        async with connect([node.url]) as connection:
            deployment = site.deployment(connection)
            plan = await deployment.plan()

            def land() -> None:  # once the buffer is there
                faults = {"sendTransaction": Fault.DROPPED, "getBlockHeight": Fault.EXPIRING}
                node.choose = faults.get

            with pytest.raises(DeployError) as broken_off:
                await deployment.carry_out(plan, land)
            node.choose = only("", Fault.CUT)
            await deployment.carry_out(await deployment.plan())

    assert str(broken_off.value) == (
        f"nothing lands of what is written to buffer {deployment.buffer}; "
        "run the same again later, or try another --url"
    )
    site.assert_deployed_and_paid_once()


async def test_where_no_node_answers_any_more() -> None:
    site = Site()
    with FaultyNode(site.chain, only("", Fault.CUT)) as node:
        async with connect([node.url]) as connection:
            deployment = site.deployment(connection)
            plan = await deployment.plan()

            def land() -> None:
                node.choose = lambda _: Fault.BUSY

            with pytest.raises(NodeError) as silence:
                await deployment.carry_out(plan, land)
            node.choose = only("", Fault.CUT)
            await deployment.carry_out(await deployment.plan())

    assert str(silence.value).startswith(f"no usable answer from {node.url}: ")
    site.assert_deployed_and_paid_once()
