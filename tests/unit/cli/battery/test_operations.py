"""What members do: each command's success, with all that changed, beside its refusals."""

from dataclasses import replace

import pytest

from amalgam.units import Resource
from tests.support.battery import ALLOCATION_LIFETIME
from tests.support.node import NOON
from tests.unit.cli.conftest import NOBODY, REFUSALS, Town


@pytest.fixture
def rich(town: Town) -> Town:
    """A town in which the owner has a balance of 3.15 kWh, and 1.5 kWh of it allocated."""
    town.deposit("owner", 3_500)
    town.allocate("owner", 1_500)
    return town


def test_deposit(town: Town) -> None:
    before = town.state()
    done = town.done("deposit", town.battery, "3.501kWh", by="owner")
    assert done == "Deposited 3.501 kWh: 3.150 kWh credited, 0.351 kWh lost; balance 3.150 kWh"
    assert town.state() == {
        **before,
        "battery": replace(before["battery"], available=3_150, sequence=4),
        "owner": replace(before["owner"], balance=3_150),
        "owner's tokens": 10_000 - 3_501,
        "vault": 3_150,
        "supply": 20_000 - 351,
    }


def test_deposit_from_another_account_of_the_owner(town: Town) -> None:
    town.lines("deposit", town.battery, "1kWh", "--source", town.tokens("owner"), by="owner")
    assert town.state()["owner's tokens"] == 9_000
    complaint = REFUSALS["source belongs to another owner"]
    assert town.refusal(
        "deposit", town.battery, "1kWh", "--source", town.tokens("neighbour"), by="owner"
    ) == (
        1,
        complaint,
    )


def test_what_cannot_be_deposited(town: Town) -> None:
    battery, mint, newcomer = town.battery, town.mint, town["newcomer"]
    assert town.refusal("deposit", battery, "10.001kWh", by="owner") == (
        1,
        "InsufficientFunds: The token account holds fewer tokens than that. Move fewer, or fund it.",
    )
    assert town.refusal("deposit", battery, "1kWh", by="newcomer") == (
        3,
        f"there is no member {newcomer} of battery {battery} on {town.cluster}; "
        f"run: amalgam member open {battery} {newcomer}",
    )
    town.lines("member", "open", battery, newcomer)
    assert town.refusal("deposit", battery, "1kWh", by="newcomer") == (
        3,
        f"there is no token account {town.tokens('newcomer')} of {newcomer} on {town.cluster}; "
        f"have tokens issued to it: amalgam mint issue {mint} 1kWh {newcomer}",
    )
    town.lines("battery", "pause", battery)
    assert town.refusal("deposit", battery, "1kWh", by="owner") == (1, REFUSALS["battery is paused"])


def test_withdraw(rich: Town) -> None:
    before = rich.state()
    assert rich.done("withdraw", rich.battery, "1kWh", by="owner") == "Withdrew 1.000 kWh; balance 2.150 kWh"
    assert rich.state() == {
        **before,
        "battery": replace(before["battery"], available=650, sequence=6),
        "owner": replace(before["owner"], balance=2_150),
        "owner's tokens": before["owner's tokens"] + 1_000,
        "vault": 2_150,
    }
    complaint = REFUSALS["amount exceeds the unallocated balance"]
    assert rich.refusal(
        "withdraw", rich.battery, "651Wh", "--destination", rich.tokens("neighbour"), by="neighbour"
    ) == (
        1,
        REFUSALS["amount exceeds the balance"],
    )
    rich.deposit("neighbour", 1_000)
    assert rich.refusal("withdraw", rich.battery, "651Wh", by="owner") == (1, complaint)


def test_withdraw_to_another_account(rich: Town) -> None:
    rich.lines("withdraw", rich.battery, "1kWh", "--destination", rich.tokens("neighbour"), by="owner")
    assert rich.state()["neighbour's tokens"] == 11_000
    vault = rich.state()["vault"]
    assert rich.refusal("withdraw", rich.battery, "1Wh", "--destination", rich.mint, by="owner")[0] == 1
    assert rich.state()["vault"] == vault


