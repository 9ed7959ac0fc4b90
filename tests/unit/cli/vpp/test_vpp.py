"""Virtual power plants and their dispatches on the command line: each success beside its refusals."""

import json
from typing import Any

import pytest
from solders.account import Account
from solders.pubkey import Pubkey

from amalgam.chain.embedded import EmbeddedChain
from amalgam.vpp.program import (
    PROGRAM_ID,
    Commitment,
    Dispatch,
    Plant,
    commitment_address,
    dispatch_address,
    energy_vault_address,
    payment_vault_address,
    plant_address,
)
from tests.support.marketplace import TOKENS, Marketplace
from tests.support.node import NOON
from tests.unit.cli.conftest import NOBODY, Town, Traders

STARTS, ENDS = NOON + 3_600, NOON + 3 * 3_600
WINDOW = "from 2026-06-21 13:00:00 UTC to 2026-06-21 15:00:00 UTC"
COINS = 10**9  # of payment, everybody's but the newcomer's: 1,000 tokens


class Yard(Traders):
    """A town's command beside a virtual power plant, which pays with tokens of 6 decimals."""

    def __init__(self, town: Town, trade: Marketplace) -> None:
        super().__init__(town, trade)
        self.plant = plant_address(trade["operator"], trade.mints["energy"], trade.mints["payment"])
        for name in ("operator", "owner", "neighbour"):
            trade.give(name, "payment", COINS)

    def dispatch(self, number: int = 0) -> Pubkey:
        return dispatch_address(self.plant, number)

    def commitment(self, name: str, number: int = 0) -> Pubkey:
        return commitment_address(self.plant, self.trade[name], number)

    def plant_now(self) -> Plant:
        return Plant.from_bytes(self.trade.chain.account(self.plant).data)

    def dispatch_now(self, number: int = 0) -> Dispatch:
        return Dispatch.from_bytes(self.trade.chain.account(self.dispatch(number)).data)

    def commitment_now(self, name: str) -> Commitment:
        return Commitment.from_bytes(self.trade.chain.account(self.commitment(name)).data)

    def holdings(self) -> dict[str, tuple[int | None, int | None]]:
        """Energy and payment of everyone, and of the plant's vaults."""
        vaults = energy_vault_address(self.plant), payment_vault_address(self.plant)
        energy, payment = (self.trade.amount(vault) for vault in vaults)
        return {**self.trade.balances(), "vaults": (energy, payment)}

    def announcing(self, *options: object) -> tuple[object, ...]:
        """The command that announces 10 kWh, the hour after next, at 0.3/kWh; what is given last counts."""
        terms = ("--duration", "2h", "--price", "0.3/kWh", "--bond", "0.1/kWh", "--tolerance", "10%")
        return ("dispatch", "announce", self.plant, "10kWh", "--start", "1h", *terms, *options)

    def commit(self, **amounts: str) -> None:
        for name, amount in amounts.items():
            self.done("dispatch", "commit", self.dispatch(), amount, by=name)

    def deliver(self, **amounts: str) -> None:
        for name, amount in amounts.items():
            self.done("dispatch", "deliver", self.commitment(name), amount, by=name)

    def travel_to(self, moment: int) -> None:
        self.trade.chain.unix_timestamp = moment


@pytest.fixture
def empty_yard(town: Town, chain: EmbeddedChain, request: pytest.FixtureRequest) -> Yard:
    """No plant yet."""
    return Yard(town, Marketplace(chain, request.node.nodeid, town.keys))


@pytest.fixture
def yard(empty_yard: Yard) -> Yard:
    """The operator's plant."""
    mints = empty_yard.trade.mints
    empty_yard.done("vpp", "create", mints["energy"], mints["payment"])
    return empty_yard


@pytest.fixture
def announced(yard: Yard) -> Yard:
    """A dispatch that takes commitments."""
    yard.done(*yard.announcing())
    return yard


@pytest.fixture
def ended(announced: Yard) -> Yard:
    """The owner has delivered more than committed, and the neighbour half of it; the dispatch has ended."""
    announced.commit(owner="4kWh", neighbour="2kWh")
    announced.travel_to(STARTS)
    announced.deliver(owner="4.4kWh", neighbour="1kWh")
    announced.travel_to(ENDS)
    return announced


