"""What operators do with a battery: each command's success, with all that changed, beside its refusals."""

import asyncio
import re
from dataclasses import replace

import pytest
from solders.pubkey import Pubkey

from amalgam.battery.program import PROGRAM_ID, Battery, battery_address, vault_address
from amalgam.units import Resource
from tests.support.node import Node
from tests.unit.cli.conftest import NOBODY, REFUSALS, Town

POLICY = "capacity 20.000 kWh, crediting 90 % of deposits; each member may allocate 4.000 kWh for 24 h"


def battery_at(town: Town, address: Pubkey) -> Battery:
    return asyncio.run(town.client.battery(address))


@pytest.mark.parametrize(
    ("options", "resource", "policy", "said"),
    [
        (
            ["battery", "--capacity", "300kWh"],
            Resource.ENERGY,
            (300_000, 300_000, 86_400, 10_000),
            "battery {}: capacity 300.000 kWh, crediting 100 % of deposits; "
            "each member may allocate 300.000 kWh for 24 h",
        ),
        (
            ["reservoir", "--capacity", "50m3", "--allocation-limit", "500L", "--allocation-lifetime", "90m"],
            Resource.WATER,
            (50_000, 500, 5_400, 10_000),
            "reservoir {}: capacity 50.000 m³, crediting 100 % of deposits; "
            "each member may allocate 0.500 m³ for 90 min",
        ),
        (
            ["treatment-plant", "--capacity", "20t", "--efficiency", "92.5%", "--allocation-lifetime", "7d"],
            Resource.WASTE,
            (20_000, 20_000, 604_800, 9_250),
            "treatment plant {}: capacity 20.000 t, crediting 92.5 % of deposits; "
            "each member may allocate 20.000 t for 7 d",
        ),
    ],
)
def test_create(
    town: Town, options: list[str], resource: Resource, policy: tuple[int, ...], said: str
) -> None:
    command, *options = options
    owner = town["owner"]
    address = battery_address(owner, town.mint)
    done = town.done(command, "create", town.mint, *options, by="owner")
    assert done == f"Created {said.format(address)}"
    capacity, allocation_limit, allocation_lifetime, efficiency_bps = policy
    assert battery_at(town, address) == Battery(
        creator=owner,
        authority=owner,
        pending_authority=owner,
        mint=town.mint,
        vault=vault_address(address),
        capacity=capacity,
        available=0,
        allocated=0,
        allocation_limit=allocation_limit,
        allocation_lifetime=allocation_lifetime,
        member_count=0,
        sequence=1,
        efficiency_bps=efficiency_bps,
        resource=resource,
        paused=False,
        bump=battery_at(town, address).bump,
    )


def test_what_cannot_be_created(town: Town) -> None:
    def refused(*options: str) -> tuple[int, str]:
        return town.refusal("battery", "create", town.mint, *options, by="owner")

    assert refused() == (2, "Missing option '--capacity'; see amalgam battery create --help")
    assert refused("--capacity", "300") == (
        2,
        "Invalid value for --capacity: '300' is not an amount; write it like 3.5kWh, 0.2m3 or 40kg",
    )
    assert refused("--capacity", "50m3") == (
        2,
        "Invalid value for --capacity: '50m3' is water, and this battery holds energy; "
        "write it like 300kWh or 3500Wh",
    )
    assert refused("--capacity", "300kWh", "--allocation-limit", "1m3") == (
        2,
        "Invalid value for --allocation-limit: '1m3' is water, and this battery holds energy; "
        "write it like 300kWh or 3500Wh",
    )
    assert refused("--capacity", "300kWh", "--allocation-lifetime", "1 week") == (
        2,
        "Invalid value for --allocation-lifetime: '1 week' is not a duration; write it like 90m, 24h or 7d",
    )
    assert refused("--capacity", "300kWh", "--efficiency", "95") == (
        2,
        "Invalid value for --efficiency: '95' is not a percentage; write it like 95%",
    )
    assert refused("--capacity", "300kWh", "--allocation-lifetime", "366d") == (
        1,
        REFUSALS["allocation lifetime exceeds a year"],
    )
    assert refused("--capacity", "1kWh", "--allocation-limit", "2kWh") == (
        1,
        REFUSALS["allocation limit exceeds the capacity"],
    )
    assert town.refusal("battery", "create", town.mint, "--capacity", "1kWh") == (
        1,
        "AccountAlreadyInUse: There is an account at that address already. Use it, or another address.",
    )
    for address in (NOBODY, town.tokens("owner"), town.battery):
        assert town.refusal("battery", "create", address, "--capacity", "1kWh") == (
            3,
            f"there is no mint at {address} on {town.cluster}; check the address and --url",
        )
    assert town.refusal("battery", "create", town.new_mint(decimals=6), "--capacity", "1kWh") == (
        1,
        REFUSALS["mint must have 3 decimals"],
    )
    assert town.refusal("battery", "create", "so11", "--capacity", "1kWh") == (
        2,
        "Invalid value for MINT: 'so11' is not an address; one has 32 to 44 letters and digits, "
        "as `solana address` prints it",
    )


