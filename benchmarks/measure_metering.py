"""Measure energy_metering, and rewrite figures_metering.md; with `--check`, compare as measure.py does."""

import re
import sys
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import NamedTuple

from measure import GROWTH_ALLOWED, LAMPORTS_PER_SOL, Run, _built_here, _table
from solders.account import Account
from solders.instruction import Instruction
from solders.keypair import Keypair
from solders.litesvm import LiteSVM
from solders.message import Message
from solders.pubkey import Pubkey
from solders.system_program import ID as SYSTEM_PROGRAM_ID
from solders.token.state import TokenAccount, TokenAccountState
from solders.transaction import Transaction
from solders.transaction_metadata import TransactionMetadata
from spl.token.constants import TOKEN_PROGRAM_ID

from amalgam import built
from amalgam import energy_metering as metering
from amalgam.energy_allocation import Resource

FIGURES = Path(__file__).parent / "figures_metering.md"
TWIN = Path(__file__).parent / "metering_twin"
OF_TWIN = {"report", "report, nothing risen"}
HOUR_S = 3_600


class World(NamedTuple):
    """An authority, who has a meter too, its two devices, and who is to take over."""

    owner: Keypair
    device: Keypair
    new_device: Keypair
    successor: Keypair
    tokens: Pubkey

    @property
    def issuer(self) -> Pubkey:
        """Where the issuer is."""
        return metering.issuer_address(self.owner.pubkey(), 0)

    def steps(self, now: int) -> dict[str, Instruction]:
        """Every instruction, each ready to run after those before it."""
        at = {"authority": self.owner.pubkey(), "issuer": self.issuer}
        device, new_device = self.device.pubkey(), self.new_device.pubkey()
        meter = {"device": device, "owner": self.owner.pubkey(), "rated_power": 5_000, "register": 0}
        reading = {"device": device, "issuer": self.issuer, "destination": self.tokens}
        return {
            "initialize": metering.initialize(
                authority=self.owner.pubkey(), resource=Resource.ENERGY, number=0
            ),
            "register_meter": metering.register_meter(**at, **meter),
            "report": metering.report(**reading, register=4_000, read_at=now - 1),
            "report, nothing risen": metering.report(**reading, register=4_000, read_at=now),
            "replace_device": metering.replace_device(**at, retired=device, device=new_device, register=0),
            "retire_meter": metering.retire_meter(**at, device=new_device),
            "pause": metering.pause(**at),
            "resume": metering.resume(**at),
            "propose_authority": metering.propose_authority(**at, proposed=self.successor.pubkey()),
            "accept_authority": metering.accept_authority(
                authority=self.successor.pubkey(), issuer=self.issuer
            ),
        }


def main() -> None:
    """Measure everything and write the table, or compare with it."""
    program = built("energy_metering.so").read_bytes()
    ours = run(program)
    measured = ours.units | {"bytes": len(program)}
    if sys.argv[1:] == ["--check"]:
        rows = re.findall(r"^\| (.+?) \| ([\d,]+) \|", FIGURES.read_text("utf-8"), re.MULTILINE)
        committed = {name: int(figure.replace(",", "")) for name, figure in rows}
        grown = [
            f"{name}: {committed.get(name, 0):,} -> {figure:,}"
            for name, figure in measured.items()
            if figure > committed.get(name, 0) * (1 + GROWTH_ALLOWED)
        ]
        sys.exit("\n".join([f"Grown by over 2 % against benchmarks/{FIGURES.name}:", *grown]) if grown else 0)
    twin = run(program, _built_here(TWIN))
    if (twin.events, twin.accounts) != (ours.events, ours.accounts):
        sys.exit("the programs did different things: nothing to compare")
    rows: list[tuple[str, ...]] = []
    for name, figure in measured.items():
        by_hand = twin.units[name] if name in OF_TWIN else None
        compared = (f"{by_hand:,}", f"{figure / by_hand:.3f}") if by_hand else ("", "")
        rows.append((name, f"{figure:,}", *compared))
    text = (
        "# Figures of energy_metering\n\n"
        "Written by `python benchmarks/measure_metering.py`. Calls to other programs are included, and no\n"
        "address takes a search. The twin is the instruction of every day written by hand in Anchor\n"
        "(`benchmarks/metering_twin`), built with the same toolchain; both left the same bytes in accounts\n"
        "and events.\n\n"
    ) + _table(("", "compute units", "twin", "ratio"), rows)
    FIGURES.write_text(text + "\n", "utf-8")
    print(text)


def run(program: bytes, twin: bytes | None = None) -> Run:
    """Run each instruction once, those that the twin has by it where it is given."""
    world, svm = _world(), LiteSVM()
    mint, owner = metering.mint_address(world.issuer), world.owner.pubkey()
    tokens = TokenAccount(mint, owner, 0, None, TokenAccountState.Initialized, None, 0)
    svm.set_account(owner, Account(LAMPORTS_PER_SOL, b"", SYSTEM_PROGRAM_ID))
    svm.set_account(world.tokens, Account(LAMPORTS_PER_SOL, bytes(tokens), TOKEN_PROGRAM_ID))
    clock = svm.get_clock()
    outcomes: dict[str, TransactionMetadata] = {}
    steps = world.steps(clock.unix_timestamp + HOUR_S)
    for name, step in steps.items():
        svm.add_program(metering.PROGRAM_ID, twin if twin and name in OF_TWIN else program)
        if name == "report":
            clock.unix_timestamp += HOUR_S
            svm.set_clock(clock)
        message = Message([step], owner)
        signs = {meta.pubkey for meta in step.accounts if meta.is_signer} | {owner}
        keys = [key for key in (world.owner, world.device, world.successor) if key.pubkey() in signs]
        outcome = svm.send_transaction(Transaction(keys, message, svm.latest_blockhash()))
        if not isinstance(outcome, TransactionMetadata):
            sys.exit("\n".join([name, str(outcome.err()), *outcome.meta().logs()]))
        outcomes[name] = outcome
    logs = [line for outcome in outcomes.values() for line in outcome.logs()]
    written = sorted({meta.pubkey for step in steps.values() for meta in step.accounts if meta.is_writable})
    accounts = [svm.get_account(address) for address in written]
    return Run(
        {name: outcome.compute_units_consumed() for name, outcome in outcomes.items()},
        [line for line in logs if line.startswith("Program data: ")],
        [bytes(account.data) for account in accounts if account],
    )


def _world() -> World:
    """The first of a fixed sequence in which all of the program's addresses have bump 255."""
    for attempt in count():
        keys = [
            Keypair.from_seed(sha256(f"benchmark {attempt}: {name}".encode()).digest())
            for name in ("owner", "device", "new device", "successor", "tokens")
        ]
        world = World(*keys[:4], keys[4].pubkey())
        issuer, owner = bytes(world.issuer), bytes(world.owner.pubkey())
        meters = [[b"meter", issuer, bytes(key.pubkey())] for key in (world.device, world.new_device)]
        seeds = [[b"issuer", owner, b"\0"], [b"mint", issuer], *meters]
        if all(Pubkey.find_program_address(each, metering.PROGRAM_ID)[1] == 255 for each in seeds):
            return world
    raise AssertionError("count never ends")


if __name__ == "__main__":
    main()
