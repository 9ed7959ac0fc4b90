"""The embedded chain answers solana-py as a node does: each request, each refusal by its exact error."""

import asyncio
import platform
import subprocess
import sys
import time
from collections.abc import Awaitable
from typing import Any

import pytest
from solana.rpc.async_api import AsyncClient
from solana.rpc.core import RPCException, TransactionExpiredBlockheightExceededError
from solana.rpc.types import DataSliceOpts, MemcmpOpts, TokenAccountOpts, TxOpts
from solders.account import Account
from solders.account_decoder import UiAccountEncoding
from solders.address_lookup_table_account import AddressLookupTableAccount
from solders.clock import Clock
from solders.compute_budget import set_compute_unit_limit
from solders.hash import Hash
from solders.instruction import AccountMeta, Instruction
from solders.keypair import Keypair
from solders.message import Message, MessageV0
from solders.pubkey import Pubkey
from solders.rpc.config import RpcSimulateTransactionAccountsConfig, RpcSimulateTransactionConfig
from solders.rpc.errors import (
    BlockNotAvailableMessage,
    InternalErrorMessage,
    InvalidParamsMessage,
    InvalidRequestMessage,
    MethodNotFoundMessage,
    RpcCustomErrorFieldless,
    SendTransactionPreflightFailureMessage,
    UnsupportedTransactionVersionMessage,
)
from solders.rpc.requests import IsBlockhashValid, SimulateLegacyTransaction
from solders.rpc.responses import (
    IsBlockhashValidResp,
    RpcSimulateTransactionResult,
    SimulateTransactionResp,
)
from solders.signature import Signature
from solders.system_program import ID as SYSTEM_PROGRAM
from solders.system_program import CreateAccountParams, TransferParams, create_account, transfer
from solders.sysvar import CLOCK
from solders.token.state import Mint, TokenAccount
from solders.transaction import Legacy, Transaction, VersionedTransaction
from solders.transaction_status import (
    InstructionErrorCustom,
    InstructionErrorFieldless,
    TransactionConfirmationStatus,
    TransactionErrorFieldless,
    TransactionErrorInstructionError,
)
from spl.token.constants import TOKEN_2022_PROGRAM_ID, TOKEN_PROGRAM_ID
from spl.token.instructions import (
    MintToParams,
    create_associated_token_account,
    get_associated_token_address,
    mint_to,
)
from spl.token.instructions import TransferParams as TokenTransferParams
from spl.token.instructions import transfer as transfer_tokens

from amalgam.chain.embedded import EmbeddedChain
from tests.support.battery import PROGRAM, PROGRAM_BYTES, World
from tests.support.stage import Load, loaded

SOL = 10**9
FEE = 5_000
LIFETIME = 150
SKIP_PREFLIGHT = TxOpts(skip_preflight=True)
UNCONFIRMED = TxOpts(skip_preflight=True, skip_confirmation=True)


@pytest.fixture
def chain() -> EmbeddedChain:
    return EmbeddedChain()


@pytest.fixture
def client(chain: EmbeddedChain) -> AsyncClient:
    return chain.client()


@pytest.fixture
def owner(chain: EmbeddedChain) -> Keypair:
    owner = Keypair()
    chain.airdrop(owner.pubkey(), 100 * SOL)
    return owner


@pytest.fixture
def neighbour(chain: EmbeddedChain) -> Keypair:
    neighbour = Keypair()
    chain.airdrop(neighbour.pubkey(), SOL)
    return neighbour


@pytest.fixture
def load(chain: EmbeddedChain, owner: Keypair) -> Load:
    """For `world`: the program on this chain, not on the one that other tests share."""
    chain.add_program(PROGRAM, PROGRAM_BYTES)
    return lambda name: loaded(name, chain.client(), owner)


DEPOSITS = """\
# Hourly deposits, each minted and deposited in a transaction: the page faults of a hundred, after ten others.
import asyncio
import resource
from datetime import datetime, timedelta, timezone
from amalgam import built
from amalgam.battery.program import PROGRAM_ID
from amalgam.chain.embedded import EmbeddedChain
from amalgam.readings.model import Reading, Readings
from amalgam.scenarios.replay import replay
from amalgam.units import ENERGY

chain, hour, faults = EmbeddedChain(), timedelta(hours=1), []
chain.add_program(PROGRAM_ID, built("energy_allocation.so"))

def begin_interval(start):
    chain.unix_timestamp = int(start.timestamp())
    faults.append(resource.getrusage(resource.RUSAGE_SELF).ru_minflt)

midnight = datetime(2026, 6, 22, tzinfo=timezone.utc)
readings = tuple(Reading(midnight + n * hour, "hut", 10, 0) for n in range(111))
asyncio.run(
    replay(
        Readings.of(ENERGY, hour, readings), chain.client(),
        capacity=10_000, efficiency_bps=10_000, begin_interval=begin_interval,
    )
)
print(faults[110] - faults[10])
"""


async def latest_blockhash(client: AsyncClient) -> Hash:
    return (await client.get_latest_blockhash()).value.blockhash


async def signed(client: AsyncClient, payer: Keypair, *instructions: Instruction) -> Transaction:
    return Transaction([payer], Message(instructions, payer.pubkey()), await latest_blockhash(client))


def payment(source: Keypair, destination: Keypair, lamports: int) -> Instruction:
    return transfer(
        TransferParams(from_pubkey=source.pubkey(), to_pubkey=destination.pubkey(), lamports=lamports)
    )


def mint_of(chain: EmbeddedChain, authority: Keypair) -> Pubkey:
    """A new mint, of 3 decimals."""
    mint = Pubkey.new_unique()
    chain.set_account(mint, Account(SOL, bytes(Mint(authority.pubkey(), 0, 3, True)), TOKEN_PROGRAM_ID))
    return mint


async def token_account(client: AsyncClient, payer: Keypair, owner: Pubkey, mint: Pubkey) -> Pubkey:
    """A new one, the owner's associated."""
    creation = create_associated_token_account(payer.pubkey(), owner, mint)
    await client.send_transaction(await signed(client, payer, creation))
    return get_associated_token_address(owner, mint)


