"""A town with a battery: its chain answers over HTTP, and the command is run as people run it."""

import asyncio
import json
import os
import re
import subprocess
import sys
from collections.abc import Generator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from httpx._transports import default as httpx_default
from solders.account import Account
from solders.instruction import Instruction
from solders.keypair import Keypair
from solders.pubkey import Pubkey
from solders.signature import Signature
from solders.system_program import ID as SYSTEM_PROGRAM
from solders.token.state import Mint, TokenAccount
from spl.token.constants import TOKEN_PROGRAM_ID
from spl.token.instructions import MintToParams, get_associated_token_address, mint_to
from typer import testing
from typer.main import get_command
from typer.testing import CliRunner, Result

from amalgam.battery import program as energy_allocation
from amalgam.battery.client import EnergyAllocationClient
from amalgam.battery.program import PROGRAM_ID, Battery, battery_address, member_address, vault_address
from amalgam.chain import confirmation, rpc, transactions
from amalgam.chain.embedded import EmbeddedChain
from amalgam.chain.keys import write_keypair
from amalgam.chain.tokens import new_mint, open_token_account
from amalgam.cli import app, session
from amalgam.programs import Program
from amalgam.units import ANY_POOL, Resource
from tests.faults.faulty import FaultyNode
from tests.guides.guide import blocks
from tests.support.marketplace import Marketplace
from tests.support.node import NOON, TURN, Node

REFUSALS = {
    refusal.message: f"{refusal.message}: {refusal.cause} {refusal.remedy}"
    for refusal in Program.ENERGY_ALLOCATION.refusals
}
NOBODY = Pubkey([7] * 32)
NAMES = ("operator", "owner", "neighbour", "newcomer")


class TownNode(FaultyNode):
    """A node that may be faulty, refuse some methods, and have forgotten some transactions."""

    def __init__(self, chain: EmbeddedChain) -> None:
        super().__init__(chain, lambda _: None)
        self.reset()

    def reset(self) -> None:
        self.choose = lambda _: None
        self.refused: set[str] = set()  # methods
        self.forgotten: set[str] = set()  # signatures
        self.late = 0  # so often it does not know a transaction yet
        self.first_block = 0  # it remembers, though the chain's own may be of another test's time
        self.asked: list[dict[str, Any]] = []

    def methods(self) -> list[str]:
        """What was asked for, in order."""
        return [request["method"] for request in self.asked]

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        self.asked.append(request)
        method = request["method"]
        response = super().answer({**request, "method": "refused"} if method in self.refused else request)
        if method == "getTransaction" and (self.late or request["params"][0] in self.forgotten):
            self.late = max(self.late - 1, 0)
            response["result"] = None
        if method == "getFirstAvailableBlock":
            response["result"] = self.first_block
        if method == "getSignaturesForAddress":
            response["result"] = [
                each for each in response["result"] if each["signature"] not in self.forgotten
            ]
        return response