# Plants


def test_create(empty_yard: Yard) -> None:
    yard, mints = empty_yard, empty_yard.trade.mints
    assert yard.done("vpp", "create", mints["energy"], mints["payment"]) == [
        f"Created virtual power plant {yard.plant}",
        f"Opened its payment vault {payment_vault_address(yard.plant)}",
    ]
    plant = yard.plant_now()
    assert (plant.authority, plant.sequence, plant.paused) == (yard.trade["operator"], 2, False)


def test_create_for_programs(empty_yard: Yard) -> None:
    mints = empty_yard.trade.mints
    answer = empty_yard.town.json("vpp", "create", mints["energy"], mints["payment"])
    assert answer["plant"] == str(empty_yard.plant)
    assert [event["event"] for event in answer["events"]] == ["Initialized", "PaymentVaultOpened"]


def test_what_cannot_be_created(empty_yard: Yard) -> None:
    mints, town = empty_yard.trade.mints, empty_yard.town
    assert empty_yard.refusal("vpp", "create", mints["energy"], NOBODY) == (
        3,
        f"there is no mint at {NOBODY} on {town.cluster}; check the address and --url",
    )
    create = ("vpp", "create", mints["payment"], mints["energy"])
    assert empty_yard.refused(*create) == "energy mint must have 3 decimals"
    assert empty_yard.trade.chain.account(empty_yard.plant) is None


def test_show(yard: Yard) -> None:
    trade = yard.trade
    assert yard.town.lines("vpp", "show", yard.plant) == [
        f"Plant         {yard.plant}",
        "Held          0.000 kWh and 0 of payments",
        "State         takes dispatches and commitments",
        f"Authority     {trade['operator']}",
        f"Energy mint   {trade.mints['energy']}",
        f"Payment mint  {trade.mints['payment']}",
        "Events        2",
    ]
    value = yard.town.json("vpp", "show", yard.plant)
    assert (value["address"], value["payment_held"], value["unit"]) == (str(yard.plant), 0, "Wh")
    assert yard.refusal("vpp", "show", NOBODY) == yard.not_found("virtual power plant")


def test_pause_and_resume(announced: Yard) -> None:
    assert announced.done("vpp", "pause", announced.plant) == ["Paused: no new dispatches and commitments"]
    assert announced.refused(*announced.announcing()) == "plant is paused"
    commit = ("dispatch", "commit", announced.dispatch(), "1kWh")
    assert announced.refused(*commit, by="owner") == "plant is paused"
    assert (
        announced.refused("vpp", "resume", announced.plant, by="neighbour") == "signer is not the authority"
    )
    assert announced.done("vpp", "resume", announced.plant) == ["Resumed: takes dispatches and commitments"]
    announced.done(*commit, by="owner")


def test_handover(yard: Yard) -> None:
    newcomer = yard.trade["newcomer"]
    assert yard.done("vpp", "handover", yard.plant, newcomer) == [f"Proposed {newcomer} as the authority"]
    assert f"Proposed      {newcomer}, who has to accept" in yard.town.lines("vpp", "show", yard.plant)
    assert yard.refused("vpp", "accept", yard.plant, by="neighbour") == "signer is not the proposed authority"
    assert yard.done("vpp", "accept", yard.plant, by="newcomer") == [
        f"Handed over to {newcomer}, the authority now"
    ]
    assert yard.plant_now().authority == newcomer


# Dispatches


def test_announce(yard: Yard) -> None:
    phrase = (
        f"Announced 10.000 kWh {WINDOW} at 0.3/kWh, 3 in escrow; "
        "bonds of 0.1/kWh, and 10 % more than committed may be delivered: dispatch"
    )
    assert yard.done(*yard.announcing()) == [
        f"Opened dispatch account {yard.dispatch()}",
        f"{phrase} {yard.dispatch()}",
    ]
    assert yard.holdings()["vaults"] == (0, 3_000_000)
    first = yard.dispatch_now()
    assert (first.starts_at, first.ends_at, first.target) == (STARTS, ENDS, 10_000)
    assert (first.price, first.bond_price, first.tolerance_bps) == (300_000, 100_000, 1_000)
    # One that is not settled keeps its account: the next takes another.
    answer = yard.town.json(*yard.announcing("--start", "2026-06-21T15:30+02:00", "--tolerance", "0%"))
    assert answer["events"][-1]["dispatch"] == str(yard.dispatch(1))
    second = yard.dispatch_now(1)
    assert (second.starts_at, second.tolerance_bps) == (NOON + 5_400, 0)


