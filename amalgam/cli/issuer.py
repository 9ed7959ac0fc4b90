"""`amalgam issuer ...`: what an operator does with an issuer of tokens for what meters have measured."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from amalgam.cli.options import EXIT_CODES, IssuerAddress, NewAuthority, Pubkey
from amalgam.cli.output import facts
from amalgam.cli.session import Failure, Session, reading, sending

if TYPE_CHECKING:
    from solders.instruction import Instruction

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
    from amalgam.energy_metering import Resource, initialize, issuer_address, mint_address
    from amalgam.units import MEASURES

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
    from amalgam.cli.words import described_issuer, measure_of, plain

    found = await session.issuer(issuer)
    measure = measure_of(found)
    value = {"address": str(issuer), **plain(found), "unit": measure.base_unit}
    session.answer(value, facts(described_issuer(issuer, found, measure)))


@app.command(epilog=EXIT_CODES)
@sending
async def pause(session: Session, issuer: IssuerAddress) -> None:
    """Stop reports. Registers go on: the first report after it makes up for them.

    Example
      amalgam issuer pause $ISSUER
    """
    from amalgam.energy_metering import pause

    await _as_authority(session, issuer, f"pause {issuer}", pause(authority=session.address, issuer=issuer))


@app.command(epilog=EXIT_CODES)
@sending
async def resume(session: Session, issuer: IssuerAddress) -> None:
    """Take reports again.

    Example
      amalgam issuer resume $ISSUER
    """
    from amalgam.energy_metering import resume

    await _as_authority(session, issuer, f"resume {issuer}", resume(authority=session.address, issuer=issuer))


@app.command(epilog=EXIT_CODES)
@sending
async def handover(session: Session, issuer: IssuerAddress, new_authority: NewAuthority) -> None:
    """Offer an issuer to another authority, which has to accept it.

    Until then nothing changes, and naming the present authority takes the
    offer back.

    Example
      amalgam issuer handover $ISSUER $NEW_AUTHORITY
      amalgam issuer accept $ISSUER --keypair new-authority.json
    """
    from amalgam.energy_metering import propose_authority

    instruction = propose_authority(authority=session.address, issuer=issuer, proposed=new_authority)
    await _as_authority(session, issuer, f"hand {issuer} over to {new_authority}", instruction)


@app.command(epilog=EXIT_CODES)
@sending
async def accept(session: Session, issuer: IssuerAddress) -> None:
    """Become an issuer's authority, as the key that was offered it.

    Example
      amalgam issuer accept $ISSUER --keypair new-authority.json
    """
    from amalgam.energy_metering import accept_authority

    instruction = accept_authority(authority=session.address, issuer=issuer)
    await _as_authority(session, issuer, f"accept {issuer} as {session.address}", instruction)


async def _as_authority(session: Session, issuer: Pubkey, purpose: str, instruction: Instruction) -> None:
    from amalgam.cli.words import measure_of

    measure = measure_of(await session.issuer(issuer))
    session.report(await session.send(purpose, [instruction], measure), measure)


@app.command(epilog=EXIT_CODES)
@reading
async def audit(session: Session, issuer: IssuerAddress) -> None:
    """Check that an issuer, its meters and its mint add up, as of one moment.

    Ends with exit code 1 where they do not.

    Example
      amalgam issuer audit $ISSUER && echo all is well
    """
    from amalgam.cli.words import measure_of

    await session.issuer(issuer)
    found = await session.metering.audit(issuer)
    measure = measure_of(found.issuer)
    rows = [
        ("Minted", "minted", found.issuer.minted),
        (f"Brought by {len(found.meters):,} meters", "brought", sum(each.minted for each in found.meters)),
        ("Tokens", "supply", found.supply),
        ("Burned", "burned", found.burned),
    ]
    value = {
        "issuer": str(issuer),
        "sequence": found.issuer.sequence,
        "meters": len(found.meters),
        **{what: amount for _, what, amount in rows},
        "unit": measure.base_unit,
        "violations": found.violations,
    }
    verdict = [("Wrong", violation) for violation in found.violations] or [
        ("Audit", f"all adds up, as of event {found.issuer.sequence:,}")
    ]
    session.answer(value, facts([*((name, measure.text(amount)) for name, _, amount in rows), *verdict]))
    if found.violations:
        raise Failure("what the chain holds does not add up; pause the issuer and find out why", 1)
