"""`amalgam meter ...`: the meters of an issuer."""

from __future__ import annotations

import re
from functools import partial
from typing import Annotated

import typer

from amalgam.cli.metering.find import client, find_issuer, find_meter
from amalgam.cli.metering.meter_run import run
from amalgam.cli.options import (
    EXIT_CODES,
    DeviceAddress,
    IssuerAddress,
    Pubkey,
    address_argument,
    parsed,
)
from amalgam.cli.output import columns, facts
from amalgam.cli.session import Session, reading, sending
from amalgam.units import ENERGY, Amount, Measure, amount, utc

app = typer.Typer(help="Register, show and retire meters, and report what they show.", epilog=EXIT_CODES)

_POWER = re.compile(r"([0-9]+(?:\.[0-9]+)? ?k?W)")
_PER_HOUR = "/h"


def _rating(text: str) -> Amount:
    """The most that a meter can measure in an hour: of energy a power in W or kW."""
    if _POWER.fullmatch(text):
        return amount(f"{text}h")._replace(text=text)
    if text.endswith(_PER_HOUR):
        found = amount(text.removesuffix(_PER_HOUR))
        if found.measure is not ENERGY:
            return found._replace(text=text)
    raise ValueError(f"{text!r} is not a rating; write it like 5kW, 800W, 0.2m3/h or 40kg/h")


_Owner = Annotated[Pubkey, address_argument("OWNER", "Whose the tokens are.")]
_NewDevice = Annotated[Pubkey, address_argument("NEW_DEVICE", "The key in the device that replaces it.")]
_Rated = Annotated[
    Amount,
    typer.Option(
        "--rated",
        metavar="RATING",
        parser=parsed(_rating, "--rated"),
        help="The most it can measure in an hour: like 5kW, 800W, 0.2m3/h or 40kg/h.",
        show_default=False,
    ),
]
_Register = Annotated[
    Amount,
    typer.Option(
        "--register",
        metavar="AMOUNT",
        parser=parsed(partial(amount, least=0), "--register"),
        help="What the device's register shows now, like 1234.5kWh or 0kWh.",
        show_default=False,
    ),
]


@app.command(epilog=EXIT_CODES)
@sending
async def register(
    session: Session,
    issuer: IssuerAddress,
    device: DeviceAddress,
    owner: _Owner,
    rated: _Rated,
    register: _Register,
) -> None:
    """Believe a device from now on, as the issuer's authority, who pays its rent.

    What its register rises by from here on is minted to the owner, at most
    its rating and 5 % more. A device can be registered once, for ever.

    Examples
      amalgam meter register $ISSUER $DEVICE $OWNER --rated 5kW --register 1234.5kWh
      amalgam meter register $ISSUER $DEVICE $OWNER --rated 0.2m3/h --register 0m3
    """
    from amalgam.metering.program import register_meter

    measure = await _measure(session, issuer)
    instruction = register_meter(
        authority=session.address,
        issuer=issuer,
        device=device,
        owner=owner,
        rated_power=_of(rated, measure, "--rated"),
        register=_of(register, measure, "--register"),
    )
    purpose = (
        f"register device {device} of {owner} with {issuer}, rated {rated.text}, from {register.text} on"
    )
    session.report(await session.send(purpose, [instruction], measure), measure)


@app.command(epilog=EXIT_CODES)
@reading
async def show(session: Session, issuer: IssuerAddress, device: DeviceAddress) -> None:
    """Show a meter's latest report, and what it has brought.

    Example
      amalgam meter show $ISSUER $DEVICE
    """
    from amalgam.metering.program import meter_address
    from amalgam.metering.words import measure_of, rating
    from amalgam.programs import plain

    measure = measure_of(await find_issuer(session, issuer))
    meter = await find_meter(session, issuer, device)
    address = meter_address(issuer, device)
    lines = [
        ("Meter", str(address)),
        ("Device", str(device)),
        ("Owner", str(meter.owner)),
        ("Rated", rating(meter.rated_power, measure)),
        ("Register", f"{measure.text(meter.register)} at {utc(meter.read_at)}"),
        ("Minted", measure.text(meter.minted)),
        ("State", "retired" if meter.retired else "in service"),
    ]
    session.answer({"address": str(address), **plain(meter), "unit": measure.base_unit}, facts(lines))


@app.command("list", epilog=EXIT_CODES)
@reading
async def list_(session: Session, issuer: IssuerAddress) -> None:
    """List all meters of an issuer, also those retired, in one request.

    Examples
      amalgam meter list $ISSUER
      amalgam meter list $ISSUER --output json | jq '.meters[] | select(.retired | not)'
    """
    from amalgam.metering.words import measure_of, rating
    from amalgam.programs import plain

    measure = measure_of(await find_issuer(session, issuer))
    meters = await client(session).meters(issuer)
    rows = [
        (
            str(each.device),
            str(each.owner),
            rating(each.rated_power, measure),
            measure.number(each.register),
            utc(each.read_at),
            measure.number(each.minted),
            "retired" if each.retired else "in service",
        )
        for each in meters
    ]
    minted = measure.number(sum(each.minted for each in meters))
    footer = (f"All {len(meters):,}, in {measure.unit}", "", "", "", "", minted, "")
    titles = ("Device", "Owner", "Rated", "Register", "Read at", "Minted", "State")
    table = columns(titles, rows, numbers=("Rated", "Register", "Minted"), footer=footer)
    value = {"issuer": str(issuer), "unit": measure.base_unit, "meters": [plain(each) for each in meters]}
    session.answer(value, table)


@app.command(epilog=EXIT_CODES)
@sending
async def replace(
    session: Session,
    issuer: IssuerAddress,
    device: DeviceAddress,
    new_device: _NewDevice,
    register: _Register,
) -> None:
    """Believe another device instead, for the same owner and with the same rating.

    The old one is retired, for ever: have it report once more before.

    Example
      amalgam meter replace $ISSUER $DEVICE $NEW_DEVICE --register 0kWh
    """
    from amalgam.metering.program import replace_device

    measure = await _measure(session, issuer)
    await find_meter(session, issuer, device)
    instruction = replace_device(
        authority=session.address,
        issuer=issuer,
        retired=device,
        device=new_device,
        register=_of(register, measure, "--register"),
    )
    purpose = f"replace device {device} with {new_device} of {issuer}, from {register.text}"
    session.report(await session.send(purpose, [instruction], measure), measure)


@app.command(epilog=EXIT_CODES)
@sending
async def retire(session: Session, issuer: IssuerAddress, device: DeviceAddress) -> None:
    """Believe a device no more, for ever.

    Example
      amalgam meter retire $ISSUER $DEVICE
    """
    from amalgam.metering.program import retire_meter

    measure = await _measure(session, issuer)
    await find_meter(session, issuer, device)
    instruction = retire_meter(authority=session.address, issuer=issuer, device=device)
    receipt = await session.send(f"retire device {device} of {issuer}", [instruction], measure)
    session.report(receipt, measure)


app.command(epilog=EXIT_CODES)(run)


async def _measure(session: Session, issuer: Pubkey) -> Measure:
    from amalgam.metering.words import measure_of

    return measure_of(await find_issuer(session, issuer))


def _of(given: Amount, measure: Measure, place: str) -> int:
    if given.measure is not measure:
        raise typer.BadParameter(
            f"{given.text!r} is {given.measure.noun}, and this issuer's meters measure {measure.noun}",
            param_hint=place,
        )
    return given.base_units