def test_announce_again_with_the_account_of_one_that_is_over(announced: Yard) -> None:
    announced.done("dispatch", "cancel", announced.dispatch())
    [done] = announced.done(*announced.announcing())
    assert done.endswith(f"dispatch {announced.dispatch()}")


def test_who_cannot_announce_what(yard: Yard) -> None:
    assert yard.refused(*yard.announcing(), by="neighbour") == "signer is not the authority"
    start = ("--start", "2026-06-21T12:00Z")
    assert yard.refused(*yard.announcing(*start)) == "dispatch starts in the past"
    assert yard.refused(*yard.announcing("--tolerance", "100%", "--start", "366d")) == (
        "dispatch ends more than a year ahead"
    )
    tokens, mint = yard.trade.tokens("newcomer", "payment"), yard.trade.mints["payment"]
    assert yard.refusal(*yard.announcing(), by="newcomer") == (
        3,
        f"there is no token account {tokens} on {yard.town.cluster}; "
        f"have tokens of mint {mint} sent to {yard.trade['newcomer']} first",
    )
    yard.trade.give("operator", "payment", 2_999_999)
    assert yard.refused(*yard.announcing()) == "InsufficientFunds"


@pytest.mark.parametrize(
    ("option", "text", "complaint"),
    [
        (
            "--start",
            "noon",
            "'noon' is not a time; write it like 2026-06-22T12:00+02:00, or 90m for so long from now",
        ),
        (
            "--start",
            "2026-06-22T12:00",
            "'2026-06-22T12:00' has no zone; add its offset, like 2026-06-22T12:00:00+02:00, or Z for UTC",
        ),
        ("--duration", "2", "'2' is not a duration; write it like 90m, 24h or 7d"),
        ("--bond", "0.1", "'0.1' is not a price; write it like 0.25/kWh, in tokens of the payment mint"),
        (
            "--price",
            "0.1234567/kWh",
            "0.1234567 is finer than the tokens paid with; round it to 6 decimals",
        ),
        ("--tolerance", "101%", "'101%' is not within 0.01% to 100%; correct it"),
    ],
)
def test_what_is_not_a_dispatch(yard: Yard, option: str, text: str, complaint: str) -> None:
    assert yard.refusal(*yard.announcing(option, text)) == (2, f"Invalid value for {option}: {complaint}")


def test_a_dry_run_announces_nothing(yard: Yard) -> None:
    before, landed = yard.holdings(), yard.town.latest()
    answer = yard.town.json(*yard.announcing("--dry-run"))
    assert answer["dry_run"] is True
    assert [event["event"] for event in answer["events"]] == ["DispatchOpened", "DispatchAnnounced"]
    kinds = {change["kind"] for change in answer["changes"]}
    assert kinds == {"wallet", "plant", "dispatch", "tokens", "vault"}
    cells = [" ".join(line.split()) for line in yard.town.lines(*yard.announcing("--dry-run"))]
    for shown in ("bond price - 0.1/kWh", "tolerance - 10 %", "target - 10.000 kWh", "reward - 3"):
        assert any(cell.startswith(f"dispatch {shown}") for cell in cells), shown
    for shown in ("vault payment 0 3", "tokens payment 1,000 997"):
        assert any(cell.startswith(shown) for cell in cells), shown
    assert (yard.holdings(), yard.town.latest()) == (before, landed)
    assert yard.trade.chain.account(yard.dispatch()) is None