def minting(authority: Keypair, mint: Pubkey, account: Pubkey, amount: int) -> Instruction:
    return mint_to(MintToParams(TOKEN_PROGRAM_ID, mint, account, authority.pubkey(), amount))


async def refusal(request: Awaitable[object]) -> Any:
    with pytest.raises(RPCException) as caught:
        await request
    return caught.value.args[0]


async def state(client: AsyncClient, *wallets: Keypair) -> list[object]:
    """All that a refused transaction must leave alone."""
    accounts = (await client.get_multiple_accounts([w.pubkey() for w in wallets])).value
    return [*accounts, (await client.get_slot()).value, await latest_blockhash(client)]


class TestAccounts:
    async def test_an_unknown_account_has_no_value_and_no_lamports(self, client: AsyncClient) -> None:
        nobody = Pubkey.new_unique()
        assert (await client.get_account_info(nobody)).value is None
        assert (await client.get_balance(nobody)).value == 0
        assert (await client.get_program_accounts(nobody)).value == []

    async def test_an_airdrop_makes_a_wallet(self, client: AsyncClient) -> None:
        wallet = Pubkey.new_unique()
        signature = (await client.request_airdrop(wallet, SOL)).value
        await client.confirm_transaction(signature)
        assert (await client.get_account_info(wallet)).value == Account(SOL, b"", SYSTEM_PROGRAM)
        assert (await client.get_balance(wallet)).value == SOL

    async def test_an_airdrop_the_faucet_cannot_give_is_refused(self, client: AsyncClient) -> None:
        error = await refusal(client.request_airdrop(Pubkey.new_unique(), 2**63))
        assert error == InternalErrorMessage(
            f"airdrop of {2**63} lamports refused: Error processing Instruction 0: custom program error: 0x1"
        )

    async def test_several_accounts_come_in_the_order_asked(
        self, client: AsyncClient, owner: Keypair, neighbour: Keypair
    ) -> None:
        asked = [neighbour.pubkey(), Pubkey.new_unique(), owner.pubkey()]
        accounts = (await client.get_multiple_accounts(asked)).value
        assert [a and a.lamports for a in accounts] == [SOL, None, 100 * SOL]

    async def test_more_than_100_accounts_are_refused(self, client: AsyncClient, owner: Keypair) -> None:
        error = await refusal(client.get_multiple_accounts([owner.pubkey()] * 101))
        assert error == InvalidParamsMessage("Too many inputs provided; max 100")

    async def test_an_emptied_account_is_gone(
        self, client: AsyncClient, owner: Keypair, neighbour: Keypair
    ) -> None:
        await client.send_transaction(await signed(client, neighbour, payment(neighbour, owner, SOL - FEE)))
        assert (await client.get_account_info(neighbour.pubkey())).value is None

    async def test_data_is_sliced_as_asked(self, chain: EmbeddedChain, client: AsyncClient) -> None:
        address, data = Pubkey.new_unique(), bytes(range(200))
        chain.set_account(address, Account(SOL, data, SYSTEM_PROGRAM))

        async def read(offset: int, length: int, encoding: str = "base64") -> bytes:
            data_slice = DataSliceOpts(offset, length)
            account = (await client.get_account_info(address, None, encoding, data_slice)).value
            assert account is not None
            return account.data

        assert await read(10, 3) == bytes([10, 11, 12])
        assert await read(198, 10) == bytes([198, 199])
        assert await read(300, 10) == b""
        assert await read(0, 128, "base58") == data[:128]

    async def test_base58_is_for_small_accounts(self, chain: EmbeddedChain, client: AsyncClient) -> None:
        address = Pubkey.new_unique()
        chain.set_account(address, Account(SOL, bytes(129), SYSTEM_PROGRAM))
        assert await refusal(client.get_account_info(address, encoding="base58")) == InvalidRequestMessage(
            "Encoded binary (base 58) data should be less than 128 bytes, please use Base64 encoding."
        )

    async def test_parsed_accounts_are_refused_by_name(self, client: AsyncClient, owner: Keypair) -> None:
        expected = InvalidParamsMessage("jsonParsed encoding is not supported by the embedded chain")
        assert await refusal(client.get_account_info_json_parsed(owner.pubkey())) == expected

    async def test_rent_is_a_clusters(self, client: AsyncClient) -> None:
        assert (await client.get_minimum_balance_for_rent_exemption(0)).value == 890_880
        assert (await client.get_minimum_balance_for_rent_exemption(165)).value == 2_039_280


