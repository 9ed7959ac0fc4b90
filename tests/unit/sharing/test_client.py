"""The community's client: settling in one go, resumed, and refused before anything begins."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from solders.instruction import Instruction
from solders.keypair import Keypair
from solders.signature import Signature

from amalgam.chain.errors import AssertionRefused
from amalgam.sharing import client as of_client
from amalgam.sharing import program as energy_sharing
from amalgam.sharing.client import CommunityAudit, EnergySharingClient, Statement, UnsettleableError
from amalgam.sharing.program import State
from amalgam.sharing.settlement import Line
from tests.support.sharing import (
    DIGEST,
    ENDS,
    FEE,
    LINES,
    OBJECTION_TIME,
    PREPAID,
    RESERVE,
    SETTLES,
    STARTS,
    Sharing,
)
from tests.support.stage import Beginnings

pytestmark = pytest.mark.embedded


@pytest.fixture
def beginnings(request: pytest.FixtureRequest) -> Beginnings:
    """Of this test alone: what was there before would be found too."""
    return Beginnings(request.node.nodeid)


@pytest.fixture
async def sharing(sharing: Sharing) -> Sharing:
    """No period is under way."""
    await sharing.run("withdraw_period")
    return sharing


@pytest.fixture
def client(sharing: Sharing) -> EnergySharingClient:
    return EnergySharingClient(sharing.client, sharing.fee_payer)


def statement(sharing: Sharing, *, starts_at: int = STARTS, ends_at: int = ENDS, **changes: int) -> Statement:
    """Of the usual lines; the owner's with changes."""
    lines = {name: Line(name, *line.values()) for name, line in LINES.items()}
    lines["owner"] = lines["owner"]._replace(**changes)
    return Statement(starts_at, ends_at, bytes(DIGEST), {sharing[name]: each for name, each in lines.items()})


async def settle(sharing: Sharing, client: EnergySharingClient, **changes: int) -> of_client.Settlement:
    return await client.settle(sharing["community"], statement(sharing, **changes), sharing.key("operator"))


async def test_settles_in_two_goes(sharing: Sharing, client: EnergySharingClient) -> None:
    steps: list[int] = []
    first = await client.settle(
        sharing["community"], statement(sharing), sharing.key("operator"), lambda: steps.append(1)
    )
    assert (first.period.state, first.period.number, first.period.posted_count) == (State.CLOSED, 1, 3)
    assert (len(first.signatures), len(steps)) == (3, 3)
    again = await settle(sharing, client)
    assert (again.period, again.signatures) == (first.period, [])

    sharing.travel_to(SETTLES)
    last = await client.settle(
        sharing["community"], statement(sharing), sharing.key("operator"), lambda: steps.append(1)
    )
    assert (last.period.state, len(last.signatures), len(steps)) == (State.SETTLED, 1, 6)
    audit = await client.audit(sharing["community"])
    assert audit.violations == []
    assert audit.community.reserve == RESERVE + FEE
    assert (await settle(sharing, client)).signatures == []


