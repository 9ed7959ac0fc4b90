"""What a message does, in the names of the IDLs; what is not known, or not as usual, is shown to the byte."""

from solders.hash import Hash
from solders.instruction import AccountMeta, Instruction
from solders.pubkey import Pubkey
from solders.sysvar import CLOCK
from spl.token.constants import TOKEN_PROGRAM_ID
from spl.token.instructions import (
    InitializeMintParams,
    create_idempotent_associated_token_account,
    get_associated_token_address,
    initialize_mint,
)

from amalgam.battery import program as battery
from amalgam.chain import loader, nonce
from amalgam.chain.explained import UNKNOWN, Step, acts, purpose, steps
from amalgam.chain.signing import Durable, message_of
from amalgam.programs import Program
from amalgam.units import Resource

PAYER, OWNER, PLACE, OTHER = (Pubkey([number] * 32) for number in (1, 2, 3, 4))


def step(instruction: Instruction) -> Step:
    (found,) = steps(message_of([instruction], PAYER, Hash.default()))
    return found


def test_an_instruction_of_ours() -> None:
    creating = battery.initialize(
        authority=OWNER,
        mint=PLACE,
        resource=Resource.WATER,
        capacity=20_000,
        allocation_limit=4_000,
        allocation_lifetime=86_400,
        efficiency_bps=9_000,
    )
    address = battery.battery_address(OWNER, PLACE)
    assert step(creating) == Step(
        "energy_allocation",
        "initialize",
        [
            ("authority", OWNER),
            ("mint", PLACE),
            ("battery", address),
            ("vault", battery.vault_address(address)),
        ],
        [
            ("resource", "WATER"),
            ("capacity", 20_000),
            ("allocation_limit", 4_000),
            ("allocation_lifetime", 86_400),
            ("efficiency_bps", 9_000),
        ],
    )


def test_every_instruction_of_every_program_has_a_name() -> None:
    for program in Program:
        layouts = program.module._LAYOUT.instructions
        for name, layout in layouts.items():
            accounts = [AccountMeta(OTHER, False, False)] * len(layout._accounts)
            data = layout._discriminator + bytes(layout._struct.size)
            found = step(Instruction(program.program_id, data, accounts))
            assert (found.program, found.name) == (program, name)
            assert len(found.accounts) == len(accounts)  # also those that are usually something else


def test_an_account_that_is_not_what_it_usually_is() -> None:
    expired = battery.release_expired(battery=PLACE, owner=OWNER)
    metas = [AccountMeta(OTHER, False, False) if meta.pubkey == CLOCK else meta for meta in expired.accounts]
    told = dict(step(Instruction(expired.program_id, expired.data, metas)).accounts)
    assert "clock" not in dict(step(expired).accounts)
    assert told["clock"] == OTHER


def test_accounts_beyond_those_that_have_names() -> None:
    pausing = battery.pause(authority=OWNER, battery=PLACE)
    more = Instruction(pausing.program_id, pausing.data, [*pausing.accounts, AccountMeta(OTHER, True, True)])
    assert step(more).accounts == [("authority", OWNER), ("battery", PLACE), ("account 3", OTHER)]


def test_what_is_not_known() -> None:
    metas = [AccountMeta(OWNER, True, False)]
    pausing = battery.pause(authority=OWNER, battery=PLACE)
    unknown = [("account 1", OWNER)]
    assert step(Instruction(OTHER, b"\1\2", metas)) == Step(str(OTHER), UNKNOWN, unknown, [("data", "0102")])
    assert step(Instruction(TOKEN_PROGRAM_ID, b"", metas)) == Step(
        "SPL Token", UNKNOWN, unknown, [("data", "none")]
    )
    trailing = Instruction(pausing.program_id, pausing.data + b"\0", metas)  # which Anchor would take
    assert step(trailing) == Step(
        "energy_allocation", UNKNOWN, unknown, [("data", f"{pausing.data.hex()}00")]
    )


def test_instructions_of_solanas_own_programs() -> None:
    tokens = get_associated_token_address(OWNER, PLACE)
    assert step(create_idempotent_associated_token_account(PAYER, OWNER, PLACE)) == Step(
        "Associated token account",
        "create_unless_there",
        [("payer", PAYER), ("account", tokens), ("owner", OWNER), ("mint", PLACE)],
        [],
    )
    minting = step(initialize_mint(InitializeMintParams(3, TOKEN_PROGRAM_ID, PLACE, OWNER)))
    assert (minting.accounts, minting.arguments[:2]) == (
        [("mint", PLACE)],
        [("decimals", 3), ("authority", OWNER)],
    )
    data = loader.program_data_address(OTHER)
    assert step(loader.upgrade(OTHER, PLACE, PAYER, OWNER)) == Step(
        "Upgradeable loader",
        "upgrade",
        [
            ("program_data", data),
            ("program", OTHER),
            ("buffer", PLACE),
            ("recipient", PAYER),
            ("authority", OWNER),
        ],
        [],
    )
    handed = [("program_data or buffer", data), ("authority", OWNER)]
    final = step(loader.set_authority(OTHER, OWNER, None))
    assert (final.accounts, final.arguments) == (handed, [("new_authority", "nobody, for ever")])
    assert step(loader.set_authority(OTHER, OWNER, PLACE)).accounts == [*handed, ("new_authority", PLACE)]


def test_the_purpose_is_the_same_whatever_it_is_run_with() -> None:
    pausing = battery.pause(authority=OWNER, battery=PLACE)
    plain = message_of([pausing], PAYER, Hash.default())
    later = message_of([pausing], PAYER, Hash.default(), durable=Durable(OTHER, PAYER), price=7)
    assert [each.name for each in steps(later)] == ["advance_nonce_account", "set_price", "pause"]
    assert acts(later) == [pausing]
    assert purpose(plain) == purpose(later) == f"energy_allocation pause (authority {OWNER}, battery {PLACE})"
    assert purpose(message_of([nonce.advance(OTHER, PAYER)], PAYER, Hash.default())) == ""