class TestProgramAccounts:
    OWNER = Pubkey.from_string("Prog111111111111111111111111111111111111111")

    @pytest.fixture
    def addresses(self, chain: EmbeddedChain) -> list[Pubkey]:
        addresses = [Pubkey.new_unique() for _ in range(3)]
        for address, data in zip(addresses, (b"\x00abc", b"\x00abd", b"\x00abcd"), strict=True):
            chain.set_account(address, Account(SOL, data, self.OWNER))
        chain.set_account(Pubkey.new_unique(), Account(SOL, b"\x00abc", SYSTEM_PROGRAM))
        return addresses

    @pytest.mark.parametrize(
        ("filters", "expected"),
        [
            (None, [0, 1, 2]),
            ([4], [0, 1]),
            ([5], [2]),
            ([MemcmpOpts(1, [97, 98, 99])], [0, 2]),
            ([MemcmpOpts(1, "ZiCa")], [0, 2]),  # abc
            ([MemcmpOpts(0, "1ZiCa")], [0, 2]),  # \x00abc
            ([4, MemcmpOpts(1, [97, 98, 99])], [0]),
            ([MemcmpOpts(3, [99, 100, 101])], []),
            ([MemcmpOpts(99, [1])], []),
        ],
    )
    async def test_filters_select(
        self, client: AsyncClient, addresses: list[Pubkey], filters: Any, expected: list[int]
    ) -> None:
        found = (await client.get_program_accounts(self.OWNER, filters=filters)).value
        assert [account.pubkey for account in found] == [addresses[i] for i in expected]

    @pytest.mark.usefixtures("addresses")
    async def test_accounts_are_whole_or_sliced(self, client: AsyncClient) -> None:
        [whole] = (await client.get_program_accounts(self.OWNER, filters=[5])).value
        assert whole.account == Account(SOL, b"\x00abcd", self.OWNER)
        sliced = await client.get_program_accounts(self.OWNER, data_slice=DataSliceOpts(2, 2), filters=[5])
        assert sliced.value[0].account.data == b"bc"

    async def test_an_account_made_by_a_transaction_is_found(
        self, chain: EmbeddedChain, client: AsyncClient, owner: Keypair
    ) -> None:
        new = Keypair()
        create = create_account(
            CreateAccountParams(
                from_pubkey=owner.pubkey(), to_pubkey=new.pubkey(), lamports=SOL, space=7, owner=self.OWNER
            )
        )
        message = Message([create], owner.pubkey())
        await client.send_transaction(Transaction([owner, new], message, await latest_blockhash(client)))
        for _ in range(1_000):  # addresses are listed in batches
            chain.airdrop(owner.pubkey(), 1)
        [found] = (await client.get_program_accounts(self.OWNER)).value
        assert (found.pubkey, found.account) == (new.pubkey(), Account(SOL, bytes(7), self.OWNER))

    @pytest.mark.parametrize(
        ("filters", "message"),
        [
            ([1] * 5, "Too many filters provided; max 4"),
            (
                [MemcmpOpts(0, "0")],
                "Invalid param: provided string contained invalid character '0' at byte 0",
            ),
        ],
    )
    async def test_bad_filters_are_refused(self, client: AsyncClient, filters: Any, message: str) -> None:
        error = await refusal(client.get_program_accounts(self.OWNER, filters=filters))
        assert error == InvalidParamsMessage(message)


class TestTokens:
    @pytest.fixture
    def mint(self, chain: EmbeddedChain, owner: Keypair) -> Pubkey:
        return mint_of(chain, owner)

    async def test_minting_and_transfer(
        self, client: AsyncClient, mint: Pubkey, owner: Keypair, neighbour: Keypair
    ) -> None:
        source, destination = [
            await token_account(client, owner, each.pubkey(), mint) for each in (owner, neighbour)
        ]
        given = TokenTransferParams(TOKEN_PROGRAM_ID, source, destination, owner.pubkey(), 1_500)
        both = (minting(owner, mint, source, 1_234_567), transfer_tokens(given))
        await client.send_transaction(await signed(client, owner, *both))

        remaining = (await client.get_token_account_balance(source)).value
        assert (remaining.amount, remaining.decimals) == ("1233067", 3)
        assert (remaining.ui_amount, remaining.ui_amount_string) == (1233.067, "1233.067")
        received = (await client.get_token_account_balance(destination)).value
        assert (received.amount, received.ui_amount_string) == ("1500", "1.5")
        supply = (await client.get_token_supply(mint)).value
        assert (supply.amount, supply.ui_amount_string) == ("1234567", "1234.567")
        found = (await client.get_account_info(destination)).value
        assert found is not None
        account = TokenAccount.from_bytes(found.data)
        assert (account.owner, account.mint, account.amount) == (neighbour.pubkey(), mint, 1_500)

    async def test_whole_and_empty_amounts_have_no_point(
        self, client: AsyncClient, mint: Pubkey, owner: Keypair
    ) -> None:
        account = await token_account(client, owner, owner.pubkey(), mint)
        assert (await client.get_token_account_balance(account)).value.ui_amount_string == "0"
        await client.send_transaction(await signed(client, owner, minting(owner, mint, account, 70_000)))
        assert (await client.get_token_account_balance(account)).value.ui_amount_string == "70"

    async def test_accounts_by_owner(
        self, chain: EmbeddedChain, client: AsyncClient, mint: Pubkey, owner: Keypair, neighbour: Keypair
    ) -> None:
        mine, other = [
            await token_account(client, owner, neighbour.pubkey(), each)
            for each in (mint, mint_of(chain, owner))
        ]
        await token_account(client, owner, owner.pubkey(), mint)

        whose = TokenAccountOpts(mint=mint)
        by_mint = (await client.get_token_accounts_by_owner(neighbour.pubkey(), whose)).value
        assert [account.pubkey for account in by_mint] == [mine]
        whose = TokenAccountOpts(program_id=TOKEN_PROGRAM_ID, data_slice=DataSliceOpts(32, 32))
        by_program = (await client.get_token_accounts_by_owner(neighbour.pubkey(), whose)).value
        assert [account.pubkey for account in by_program] == [mine, other]
        assert by_program[0].account.data == bytes(neighbour.pubkey())

    async def test_token_2022_accounts_are_read_with_their_extensions(
        self, chain: EmbeddedChain, client: AsyncClient, mint: Pubkey, owner: Keypair
    ) -> None:
        plain = await token_account(client, owner, owner.pubkey(), mint)
        await client.send_transaction(await signed(client, owner, minting(owner, mint, plain, 1_500)))
        extended = {}
        for address, kind in ((mint, b"\x01"), (plain, b"\x02")):
            account = (await client.get_account_info(address)).value
            assert account is not None
            extended[address] = Pubkey.new_unique()
            data = account.data.ljust(165, b"\0") + kind + b"\x07\x00\x00\x00"  # immutable owner
            chain.set_account(extended[address], Account(SOL, data, TOKEN_2022_PROGRAM_ID))

        assert (await client.get_token_account_balance(extended[plain])).value.amount == "1500"
        assert (await client.get_token_supply(extended[mint])).value.amount == "1500"
        for swapped in (
            client.get_token_account_balance(extended[mint]),
            client.get_token_supply(extended[plain]),
        ):
            assert isinstance(await refusal(swapped), InvalidParamsMessage)

    async def test_what_is_no_token_account_is_refused(
        self, client: AsyncClient, mint: Pubkey, owner: Keypair
    ) -> None:
        balance, nobody = client.get_token_account_balance, Pubkey.new_unique()
        not_found = InvalidParamsMessage("Invalid param: could not find account")
        assert await refusal(balance(nobody)) == not_found
        for address in (owner.pubkey(), mint):
            error = await refusal(balance(address))
            assert error == InvalidParamsMessage("Invalid param: not a Token account")

        account = await token_account(client, owner, owner.pubkey(), mint)
        assert await refusal(client.get_token_supply(nobody)) == not_found
        for address in (owner.pubkey(), account):
            not_a_mint = InvalidParamsMessage("Invalid param: not a Token mint")
            assert await refusal(client.get_token_supply(address)) == not_a_mint
            by_mint = TokenAccountOpts(mint=address)
            assert await refusal(client.get_token_accounts_by_owner(nobody, by_mint)) == not_a_mint

        by_program = TokenAccountOpts(program_id=SYSTEM_PROGRAM)
        error = await refusal(client.get_token_accounts_by_owner(nobody, by_program))
        assert error == InvalidParamsMessage("Invalid param: unrecognized Token program id")

    async def test_an_account_of_a_token_program_not_yet_initialized_is_none(
        self, chain: EmbeddedChain, client: AsyncClient
    ) -> None:
        address = Pubkey.new_unique()
        chain.set_account(address, Account(SOL, bytes(165), TOKEN_PROGRAM_ID))
        error = await refusal(client.get_token_account_balance(address))
        assert error == InvalidParamsMessage("Invalid param: not a Token account")
        everything = TokenAccountOpts(program_id=TOKEN_PROGRAM_ID)
        assert (await client.get_token_accounts_by_owner(Pubkey.default(), everything)).value == []