def test_a_dry_run_delivers_nothing(announced: Yard) -> None:
    announced.commit(owner="4kWh")
    announced.travel_to(STARTS)
    before = announced.holdings()
    deliver = ("dispatch", "deliver", announced.commitment("owner"), "1kWh", "--dry-run")
    cells = [" ".join(line.split()) for line in announced.town.lines(*deliver, by="owner")]
    for shown in ("vault amount 0.000 kWh 1.000 kWh", "tokens amount 100.000 kWh 99.000 kWh"):
        assert any(cell.startswith(shown) for cell in cells), shown
    assert announced.holdings() == before


def test_list_and_show(announced: Yard) -> None:
    town, dispatch = announced.town, announced.dispatch()
    announced.commit(owner="4kWh")
    titles, _, row = town.lines("dispatch", "list", announced.plant)
    assert titles.split() == [
        *("From", "To", "Target,", "kWh", "Committed", "Delivered", "Price", "State", "Dispatch")
    ]
    assert " ".join(row.split()) == (
        "2026-06-21 13:00:00 UTC 2026-06-21 15:00:00 UTC 10.000 4.000 0.000 0.3/kWh "
        f"takes commitments until 2026-06-21 13:00:00 UTC {dispatch}"
    )
    [listed] = town.json("dispatch", "list", announced.plant)["dispatches"]
    assert (listed["address"], listed["target"]) == (str(dispatch), 10_000)
    assert town.lines("dispatch", "show", dispatch) == [
        f"Dispatch      {dispatch}",
        f"Plant         {announced.plant}",
        "State         takes commitments until 2026-06-21 13:00:00 UTC",
        f"Delivery      {WINDOW}",
        "Target        10.000 kWh at 0.3/kWh",
        "Terms         bonds of 0.1/kWh, and 10 % more than committed may be delivered",
        "Committed     4.000 kWh",
        "Delivered     0.000 kWh as committed, and 0.000 kWh beyond",
        "Paid in       a reward of 3, and bonds of 0.4",
        "Commitments   1, 0 of them settled",
        "Announcement  event 4",
    ]
    assert town.json("dispatch", "show", dispatch)["announcement"] == 4
    assert announced.refusal("dispatch", "show", NOBODY) == announced.not_found("dispatch")
    assert announced.refusal("dispatch", "list", NOBODY) == announced.not_found("virtual power plant")


def test_the_state_of_a_dispatch(announced: Yard) -> None:
    def state() -> str:
        return announced.town.json("dispatch", "show", announced.dispatch())["state"]

    announced.commit(owner="4kWh", neighbour="2kWh")
    announced.travel_to(STARTS)
    assert state() == "takes deliveries until 2026-06-21 15:00:00 UTC"
    announced.travel_to(ENDS)
    assert state() == "ended; the operator's part waits; 0 of 2 commitments settled"
    announced.done("dispatch", "settle", announced.dispatch(), "--only", announced.commitment("neighbour"))
    assert state() == "ended; the operator's part waits; 1 of 2 commitments settled"
    announced.town.lines("dispatch", "settle", announced.dispatch())
    assert state() == "settled by the operator; 2 of 2 commitments settled"


def test_cancel(announced: Yard) -> None:
    dispatch = announced.dispatch()
    announced.commit(owner="4kWh")
    assert announced.refused("dispatch", "cancel", dispatch, by="neighbour") == "signer is not the authority"
    assert announced.done("dispatch", "cancel", dispatch) == [
        f"Cancelled dispatch {dispatch}: the reward of 3 came back"
    ]
    assert announced.holdings()["operator"] == (0, COINS)
    assert announced.town.json("dispatch", "show", dispatch)["state"] == (
        "cancelled; 0 of 1 commitment settled"
    )
    assert announced.refused("dispatch", "cancel", dispatch) == "dispatch is not active"
    assert announced.town.lines("dispatch", "settle", dispatch, by="newcomer")[1:] == [
        "Settled 1 of 1 commitment",
        "Transactions sent: 1",
    ]
    assert announced.holdings()["owner"] == (TOKENS, COINS)
    assert announced.holdings()["vaults"] == (0, 0)


def test_it_is_too_late_to_cancel(announced: Yard) -> None:
    announced.travel_to(STARTS)
    assert announced.refused("dispatch", "cancel", announced.dispatch()) == "dispatch has started"


# Commitments


