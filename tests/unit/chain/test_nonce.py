"""Durable nonces, as a validator has them: good until they are used, and used by what fails too."""

from typing import NamedTuple

import pytest
from solana.rpc.async_api import AsyncClient
from solana.rpc.types import TxOpts
from solders.hash import Hash
from solders.instruction import Instruction
from solders.keypair import Keypair
from solders.pubkey import Pubkey
from solders.signature import Signature
from solders.system_program import ID as SYSTEM_PROGRAM
from solders.system_program import TransferParams, transfer

from amalgam import NotFoundError
from amalgam.chain import nonce
from amalgam.chain.errors import Refused
from amalgam.chain.nonce import NONCE_BYTES, find_nonce
from amalgam.chain.signing import Durable, Signed, message_of, signed
from amalgam.chain.transactions import Courier, ExpiredError, Sender

LAMPORTS = 10**7
NOBODY = Pubkey([7] * 32)


class Waiting(NamedTuple):
    """A nonce account, and what is signed with it."""

    address: Pubkey
    value: Hash
    signed: Signed


async def made(connection: AsyncClient, payer: Keypair, authority: Pubkey) -> Pubkey:
    """A nonce account."""
    key = Keypair()
    rent = (await connection.get_minimum_balance_for_rent_exemption(NONCE_BYTES)).value
    await Sender(connection, payer).send(nonce.create(payer.pubkey(), key.pubkey(), authority, rent), key)
    return key.pubkey()


async def waiting(
    connection: AsyncClient, payer: Keypair, address: Pubkey, *acts: Instruction, authority: Keypair
) -> Waiting:
    value = (await find_nonce(connection, address)).value
    durable = Durable(address, authority.pubkey())
    message = message_of(acts, payer.pubkey(), value, durable=durable)
    return Waiting(address, value, signed(message, [payer, authority], {}))


def giving(payer: Keypair, lamports: int = LAMPORTS) -> Instruction:
    return transfer(TransferParams(from_pubkey=payer.pubkey(), to_pubkey=NOBODY, lamports=lamports))


async def held(connection: AsyncClient) -> int:
    return (await connection.get_balance(NOBODY)).value


async def test_it_lands_once(connection: AsyncClient, payer: Keypair) -> None:
    authority = Keypair()
    address = await made(connection, payer, authority.pubkey())
    found = await find_nonce(connection, address)
    one, other = [
        await waiting(connection, payer, address, giving(payer, lamports), authority=authority)
        for lamports in (LAMPORTS, 2 * LAMPORTS)
    ]
    assert (found.authority, found.value) == (authority.pubkey(), one.value)
    courier = Courier(connection)

    signature = await courier.submit(one.signed.transaction)
    again = await courier.submit(one.signed.transaction)

    assert signature == again == one.signed.transaction.signatures[0]
    assert await held(connection) == LAMPORTS
    assert (await find_nonce(connection, address)).value != one.value
    with pytest.raises(ExpiredError) as expired:
        await courier.submit(other.signed.transaction)
    assert str(expired.value) == (
        f"transaction {other.signed.transaction.signatures[0]} has not landed, and cannot any more: "
        f"nonce account {address} has another value by now; make and sign it anew"
    )
    assert await held(connection) == LAMPORTS


async def test_what_would_fail_is_refused_and_leaves_the_nonce(
    connection: AsyncClient, payer: Keypair
) -> None:
    address = await made(connection, payer, payer.pubkey())
    later = await waiting(connection, payer, address, giving(payer, 10**18), authority=payer)
    with pytest.raises(Refused, match=r"^ResultWithNegativeLamports: "):
        await Courier(connection).submit(later.signed.transaction)
    assert (await find_nonce(connection, address)).value == later.value


@pytest.mark.embedded  # as Agave has it; Surfpool lets the nonce be
async def test_what_fails_uses_its_nonce_too(connection: AsyncClient, payer: Keypair) -> None:
    """Who sends it without asking first pays the fee, and changes nothing else."""
    address = await made(connection, payer, payer.pubkey())
    later = await waiting(connection, payer, address, giving(payer, 10**18), authority=payer)
    courier, transaction = Courier(connection), later.signed.transaction
    await connection.send_raw_transaction(bytes(transaction), TxOpts(skip_preflight=True))
    with pytest.raises(Refused, match=r"^ResultWithNegativeLamports: "):
        await courier.submit(transaction)
    assert (await find_nonce(connection, address)).value != later.value
    assert await held(connection) == 0


@pytest.mark.embedded  # which Agave finds before it runs anything, and Surfpool then
async def test_nobody_but_its_authority_uses_it(connection: AsyncClient, payer: Keypair) -> None:
    address = await made(connection, payer, NOBODY)
    later = await waiting(connection, payer, address, giving(payer), authority=payer)
    with pytest.raises(ExpiredError):
        await Courier(connection).submit(later.signed.transaction)
    assert await held(connection) == 0
    assert (await find_nonce(connection, address)).value == later.value


async def test_closing_it_ends_what_was_signed_with_it(connection: AsyncClient, payer: Keypair) -> None:
    address, heir = await made(connection, payer, payer.pubkey()), Keypair().pubkey()
    later = await waiting(connection, payer, address, giving(payer), authority=payer)
    lamports = (await find_nonce(connection, address)).lamports
    await Sender(connection, payer).send([nonce.withdraw(address, payer.pubkey(), heir, lamports)])
    with pytest.raises(ExpiredError):
        await Courier(connection).submit(later.signed.transaction)
    assert (await connection.get_balance(heir)).value == lamports
    with pytest.raises(NotFoundError) as missing:
        await find_nonce(connection, address)
    assert str(missing.value) == (
        f"there is no nonce account at {address}; check the address and --url, "
        "or make one with amalgam nonce create"
    )


def test_only_a_first_instruction_makes_it_durable() -> None:
    address, payer = Keypair().pubkey(), Keypair().pubkey()
    advance, other = nonce.advance(address, payer), giving(Keypair())
    found = [
        nonce.advanced_by(message_of(acts, payer, Hash.default()))
        for acts in ([advance, other], [other, advance], [other], [])
    ]
    assert found == [address, None, None, None]


async def test_signatures_of_a_message() -> None:
    """Those given count, if they are of this message and of somebody who signs it."""
    payer, other, stranger = Keypair(), Keypair(), Keypair()
    address = Keypair().pubkey()
    message = message_of(
        [giving(payer)], payer.pubkey(), Hash.default(), durable=Durable(address, other.pubkey())
    )
    given = {other.pubkey(): other.sign_message(bytes(message))}
    whole = signed(message, [payer, stranger], given)
    assert set(whole.signatures) == {payer.pubkey(), other.pubkey()}
    assert whole.absent == []
    assert whole.transaction.verify_with_results() == [True, True]
    part = signed(message, [payer], {})
    assert (part.absent, part.transaction.signatures[1]) == ([other.pubkey()], Signature.default())
    assert part.value()["absent"] == [str(other.pubkey())]
    assert SYSTEM_PROGRAM in message.account_keys
