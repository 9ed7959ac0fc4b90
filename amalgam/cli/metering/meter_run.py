"""`amalgam meter run`: the agent of a meter."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple
from urllib.parse import urlsplit

import typer

from amalgam.cli.metering.find import find_issuer, find_meter
from amalgam.cli.options import IssuerAddress, Output, Pubkey, UnusableInput, parsed
from amalgam.cli.session import Failure, Session, failure_of, sending
from amalgam.units import ENERGY, Measure, duration_s, utc

if TYPE_CHECKING:
    from collections.abc import Callable

    from amalgam.metering.agent import MeterAgent, Reported
    from amalgam.metering.sources.sunspec import RegisterSource

_RETRY_S = 10  # after trouble, where the interval is longer
_KNOWN_ALREADY = "reading is not newer than the latest"
_AGAIN_SOON = "reading is in the future"
_FOR_GOOD = "meter is retired"
_PASSING = (4, 5)  # exit codes of what the next attempt may not meet


class _Endpoint(NamedTuple):
    host: str
    port: int


def _endpoint(text: str) -> _Endpoint:
    try:
        parts = urlsplit(f"//{text}")
        if parts.hostname and f"//{parts.netloc}" == f"//{text}" and parts.port != 0:
            return _Endpoint(parts.hostname, parts.port or 502)
    except ValueError:  # of brackets, or of a port
        pass
    raise ValueError(f"{text!r} is not a host, with or without a port; write it like 192.168.1.20:502")


_Csv = Annotated[
    Path | None,
    typer.Option(
        "--csv",
        metavar="FILE",
        help="Registers: columns read_at, register_kWh (or another unit), and device if it is of several.",
        show_default=False,
    ),
]
_SunSpec = Annotated[
    _Endpoint | None,
    typer.Option(
        "--sunspec",
        metavar="HOST[:PORT]",
        parser=parsed(_endpoint, "--sunspec"),
        help="An inverter or a meter that speaks SunSpec over Modbus/TCP.",
        show_default=False,
    ),
]
_Unit = Annotated[int, typer.Option(min=0, max=255, help="Its Modbus unit.")]
_Model = Annotated[
    int | None, typer.Option(help="Its SunSpec model, where there are several.", show_default=False)
]
_Interval = Annotated[
    int,
    typer.Option(
        metavar="DURATION",
        parser=parsed(duration_s, "--interval"),
        help="How often it reports.",
        show_default="15min",
    ),
]
_Once = Annotated[bool, typer.Option("--once", help="Report what is new now, and end.")]


@sending
async def run(
    session: Session,
    issuer: IssuerAddress,
    csv: _Csv = None,
    sunspec: _SunSpec = None,
    unit: _Unit = 1,
    model: _Model = None,
    interval: _Interval = 900,
    once: _Once = False,
) -> None:
    """Report a meter's register again and again, until Ctrl-C.

    The keypair is the device's own. Its owner is minted what the register
    has risen by, in their associated token account, which is made if
    missing, at the fee payer's expense. Reports are cumulative: one that is
    lost, late or interrupted loses and doubles nothing. Where meter or node
    do not answer, it says so and tries again.

    Examples
      amalgam meter run $ISSUER --csv registers.csv --keypair device.json --once
      amalgam meter run $ISSUER --sunspec 192.168.1.20 --keypair device.json --interval 5m
    """
    if (csv is None) == (sunspec is None):
        raise UnusableInput("give either --csv or --sunspec, from which the register is read")

    def source(measure: Measure) -> RegisterSource:
        from amalgam.metering.sources.sunspec import RegisterFile, SunSpecRegister

        if csv is not None:
            return RegisterFile(csv, measure)
        if measure is not ENERGY or sunspec is None:
            raise UnusableInput(f"--sunspec is for energy, and this issuer's is {measure.noun}; give --csv")
        return SunSpecRegister(*sunspec, unit=unit, model=model)

    work = _Work(session, issuer, source)
    try:
        while True:
            pause = interval
            try:
                refusals = await work.turn()
            except Exception as error:
                if once or session.dry_run or not work.passes(error):
                    raise
                refusals = []
                pause = min(interval, _RETRY_S)
                session.say(f"{failure_of(error)}; trying again in {pause} s")
            if once and refusals:
                raise Failure("not all was reported, for the reason above", 1)
            if once or session.dry_run:
                return
            await asyncio.sleep(min(interval, _RETRY_S) if _AGAIN_SOON in refusals else pause)
    except asyncio.CancelledError:  # Ctrl-C, which is how it ends
        return


class _Work:
    """Reports, turn by turn; what is asked first is asked again until it is answered."""

    def __init__(self, session: Session, issuer: Pubkey, source: Callable[[Measure], RegisterSource]) -> None:
        self._session = session
        self._issuer = issuer
        self._device = session.signer  # refuses now a key that others can read
        self._source = source
        self._begun: tuple[MeterAgent, Measure] | None = None
        self._has_read = False

    def passes(self, error: Exception) -> bool:
        """Whether it makes sense to try again: also with a file that was good before."""
        from amalgam.scenarios.readings import ReadingsError

        if isinstance(error, ReadingsError):
            return self._has_read
        failure = failure_of(error)
        return isinstance(failure, Failure) and failure.exit_code in _PASSING

    async def turn(self) -> list[str]:
        """Report what is new: the messages of what was refused, each said. Raises where it is for good."""
        if self._begun is None:
            self._begun = await self._begin()
        agent, measure = self._begun
        if self._session.dry_run:
            await self._preview(agent, measure)
            return []
        for entry in await agent.settle():
            self._session.say(f"interrupted earlier, it has {entry.outcome}: {entry.purpose}")
        refusals: list[str] = []
        async for reported in agent.report():
            self._has_read = True
            refusal = self._tell(reported, measure)
            if refusal is not None:
                refusals.append(refusal)
        self._has_read = True
        return refusals

    async def _begin(self) -> tuple[MeterAgent, Measure]:
        from amalgam.metering.agent import MeterAgent
        from amalgam.metering.words import measure_of

        session, device = self._session, self._device
        measure = measure_of(await find_issuer(session, self._issuer))
        await find_meter(session, self._issuer, device.pubkey())
        agent = MeterAgent(
            session.connection,
            self._issuer,
            device,
            self._source(measure),
            payer=session.payer,
            journal=session.journal(f"meter-{device.pubkey()}"),
        )
        return agent, measure

    async def _preview(self, agent: MeterAgent, measure: Measure) -> None:
        meter, readings = await agent.due()
        if not readings:
            self._session.say(f"nothing is newer than the latest report, of {utc(meter.read_at)}")
            return
        await self._session.send("", await agent.instructions(meter.owner, readings[0]), measure)

    def _tell(self, reported: Reported, measure: Measure) -> str | None:
        """A line for a report; the message where it was refused, which is said."""
        from amalgam.chain.errors import Refused

        (register, read_at), amount, outcome = reported
        shown = f"{utc(read_at)}  {measure.text(register)}"
        if not isinstance(outcome, Refused):
            if self._session.output is Output.JSON:
                value = {"read_at": read_at, "register": register, "amount": amount}
                typer.echo(json.dumps({**value, "unit": measure.base_unit, "signature": str(outcome)}))
            else:
                typer.echo(f"{shown}  +{measure.text(amount)}  {outcome}")
            return None
        if outcome.message == _KNOWN_ALREADY:  # an interrupted report has landed since
            return None
        if outcome.message == _FOR_GOOD:
            raise outcome
        self._session.say(f"{shown}: {outcome}")
        return outcome.message