class Town:
    """Keypairs, a node, tokens for the owner and the neighbour, and a battery of energy with both as members.

    The configuration of Solana's tools names the node, and the operator's keypair.
    """

    def __init__(self, home: Path, node: TownNode) -> None:
        self.home, self.node, self.chain = home, node, node.chain
        self.chain.unix_timestamp = NOON
        self.keys = {name: Keypair() for name in NAMES}
        self.config = home / ".config/solana/cli/config.yml"
        self.config.parent.mkdir(parents=True)
        self.configure(json_rpc_url=node.url, keypair_path=self.keypair("operator"))
        for name, key in self.keys.items():
            write_keypair(self.keypair(name), key)
            self.chain.airdrop(key.pubkey(), 10**10)
        asyncio.run(self._settle())

    def __getitem__(self, name: str) -> Pubkey:
        return self.keys[name].pubkey()

    def keypair(self, name: str) -> Path:
        return self.home / f"{name}.json"

    def tokens(self, name: str) -> Pubkey:
        return get_associated_token_address(self[name], self.mint)

    def configure(self, **values: object) -> None:
        """Write the configuration as `solana config set` does."""
        lines = (f'{name}: "{value}"' for name, value in values.items())
        self.config.write_text("\n".join(["---", *lines, "address_labels:", '  "11111111": System', ""]))

    async def _settle(self) -> None:
        self.client = EnergyAllocationClient(self.chain.client(), self.keys["operator"])
        self.mint = await self._new_mint(3)
        for name in ("owner", "neighbour"):
            wallet, opening = open_token_account(self["operator"], self[name], self.mint)
            await self.client.sender.send([opening, self._issue(wallet, 10_000)])
        self.battery = await self.create(self.mint, Resource.ENERGY)
        for name in ("owner", "neighbour"):
            await self.client.send(
                energy_allocation.open_member(
                    payer=self.client.payer_address, battery=self.battery, owner=self[name]
                )
            )

    async def create(self, mint: Pubkey, resource: Resource, operator: str = "operator") -> Pubkey:
        await self.client.send(
            energy_allocation.initialize(
                authority=self[operator],
                mint=mint,
                resource=resource,
                capacity=20_000,
                allocation_limit=4_000,
                allocation_lifetime=86_400,
                efficiency_bps=9_000,
            ),
            self.keys[operator],
        )
        return battery_address(self[operator], mint)

    def begin(self, resource: Resource) -> Pubkey:
        """Another battery of the owner's tokens, who is its operator and member too."""
        return asyncio.run(self._begin(resource))

    async def _begin(self, resource: Resource) -> Pubkey:
        battery = await self.create(self.mint, resource, "owner")
        await self.client.send(
            energy_allocation.open_member(
                payer=self.client.payer_address, battery=battery, owner=self["owner"]
            )
        )
        return battery

    def close(self, tokens: Pubkey) -> None:
        """Do away with a token account, as its owner may."""
        self.chain.set_account(tokens, Account(0, b"", SYSTEM_PROGRAM))

    def deposit(self, name: str, amount: int) -> None:
        """As `amalgam deposit`, but at once."""
        deposit = self.client.send(
            energy_allocation.deposit_energy(
                owner=self[name],
                battery=self.battery,
                mint=self.mint,
                source=self.tokens(name),
                amount=amount,
                minimum_credit=0,
            ),
            self.keys[name],
        )
        asyncio.run(deposit)

    def allocate(self, name: str, amount: int) -> None:
        """As `amalgam allocate`, but at once."""
        asyncio.run(
            self.client.send(
                energy_allocation.allocate(owner=self[name], battery=self.battery, amount=amount),
                self.keys[name],
            )
        )

    def new_mint(self, decimals: int) -> Pubkey:
        """Another mint of the operator's."""
        return asyncio.run(self._new_mint(decimals))

    async def _new_mint(self, decimals: int) -> Pubkey:
        key, operator = Keypair(), self["operator"]
        creation = await new_mint(
            self.chain.client(), operator, key.pubkey(), authority=operator, decimals=decimals
        )
        await self.client.sender.send(creation, key)
        return key.pubkey()

    def _issue(self, tokens: Pubkey, amount: int) -> Instruction:
        return mint_to(MintToParams(TOKEN_PROGRAM_ID, self.mint, tokens, self["operator"], amount))

    def donate(self, amount: int) -> None:
        """Issue tokens straight to the vault."""
        asyncio.run(self.client.send(self._issue(vault_address(self.battery), amount)))

    def return_rent(self, account: Pubkey, *, by: str) -> None:
        """Give an account 700,000 lamports beyond its rent, and have them returned by the command alone."""
        before = self.chain.account(account)
        self.chain.airdrop(account, 700_000)
        done = self.done("wallet", "return-rent", account, by=by)
        assert done == f"0.0007 SOL of {account} are yours again"
        assert self.chain.account(account) == before

    def forge_available(self, amount: int) -> None:
        """Rewrite what the battery has available, as no instruction would."""
        account = self.chain.account(self.battery)
        before = Battery.from_bytes(account.data).available.to_bytes(8, "little")
        data = account.data.replace(before, amount.to_bytes(8, "little"), 1)
        self.chain.set_account(self.battery, Account(account.lamports, data, PROGRAM_ID))

    # Looking

    @property
    def cluster(self) -> str:
        """What messages call the node's cluster."""
        return self.node.url.removeprefix("http://")

    def nothing_at(self, address: Pubkey) -> str:
        """What a command says where nothing holds tokens."""
        return f"there is no {ANY_POOL} at {address} on {self.cluster}; check the address and --url"

    def member(self, name: str) -> Pubkey:
        return member_address(self.battery, self[name])

    def state(self) -> dict[str, Any]:
        """The battery, its members by name, and every token account by its owner's name."""
        with TURN:  # the node may be at what an interrupted command has asked it
            return asyncio.run(self._state())

    async def _state(self) -> dict[str, Any]:
        found: dict[str, Any] = {"battery": await self.client.battery(self.battery)}
        names = {self[name]: name for name in NAMES}
        for member in await self.client.members(self.battery):
            found[names[member.owner]] = member
        wallets = {f"{name}'s tokens": self.tokens(name) for name in NAMES}
        for name, address in {"vault": found["battery"].vault, **wallets}.items():
            account = self.chain.account(address)
            found[name] = account and TokenAccount.from_bytes(account.data).amount
        found["supply"] = Mint.from_bytes(self.chain.account(self.mint).data).supply
        return found

    # The command

    def run(self, *arguments: object, by: str = "operator", **env: str) -> Result:
        """Run `amalgam`, signed by the operator, whose keypair is configured, or by another."""
        signed = [] if by == "operator" else ["--keypair", self.keypair(by)]
        runner = CliRunner(env={"HOME": str(self.home), "XDG_STATE_HOME": "", **env})
        return runner.invoke(app, [str(each) for each in (*arguments, *signed)])

    def lines(self, *arguments: object, by: str = "operator") -> list[str]:
        """What a command prints for people, which has to succeed."""
        result = self.run(*arguments, by=by)
        assert (result.exit_code, result.stderr) == (0, ""), result.output
        return result.stdout.splitlines()

    def followed(self, guide: str, **variables: str) -> str:
        """What the commands of a guide print."""
        environment = {
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "HOME": str(self.home),
            **variables,
        }
        script = ["bash", "-euo", "pipefail", "-c", "".join(blocks(guide, "sh"))]
        done = subprocess.run(
            script, cwd=self.home, env=environment, capture_output=True, text=True, check=False
        )
        assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
        return done.stdout

    def done(self, *arguments: object, by: str = "operator") -> str:
        """What a command says it has done, beside its signature, which is that of what landed last."""
        done, signature = self.lines(*arguments, by=by)
        assert signature == f"Signature {self.latest()}"
        return done

    def latest(self) -> Signature:
        return next(self.chain.landed_newest_first()).transaction.signatures[0]

    def landed_accounts(self) -> list[Pubkey]:
        """Of the latest transaction, in its own order."""
        return next(self.chain.landed_newest_first()).transaction.message.account_keys

    def forget(self, *numbers: int) -> None:
        """Have the node forget the transactions of the battery's events with these numbers."""
        events = self.json("history", self.battery)["events"]
        self.node.forgotten |= {event["signature"] for event in events if event["sequence"] in numbers}

    def json(self, *arguments: object, by: str = "operator") -> Any:
        """What a command prints for programs, which has to succeed."""
        result = self.run(*arguments, "--output", "json", by=by)
        assert (result.exit_code, result.stderr) == (0, ""), result.output
        return json.loads(result.stdout)

    def refusal(self, *arguments: object, by: str = "operator", **env: str) -> tuple[int, str]:
        """The exit code and the one line of a command after which everything is as before."""
        before, landed = self.state(), self.latest()
        result = self.run(*arguments, by=by, **env)
        assert result.stdout == "", result.output
        assert re.fullmatch(r"amalgam: [^\n]+\n", result.stderr), result.output
        assert (self.state(), self.latest()) == (before, landed)
        return result.exit_code, result.stderr.removeprefix("amalgam: ").removesuffix("\n")


