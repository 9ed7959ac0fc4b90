"""Measure energy_sharing, and rewrite units.md; with `--check`, compare with it.

`figures.md` beside it is of the readings of a year, which `year.py` measures.
"""

from itertools import count
from pathlib import Path
from typing import NamedTuple

from solders.instruction import Instruction
from solders.keypair import Keypair
from solders.pubkey import Pubkey
from spl.token.instructions import get_associated_token_address

from amalgam import built
from amalgam.chain.transactions import packed
from amalgam.sharing import program as sharing
from benchmarks import bench
from benchmarks.bench import NOON, Act, Scene

HERE = Path(__file__).parent
FIGURES = HERE / "units.md"
TWIN = HERE / "twin"
OF_TWIN = {"post_line", "settle_line"}
MEMBERS = 1_000  # of the community whose transactions are counted
PLENTY = 10**9  # tokens of everyone's
(PAYMENT,) = (key.pubkey() for key in bench.keys("benchmark mint", ("payment",)))
OBJECTION_TIME = 3_600  # s
TIMES = {"starts_at": NOON - 86_400, "ends_at": NOON, "digest": bytes(range(32))}
TAKES = {"shared_in": 4_000, "shared_out": 0, "charge": 1_200, "credit": 0}
BRINGS = {"shared_in": 0, "shared_out": 4_000, "charge": 0, "credit": 1_200}


class World(NamedTuple):
    """An authority, one member who takes and one who brings, and who is to take over."""

    operator: Keypair
    taker: Keypair
    bringer: Keypair
    successor: Keypair

    @property
    def community(self) -> Pubkey:
        """Where the community is."""
        return sharing.community_address(self.operator.pubkey(), PAYMENT)

    @property
    def seeds(self) -> list[list[bytes]]:
        """Of all addresses."""
        community, operator = bytes(self.community), bytes(self.operator.pubkey())
        period = sharing.period_address(self.community, 0)
        owners = [each.pubkey() for each in (self.taker, self.bringer)]
        participants = [sharing.participant_address(self.community, owner) for owner in owners]
        return [
            [b"community", operator, bytes(PAYMENT)],
            [b"vault", community],
            [b"period", community, b"\0"],
            *([b"participant", community, bytes(owner)] for owner in owners),
            *([b"line", bytes(period), bytes(each)] for each in participants),
        ]

    def scene(self) -> Scene:
        """Every instruction."""
        operator, taker, bringer, successor = (key.pubkey() for key in self)
        at = {"authority": operator, "community": self.community}
        takes = {"community": self.community, "owner": taker}
        brings = {"community": self.community, "owner": bringer}
        reserve, purse = (get_associated_token_address(each, PAYMENT) for each in (operator, taker))
        begin = sharing.begin_period(**at, number=0, **TIMES)
        early = {
            "initialize": sharing.initialize(
                authority=operator, payment_mint=PAYMENT, objection_time=OBJECTION_TIME, fee_bps=100
            ),
            "pause": sharing.pause(**at),
            "resume": sharing.resume(**at),
            "set_policy": sharing.set_policy(**at, objection_time=OBJECTION_TIME, fee_bps=200),
            "deposit_reserve": sharing.deposit_reserve(**at, source=reserve, amount=2_000),
            "withdraw_reserve": sharing.withdraw_reserve(**at, destination=reserve, amount=500),
            "open_participant": sharing.open_participant(payer=operator, **takes),
            "admit": sharing.admit(**at, owner=taker),
            "set_credit_limit": sharing.set_credit_limit(**at, owner=taker, credit_limit=500),
            "open_participant, another": sharing.open_participant(payer=operator, **brings),
            "admit, another": sharing.admit(**at, owner=bringer),
            "deposit": sharing.deposit(**takes, source=purse, amount=2_000),
            "withdraw": sharing.withdraw(**takes, destination=purse, amount=900),
            "open_period": sharing.open_period(payer=operator, community=self.community, number=0),
            "begin_period": begin,
            "withdraw_period": sharing.withdraw_period(signer=operator, community=self.community, number=0),
            "begin_period, again": begin,
            "open_line": sharing.open_line(payer=operator, **takes, number=0),
            "open_line, another": sharing.open_line(payer=operator, **brings, number=0),
            "post_line": sharing.post_line(**at, owner=taker, number=0, **TAKES),
            "post_line, that brings": sharing.post_line(**at, owner=bringer, number=0, **BRINGS),
            "raise_objection": sharing.raise_objection(**takes, number=0),
            "close_period": sharing.close_period(**at, number=0),
        }
        over = {
            "settle_line": sharing.settle_line(**takes, number=0),
            "settle_line, the last": sharing.settle_line(**brings, number=0),
            "leave": sharing.leave(signer=taker, **takes),
            "propose_authority": sharing.propose_authority(**at, proposed=successor),
            "accept_authority": sharing.accept_authority(authority=successor, community=self.community),
        }
        return Scene(
            sharing.PROGRAM_ID,
            signers=self,
            accounts=bench.endowed(self, (PAYMENT,), PLENTY),
            acts=[Act(NOON, early), Act(NOON + OBJECTION_TIME, over)],
        )


def main() -> None:
    """Measure everything and write the tables, or compare with them."""
    program, scene = built("energy_sharing.so").read_bytes(), first_world().scene()
    if bench.is_check():
        bench.check(FIGURES, bench.measured(scene, program))
        return
    bench.write(
        FIGURES,
        "# Compute units of energy_sharing",
        "Written by `python -m benchmarks.sharing.measure`.",
        bench.beside_twin(scene, program, TWIN, OF_TWIN),
        f"## Transactions of a period of {MEMBERS:,} members",
        "As many instructions in one as its 1,232 bytes hold, with a payer who is the authority. Beside\n"
        "these, one begins the period and one closes it.",
        bench.table(("", "transactions"), [(name, f"{each:,}") for name, each in transactions().items()]),
    )


def transactions() -> dict[str, int]:
    """How many transactions the lines of a large community take."""
    authority, *owners = (key.pubkey() for key in bench.keys("benchmark member", range(MEMBERS + 1)))
    community = sharing.community_address(authority, PAYMENT)
    first: list[list[Instruction]] = []
    for owner in owners:
        at = {"community": community, "number": 0, "owner": owner}
        posting = sharing.post_line(authority=authority, **at, **TAKES)
        first.append([sharing.open_line(payer=authority, **at), posting])
    later = [[posting] for _, posting in first]
    settling = [[sharing.settle_line(community=community, number=0, owner=owner)] for owner in owners]
    groups = {"lines opened and posted": first, "lines posted": later, "lines settled": settling}
    return {name: len(list(packed(each, authority))) for name, each in groups.items()}


def units(program: bytes, idl: bench.Idl) -> dict[str, int]:
    """The compute units by instruction of a version of the program that has this IDL."""
    return bench.run(first_world().scene(), program, idl=idl).units


def first_world() -> World:
    """The first of a fixed sequence in which no address takes a search."""
    worlds = (World(*bench.keys(f"benchmark {attempt}", World._fields)) for attempt in count())
    return next(world for world in worlds if bench.take_no_search(sharing.PROGRAM_ID, world.seeds))


if __name__ == "__main__":
    main()