def test_commit_and_deliver(announced: Yard) -> None:
    trade, dispatch, mine = announced.trade, announced.dispatch(), announced.commitment("owner")
    commit = ("dispatch", "commit", dispatch)
    assert announced.refused(*commit, "10001Wh", by="owner") == "amount exceeds what is left of the target"
    assert announced.done(*commit, "4kWh", by="owner") == [
        f"Opened commitment account {mine} of {trade['owner']}",
        f"Committed to 4.000 kWh with a bond of 0.4, 4.000 kWh by all: commitment {mine}",
    ]
    answer = announced.town.json(*commit, "2kWh", by="neighbour")
    assert answer["events"][-1]["commitment"] == str(announced.commitment("neighbour"))
    assert [event["event"] for event in answer["events"]] == ["CommitmentOpened", "Committed"]
    assert announced.holdings()["vaults"] == (0, 3_600_000)
    announced.town.return_rent(mine, by="owner")

    deliver = ("dispatch", "deliver", mine)
    assert announced.refused(*deliver, "1kWh", by="owner") == "dispatch has not started"
    announced.travel_to(STARTS)
    assert announced.refused(*commit, "1kWh", by="owner") == "dispatch has started"
    assert announced.refused(*deliver, "1kWh", by="neighbour") == "commitment belongs to another owner"
    assert announced.done(*deliver, "1.5kWh", by="owner") == [
        "Delivered 1.500 kWh, 1.500 kWh so far; by all 1.500 kWh as committed, and 0.000 kWh beyond"
    ]
    assert announced.refused(*deliver, "2901Wh", by="owner") == (
        "amount exceeds the commitment and its tolerance"
    )
    assert announced.done(*deliver, "2900Wh", by="owner") == [
        "Delivered 2.900 kWh, 4.400 kWh so far; by all 4.000 kWh as committed, and 0.400 kWh beyond"
    ]
    assert announced.holdings()["owner"] == (TOKENS - 4_400, COINS - 400_000)
    assert announced.commitment_now("owner").delivered == 4_400
    announced.travel_to(ENDS)
    assert announced.refused(*deliver, "1Wh", by="owner") == "dispatch has ended"


def test_list_commitments(ended: Yard) -> None:
    titles, _, *rows = (
        line.split() for line in ended.town.lines("dispatch", "commitments", ended.dispatch())
    )
    assert titles == ["Committed,", "kWh", "Delivered", "Bond", "Commitment", "Owner"]
    assert sorted(rows) == [
        ["2.000", "1.000", "0.2", str(ended.commitment("neighbour")), str(ended.trade["neighbour"])],
        ["4.000", "4.400", "0.4", str(ended.commitment("owner")), str(ended.trade["owner"])],
    ]
    listed = ended.town.json("dispatch", "commitments", ended.dispatch())["commitments"]
    assert {each["address"]: each["delivered"] for each in listed} == {
        str(ended.commitment("owner")): 4_400,
        str(ended.commitment("neighbour")): 1_000,
    }
    ended.done("dispatch", "settle", ended.dispatch(), "--only", ended.commitment("neighbour"))
    listed = ended.town.json("dispatch", "commitments", ended.dispatch())["commitments"]
    assert [each["address"] for each in listed] == [str(ended.commitment("owner"))]


def test_a_second_commitment_and_one_with_the_account_of_the_first(announced: Yard) -> None:
    commit = ("dispatch", "commit", announced.dispatch(), "1kWh")
    announced.done(*commit, by="owner")
    second = announced.town.json(*commit, by="owner")["events"][-1]
    assert second["commitment"] == str(announced.commitment("owner", 1))
    announced.done("dispatch", "cancel", announced.dispatch())
    announced.town.lines("dispatch", "settle", announced.dispatch())
    announced.done(*announced.announcing())
    [done] = announced.done(*commit, by="owner")
    assert done.endswith(f"commitment {announced.commitment('owner')}")


def test_terms_that_have_changed_bind_nobody(announced: Yard) -> None:
    known = announced.dispatch_now().announcement
    announced.done("dispatch", "cancel", announced.dispatch())
    announced.done(*announced.announcing("--price", "0.01/kWh"))
    commit = ("dispatch", "commit", announced.dispatch(), "1kWh")
    assert announced.refused(*commit, "--announcement", known, by="owner") == "dispatch was announced anew"
    announced.done(*commit, "--announcement", announced.dispatch_now().announcement, by="owner")
    assert announced.refusal(*commit, "--announcement", "0", by="neighbour") == (
        2,
        "Invalid value for '--announcement': Input should be greater than or equal to 1",
    )