class Traders:
    """A town's command beside the mints of energy and payments, and what everyone has of them."""

    def __init__(self, town: Town, trade: Marketplace) -> None:
        self.town, self.trade = town, trade

    def done(self, *arguments: object, by: str = "operator") -> list[str]:
        """What a command says it has done, beside its signature."""
        *done, signature = self.town.lines(*arguments, by=by)
        assert signature == f"Signature {self.town.latest()}"
        return done

    def refusal(self, *arguments: object, by: str = "operator") -> tuple[int, str]:
        """The exit code and the one line of a command after which no tokens have moved."""
        before = self.trade.balances()
        found = self.town.refusal(*arguments, by=by)
        assert self.trade.balances() == before
        return found

    def refused(self, *arguments: object, by: str = "operator") -> str:
        """The message of the program's refusal of a command."""
        code, said = self.refusal(*arguments, by=by)
        assert code == 1
        return said.partition(":")[0]

    def not_found(self, kind: str, *hint: str) -> tuple[int, str]:
        remedy = "".join(["check the address and --url", *hint])
        return 3, f"there is no {kind} at {NOBODY} on {self.town.cluster}; {remedy}"


@pytest.fixture(scope="session", autouse=True)
def made_once() -> Generator[None]:
    """The command's tree of options, and certificates: they take longer than most commands to run."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(testing, "_get_command", cache(get_command))
        patch.setattr(httpx_default, "create_ssl_context", cache(httpx_default.create_ssl_context))
        yield


@pytest.fixture(scope="session")
def town_node(chain: EmbeddedChain) -> Generator[TownNode]:
    with TownNode(chain) as node:
        yield node


@pytest.fixture
def lone_town_node() -> Generator[TownNode]:
    """Of a chain of its own: what other towns have done is not seen there."""
    chain, program = EmbeddedChain(), Program.ENERGY_ALLOCATION
    chain.add_program(program.program_id, program.code)
    with TownNode(chain) as node:
        yield node


@pytest.fixture
def town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, town_node: TownNode) -> Town:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    for module, name in (
        (rpc, "_PAUSE_S"),
        (confirmation, "_POLL_S"),
        (transactions, "_BLOCKHASH_LIFETIME_S"),
        (session, "_RECEIPT_PAUSE_S"),
    ):
        monkeypatch.setattr(module, name, 0.01)
    town_node.reset()
    return Town(tmp_path, town_node)


@pytest.fixture
def empty_node() -> Generator[Node]:
    """Another cluster, without the program."""
    with Node(EmbeddedChain()) as node:
        yield node