def test_show(town: Town) -> None:
    town.deposit("owner", 5_000)
    town.allocate("owner", 1_000)
    battery = town.state()["battery"]
    assert town.lines("battery", "show", town.battery) == [
        f"Battery    {town.battery}",
        "Stored     4.500 kWh (22 %): 3.500 kWh available, 1.000 kWh allocated",
        f"Policy     {POLICY}",
        "State      takes deposits and allocations",
        "Members    2",
        f"Authority  {town['operator']}",
        f"Mint       {town.mint}",
        f"Vault      {battery.vault}",
        "Events     5",
    ]
    assert town.json("battery", "show", town.battery) == {
        "address": str(town.battery),
        "creator": str(town["operator"]),
        "authority": str(town["operator"]),
        "pending_authority": str(town["operator"]),
        "mint": str(town.mint),
        "vault": str(battery.vault),
        "capacity": 20_000,
        "available": 3_500,
        "allocated": 1_000,
        "allocation_limit": 4_000,
        "allocation_lifetime": 86_400,
        "member_count": 2,
        "sequence": 5,
        "efficiency_bps": 9_000,
        "resource": "ENERGY",
        "paused": False,
        "bump": battery.bump,
        "unit": "Wh",
    }


def test_show_needs_no_keypair(town: Town) -> None:
    town.keypair("operator").unlink()
    assert town.lines("battery", "show", town.battery)[-1] == "Events     3"


def test_policy(town: Town) -> None:
    before = town.state()
    done = town.done("battery", "policy", town.battery, "--efficiency", "92.5%", "--allocation-limit", "5kWh")
    assert done == (
        "Set the policy: capacity 20.000 kWh, crediting 92.5 % of deposits; "
        "each member may allocate 5.000 kWh for 24 h"
    )
    battery = replace(before["battery"], efficiency_bps=9_250, allocation_limit=5_000, sequence=4)
    assert town.state() == {**before, "battery": battery}
    town.lines("battery", "policy", town.battery, "--capacity", "30kWh", "--allocation-lifetime", "1h")
    battery = replace(battery, capacity=30_000, allocation_lifetime=3_600, sequence=5)
    assert town.state() == {**before, "battery": battery}


def test_a_policy_that_cannot_be(town: Town) -> None:
    assert town.refusal("battery", "policy", town.battery) == (
        2,
        "nothing to set; give --capacity, --allocation-limit, --allocation-lifetime or --efficiency",
    )
    assert town.refusal("battery", "policy", town.battery, "--capacity", "30m3") == (
        2,
        "Invalid value for --capacity: '30m3' is water, and this battery holds energy; "
        "write it like 300kWh or 3500Wh",
    )
    assert town.refusal("battery", "policy", town.battery, "--efficiency", "90%", by="owner") == (
        1,
        REFUSALS["signer is not the authority"],
    )
    town.deposit("owner", 5_000)
    less = ("--capacity", "4499Wh", "--allocation-limit", "1kWh")
    assert town.refusal("battery", "policy", town.battery, *less) == (
        1,
        REFUSALS["capacity is below what is stored"],
    )


def test_pause_and_resume(town: Town) -> None:
    before = town.state()
    assert town.refusal("battery", "resume", town.battery) == (1, REFUSALS["battery is not paused"])
    assert town.done("battery", "pause", town.battery) == "Paused: no deposits and no allocations"
    battery = replace(before["battery"], paused=True, sequence=4)
    assert town.state() == {**before, "battery": battery}
    shown = town.lines("battery", "show", town.battery)
    assert shown[3] == "State      paused: no deposits and no allocations"
    assert town.refusal("battery", "pause", town.battery) == (1, REFUSALS["battery is paused"])
    assert town.refusal("battery", "resume", town.battery, by="owner") == (
        1,
        REFUSALS["signer is not the authority"],
    )
    assert town.done("battery", "resume", town.battery) == "Resumed: deposits and allocations again"
    assert town.state() == {**before, "battery": replace(battery, paused=False, sequence=5)}