def test_what_is_not_there(announced: Yard) -> None:
    assert announced.refusal("dispatch", "commit", NOBODY, "1kWh") == announced.not_found("dispatch")
    assert announced.refusal("dispatch", "settle", NOBODY) == announced.not_found("dispatch")
    assert announced.refusal("dispatch", "deliver", NOBODY, "1kWh") == announced.not_found("commitment")
    tokens, mint = announced.trade.tokens("newcomer", "payment"), announced.trade.mints["payment"]
    assert announced.refusal("dispatch", "commit", announced.dispatch(), "1kWh", by="newcomer") == (
        3,
        f"there is no token account {tokens} on {announced.town.cluster}; "
        f"have tokens of mint {mint} sent to {announced.trade['newcomer']} first",
    )


# Settling


def test_settle(ended: Yard) -> None:
    town, landed = ended.town, ended.town.latest()
    assert town.lines("dispatch", "settle", ended.dispatch(), "--dry-run") == [
        "Dry run: nothing was sent. It would be so:",
        "The operator gets 5.400 kWh and 1.44",
        "Commitments settled: 2; their owners get 2.16",
    ]
    assert town.latest() == landed

    assert town.lines("dispatch", "settle", ended.dispatch(), by="newcomer") == [
        "Delivered 5.000 kWh as committed, and 0.400 kWh beyond",
        "Settled 2 of 2 commitments",
        "Transactions sent: 1",
    ]
    # The owner replaces 0.4 of the 1 kWh that the neighbour lacks: 0.12, its price, and 0.04 of the bond.
    assert ended.holdings() == {
        "operator": (5_400, COINS - 3_000_000 + 1_440_000),
        "owner": (TOKENS - 4_400, COINS + 1_200_000 + 160_000),
        "neighbour": (TOKENS - 1_000, COINS + 300_000 - 100_000),
        "newcomer": (None, None),
        "vaults": (0, 0),
    }
    answer = town.json("dispatch", "settle", ended.dispatch())
    assert (answer["operator_settled"], answer["settled"]) == (True, 2)
    assert (answer["signatures"], answer["unsettled"]) == ([], {})


def test_settle_one(ended: Yard) -> None:
    settle = ("dispatch", "settle", ended.dispatch(), "--only")
    owners = ended.commitment("owner")
    assert ended.done(*settle, owners, by="newcomer") == [
        f"Settled commitment {owners}: its owner got a reward of 1.2, 0.4 of the bond and 0.16 for surplus"
    ]
    assert ended.holdings()["vaults"] == (5_400, 3_600_000 - 1_760_000)
    assert ended.refused(*settle, owners) == "commitment is not active"
    assert ended.refusal(*settle, NOBODY) == ended.not_found("commitment")
    ended.travel_to(NOON)
    ended.done(*ended.announcing())
    other = ("dispatch", "settle", ended.dispatch(1), "--only", ended.commitment("neighbour"))
    assert ended.refused(*other) == "commitment belongs to another dispatch"


def test_a_dispatch_that_has_not_ended(announced: Yard) -> None:
    announced.commit(owner="4kWh")
    announced.travel_to(ENDS - 1)
    dispatch = announced.dispatch()
    for dry_run in ((), ("--dry-run",)):
        assert announced.refusal("dispatch", "settle", dispatch, *dry_run) == (
            1,
            f"dispatch {dispatch} has not ended; settle it from 2026-06-21 15:00:00 UTC on",
        )
    only = ("--only", announced.commitment("owner"))
    assert announced.refused("dispatch", "settle", dispatch, *only) == "dispatch has not ended"


