"""Measure energy_metering, and rewrite figures.md; with `--check`, compare with it."""

from itertools import count
from pathlib import Path
from typing import NamedTuple

from solders.keypair import Keypair
from solders.pubkey import Pubkey

from amalgam import built
from amalgam.metering import program as metering
from amalgam.units import Resource
from benchmarks import bench
from benchmarks.bench import NOON, Act, Scene

HERE = Path(__file__).parent
FIGURES = HERE / "figures.md"
TWIN = HERE / "twin"
OF_TWIN = {"report"}
HOUR_S = 3_600


class World(NamedTuple):
    """An authority, who has a meter too, its two devices, who is to take over, and where tokens go."""

    owner: Keypair
    device: Keypair
    new_device: Keypair
    successor: Keypair
    tokens: Keypair

    @property
    def issuer(self) -> Pubkey:
        """Where the issuer is."""
        return metering.issuer_address(self.owner.pubkey(), 0)

    @property
    def seeds(self) -> list[list[bytes]]:
        """Of all addresses."""
        issuer, owner = bytes(self.issuer), bytes(self.owner.pubkey())
        meters = [[b"meter", issuer, bytes(key.pubkey())] for key in (self.device, self.new_device)]
        return [[b"issuer", owner, b"\0"], [b"mint", issuer], *meters]

    def scene(self) -> Scene:
        """Every instruction."""
        owner, issuer, destination = self.owner.pubkey(), self.issuer, self.tokens.pubkey()
        at = {"authority": owner, "issuer": issuer}
        device, new_device = self.device.pubkey(), self.new_device.pubkey()
        meter = {"device": device, "owner": owner, "rated_power": 5_000, "register": 0}
        reading = {"device": device, "issuer": issuer, "destination": destination, "register": 4_000}
        later = NOON + HOUR_S
        opening = {
            "initialize": metering.initialize(authority=owner, resource=Resource.ENERGY, number=0),
            "register_meter": metering.register_meter(**at, **meter),
        }
        reporting = {
            "report": metering.report(**reading, read_at=later - 1),
            "report, nothing risen": metering.report(**reading, read_at=later),
            "replace_device": metering.replace_device(**at, retired=device, device=new_device, register=0),
            "retire_meter": metering.retire_meter(**at, device=new_device),
            "return_rent": metering.return_rent(**at, device=new_device, amount=0),
            "pause": metering.pause(**at),
            "resume": metering.resume(**at),
            "propose_authority": metering.propose_authority(**at, proposed=self.successor.pubkey()),
            "accept_authority": metering.accept_authority(authority=self.successor.pubkey(), issuer=issuer),
        }
        tokens = bench.tokens(metering.mint_address(issuer), owner, 0)
        return Scene(
            metering.PROGRAM_ID,
            signers=self,
            accounts={owner: bench.wallet(), destination: tokens},
            acts=[Act(NOON, opening), Act(later, reporting)],
        )


def main() -> None:
    """Measure everything and write the table, or compare with it."""
    program, scene = built("energy_metering.so").read_bytes(), first_world().scene()
    if bench.is_check():
        bench.check(FIGURES, bench.measured(scene, program))
        return
    bench.write(
        FIGURES,
        "# Figures of energy_metering",
        "Written by `python -m benchmarks.metering.measure`.",
        bench.beside_twin(scene, program, TWIN, OF_TWIN),
    )


def units(program: bytes, idl: bench.Idl) -> dict[str, int]:
    """The compute units by instruction of a version of the program that has this IDL."""
    return bench.run(first_world().scene(), program, idl=idl).units


def first_world() -> World:
    """The first of a fixed sequence in which no address takes a search."""
    worlds = (World(*bench.keys(f"benchmark {attempt}", World._fields)) for attempt in count())
    return next(world for world in worlds if bench.take_no_search(metering.PROGRAM_ID, world.seeds))


if __name__ == "__main__":
    main()
