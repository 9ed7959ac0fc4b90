"""The members of a battery, as the command opens, shows and limits them."""

from dataclasses import replace

from amalgam.battery.program import POLICY_LIMIT, Member
from tests.support.battery import ALLOCATION_LIFETIME
from tests.support.node import NOON
from tests.unit.cli.conftest import NOBODY, REFUSALS, Town


def test_open(town: Town) -> None:
    before, newcomer = town.state(), town["newcomer"]
    assert town.done("member", "open", town.battery, newcomer) == f"Opened member 3, {newcomer}"
    opened = Member(newcomer, town.battery, 0, 0, POLICY_LIMIT, 0)
    battery = replace(before["battery"], member_count=3, sequence=4)
    assert town.state() == {**before, "battery": battery, "newcomer": opened}
    assert town.refusal("member", "open", town.battery, newcomer) == (
        1,
        "AccountAlreadyInUse: There is an account at that address already. Use it, or another address.",
    )


def test_open_for_oneself(town: Town) -> None:
    town.lines("member", "open", town.battery, by="newcomer")
    assert "newcomer" in town.state()


def test_show(town: Town) -> None:
    owner = town["owner"]
    nothing = [
        f"Member        {owner}",
        f"Battery       {town.battery}",
        "Balance       0.000 kWh",
        "Allocated     0.000 kWh",
        "Withdrawable  0.000 kWh",
        "Limit         4.000 kWh allocated at once",
    ]
    assert town.lines("member", "show", town.battery, owner) == nothing
    assert town.lines("member", "show", town.battery, by="owner") == nothing
    town.deposit("owner", 5_000)
    town.allocate("owner", 1_000)
    town.lines("member", "limit", town.battery, owner, "2kWh")
    assert town.lines("member", "show", town.battery, owner)[2:] == [
        "Balance       4.500 kWh",
        "Allocated     1.000 kWh until 2026-06-22 12:00:00 UTC",
        "Withdrawable  3.500 kWh",
        "Limit         2.000 kWh allocated at once, their own",
    ]
    assert town.json("member", "show", town.battery, owner) == {
        "address": str(town.member("owner")),
        "owner": str(owner),
        "battery": str(town.battery),
        "balance": 4_500,
        "allocated": 1_000,
        "allocation_limit": 2_000,
        "allocation_expiry": NOON + ALLOCATION_LIFETIME,
        "allocation_limit_in_force": 2_000,
        "unit": "Wh",
    }
    for owner in (town["newcomer"], NOBODY):
        assert town.refusal("member", "show", town.battery, owner) == (
            3,
            f"there is no member {owner} of battery {town.battery} on {town.cluster}; "
            f"run: amalgam member open {town.battery} {owner}",
        )


def test_list(town: Town) -> None:
    town.deposit("owner", 5_000)
    town.allocate("owner", 1_000)
    town.node.asked.clear()
    titles, rule, *rows, _, total = town.lines("member", "list", town.battery)
    assert town.node.methods().count("getProgramAccounts") == 1
    assert len(town.node.asked) == 3  # the genesis hash and the battery before it
    assert titles.split() == ["Member", "Balance", "Allocated", "Until", "Limit"]
    assert set(rule) == {"─"}
    assert sorted(map(str.split, rows)) == sorted(
        [
            [str(town["owner"]), "4.500", "1.000", "2026-06-22", "12:00:00", "UTC", "4.000"],
            [str(town["neighbour"]), "0.000", "0.000", "4.000"],
        ]
    )
    assert total.split() == ["All", "2,", "in", "kWh", "4.500", "1.000"]
    answer = town.json("member", "list", town.battery)
    members = {member.pop("owner"): member for member in answer.pop("members")}
    assert answer == {"battery": str(town.battery), "unit": "Wh"}
    common = {"battery": str(town.battery), "allocation_limit": None}
    assert members == {
        str(town["owner"]): {
            **common,
            "balance": 4_500,
            "allocated": 1_000,
            "allocation_expiry": NOON + ALLOCATION_LIFETIME,
        },
        str(town["neighbour"]): {**common, "balance": 0, "allocated": 0, "allocation_expiry": 0},
    }


def test_limit(town: Town) -> None:
    before, owner = town.state(), town["owner"]
    for number, (written, said, limit) in enumerate(
        [
            ("2kWh", "2.000 kWh", 2_000),
            ("0Wh", "0.000 kWh", 0),
            ("policy", "as the policy says", POLICY_LIMIT),
        ],
        start=4,
    ):
        done = town.done("member", "limit", town.battery, owner, written)
        assert done == f"Set the member's allocation limit: {said}"
        battery = replace(before["battery"], sequence=number)
        member = replace(before["owner"], allocation_limit=limit)
        assert town.state() == {**before, "battery": battery, "owner": member}


def test_a_limit_that_cannot_be(town: Town) -> None:
    def refused(owner: object, limit: str, by: str = "operator") -> tuple[int, str]:
        return town.refusal("member", "limit", town.battery, owner, limit, by=by)

    owner, newcomer = town["owner"], town["newcomer"]
    assert refused(owner, "2kWh", "owner") == (1, REFUSALS["signer is not the authority"])
    assert refused(owner, "none") == (
        2,
        "Invalid value for LIMIT: 'none' is not an amount; write it like 3.5kWh, 0.2m3 or 40kg",
    )
    assert refused(owner, "1t") == (
        2,
        "Invalid value for LIMIT: '1t' is waste, and this battery holds energy; "
        "write it like 300kWh or 3500Wh",
    )
    assert refused(newcomer, "2kWh") == (
        3,
        f"there is no member {newcomer} of battery {town.battery} on {town.cluster}; "
        f"run: amalgam member open {town.battery} {newcomer}",
    )
    assert refused("owner", "2kWh") == (
        2,
        "Invalid value for OWNER: 'owner' is not an address; one has 32 to 44 letters and digits, "
        "as `solana address` prints it",
    )


def test_no_battery(town: Town) -> None:
    complaint = town.nothing_at(NOBODY)
    assert town.refusal("member", "open", NOBODY) == (3, complaint)
    assert town.refusal("member", "show", NOBODY) == (3, complaint)
    assert town.refusal("member", "list", NOBODY) == (3, complaint)
    assert town.refusal("member", "limit", NOBODY, town["owner"], "2kWh") == (3, complaint)
