"""A community that settles what it has shared, for tests that drive the real program."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from anchorpy import Program
from solders.pubkey import Pubkey

from amalgam.chain.embedded import EmbeddedChain
from amalgam.programs import Program as ProgramName
from tests.support import stage
from tests.support.stage import NOON, WALLETS, WELL_KNOWN, Beginnings, Chain, Load, Stage, derived

NAME = ProgramName.ENERGY_SHARING
PROGRAM_BYTES = NAME.code.read_bytes()
PROGRAM = NAME.program_id
pda = partial(derived, PROGRAM)

# The defaults. Wh, s, and base units of payment.
DAY = 86_400
STARTS, ENDS = NOON - 30 * DAY, NOON
OBJECTION_TIME = 3 * DAY
SETTLES = NOON + OBJECTION_TIME
LAPSES = NOON + 7 * DAY
FEE_BPS = 500
PAYMENT = 5_000  # what everybody has at first
PREPAID = 2_000  # what each participant has paid in
RESERVE = 1_000
CREDIT_LIMIT = 300
DIGEST = Pubkey(bytes(range(32)))
RUN = 13  # sequence of the event that begins the period
TOTALS = {"prepaid": 6_000, "reserve": RESERVE, "sequence": 17}  # after the next event, if no tokens move

PARTICIPANTS = ("owner", "neighbour", "thief")  # the newcomer has no account yet
PREFIXES = {"operator": "", "rival": "rival_"}  # of the names of what each one's community has

# At 300 base units a kWh, 5 % of which the community keeps: charges are rounded up, credits down.
LINES = {
    "owner": {"shared_in": 4_000, "shared_out": 0, "charge": 1_200, "credit": 0},
    "neighbour": {"shared_in": 1_000, "shared_out": 1_500, "charge": 300, "credit": 427},
    "thief": {"shared_in": 0, "shared_out": 3_500, "charge": 0, "credit": 997},
}
NOTHING = {"shared_in": 0, "shared_out": 0, "charge": 0, "credit": 0}
SHARED, CHARGES, CREDITS, FEE = 5_000, 1_500, 1_424, 76

DEFAULT_ARGUMENTS: dict[str, dict[str, Any]] = {
    "initialize": {"objection_time": OBJECTION_TIME, "fee_bps": FEE_BPS},
    "pause": {},
    "resume": {},
    "propose_authority": {"proposed": "newcomer"},
    "accept_authority": {},
    "set_policy": {"objection_time": DAY, "fee_bps": 0},
    "deposit_reserve": {"amount": RESERVE},
    "withdraw_reserve": {"amount": RESERVE},
    "open_participant": {"owner": "owner"},
    "admit": {"credit_limit": CREDIT_LIMIT},
    "set_credit_limit": {"credit_limit": 0},
    "leave": {},
    "deposit": {"amount": PREPAID},
    "withdraw": {"amount": PREPAID},
    "open_period": {"number": 0},
    "begin_period": {"starts_at": STARTS, "ends_at": ENDS, "digest": DIGEST},
    "open_line": {},
    "post_line": NOTHING,
    "close_period": {},
    "raise_objection": {},
    "withdraw_period": {},
    "settle_line": {},
}

SLOTS = stage.slots(NAME)
# What only its instructions take, as they say it, beyond its accounts by their names.
PARAMETERS = {
    "signer: Signer",
    "objection_time: i64",
    "fee_bps: u16",
    "credit_limit: u64",
    "ends_at: i64",
    "digest: Pubkey",
    "shared_in: u64",
    "shared_out: u64",
    "charge: u64",
    "credit: u64",
}
_SIGNERS = ("authority", "payer", "owner", "signer")


class Sharing(Stage):
    """Wallets, a mint, and communities with a period under way: `start` brings all of it about.

    Accounts go by name: `sharing['community']`, `sharing['period']`, `sharing['owner']`, and its
    `'owner_participant'`, `'owner_line'`, `'owner_payment'`. The second period account is `'second_period'`,
    with `'owner_second_line'`; the rival's community, of the same mint, is `'rival_community'`, with
    `'owner_rival_participant'` and so on.
    """

    def __init__(self, program: Program, seed: str, chain: Chain) -> None:
        super().__init__(program, seed, chain)
        self.accounts["payment_mint"] = self.key("payment_mint").pubkey()
        for operator, prefix in PREFIXES.items():
            community = pda(b"community", self[operator], self["payment_mint"])
            self.accounts |= {f"{prefix}community": community, f"{prefix}vault": pda(b"vault", community)}
            periods = {"": pda(b"period", community, bytes([0])), "second_": pda(b"period", community, b"\1")}
            self.accounts |= {f"{second}{prefix}period": period for second, period in periods.items()}
            for owner in WALLETS:
                participant = pda(b"participant", community, self[owner])
                self.accounts[f"{owner}_{prefix}participant"] = participant
                for second, period in periods.items():
                    line = pda(b"line", period, participant)
                    self.accounts[f"{owner}_{second}{prefix}line"] = line

    async def prepare(self) -> None:
        """Funded wallets, the mint, and its tokens for everybody."""
        await self.fund()
        await self.make_mint("payment_mint", decimals=6)
        for owner in WALLETS:
            await self.make_tokens(f"{owner}_payment", owner, PAYMENT, mint="payment_mint")

    async def start(self, *, at: str = "operator", prepaid: int = PREPAID) -> None:
        """Initialize a community whose participants have prepaid, and begin a period at noon."""
        self.travel_to(NOON)
        await self.run("initialize", by=at, at=at)
        await self.run("deposit_reserve", by=at, at=at)
        for owner in PARTICIPANTS:
            await self.run("open_participant", of=owner, at=at)
            await self.run("admit", of=owner, by=at, at=at)
            if prepaid:
                await self.run("deposit", of=owner, at=at, amount=prepaid)
        await self.run("open_period", at=at)
        await self.run("begin_period", by=at, at=at)
        for owner in PARTICIPANTS:
            await self.run("open_line", of=owner, at=at)

    async def post(self, *owners: str, **changes: Any) -> None:
        """Post the lines of these participants, or of all."""
        for owner in owners or PARTICIPANTS:
            await self.run("post_line", of=owner, **{**LINES[owner], **changes})

    async def close(self) -> None:
        """Post all lines, close the period, and travel to the end of the time for objections."""
        await self.post()
        await self.run("close_period")
        self.travel_to(SETTLES)

    async def settle(self, *owners: str) -> None:
        """Settle the lines of these participants, or of all."""
        for owner in owners or PARTICIPANTS:
            await self.run("settle_line", of=owner)

    def _resolved(
        self, instruction: str, changes: dict[str, Any]
    ) -> tuple[list[Any], dict[str, Pubkey], str | None]:
        """`by`, who signs; `at`, the name of the community's operator; `of`, whose participant it is."""
        of = changes.pop("of", "owner")
        slots = SLOTS[instruction]
        signing = [slot for slot in slots if slot in _SIGNERS]
        default = {"accept_authority": "newcomer", "leave": of}.get(instruction, "operator")
        by = changes.pop("by", of if "owner" in slots else default) if signing else None
        at = changes.pop("at", by if instruction == "initialize" else "operator")
        arguments = dict(DEFAULT_ARGUMENTS[instruction])
        if instruction == "open_participant":
            arguments["owner"] = of
        arguments |= {name: changes.pop(name) for name in arguments if name in changes}
        second = "second_" if changes.pop("second", arguments.get("number") == 1) else ""
        assert changes.keys() <= set(slots), f"{instruction} has not all of {list(changes)}"

        prefix = PREFIXES[at]
        right = {
            **dict.fromkeys(_SIGNERS, by),
            "payment_mint": "payment_mint",
            **{name: f"{prefix}{name}" for name in ("community", "vault")},
            "period": f"{second}{prefix}period",
            "participant": f"{of}_{prefix}participant",
            "line": f"{of}_{second}{prefix}line",
            **dict.fromkeys(("source", "destination"), f"{by}_payment"),
        }
        accounts = {name: WELL_KNOWN.get(name) or self[right[name]] for name in slots if name not in changes}
        for name in ("owner", "proposed"):
            if name in arguments:
                arguments[name] = self[arguments[name]]
        return list(arguments.values()), accounts | changes, by


@pytest.fixture(scope="session")
def sharing_program(load: Load) -> Program:
    return load(NAME)


@pytest.fixture
async def empty_sharing(chain: EmbeddedChain, load: Load, beginnings: Beginnings) -> Sharing:
    """Funded wallets at noon, the mint and everyone's tokens: no community yet."""
    return await beginnings.prepared(Sharing, load(NAME), chain)


@pytest.fixture
async def sharing(empty_sharing: Sharing, beginnings: Beginnings) -> Sharing:
    """The operator's community, with a period under way of the owner, the neighbour and the thief."""
    return await beginnings.started(empty_sharing)
