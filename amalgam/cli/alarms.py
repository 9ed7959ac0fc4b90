"""`amalgam alarms`: what needs somebody's attention, and who is told."""

from __future__ import annotations

import asyncio
from contextlib import closing, contextmanager
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from amalgam.cli.books import opened
from amalgam.cli.failures import Failure, failure_of
from amalgam.cli.options import EXIT_CODES, BooksPlace, UnusableInput, parsed
from amalgam.cli.output import columns
from amalgam.cli.session import Session, reading, state_file
from amalgam.units import duration_s, utc

if TYPE_CHECKING:
    from collections.abc import Generator

    from amalgam.watching.settings import AlarmSettings
    from amalgam.watching.telling import Deliver
    from amalgam.watching.watch import Read, Watch

app = typer.Typer(
    help="Show what needs somebody's attention, and tell it by webhook, mail and MQTT.", epilog=EXIT_CODES
)
_RETRY_S = 10  # after trouble, if the interval is longer
_NOT_FOUND, _PASSING = 3, (4, 5)  # exit codes of what the next attempt may not meet
_Interval = Annotated[
    int,
    typer.Option(
        metavar="DURATION",
        parser=parsed(duration_s, "--interval"),
        help="How often it looks.",
        show_default="60s",
    ),
]
_HELP = "What is told, and to whom, as TOML: see docs/alarms.md."


@app.command(epilog=EXIT_CODES)
@reading
async def show(
    session: Session,
    file: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", help="Limits and names, as TOML.", show_default=False)
    ] = None,
    books: BooksPlace = None,
) -> None:
    """Show the alarms of now: of all that the programs hold, or of what FILE names.

    Examples
      amalgam alarms show
      amalgam alarms show alarms.toml --books books.sqlite
    """
    from amalgam.watching.alarms import alarms
    from amalgam.watching.news import plain
    from amalgam.watching.settings import AlarmSettings
    from amalgam.watching.words import line

    settings = _settings(file) if file else AlarmSettings()
    with _read(session, settings, books) as (_, read):
        snapshot, now = await read()
    found = alarms(snapshot, settings.limits, now)
    table = columns(("Since", "Alarm"), [(utc(each.since), line(each, settings.language)) for each in found])
    value = {"at": now, "alarms": [{**plain(each), "line": line(each, settings.language)} for each in found]}
    session.answer(value, *([table] if found else ["No alarms"]))


@app.command(epilog=EXIT_CODES)
@reading
async def watch(
    session: Session,
    file: Annotated[Path, typer.Argument(metavar="FILE", help=_HELP, show_default=False)],
    books: BooksPlace = None,
    interval: _Interval = 60,
    once: Annotated[bool, typer.Option("--once", help="Look once, tell what is new, and end.")] = False,
) -> None:
    """Look again and again, and tell what begins and what ends, until Ctrl-C.

    Each alarm is told once when it begins, and once when it has ended; not
    again after a restart. Whom it cannot reach is told later, all at once,
    and nobody more than six times a minute. MQTT has the state of all
    ledgers, as Home Assistant discovers it.

    Examples
      amalgam alarms watch alarms.toml
      amalgam alarms watch alarms.toml --books books.sqlite --interval 5min
      amalgam alarms watch alarms.toml --once
    """
    from amalgam.watching.mqtt import Mqtt
    from amalgam.watching.news import NewsFile
    from amalgam.watching.telling import NotToldError, Teller
    from amalgam.watching.together import until_one_ends
    from amalgam.watching.watch import Watch

    settings = _settings(file)
    targets = _targets(settings)
    if not targets and settings.mqtt is None:
        raise UnusableInput(f"{file}: nobody is told; add [webhook], [mail] or [mqtt]")
    kept = state_file(f"alarms-{sha256(str(file.resolve()).encode()).hexdigest()[:16]}.json")
    with _alone(kept), _read(session, settings, books) as (name, read):
        news = NewsFile(kept)
        teller = Teller(news, targets, session.say)
        mqtt = Mqtt(settings.mqtt, settings.limits, settings.language, session.say) if settings.mqtt else None
        found = Watch(name, read, settings, news, teller, mqtt)
        if once:
            await found.turn()
            tasks = [teller.once(), *([mqtt.once()] if mqtt else [])]
            failed = [each for each in await asyncio.gather(*tasks, return_exceptions=True) if each]
            unforeseen = [each for each in failed if not isinstance(each, NotToldError)]
            if unforeseen:
                raise unforeseen[0]
            if failed:
                raise Failure(f"{'; '.join(map(str, failed))}; run the same again, it is told then", 4)
            return
        try:
            telling = [*([teller.run()] if targets else []), *([mqtt.run()] if mqtt else [])]
            await until_one_ends(_look(session, found, interval), *telling)
        except asyncio.CancelledError:  # Ctrl-C, which is how it ends
            return


async def _look(session: Session, found: Watch, interval: int) -> None:
    said = ""
    while True:
        pause = interval
        try:
            await found.turn()
            said = ""
        except Exception as error:
            failure = failure_of(error)
            passing = (_NOT_FOUND, *_PASSING) if found.has_read else _PASSING
            if not isinstance(failure, Failure) or failure.exit_code not in passing:
                raise
            found.miss()
            pause = min(interval, _RETRY_S)
            if str(failure) != said:
                session.say(f"{failure}; trying again")
            said = str(failure)
        await asyncio.sleep(pause)


def _settings(file: Path) -> AlarmSettings:
    from amalgam.watching.settings import AlarmSettingsError, load_settings

    try:
        return load_settings(file)
    except AlarmSettingsError as error:
        raise UnusableInput(str(error)) from None


def _targets(settings: AlarmSettings) -> dict[str, Deliver]:
    from amalgam.watching.mail import mail
    from amalgam.watching.webhook import webhook

    found: dict[str, Deliver] = {}
    if settings.webhook:
        found["webhook"] = webhook(settings.webhook, settings.language)
    if settings.mail:
        found["mail"] = mail(settings.mail, settings.language)
    return found


@contextmanager
def _read(session: Session, settings: AlarmSettings, place: str | None) -> Generator[tuple[str, Read]]:
    """What looks at the cluster, or at the books if some are named, and what that is called."""
    from amalgam.watching.watch import of_books, of_cluster

    if place is None:
        yield session.cluster, of_cluster(session.connection, settings)
        return
    with closing(opened(place)) as books:
        yield books.name, of_books(books, settings)


@contextmanager
def _alone(kept: Path) -> Generator[None]:
    """Fail if another process uses the same file."""
    from amalgam.chain.journal import locked

    kept.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = locked(kept.with_suffix(".lock"))
    if lock is None:
        raise Failure("another process tells these alarms; stop it first", 2)
    with closing(lock):
        yield