def test_what_waits_is_told_and_settled_later(ended: Yard) -> None:
    held = ended.trade.amount(ended.trade.tokens("neighbour", "payment"))
    ended.trade.give("neighbour", "payment", held, frozen=True)
    result = ended.town.run("dispatch", "settle", ended.dispatch())
    assert result.exit_code == 1
    assert result.stdout.splitlines()[1] == "Settled 1 of 2 commitments"
    told = result.stderr.splitlines()
    assert told[0].startswith(
        f"amalgam: commitment {ended.commitment('neighbour')} waits on with 0.4 of payment "
        f"for {ended.trade['neighbour']}: AccountFrozen: "
    )
    assert told[1:] == [
        "amalgam: some could not be settled; once that is mended, "
        f"run: amalgam dispatch settle {ended.dispatch()}"
    ]
    ended.trade.give("neighbour", "payment", held)
    assert ended.town.lines("dispatch", "settle", ended.dispatch())[1:] == [
        "Settled 2 of 2 commitments",
        "Transactions sent: 1",
    ]
    assert ended.holdings()["vaults"] == (0, 0)


def test_the_operators_part_waits_alone(ended: Yard) -> None:
    held = ended.trade.amount(ended.trade.tokens("operator", "payment"))
    ended.trade.give("operator", "payment", held, frozen=True)
    result = ended.town.run("dispatch", "settle", ended.dispatch(), "--output", "json", by="newcomer")
    assert result.exit_code == 1
    assert result.stderr.startswith("amalgam: the operator's part waits on with 5.400 kWh and ")
    answer = json.loads(result.stdout)
    assert (answer["operator_settled"], answer["settled"]) == (False, 2)
    ((account, waits),) = answer["unsettled"].items()
    assert (account, waits["owner"]) == (str(ended.dispatch()), str(ended.trade["operator"]))
    assert (waits["energy"], waits["reason"].partition(":")[0]) == (5_400, "AccountFrozen")


def test_where_an_owner_has_no_account_any_more(ended: Yard) -> None:
    ended.town.close(ended.trade.tokens("neighbour", "payment"))
    mint = ended.trade.mints["payment"]
    result = ended.town.run("dispatch", "settle", ended.dispatch())
    assert result.exit_code == 1
    assert f"its owner runs: amalgam wallet open {mint}\n" in result.stderr
    ended.town.lines("wallet", "open", mint, by="neighbour")
    ended.town.lines("dispatch", "settle", ended.dispatch())
    assert ended.holdings()["neighbour"] == (TOKENS - 1_000, 400_000)


# Audits


def test_audit(ended: Yard) -> None:
    assert ended.town.lines("vpp", "audit", ended.plant) == [
        "Energy held            5.400 kWh",
        "  due                  5.400 kWh",
        "Energy in the vault    5.400 kWh",
        "  given to nobody      0.000 kWh",
        "Payments held          3.6",
        "  due                  3.6",
        "Payments in the vault  3.6",
        "  given to nobody      0",
        f"Audit                  all adds up, as of event {ended.plant_now().sequence}",
    ]
    assert ended.town.json("vpp", "audit", ended.plant) == {
        **{"plant": str(ended.plant), "sequence": ended.plant_now().sequence, "unit": "Wh"},
        **{"energy_held": 5_400, "energy_due": 5_400, "energy_vault": 5_400, "energy_donated": 0},
        **{"payment_held": 3_600_000, "payment_due": 3_600_000, "payment_vault": 3_600_000},
        **{"payment_donated": 0, "violations": []},
    }
    assert ended.refusal("vpp", "audit", NOBODY) == ended.not_found("virtual power plant")


def test_an_audit_of_what_does_not_add_up(ended: Yard) -> None:
    account: Any = ended.trade.chain.account(ended.plant)
    data = account.data.replace((5_400).to_bytes(8, "little"), (5_401).to_bytes(8, "little"), 1)
    ended.trade.chain.set_account(ended.plant, Account(account.lamports, data, PROGRAM_ID))
    result = ended.town.run("vpp", "audit", ended.plant)
    assert result.exit_code == 1
    assert result.stdout.splitlines()[-2:] == [
        "Wrong                  5400 of energy are due, the plant holds 5401",
        "Wrong                  the energy vault has 5400, the plant holds 5401",
    ]
    assert result.stderr == (
        "amalgam: what the chain holds does not add up; pause the plant and find out why\n"
    )