class TestBlocks:
    async def test_each_landed_transaction_ends_a_block(
        self, client: AsyncClient, owner: Keypair, neighbour: Keypair
    ) -> None:
        slot, blockhash = (await client.get_slot()).value, await latest_blockhash(client)
        sent = await client.send_transaction(await signed(client, owner, payment(owner, neighbour, 1)))
        assert (await client.get_signature_statuses([sent.value])).value[0].slot == slot
        assert (await client.get_slot()).value == (await client.get_block_height()).value == slot + 1
        latest = (await client.get_latest_blockhash()).value
        assert latest.blockhash != blockhash
        assert latest.last_valid_block_height == slot + 1 + LIFETIME

    async def test_a_blockhash_is_valid_for_150_blocks(
        self, chain: EmbeddedChain, client: AsyncClient, owner: Keypair, neighbour: Keypair
    ) -> None:
        first, second = [await signed(client, owner, payment(owner, neighbour, n)) for n in (1, 2)]
        last_valid = (await client.get_latest_blockhash()).value.last_valid_block_height
        while (await client.get_block_height()).value < last_valid:
            chain.end_block()
        assert await is_valid(client, first.message.recent_blockhash)
        await client.send_transaction(first)

        assert not await is_valid(client, second.message.recent_blockhash)
        before = await state(client, owner, neighbour)
        error = await refusal(client.send_transaction(second))
        assert error == SendTransactionPreflightFailureMessage(
            "Transaction simulation failed: Blockhash not found",
            RpcSimulateTransactionResult(TransactionErrorFieldless.BlockhashNotFound, [], units_consumed=0),
        )
        assert await state(client, owner, neighbour) == before

    async def test_waiting_for_an_expired_transaction_ends(
        self, chain: EmbeddedChain, client: AsyncClient, owner: Keypair, neighbour: Keypair
    ) -> None:
        transaction = await signed(client, owner, payment(owner, neighbour, 1))
        last_valid = (await client.get_latest_blockhash()).value.last_valid_block_height
        for _ in range(LIFETIME + 1):
            chain.end_block()
        with pytest.raises(TransactionExpiredBlockheightExceededError):
            await client.confirm_transaction(
                transaction.signatures[0], last_valid_block_height=last_valid, sleep_seconds=0
            )

    async def test_an_unknown_blockhash_is_not_valid(self, client: AsyncClient) -> None:
        assert not await is_valid(client, Hash.new_unique())


async def is_valid(client: AsyncClient, blockhash: Hash) -> bool:
    return (await client._provider.make_request(IsBlockhashValid(blockhash), IsBlockhashValidResp)).value


class TestClock:
    async def test_it_starts_at_the_present_and_stands_still(
        self, chain: EmbeddedChain, client: AsyncClient, owner: Keypair, neighbour: Keypair
    ) -> None:
        start = chain.unix_timestamp
        assert abs(start - time.time()) < 60
        await client.send_transaction(await signed(client, owner, payment(owner, neighbour, 1)))
        chain.end_block()
        assert await program_clock(client) == Clock(chain.slot, 0, 0, 0, start)
        assert chain.unix_timestamp == start

    async def test_programs_and_blocks_see_the_time_set(
        self, chain: EmbeddedChain, client: AsyncClient, owner: Keypair, neighbour: Keypair
    ) -> None:
        chain.unix_timestamp = 1_700_000_000
        first = (
            await client.send_transaction(await signed(client, owner, payment(owner, neighbour, 1)))
        ).value
        chain.advance(900)
        second = (
            await client.send_transaction(await signed(client, owner, payment(owner, neighbour, 1)))
        ).value
        chain.unix_timestamp = -(2**63)
        assert (await program_clock(client)).unix_timestamp == -(2**63)

        for signature, block_time in ((first, 1_700_000_000), (second, 1_700_000_900)):
            landed = (await client.get_transaction(signature)).value
            assert landed is not None
            assert landed.block_time == block_time
            assert (await client.get_block_time(landed.slot)).value == block_time
        assert await refusal(client.get_block_time(chain.slot)) == BlockNotAvailableMessage(
            f"Block not available for slot {chain.slot}"
        )
        third = chain.airdrop(neighbour.pubkey(), 1)
        landed = (await client.get_transaction(third)).value
        assert landed is not None
        assert landed.block_time == -(2**63)

    async def test_it_does_not_advance_backwards(self, chain: EmbeddedChain) -> None:
        with pytest.raises(ValueError, match="time only advances"):
            chain.advance(-1)

    async def test_a_block_to_come_has_no_time(self, chain: EmbeddedChain, client: AsyncClient) -> None:
        error = await refusal(client.get_block_time(chain.slot + 1))
        assert error == BlockNotAvailableMessage(f"Block not available for slot {chain.slot + 1}")