def test_handover_and_accept(town: Town) -> None:
    before, newcomer = town.state(), town["newcomer"]
    assert town.refusal("battery", "accept", town.battery, by="newcomer") == (
        1,
        REFUSALS["no new authority is proposed"],
    )
    done = town.done("battery", "handover", town.battery, newcomer)
    assert done == f"Proposed {newcomer} as the authority"
    battery = replace(before["battery"], pending_authority=newcomer, sequence=4)
    assert town.state() == {**before, "battery": battery}
    shown = town.lines("battery", "show", town.battery)
    assert shown[6] == f"Proposed   {newcomer}, who has to accept"
    assert town.refusal("battery", "accept", town.battery, by="owner") == (
        1,
        REFUSALS["signer is not the proposed authority"],
    )
    done = town.done("battery", "accept", town.battery, by="newcomer")
    assert done == f"Handed over to {newcomer}, the authority now"
    assert town.state() == {**before, "battery": replace(battery, authority=newcomer, sequence=5)}
    assert town.refusal("battery", "handover", town.battery, newcomer) == (
        1,
        REFUSALS["signer is not the authority"],
    )


def test_audit(town: Town) -> None:
    town.deposit("owner", 5_000)
    town.allocate("owner", 1_000)
    town.donate(250)
    assert town.lines("battery", "audit", town.battery) == [
        "Capacity               20.000 kWh",
        "Stored                 4.500 kWh",
        "  available            3.500 kWh",
        "  allocated            1.000 kWh",
        "Balances of 2 members  4.500 kWh",
        "  allocated            1.000 kWh",
        "Tokens in the vault    4.750 kWh",
        "  given to nobody      0.250 kWh",
        "Audit                  all adds up, as of event 5",
    ]
    assert town.json("battery", "audit", town.battery) == {
        "battery": str(town.battery),
        "sequence": 5,
        "members": 2,
        "capacity": 20_000,
        "stored": 4_500,
        "available": 3_500,
        "allocated": 1_000,
        "balances": 4_500,
        "allocated_by_members": 1_000,
        "vault": 4_750,
        "donations": 250,
        "unit": "Wh",
        "violations": [],
    }


def test_an_audit_that_finds_something(town: Town) -> None:
    """No instruction can bring that about: the chain's own storage is altered."""
    town.deposit("owner", 5_000)
    town.forge_available(4_501)
    result = town.run("battery", "audit", town.battery)
    assert result.exit_code == 1
    assert (
        result.stderr == "amalgam: what the chain holds does not add up; pause the battery and find out why\n"
    )
    assert result.stdout.splitlines()[-2:] == [
        "Wrong                  the vault holds 4500, the battery stores 4501",
        "Wrong                  the members' balances are 4500, the battery stores 4501",
    ]


def test_no_battery(town: Town) -> None:
    for name, *rest in (
        ["show"],
        ["policy", "--efficiency", "90%"],
        ["pause"],
        ["resume"],
        ["handover", NOBODY],
        ["accept"],
        ["audit"],
        ["export", "folder"],
        ["watch"],
    ):
        for address in (NOBODY, town.mint):
            assert town.refusal("battery", name, address, *rest) == (
                3,
                town.nothing_at(address),
            )


def test_a_program_that_is_not_there(town: Town, empty_node: Node) -> None:
    """A mint can be there all the same: that program is everywhere."""
    url = ("--url", empty_node.url)
    empty_node.chain.airdrop(town["operator"], 10**9)
    mint = town.json("mint", "create", *url)["mint"]
    for options in ([], ["--dry-run"]):
        assert town.refusal("battery", "create", mint, "--capacity", "1kWh", *url, *options) == (
            3,
            f"there is no program {PROGRAM_ID} on this cluster; deploy it, or check --url",
        )


def test_every_command_of_an_operator_teaches_by_an_example(town: Town) -> None:
    for group in ("battery", "reservoir", "treatment-plant", "member", "mint"):
        listed = town.run(group, "--help").stdout.partition("Commands")[2]
        commands = re.findall(r"^│ (\w+) ", listed, re.MULTILINE)
        assert len(commands) >= 2
        for command in commands:
            shown = town.run(group, command, "--help").stdout
            assert re.search(rf"Examples? *\n +amalgam {group} {command}\b", shown), shown