def test_withdraw_makes_a_token_account_that_is_missing(rich: Town) -> None:
    """Also where somebody else pays for it."""
    rich.lines("mint", "issue", rich.mint, "1kWh", rich["newcomer"])
    rich.lines("member", "open", rich.battery, rich["newcomer"])
    rich.deposit("newcomer", 1_000)
    rich.close(rich.tokens("newcomer"))
    assert rich.state()["newcomer's tokens"] is None
    lamports = rich.chain.balance(rich["newcomer"])
    rich.lines("withdraw", rich.battery, "900Wh", "--fee-payer", rich.keypair("operator"), by="newcomer")
    assert rich.state()["newcomer's tokens"] == 900
    assert rich.chain.balance(rich["newcomer"]) == lamports


def test_allocate(town: Town) -> None:
    town.deposit("owner", 9_000)
    before = town.state()
    done = town.done("allocate", town.battery, "1.5kWh", by="owner")
    assert done == "Allocated 1.500 kWh; 1.500 kWh allocated until 2026-06-22 12:00:00 UTC"
    expiry = NOON + ALLOCATION_LIFETIME
    assert town.state() == {
        **before,
        "battery": replace(before["battery"], available=6_600, allocated=1_500, sequence=5),
        "owner": replace(before["owner"], allocated=1_500, allocation_expiry=expiry),
    }
    assert town.refusal("allocate", town.battery, "2501Wh", by="owner") == (
        1,
        REFUSALS["amount exceeds the allocation limit"],
    )


def test_deallocate(rich: Town) -> None:
    before = rich.state()
    done = rich.done("deallocate", rich.battery, "0.5 kWh", by="owner")
    assert done == "Deallocated 0.500 kWh; 1.000 kWh allocated"
    assert rich.state() == {
        **before,
        "battery": replace(before["battery"], available=2_150, allocated=1_000, sequence=6),
        "owner": replace(before["owner"], allocated=1_000),
    }
    assert rich.refusal("deallocate", rich.battery, "1001Wh", by="owner") == (
        1,
        REFUSALS["amount exceeds what is allocated"],
    )


def test_consume(rich: Town) -> None:
    before = rich.state()
    done = rich.done("consume", rich.battery, "500Wh", by="owner")
    assert done == "Consumed 0.500 kWh; balance 2.650 kWh, 1.000 kWh allocated"
    assert rich.state() == {
        **before,
        "battery": replace(before["battery"], allocated=1_000, sequence=6),
        "owner": replace(before["owner"], balance=2_650, allocated=1_000),
        "vault": 2_650,
        "supply": before["supply"] - 500,
    }
    rich.chain.unix_timestamp = NOON + ALLOCATION_LIFETIME
    assert rich.refusal("consume", rich.battery, "500Wh", by="owner") == (
        1,
        REFUSALS["allocation has expired"],
    )


def test_release(rich: Town) -> None:
    owner = rich["owner"]
    assert rich.refusal("release", rich.battery, owner) == (1, REFUSALS["allocation has not expired"])
    before = rich.state()
    rich.chain.unix_timestamp = NOON + ALLOCATION_LIFETIME
    assert rich.done("release", rich.battery, owner) == "Released the expired allocation of 1.500 kWh"
    assert rich.state() == {
        **before,
        "battery": replace(before["battery"], available=3_150, allocated=0, sequence=6),
        "owner": replace(before["owner"], allocated=0),
    }
    assert rich.refusal("release", rich.battery, by="owner") == (1, REFUSALS["nothing is allocated"])


def test_json_tells_the_events_and_the_signature(rich: Town) -> None:
    answer = rich.json("consume", rich.battery, "500Wh", by="owner")
    signature = str(rich.latest())
    assert answer == {
        "signature": signature,
        "resumed": False,
        "events": [
            {
                "sequence": 6,
                "event": "Consumed",
                "unix_timestamp": NOON,
                "slot": rich.chain.landed(rich.latest()).slot,
                "signature": signature,
                "battery": str(rich.battery),
                "member": str(rich.member("owner")),
                "amount": 500,
                "balance": 2_650,
                "member_allocated": 1_000,
                "available": 1_650,
                "allocated": 1_000,
            }
        ],
        "unit": "Wh",
    }


