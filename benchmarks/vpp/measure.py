"""Measure virtual_power_plant, and rewrite figures.md; with `--check`, compare with it."""

from itertools import count
from pathlib import Path
from typing import NamedTuple

from solders.instruction import Instruction
from solders.keypair import Keypair
from solders.pubkey import Pubkey
from spl.token.instructions import get_associated_token_address

from amalgam import built
from amalgam.vpp import program as dispatching
from benchmarks import bench
from benchmarks.bench import NOON, Act, Scene

HERE = Path(__file__).parent
FIGURES = HERE / "figures.md"
TWIN = HERE / "twin"
OF_TWIN = {"commit", "deliver", "settle_commitment"}
PLENTY = 10**9  # tokens of everyone's
ENERGY, PAYMENT = (key.pubkey() for key in bench.keys("benchmark mint", ("energy", "payment")))
AMOUNT = 4_000  # Wh that each commits to
TERMS = {
    **{"starts_at": NOON + 3_600, "ends_at": NOON + 7_200, "target": 10_000},
    **{"price": 301, "bond_price": 99, "tolerance_bps": 1_000},
}


class World(NamedTuple):
    """An operator, two participants, of whom one falls short, and who is to take over."""

    operator: Keypair
    participant: Keypair
    late: Keypair
    successor: Keypair

    @property
    def plant(self) -> Pubkey:
        """Where the plant is."""
        return dispatching.plant_address(self.operator.pubkey(), ENERGY, PAYMENT)

    @property
    def seeds(self) -> list[list[bytes]]:
        """Of all addresses."""
        plant, operator, *participants = (
            bytes(key) for key in (self.plant, *(each.pubkey() for each in self[:3]))
        )
        return [
            [b"plant", operator, bytes(ENERGY), bytes(PAYMENT)],
            [b"energy_vault", plant],
            [b"payment_vault", plant],
            [b"dispatch", plant, b"\0"],
            *([b"commitment", plant, owner, b"\0"] for owner in participants),
        ]

    def scene(self) -> Scene:
        """Every instruction."""
        operator, participant, late, successor = (key.pubkey() for key in self)
        plant, dispatch = self.plant, dispatching.dispatch_address(self.plant, 0)
        at, both = {"authority": operator, "plant": plant}, {"plant": plant, "dispatch": dispatch}
        payment = get_associated_token_address(operator, PAYMENT)
        announce = dispatching.announce(**at, dispatch=dispatch, source=payment, **TERMS)
        early = {
            "initialize": dispatching.initialize(
                authority=operator, energy_mint=ENERGY, payment_mint=PAYMENT
            ),
            "open_payment_vault": dispatching.open_payment_vault(
                payer=operator, plant=plant, payment_mint=PAYMENT
            ),
            "pause": dispatching.pause(**at),
            "resume": dispatching.resume(**at),
            "open_dispatch": dispatching.open_dispatch(payer=operator, plant=plant, number=0),
            "open_commitment": _open_commitment(operator, plant, participant),
            "open_commitment, another": _open_commitment(operator, plant, late),
            "announce": announce,
            "commit": _commit(participant, **both, announcement=8),
            "cancel_dispatch": dispatching.cancel_dispatch(**at, dispatch=dispatch, destination=payment),
            "settle_commitment, cancelled": _settle(participant, **both),
            "announce, again": announce,
            "commit, again": _commit(participant, **both, announcement=12),
            "commit, another": _commit(late, **both, announcement=12),
        }
        under_way = {
            "deliver": _deliver(participant, **both, amount=AMOUNT - 100),
            "deliver, beyond the commitment": _deliver(participant, **both, amount=300),
            "deliver, another": _deliver(late, **both, amount=AMOUNT // 3),
        }
        over = {
            "settle_dispatch": dispatching.settle_dispatch(
                **both,
                energy_destination=get_associated_token_address(operator, ENERGY),
                payment_destination=payment,
            ),
            "settle_commitment, fallen short": _settle(late, **both),
            "settle_commitment, with surplus": _settle(participant, **both),
            "return_rent": dispatching.return_rent(
                owner=participant,
                commitment=dispatching.commitment_address(plant, participant, 0),
                amount=0,
            ),
            "propose_authority": dispatching.propose_authority(**at, proposed=successor),
            "accept_authority": dispatching.accept_authority(authority=successor, plant=plant),
        }
        return Scene(
            dispatching.PROGRAM_ID,
            signers=self,
            accounts=bench.endowed(self, (ENERGY, PAYMENT), PLENTY),
            acts=[Act(NOON, early), Act(TERMS["starts_at"], under_way), Act(TERMS["ends_at"], over)],
        )


def _open_commitment(payer: Pubkey, plant: Pubkey, owner: Pubkey) -> Instruction:
    return dispatching.open_commitment(payer=payer, plant=plant, owner=owner, number=0)


def _commit(owner: Pubkey, plant: Pubkey, dispatch: Pubkey, announcement: int) -> Instruction:
    return dispatching.commit(
        owner=owner,
        plant=plant,
        dispatch=dispatch,
        commitment=dispatching.commitment_address(plant, owner, 0),
        source=get_associated_token_address(owner, PAYMENT),
        amount=AMOUNT,
        announcement=announcement,
    )


def _deliver(owner: Pubkey, plant: Pubkey, dispatch: Pubkey, amount: int) -> Instruction:
    return dispatching.deliver(
        owner=owner,
        plant=plant,
        dispatch=dispatch,
        commitment=dispatching.commitment_address(plant, owner, 0),
        source=get_associated_token_address(owner, ENERGY),
        amount=amount,
    )


def _settle(owner: Pubkey, plant: Pubkey, dispatch: Pubkey) -> Instruction:
    return dispatching.settle_commitment(
        plant=plant,
        dispatch=dispatch,
        commitment=dispatching.commitment_address(plant, owner, 0),
        destination=get_associated_token_address(owner, PAYMENT),
    )


def main() -> None:
    """Measure everything and write the table, or compare with it."""
    program, scene = built("virtual_power_plant.so").read_bytes(), first_world().scene()
    if bench.is_check():
        bench.check(FIGURES, bench.measured(scene, program))
        return
    bench.write(
        FIGURES,
        "# Figures of virtual_power_plant",
        "Written by `python -m benchmarks.vpp.measure`.",
        bench.beside_twin(scene, program, TWIN, OF_TWIN),
    )


def units(program: bytes, idl: bench.Idl) -> dict[str, int]:
    """The compute units by instruction of a version of the program that has this IDL."""
    return bench.run(first_world().scene(), program, idl=idl).units


def first_world() -> World:
    """The first of a fixed sequence in which no address takes a search."""
    worlds = (World(*bench.keys(f"benchmark {attempt}", World._fields)) for attempt in count())
    return next(world for world in worlds if bench.take_no_search(dispatching.PROGRAM_ID, world.seeds))


if __name__ == "__main__":
    main()