async def program_clock(client: AsyncClient) -> Clock:
    """What a program is told."""
    account = (await client.get_account_info(CLOCK)).value
    assert account is not None
    return Clock.from_bytes(account.data)


class TestSending:
    async def test_a_transaction_moves_lamports_and_pays_a_fee(
        self, client: AsyncClient, owner: Keypair, neighbour: Keypair
    ) -> None:
        transaction = await signed(client, owner, payment(owner, neighbour, SOL))
        response = await client.send_raw_transaction(bytes(transaction))
        assert response.value == transaction.signatures[0]
        assert (await client.get_balance(owner.pubkey())).value == 99 * SOL - FEE
        assert (await client.get_balance(neighbour.pubkey())).value == 2 * SOL

    async def test_the_first_poll_confirms(
        self, client: AsyncClient, owner: Keypair, neighbour: Keypair, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async def no_sleep(seconds: float) -> None:
            raise AssertionError(f"slept {seconds} s")

        monkeypatch.setattr(asyncio, "sleep", no_sleep)
        latest = (await client.get_latest_blockhash()).value
        for last_valid in (None, latest.last_valid_block_height):
            transaction = await signed(client, owner, payment(owner, neighbour, SOL))
            await client.send_transaction(transaction, TxOpts(last_valid_block_height=last_valid))

    async def test_a_repeat_is_refused_as_already_processed(
        self, client: AsyncClient, owner: Keypair, neighbour: Keypair
    ) -> None:
        transaction = await signed(client, owner, payment(owner, neighbour, SOL))
        await client.send_transaction(transaction)
        before = await state(client, owner, neighbour)
        error = await refusal(client.send_transaction(transaction))
        assert error == SendTransactionPreflightFailureMessage(
            "Transaction simulation failed: This transaction has already been processed",
            RpcSimulateTransactionResult(TransactionErrorFieldless.AlreadyProcessed, [], units_consumed=0),
        )
        await client.send_transaction(transaction, SKIP_PREFLIGHT)
        assert await state(client, owner, neighbour) == before

    async def test_preflight_refuses_a_failure_that_then_can_land(
        self, client: AsyncClient, owner: Keypair, neighbour: Keypair
    ) -> None:
        transaction = await signed(client, owner, payment(owner, neighbour, 101 * SOL))
        err = TransactionErrorInstructionError(0, InstructionErrorCustom(1))
        logs = [
            "Program 11111111111111111111111111111111 invoke [1]",
            f"Transfer: insufficient lamports {100 * SOL - FEE}, need {101 * SOL}",
            "Program 11111111111111111111111111111111 failed: custom program error: 0x1",
        ]
        before = await state(client, owner, neighbour)
        error = await refusal(client.send_transaction(transaction))
        assert error == SendTransactionPreflightFailureMessage(
            "Transaction simulation failed: Error processing Instruction 0: custom program error: 0x1",
            RpcSimulateTransactionResult(err, logs, units_consumed=150),
        )
        assert await state(client, owner, neighbour) == before
        assert (await client.get_transaction(transaction.signatures[0])).value is None

        signature = (await client.send_transaction(transaction, SKIP_PREFLIGHT)).value
        [status] = (await client.get_signature_statuses([signature])).value
        assert status is not None
        assert (status.err, status.confirmation_status) == (err, TransactionConfirmationStatus.Finalized)
        assert (await client.get_balance(owner.pubkey())).value == 100 * SOL - FEE
        assert (await client.get_balance(neighbour.pubkey())).value == SOL

    async def test_other_failures_are_told_as_a_node_tells_them(
        self, client: AsyncClient, owner: Keypair, neighbour: Keypair
    ) -> None:
        unsigned = Instruction(
            SYSTEM_PROGRAM,
            payment(neighbour, owner, 1).data,
            [AccountMeta(neighbour.pubkey(), False, True), AccountMeta(owner.pubkey(), False, True)],
        )
        cases = [
            (
                [unsigned],
                TransactionErrorInstructionError(0, InstructionErrorFieldless.MissingRequiredSignature),
                "Error processing Instruction 0: missing required signature for instruction",
            ),
            (
                [payment(owner, neighbour, 1), Instruction(SYSTEM_PROGRAM, b"\xff", [])],
                TransactionErrorInstructionError(1, InstructionErrorFieldless.InvalidInstructionData),
                "Error processing Instruction 1: invalid instruction data",
            ),
            (
                [set_compute_unit_limit(100), payment(owner, neighbour, 1)],
                TransactionErrorInstructionError(0, InstructionErrorFieldless.ComputationalBudgetExceeded),
                "Error processing Instruction 0: Computational budget exceeded",
            ),
            (
                [Instruction(Pubkey.new_unique(), b"", [])],
                TransactionErrorFieldless.InvalidProgramForExecution,
                "This program may not be used for executing instructions",
            ),
        ]
        for instructions, err, description in cases:
            before = await state(client, owner, neighbour)
            error = await refusal(client.send_transaction(await signed(client, owner, *instructions)))
            assert isinstance(error, SendTransactionPreflightFailureMessage)
            assert error.message == f"Transaction simulation failed: {description}"
            assert error.data.err == err
            assert await state(client, owner, neighbour) == before

    @pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="the memory of other libraries is theirs")
    def test_a_program_that_runs_takes_no_new_memory_from_the_kernel(self) -> None:
        """A page fault is a page taken anew. In a process of its own, which earlier work has not changed."""
        told = subprocess.run([sys.executable, "-c", DEPOSITS], check=True, capture_output=True, text=True)
        assert int(told.stdout) < 100 * 100  # each deposit took some 300

    async def test_a_program_that_panics_failed_to_complete(self, world: World) -> None:
        nothing = world.instruction("allocate", amount=0)
        blockhash = await latest_blockhash(world.client)
        message = Message.new_with_blockhash([nothing], world["owner"], blockhash)
        error = await refusal(
            world.client.send_transaction(Transaction([world.key("owner")], message, blockhash))
        )
        assert isinstance(error, SendTransactionPreflightFailureMessage)
        assert error.message == (
            "Transaction simulation failed: Error processing Instruction 0: Program failed to complete"
        )
        assert error.data.err == TransactionErrorInstructionError(
            0, InstructionErrorFieldless.ProgramFailedToComplete
        )

    async def test_a_payer_without_lamports_is_refused(self, client: AsyncClient, neighbour: Keypair) -> None:
        pauper = Keypair()
        transaction = await signed(client, pauper, payment(pauper, neighbour, 1))
        error = await refusal(client.send_transaction(transaction))
        assert error == SendTransactionPreflightFailureMessage(
            "Transaction simulation failed: "
            "Attempt to debit an account but found no record of a prior credit.",
            RpcSimulateTransactionResult(TransactionErrorFieldless.AccountNotFound, [], units_consumed=0),
        )
        await client.send_transaction(transaction, UNCONFIRMED)
        assert (await client.get_signature_statuses([transaction.signatures[0]])).value == [None]

    @pytest.mark.parametrize("stale", [False, True])
    async def test_a_forged_signature_is_refused(
        self, client: AsyncClient, owner: Keypair, neighbour: Keypair, stale: bool
    ) -> None:
        blockhash = Hash.new_unique() if stale else await latest_blockhash(client)
        message = Message.new_with_blockhash([payment(owner, neighbour, SOL)], owner.pubkey(), blockhash)
        forged = Transaction.populate(message, [neighbour.sign_message(bytes(message))])
        before = await state(client, owner, neighbour)
        error = await refusal(client.send_transaction(forged))
        assert error == RpcCustomErrorFieldless.TransactionSignatureVerificationFailure
        await client.send_transaction(forged, UNCONFIRMED)
        assert await state(client, owner, neighbour) == before
        assert (await client.get_signature_statuses([forged.signatures[0]])).value == [None]

    async def test_an_unsigned_transaction_never_lands(
        self, client: AsyncClient, owner: Keypair, neighbour: Keypair
    ) -> None:
        message = Message.new_with_blockhash(
            [payment(owner, neighbour, SOL)], owner.pubkey(), await latest_blockhash(client)
        )
        unsigned = Transaction.populate(message, [Signature.default()])
        before = await state(client, owner, neighbour)
        await client.send_transaction(unsigned, UNCONFIRMED)
        assert await state(client, owner, neighbour) == before
        assert (await client.get_signature_statuses([Signature.default()])).value == [None]
        assert (await client.simulate_transaction(unsigned)).value.err is None

    async def test_what_is_no_transaction_is_refused(self, client: AsyncClient) -> None:
        for raw in (b"", b"\x01abc"):
            error = await refusal(client.send_raw_transaction(raw))
            assert isinstance(error, InvalidParamsMessage)
            name = "solana_transaction::versioned::VersionedTransaction"
            assert error.message.startswith(f"failed to deserialize {name}: ")

    async def test_a_transaction_longer_than_a_packet_is_refused(
        self, client: AsyncClient, owner: Keypair
    ) -> None:
        long = await signed(client, owner, Instruction(SYSTEM_PROGRAM, bytes(1_200), []))
        assert await refusal(client.send_transaction(long)) == InvalidParamsMessage(
            "decoded solana_transaction::versioned::VersionedTransaction too large: "
            f"{len(bytes(long))} bytes (max: 1232 bytes)"
        )

    async def test_lookup_tables_are_refused_by_name(
        self, client: AsyncClient, owner: Keypair, neighbour: Keypair
    ) -> None:
        table = AddressLookupTableAccount(Pubkey.new_unique(), [neighbour.pubkey()])
        blockhash = await latest_blockhash(client)
        message = MessageV0.try_compile(owner.pubkey(), [payment(owner, neighbour, 1)], [table], blockhash)
        error = await refusal(client.send_transaction(VersionedTransaction(message, [owner])))
        assert error == InvalidParamsMessage("address lookup tables are not supported by the embedded chain")

    async def test_the_fee_told_is_the_fee_charged(
        self, client: AsyncClient, owner: Keypair, neighbour: Keypair
    ) -> None:
        message = Message.new_with_blockhash(
            [payment(owner, neighbour, 1), payment(neighbour, owner, 1)],
            owner.pubkey(),
            await latest_blockhash(client),
        )
        assert (await client.get_fee_for_message(message)).value == 2 * FEE
        await client.send_transaction(Transaction([owner, neighbour], message, message.recent_blockhash))
        assert (await client.get_balance(owner.pubkey())).value == 100 * SOL - 2 * FEE

        stale = Message.new_with_blockhash([], owner.pubkey(), Hash.new_unique())
        assert (await client.get_fee_for_message(stale)).value is None


