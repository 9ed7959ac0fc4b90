"""`amalgam issuer ...`: what an operator does with an issuer of tokens for what meters have measured."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from amalgam.cli.authority import Operated, add_commands
from amalgam.cli.metering.find import client, find_issuer
from amalgam.cli.options import EXIT_CODES, IssuerAddress, Pubkey
from amalgam.cli.output import facts
from amalgam.cli.session import Session, reading, sending
from amalgam.programs import Program
from amalgam.units import Measure, counted

app = typer.Typer(help="Create an issuer of tokens that meters bring, pause and audit it.", epilog=EXIT_CODES)


class _Resource(StrEnum):
    ENERGY = "energy"
    WATER = "water"
    WASTE = "waste"


_Of = Annotated[_Resource, typer.Option("--resource", help="What the tokens stand for: kWh, m3 or t.")]
_Number = Annotated[int, typer.Option(min=0, max=255, help="Tells the authority's issuers apart.")]


@app.command(epilog=EXIT_CODES)
@sending
async def create(session: Session, resource: _Of = _Resource.ENERGY, number: _Number = 0) -> None:
    """Create an issuer and its mint; who signs becomes its authority, and pays their rent.

    It alone can issue the tokens, for what its meters report, and nobody can
    freeze them.

    Examples
      amalgam issuer create
      amalgam issuer create --resource water --number 1
    """
    from amalgam.metering.program import initialize, issuer_address, mint_address
    from amalgam.units import MEASURES, Resource

    kind = Resource[resource.name]
    issuer = issuer_address(session.address, number)
    instruction = initialize(authority=session.address, resource=kind, number=number)
    measure = MEASURES[kind]
    receipt = await session.send(f"create issuer {issuer}", [instruction], measure)
    session.report(receipt, measure, issuer=str(issuer), mint=str(mint_address(issuer)))


@app.command(epilog=EXIT_CODES)
@reading
async def show(session: Session, issuer: IssuerAddress) -> None:
    """Show what an issuer's meters have brought, and whether it takes reports.

    Example
      amalgam issuer show $ISSUER --url devnet
    """
    from amalgam.metering.words import described, measure_of
    from amalgam.programs import plain

    found = await find_issuer(session, issuer)
    measure = measure_of(found)
    value = {"address": str(issuer), **plain(found), "unit": measure.base_unit}
    session.answer(value, facts(described(issuer, found, measure)))


async def _measure(session: Session, issuer: Pubkey) -> Measure:
    from amalgam.metering.words import measure_of

    return measure_of(await find_issuer(session, issuer))


add_commands(
    app,
    Operated("an issuer", "issuer", Program.ENERGY_METERING, IssuerAddress, _measure),
    pause="Stop reports. Registers go on: the first report after it makes up for them.",
    resume="Take reports again.",
)


@app.command(epilog=EXIT_CODES)
@reading
async def audit(session: Session, issuer: IssuerAddress) -> None:
    """Check that an issuer, its meters and its mint add up, as of one moment.

    Ends with exit code 1 if they do not.

    Example
      amalgam issuer audit $ISSUER && echo all is well
    """
    from amalgam.metering.words import measure_of

    await find_issuer(session, issuer)
    found = await client(session).audit(issuer)
    measure = measure_of(found.issuer)
    text = measure.text
    rows = [
        ("Minted", "minted", text, found.issuer.minted),
        (
            f"Brought by {counted(len(found.meters), 'meter')}",
            "brought",
            text,
            sum(each.minted for each in found.meters),
        ),
        ("Tokens", "supply", text, found.supply),
        ("Burned", "burned", text, found.burned),
    ]
    audited = {"issuer": str(issuer), "sequence": found.issuer.sequence, "meters": len(found.meters)}
    session.report_audit(audited, rows, measure, found.violations)