def test_a_dry_run_shows_what_would_change_and_sends_nothing(town: Town) -> None:
    before, landed = town.state(), town.latest()
    arguments = ("deposit", town.battery, "3.5kWh", "--dry-run")
    lines = town.lines(*arguments, by="owner")
    assert lines[:2] == [
        "Dry run: nothing was sent. It would be so:",
        "Deposited 3.500 kWh: 3.150 kWh credited, 0.350 kWh lost; balance 3.150 kWh",
    ]
    assert [line.split() for line in lines[4:]] == [
        ["wallet", "SOL", "10.000000000", "9.999995000", str(town["owner"])],
        ["battery", "available", "0.000", "kWh", "3.150", "kWh", str(town.battery)],
        ["battery", "sequence", "3", "4", str(town.battery)],
        ["member", "balance", "0.000", "kWh", "3.150", "kWh", str(town.member("owner"))],
        ["mint", "supply", "20.000", "kWh", "19.650", "kWh", str(town.mint)],
        ["vault", "amount", "0.000", "kWh", "3.150", "kWh", str(before["battery"].vault)],
        ["tokens", "amount", "10.000", "kWh", "6.500", "kWh", str(town.tokens("owner"))],
    ]
    answer = town.json(*arguments, by="owner")
    assert (answer["dry_run"], answer["unit"]) == (True, "Wh")
    assert [event["event"] for event in answer["events"]] == ["Deposited"]
    assert answer["changes"][-1] == {
        "kind": "tokens",
        "address": str(town.tokens("owner")),
        "before": {"amount": 10_000},
        "after": {"amount": 6_500},
    }
    assert town.refusal("deposit", town.battery, "11kWh", "--dry-run", by="owner")[0] == 1
    assert (town.state(), town.latest()) == (before, landed)


@pytest.mark.parametrize(
    ("resource", "amount", "done", "refused", "complaint"),
    [
        (
            Resource.WATER,
            "150L",
            "Deposited 0.150 m³: 0.135 m³ credited, 0.015 m³ evaporated; balance 0.135 m³",
            "1kWh",
            "'1kWh' is energy, and this reservoir holds water; write it like 0.2m3 or 150L",
        ),
        (
            Resource.WASTE,
            "40kg",
            "Deposited 0.040 t: 0.036 t credited, 0.004 t sorted out; balance 0.036 t",
            "150L",
            "'150L' is water, and this treatment plant holds waste; write it like 1.2t or 40kg",
        ),
    ],
)
def test_each_resource_in_its_own_units(
    town: Town, resource: Resource, amount: str, done: str, refused: str, complaint: str
) -> None:
    battery = town.begin(resource)
    assert town.refusal("deposit", battery, refused, by="owner") == (
        2,
        f"Invalid value for AMOUNT: {complaint}",
    )
    assert town.done("deposit", battery, amount, by="owner") == done


@pytest.mark.parametrize(
    ("amount", "complaint"),
    [
        ("3", "'3' is not an amount; write it like 3.5kWh, 0.2m3 or 40kg"),
        (
            "1,5kWh",
            "'1,5kWh' has a comma; write a point before decimals and no mark between thousands",
        ),
        ("0.5Wh", "'0.5Wh' is finer than 1 Wh; round it to whole Wh"),
        ("0kWh", "'0kWh' is nothing; give at least 1 Wh"),
        ("150L", "'150L' is water, and this battery holds energy; write it like 300kWh or 3500Wh"),
    ],
)
def test_an_unusable_amount(town: Town, amount: str, complaint: str) -> None:
    for command in ("deposit", "withdraw", "allocate", "deallocate", "consume"):
        assert town.refusal(command, town.battery, amount, by="owner") == (
            2,
            f"Invalid value for AMOUNT: {complaint}",
        )


def test_no_battery(town: Town) -> None:
    """Where there is nothing, and where there is another account: another program's, and a member's."""
    for address in (NOBODY, town.mint, town.member("owner")):
        complaint = town.nothing_at(address)
        for command in ("deposit", "withdraw", "allocate", "deallocate", "consume"):
            assert town.refusal(command, address, "1kWh", by="owner") == (3, complaint)
        assert town.refusal("release", address, by="owner") == (3, complaint)