class TestSimulation:
    async def test_it_tells_what_would_happen_and_changes_nothing(
        self, client: AsyncClient, owner: Keypair, neighbour: Keypair
    ) -> None:
        before = await state(client, owner, neighbour)
        transaction = await signed(client, owner, payment(owner, neighbour, SOL))
        result = (await client.simulate_transaction(transaction, sig_verify=True)).value
        assert result == RpcSimulateTransactionResult(
            logs=[f"Program {SYSTEM_PROGRAM} invoke [1]", f"Program {SYSTEM_PROGRAM} success"],
            units_consumed=150,
        )
        assert await state(client, owner, neighbour) == before

    async def test_a_newer_version_is_simulated_alike(
        self, client: AsyncClient, owner: Keypair, neighbour: Keypair
    ) -> None:
        blockhash = await latest_blockhash(client)
        message = MessageV0.try_compile(owner.pubkey(), [payment(owner, neighbour, 1)], [], blockhash)
        transaction = VersionedTransaction(message, [owner])
        assert (await client.simulate_transaction(transaction, sig_verify=True)).value.err is None
        await client.send_transaction(transaction)
        repeat = (await client.simulate_transaction(transaction)).value
        assert repeat.err == TransactionErrorFieldless.AlreadyProcessed

    async def test_a_failure_is_an_answer(
        self, client: AsyncClient, owner: Keypair, neighbour: Keypair
    ) -> None:
        transaction = await signed(client, owner, payment(owner, neighbour, 101 * SOL))
        result = (await client.simulate_transaction(transaction)).value
        assert result.err == TransactionErrorInstructionError(0, InstructionErrorCustom(1))
        assert result.logs is not None
        assert result.logs[-1] == f"Program {SYSTEM_PROGRAM} failed: custom program error: 0x1"

    async def test_signatures_count_only_where_asked(
        self, client: AsyncClient, owner: Keypair, neighbour: Keypair
    ) -> None:
        message = (await signed(client, owner, payment(owner, neighbour, SOL))).message
        unsigned = Transaction.new_unsigned(message)
        assert (await client.simulate_transaction(unsigned)).value.err is None
        error = await refusal(client.simulate_transaction(unsigned, sig_verify=True))
        assert error == RpcCustomErrorFieldless.TransactionSignatureVerificationFailure
        error = await refusal(client.send_transaction(unsigned))
        assert error == RpcCustomErrorFieldless.TransactionSignatureVerificationFailure

    async def test_blockhashes_count_unless_replaced(
        self, client: AsyncClient, owner: Keypair, neighbour: Keypair
    ) -> None:
        stale = Transaction(
            [owner], Message([payment(owner, neighbour, SOL)], owner.pubkey()), Hash.new_unique()
        )
        result = (await client.simulate_transaction(stale)).value
        assert result.err == TransactionErrorFieldless.BlockhashNotFound
        assert (await simulate(client, stale, replace_recent_blockhash=True)).err is None
        error = await refusal(simulate(client, stale, replace_recent_blockhash=True, sig_verify=True))
        assert error == InvalidParamsMessage("sigVerify may not be used with replaceRecentBlockhash")

    async def test_accounts_are_told_as_they_would_be(
        self, client: AsyncClient, owner: Keypair, neighbour: Keypair
    ) -> None:
        addresses = [owner.pubkey(), Pubkey.new_unique(), neighbour.pubkey()]
        accounts = RpcSimulateTransactionAccountsConfig(addresses, UiAccountEncoding.Base64)
        good = await simulate(
            client, await signed(client, owner, payment(owner, neighbour, SOL)), accounts=accounts
        )
        assert good.accounts is not None
        assert [a and a.lamports for a in good.accounts] == [99 * SOL - FEE, None, 2 * SOL]
        emptied = await simulate(
            client, await signed(client, neighbour, payment(neighbour, owner, SOL - FEE)), accounts=accounts
        )
        assert emptied.accounts is not None
        assert [a and a.lamports for a in emptied.accounts] == [101 * SOL - FEE, None, None]
        bad = await simulate(
            client, await signed(client, owner, payment(owner, neighbour, 101 * SOL)), accounts=accounts
        )
        assert bad.accounts == [None, None, None]


