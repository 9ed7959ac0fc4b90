"""`amalgam meter run`: the agent of a meter."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple
from urllib.parse import urlsplit

import typer

from amalgam.cli.failures import Failure, failure_of
from amalgam.cli.metering.find import find_issuer, find_meter
from amalgam.cli.options import IssuerAddress, Output, Pubkey, UnusableInput, parsed
from amalgam.cli.session import Session, sending, state_file
from amalgam.units import ENERGY, Measure, counted, duration_s, utc

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from prometheus_client import CollectorRegistry

    from amalgam.metering.agent import Due, MeterAgent, Reported
    from amalgam.metering.sources.protocol import RegisterSource
    from amalgam.metering.sources.sunspec import ModelChoice
    from amalgam.watching.metrics import MeterMetrics
else:
    ModelChoice = type("model", (), {})  # to typer, which asks an option's parser alone

_RETRY_S = 10  # after trouble, if the interval is longer
_KNOWN_ALREADY = "reading is not newer than the latest"
_AGAIN_SOON = "reading is in the future"
_FOR_GOOD = "meter is retired"
_MOST_SPANS = 20  # of lines, that a message lists
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


def _model(text: str) -> ModelChoice:
    from amalgam.metering.sources.sunspec import model_choice

    return model_choice(text)


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
    ModelChoice | None,
    typer.Option(
        "--model",
        metavar="NUMBER[@ADDRESS]",
        parser=parsed(_model, "--model"),
        help="Its SunSpec model, if it has several: like 203 or 203@40070. It is kept from then on.",
        show_default=False,
    ),
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
_MetricsPort = Annotated[
    int | None,
    typer.Option(
        min=1,
        max=65_535,
        help="Answer Prometheus at this port of this machine: /metrics.",
        show_default=False,
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
    metrics_port: _MetricsPort = None,
) -> None:
    """Report a meter's register again and again, until Ctrl-C.

    The keypair is the device's own; it needs no SOL if --fee-payer pays.
    The meter's owner is minted what the register has risen by, in the token
    account that they have opened with amalgam wallet open. Reports are
    cumulative: one that is lost, late or interrupted loses and doubles
    nothing. If meter, node or token account are not there, it says so and
    tries again; a row of a file that cannot be read is told and skipped.

    Examples
      amalgam meter run $ISSUER --csv registers.csv --keypair device.json --fee-payer payer.json --once
      amalgam meter run $ISSUER --sunspec 192.168.1.20 --keypair device.json --fee-payer payer.json
      amalgam meter run $ISSUER --sunspec 192.168.1.20 --model 203@40070 --keypair device.json
      amalgam meter run $ISSUER --sunspec 192.168.1.20 --keypair device.json --metrics-port 9464
    """
    if (csv is None) == (sunspec is None):
        raise UnusableInput("give either --csv or --sunspec, from which the register is read")

    if csv is not None and model is not None:
        raise UnusableInput("--model is of --sunspec, and has no meaning with --csv")

    def source(measure: Measure, device: Pubkey) -> RegisterSource:
        from amalgam.metering.sources.csv_file import RegisterFile
        from amalgam.metering.sources.sunspec import SunSpecRegister

        if csv is not None:
            return RegisterFile(csv, measure)
        if measure is not ENERGY or sunspec is None:
            raise UnusableInput(f"--sunspec is for energy, and this issuer's is {measure.noun}; give --csv")
        known = state_file(f"meter-{device}.json")
        is_kept = known.exists() or not session.dry_run
        return SunSpecRegister(*sunspec, unit=unit, model=model, known=known if is_kept else None)

    registry = _served(metrics_port) if metrics_port else None
    work = _Work(session, issuer, source, registry)
    try:
        while True:
            pause = interval
            try:
                amiss = await work.turn()
            except Exception as error:
                if once or session.dry_run or not work.passes(error):
                    raise
                amiss = _Amiss()
                pause = min(interval, _RETRY_S)
                session.say(f"{failure_of(error)}; trying again in {pause} s")
            if once and amiss.told:
                raise Failure(f"not all was reported: {amiss.told}", 1)
            if once or session.dry_run:
                return
            await asyncio.sleep(min(interval, _RETRY_S) if _AGAIN_SOON in amiss.refusals else pause)
    except asyncio.CancelledError:  # Ctrl-C, which is how it ends
        return


def _served(port: int) -> CollectorRegistry:
    """The metrics of this process, that Prometheus is answered from now on."""
    from prometheus_client import CollectorRegistry

    from amalgam.watching.metrics import count_requests, serve

    registry = CollectorRegistry()
    try:
        serve(port, registry)
    except OSError as error:
        raise UnusableInput(f"--metrics-port {port}: {error.strerror}; choose another port") from None
    count_requests(registry)
    return registry


class _Amiss(NamedTuple):
    """The readings that a turn could not report."""

    refusals: Sequence[str] = ()  # messages
    unreadable: int = 0  # rows
    late: int = 0  # rows

    @property
    def told(self) -> str:
        """How much of what; nothing if all is well."""
        counts = (
            (len(self.refusals), "reading", "refused"),
            (self.unreadable, "row", "unreadable"),
            (self.late, "row", "older than the latest report"),
        )
        return ", ".join(f"{counted(count, noun)} {state}" for count, noun, state in counts if count)


class _Work:
    """Reports, turn by turn; what is asked first is asked again until it is answered."""

    def __init__(
        self,
        session: Session,
        issuer: Pubkey,
        source: Callable[[Measure, Pubkey], RegisterSource],
        registry: CollectorRegistry | None,
    ) -> None:
        self._session = session
        self._issuer = issuer
        self._device = session.here(session.signer)  # refuses now a key that others can read
        self._source = source
        self._begun: tuple[MeterAgent, Measure] | None = None
        self._has_read = False
        self._told = set[object]()  # of the rows that are skipped
        self._registry = registry
        self._metrics: MeterMetrics | None = None

    def passes(self, error: Exception) -> bool:
        """Whether it makes sense to try again: also with a file that was good before."""
        from amalgam.chain.tokens import MissingTokenAccountError
        from amalgam.csv_rows import ReadingsError

        if isinstance(error, ReadingsError):
            return self._has_read
        if isinstance(error, MissingTokenAccountError):
            return True
        failure = failure_of(error)
        return isinstance(failure, Failure) and failure.exit_code in _PASSING

    async def turn(self) -> _Amiss:
        """Report what is new, and say what could not be. Raises what is for good."""
        if self._begun is None:
            self._begun = await self._begin()
        agent, measure = self._begun
        if self._session.dry_run:
            await self._preview(agent, measure)
            return _Amiss()
        for entry in await agent.settle():
            self._session.say(f"interrupted earlier, it has {entry.outcome}: {entry.purpose}")
        due = await agent.due()
        self._has_read = True
        self._tell_skipped(due)
        if self._registry and not self._metrics:
            from amalgam.watching.metrics import MeterMetrics

            self._metrics = MeterMetrics(measure, due.meter.read_at, self._registry)
        refusals = [self._tell(reported, measure) async for reported in agent.report(due)]
        return _Amiss(list(filter(None, refusals)), len(due.unreadable), len(due.late))

    def _tell_skipped(self, due: Due) -> None:
        """Say once which rows are skipped, and why."""
        unreadable = [error for error in due.unreadable if str(error) not in self._told]
        self._told.update(map(str, unreadable))
        if unreadable:
            lines = spans([error.line for error in unreadable if error.line])
            skipped = counted(len(unreadable), "unreadable row")
            self._session.say(f"{skipped} skipped, {lines}; the first is {unreadable[0]}")
        for rows, why in (
            (due.late, f"older than the latest report, of {utc(due.meter.read_at)}"),
            (due.early, "from before the meter was registered"),
        ):
            new = [row for row in rows if row not in self._told]
            self._told.update(new)
            if new:
                lines = spans([row.line for row in new])
                self._session.say(f"{counted(len(new), 'row')} skipped, {lines}, {why}")

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
            self._source(measure, device.pubkey()),
            payer=session.here(session.payer),
            journal=session.journal(f"meter-{device.pubkey()}"),
        )
        return agent, measure

    async def _preview(self, agent: MeterAgent, measure: Measure) -> None:
        due = await agent.due()
        self._tell_skipped(due)
        if not due.readings:
            self._session.say(f"nothing is newer than the latest report, of {utc(due.meter.read_at)}")
            return
        await self._session.send("", [await agent.instruction(due.meter.owner, due.readings[0])], measure)

    def _tell(self, reported: Reported, measure: Measure) -> str | None:
        """A line for a report; the message if it was refused, which is said."""
        from amalgam.chain.errors import Refused

        (register, read_at), amount, outcome = reported
        shown = f"{utc(read_at)}  {measure.text(register)}"
        if not isinstance(outcome, Refused):
            if self._metrics:
                self._metrics.report(amount, read_at)
            if self._session.output is Output.JSON:
                value = {"read_at": read_at, "register": register, "amount": amount}
                typer.echo(json.dumps({**value, "unit": measure.base_unit, "signature": str(outcome)}))
            else:
                typer.echo(f"{shown}  +{measure.text(amount)}  {outcome}")
            return None
        if outcome.message == _KNOWN_ALREADY:  # an interrupted report has landed since
            return None
        if self._metrics:
            self._metrics.refuse()
        if outcome.message == _FOR_GOOD:
            raise outcome
        self._session.say(f"{shown}: {outcome}")
        return outcome.message


def spans(lines: Sequence[int]) -> str:
    """Lines of a file, in order, like `lines 3, 7 to 9`."""
    found: list[list[int]] = []
    for line in lines:
        if found and line == found[-1][-1] + 1:
            found[-1][1:] = [line]
        else:
            found.append([line])
    told = [" to ".join(map(str, each)) for each in found]
    more = [f"and {len(told) - _MOST_SPANS:,} more"] * (len(told) > _MOST_SPANS)
    return f"{'line' if len(lines) == 1 else 'lines'} {', '.join([*told[:_MOST_SPANS], *more])}"