async def test_goes_on_where_it_was(
    sharing: Sharing, client: EnergySharingClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whichever of its transactions is the last before it is broken off; with one line in each."""

    class Broken(Exception):  # noqa: N818 (not an error of ours)
        pass

    async def send(instructions: Sequence[Instruction], *signers: Keypair, purpose: str) -> Signature:
        nonlocal left
        if not left:
            raise Broken
        left -= 1
        return await sending(instructions, *signers, purpose=purpose)

    sending = client.sender.send
    monkeypatch.setattr(client.sender, "send", send)
    monkeypatch.setattr(of_client, "packed", lambda groups, _: [slice(i, i + 1) for i in range(len(groups))])
    for allowed in (0, 1, 1, 1, 1):  # nothing, begun, three lines
        left = allowed
        with pytest.raises(Broken):
            await settle(sharing, client)
    period = await client.period(sharing["second_period"])
    assert (period.state, period.posted_count) == (State.POSTING, 3)
    left = 1
    await settle(sharing, client)
    sharing.travel_to(SETTLES)
    for allowed in (0, 1, 1):
        left = allowed
        with pytest.raises(Broken):
            await settle(sharing, client)
    left = 1
    done = await settle(sharing, client)

    assert done.period.state is State.SETTLED
    participants = {each.owner: each.funds for each in await client.participants(sharing["community"])}
    assert participants == {
        sharing[name]: PREPAID - line["charge"] + line["credit"] for name, line in LINES.items()
    }


async def test_takes_period_accounts_in_turn(
    sharing: Sharing, client: EnergySharingClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(of_client, "PERIODS", 2)
    numbers = []
    for month in range(4):
        times = {"starts_at": ENDS + month, "ends_at": ENDS + month + 1, "charge": 1_124}
        sharing.travel_to(ENDS + month + 1)
        await settle(sharing, client, **times)
        sharing.travel_to(ENDS + month + 1 + OBJECTION_TIME)
        numbers.append((await settle(sharing, client, **times)).period.number)
        await sharing.run("deposit", amount=750)
    assert numbers == [1, 0, 1, 0]


async def test_posts_anew_what_was_withdrawn(sharing: Sharing, client: EnergySharingClient) -> None:
    first = await settle(sharing, client)
    await sharing.run("withdraw_period", second=True)
    again = await settle(sharing, client)

    assert again.period.state is State.CLOSED
    assert again.period.run > first.period.run


@pytest.mark.parametrize(
    ("withdrawn", "limit", "reserve", "charge", "message"),
    [
        (0, 0, 0, 1_206, "charges of 1506 exceed credits of 1424 by another fee than 500 basis points"),
        (0, 0, 0, 1_123, "charges of 1423 exceed credits of 1424 by another fee than 500 basis points"),
        (900, 99, 0, 1_200, "owner ({owner}) lacks 1 base units"),
        (900, 100, 901, 1_200, "loans of 100 base units exceed the free reserve of 99"),
    ],
)
async def test_refuses_before_anything_begins(
    sharing: Sharing,
    client: EnergySharingClient,
    withdrawn: int,
    limit: int,
    reserve: int,
    charge: int,
    message: str,
) -> None:
    await sharing.run("set_credit_limit", credit_limit=limit)
    if withdrawn:
        await sharing.run("withdraw", amount=withdrawn)
    if reserve:
        await sharing.run("withdraw_reserve", amount=reserve)
    before = await sharing.raw()
    with pytest.raises(UnsettleableError) as refused:
        await settle(sharing, client, charge=charge)
    assert str(refused.value).partition(";")[0] == message.format(owner=sharing["owner"])
    assert await sharing.raw() == before


async def test_everybody_needs_a_line(sharing: Sharing, client: EnergySharingClient) -> None:
    community, operator = sharing["community"], sharing.key("operator")
    whole = statement(sharing)
    lines = {sharing["newcomer"]: Line("newcomer", 0, 0, 0, 0)}
    with pytest.raises(UnsettleableError) as refused:
        await client.settle(community, whole._replace(lines=whole.lines | lines), operator)
    assert str(refused.value) == f"{sharing['newcomer']} are not admitted; admit them first"
    with pytest.raises(UnsettleableError) as refused:
        await client.settle(community, whole._replace(lines={}), operator)
    first = min(str(sharing[name]) for name in LINES)
    assert str(refused.value) == (
        f"{first} and 2 more are admitted and have no line; name them in the community's file, or have them "
        "leave"
    )


async def test_what_is_settled_stays(sharing: Sharing, client: EnergySharingClient) -> None:
    await settle(sharing, client)
    sharing.travel_to(SETTLES)
    await settle(sharing, client)
    with pytest.raises(UnsettleableError) as refused:
        await settle(sharing, client, starts_at=STARTS + 1)
    assert str(refused.value) == (
        f"{sharing['community']} is settled until {ENDS}, with other readings or another rule; correct what "
        "is wrong in the next period"
    )


async def test_another_period_is_under_way(sharing: Sharing, client: EnergySharingClient) -> None:
    await sharing.run("begin_period")
    with pytest.raises(UnsettleableError) as refused:
        await settle(sharing, client, starts_at=STARTS + 1)
    assert str(refused.value) == (
        f"another period is under way in {sharing['community']}, number 0 from {STARTS} to {ENDS}; settle it "
        "first, or withdraw it"
    )


async def test_another_authority_is_refused(sharing: Sharing, client: EnergySharingClient) -> None:
    with pytest.raises(AssertionRefused, match="signer is not the authority"):
        await client.settle(sharing["community"], statement(sharing), sharing.key("thief"))


async def test_reads_what_there_is(sharing: Sharing, client: EnergySharingClient) -> None:
    community, owner = sharing["community"], sharing["owner"]
    assert (await client.community(community)).authority == sharing["operator"]
    assert (await client.participant(community, owner)).funds == PREPAID
    assert [each.number for each in await client.periods(community)] == [0]
    period = sharing["period"]
    assert not (await client.line(period, sharing["owner_participant"])).settled
    assert len(await client.lines(period)) == 3
    for missing in (client.community(owner), client.participant(community, community), client.period(owner)):
        with pytest.raises(LookupError, match=r"^there is no "):
            await missing


async def test_an_audit_says_what_does_not_hold(sharing: Sharing, client: EnergySharingClient) -> None:
    await sharing.run("begin_period")
    await sharing.close()
    await sharing.settle("owner")
    audit = await client.audit(sharing["community"])
    assert (audit.funds, audit.pot, audit.held, audit.violations) == (4_800, 1_200, 7_000, [])

    community = replace(audit.community, prepaid=4_799, participant_count=2, reserve_pledged=1_001)
    wrong = [replace(each, owed=1) for each in audit.participants]
    assert CommunityAudit(community, wrong, audit.period, 6_998).violations == [
        "participants have 4800, the community counts 4799",
        "the vault has 6998, and 6999 are due",
        "3 are admitted, the community counts 2",
        "3 participants have a balance and a debt",
        "1001 of 1000 in the reserve are pledged",
    ]
    with pytest.raises(LookupError, match=r"^there is no Community at "):
        await client.audit(sharing["rival_community"])


async def test_sends_what_the_program_builds(sharing: Sharing, client: EnergySharingClient) -> None:
    newcomer = sharing.key("newcomer")
    at = {"community": sharing["community"], "owner": newcomer.pubkey()}
    await client.send(energy_sharing.open_participant(payer=client.payer_address, **at))
    await client.send(
        energy_sharing.admit(authority=sharing["operator"], **at, credit_limit=3), sharing.key("operator")
    )
    assert (await client.participant(**at)).credit_limit == 3
    await client.send(energy_sharing.leave(signer=newcomer.pubkey(), **at), newcomer)