async def simulate(
    client: AsyncClient, transaction: Transaction, **config: Any
) -> RpcSimulateTransactionResult:
    body = SimulateLegacyTransaction(transaction, RpcSimulateTransactionConfig(**config))
    return (await client._provider.make_request(body, SimulateTransactionResp)).value


class TestHistory:
    async def test_a_transaction_is_told_whole(
        self, client: AsyncClient, owner: Keypair, neighbour: Keypair, chain: EmbeddedChain
    ) -> None:
        transaction = await signed(client, owner, payment(owner, neighbour, SOL))
        slot = chain.slot
        signature = (await client.send_transaction(transaction)).value
        found = (await client.get_transaction(signature, max_supported_transaction_version=0)).value
        assert found is not None
        assert (found.slot, found.block_time) == (slot, chain.unix_timestamp)
        assert found.transaction.version == Legacy.Legacy
        meta = found.transaction.meta
        assert meta is not None
        assert (meta.err, meta.fee, meta.compute_units_consumed) == (None, FEE, 150)
        assert meta.pre_balances == [100 * SOL, SOL, 1]
        assert meta.post_balances == [99 * SOL - FEE, 2 * SOL, 1]
        assert meta.inner_instructions == []
        assert meta.log_messages == [
            f"Program {SYSTEM_PROGRAM} invoke [1]",
            f"Program {SYSTEM_PROGRAM} success",
        ]
        told: Any = found.transaction.transaction
        assert told.signatures == [signature]
        assert told.message.account_keys == transaction.message.account_keys
        assert told.message.recent_blockhash == transaction.message.recent_blockhash

        binary = (await client.get_transaction(signature, "base64")).value
        assert binary is not None
        assert binary.transaction.transaction == VersionedTransaction.from_legacy(transaction)

    async def test_a_failed_one_too(self, client: AsyncClient, owner: Keypair, neighbour: Keypair) -> None:
        transaction = await signed(client, owner, payment(owner, neighbour, 101 * SOL))
        signature = (await client.send_transaction(transaction, SKIP_PREFLIGHT)).value
        found = (await client.get_transaction(signature)).value
        assert found is not None
        assert found.transaction.meta is not None
        assert found.transaction.meta.err == TransactionErrorInstructionError(0, InstructionErrorCustom(1))
        assert found.transaction.meta.fee == FEE

    async def test_inner_instructions_are_told(
        self, chain: EmbeddedChain, client: AsyncClient, owner: Keypair
    ) -> None:
        account = await token_account(client, owner, owner.pubkey(), mint_of(chain, owner))
        [newest, *_] = (await client.get_signatures_for_address(account)).value
        found = (await client.get_transaction(newest.signature)).value
        assert found is not None
        assert found.transaction.meta is not None
        [inner] = found.transaction.meta.inner_instructions or []
        assert inner.index == 0
        keys = found.transaction.transaction.message.account_keys
        called = [keys[instruction.program_id_index] for instruction in inner.instructions]
        assert called == [TOKEN_PROGRAM_ID, SYSTEM_PROGRAM, TOKEN_PROGRAM_ID, TOKEN_PROGRAM_ID]

    async def test_a_newer_version_is_told_where_asked(
        self, client: AsyncClient, owner: Keypair, neighbour: Keypair
    ) -> None:
        blockhash = await latest_blockhash(client)
        message = MessageV0.try_compile(owner.pubkey(), [payment(owner, neighbour, 1)], [], blockhash)
        signature = (await client.send_transaction(VersionedTransaction(message, [owner]))).value
        assert await refusal(client.get_transaction(signature)) == UnsupportedTransactionVersionMessage(
            "Transaction version (0) is not supported by the requesting client. Please try the request again "
            'with the following configuration parameter: "maxSupportedTransactionVersion": 0'
        )
        found = (await client.get_transaction(signature, max_supported_transaction_version=0)).value
        assert found is not None
        assert found.transaction.version == 0

    async def test_parsed_transactions_are_refused_by_name(
        self, client: AsyncClient, owner: Keypair, neighbour: Keypair
    ) -> None:
        sent = await client.send_transaction(await signed(client, owner, payment(owner, neighbour, 1)))
        error = await refusal(client.get_transaction(sent.value, "jsonParsed"))
        assert error == InvalidParamsMessage("jsonParsed encoding is not supported by the embedded chain")

    async def test_an_unknown_one_has_no_value(self, client: AsyncClient) -> None:
        assert (await client.get_transaction(Signature.default())).value is None
        assert (await client.get_signature_statuses([Signature.default()])).value == [None]

    async def test_an_addresss_transactions_newest_first(
        self, client: AsyncClient, owner: Keypair, neighbour: Keypair, chain: EmbeddedChain
    ) -> None:
        sent = [
            (await client.send_transaction(await signed(client, owner, payment(owner, neighbour, n)))).value
            for n in (1, 2, 3)
        ]
        lost = await signed(client, owner, payment(owner, neighbour, 101 * SOL))
        sent.append((await client.send_transaction(lost, SKIP_PREFLIGHT)).value)
        first, second, third, failed = sent

        async def signatures(**options: Any) -> list[Signature]:
            found = (await client.get_signatures_for_address(neighbour.pubkey(), **options)).value
            return [entry.signature for entry in found]

        assert (await signatures())[:4] == [failed, third, second, first]
        assert len(await signatures()) == 5  # and the neighbour's airdrop
        assert await signatures(limit=2) == [failed, third]
        assert await signatures(before=third, limit=2) == [second, first]
        assert await signatures(until=second) == [failed, third]
        assert await signatures(before=failed, until=first) == [third, second]
        assert await signatures(before=Signature.default()) == []

        [newest] = (await client.get_signatures_for_address(neighbour.pubkey(), limit=1)).value
        assert newest.err == TransactionErrorInstructionError(0, InstructionErrorCustom(1))
        assert (newest.slot, newest.block_time) == (chain.slot - 1, chain.unix_timestamp)
        assert (await client.get_signatures_for_address(Pubkey.new_unique())).value == []

    @pytest.mark.parametrize("limit", [0, 1_001])
    async def test_a_limit_out_of_range_is_refused(self, client: AsyncClient, limit: int) -> None:
        error = await refusal(client.get_signatures_for_address(Pubkey.new_unique(), limit=limit))
        assert error == InvalidParamsMessage("Invalid limit; max 1000")

    async def test_more_than_256_statuses_are_refused(self, client: AsyncClient) -> None:
        error = await refusal(client.get_signature_statuses([Signature.default()] * 257))
        assert error == InvalidParamsMessage("Too many inputs provided; max 256")

    async def test_the_oldest_is_forgotten(self) -> None:
        chain = EmbeddedChain(transaction_history=LIFETIME + 1)
        client = chain.client()
        wallet = Pubkey.new_unique()
        sent = [chain.airdrop(wallet, SOL) for _ in range(LIFETIME + 3)]
        remembered = (await client.get_signatures_for_address(wallet)).value
        assert [entry.signature for entry in remembered] == sent[:1:-1]
        assert (await client.get_transaction(sent[1])).value is None
        assert isinstance(await refusal(client.get_block_time(1)), BlockNotAvailableMessage)
        assert (await client.get_balance(wallet)).value == (LIFETIME + 3) * SOL

    def test_a_history_too_short_to_find_duplicates_is_refused(self) -> None:
        with pytest.raises(ValueError, match="transaction_history must be over 150"):
            EmbeddedChain(transaction_history=LIFETIME)


class TestNode:
    async def test_it_is_healthy_and_says_what_it_is(self, client: AsyncClient) -> None:
        assert await client.is_connected()
        assert (await client.get_version()).value.solana_core == "2.2.0"

    async def test_each_chain_has_a_genesis_hash_of_its_own(self, client: AsyncClient) -> None:
        mine, another = client, EmbeddedChain().client()
        found = [(await each.get_genesis_hash()).value for each in (mine, mine, another)]
        assert found[0] == found[1] != found[2]

    async def test_what_it_does_not_answer_is_refused_by_name(self, client: AsyncClient) -> None:
        cases = {
            "getClusterNodes": client.get_cluster_nodes(),
            "getSupply": client.get_supply(),
            "getBlock": client.get_block(1),
        }
        for method, request in cases.items():
            error = await refusal(request)
            assert error == MethodNotFoundMessage(f"Method not found: {method} (embedded chain)")

    async def test_clients_share_the_chain_and_close(self, chain: EmbeddedChain, owner: Keypair) -> None:
        async with chain.client() as client:
            assert (await client.get_balance(owner.pubkey())).value == 100 * SOL
        assert (await chain.client().get_balance(owner.pubkey())).value == 100 * SOL

    def test_a_program_that_is_no_elf_is_refused(self, chain: EmbeddedChain) -> None:
        address = Pubkey.default()
        with pytest.raises(ValueError, match="program 11111111111111111111111111111111: not an ELF file"):
            chain.add_program(address, b"#!/bin/sh")
