"""`amalgam battery watch`: a battery as it changes."""

from __future__ import annotations

import asyncio
import json
import sys
from collections import deque
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from amalgam.cli.battery.find import client, find_battery
from amalgam.cli.options import BatteryAddress, Output, parsed
from amalgam.cli.output import console, events, facts
from amalgam.cli.session import Session, reading
from amalgam.units import duration_s

if TYPE_CHECKING:
    from solders.pubkey import Pubkey

    from amalgam.battery.program import Battery
    from amalgam.chain.events import Landed

_SHOWN = 10  # of the latest events, on a terminal
_Interval = Annotated[
    int,
    typer.Option(
        metavar="DURATION",
        parser=parsed(duration_s, "--interval"),
        help="How often a node is asked that tells nothing by WebSocket.",
        show_default="2s",
    ),
]


@reading
async def watch(session: Session, battery: BatteryAddress, interval: _Interval = 2) -> None:
    """Follow a battery as it changes, until Ctrl-C.

    On a terminal it is one picture, renewed; elsewhere, and with --output
    json, each change is a line. The node tells each by WebSocket, or is
    asked if it has none.

    Examples
      amalgam battery watch $BATTERY
      amalgam battery watch $BATTERY --output json | jq --unbuffered .event
    """
    from amalgam.battery.program import MemberOpened
    from amalgam.battery.words import owners_of
    from amalgam.chain.events import read, signatures
    from amalgam.chain.follow import follow

    pool = await find_battery(session, battery)
    members = await client(session).members(battery)
    owners = owners_of(battery, members)
    latest = await signatures(session.connection, battery, limit=_SHOWN)
    recent = await read(session.connection, battery, latest)
    if not recent:
        raise session.not_found(f"no event of battery {battery}", "this node has forgotten them; try another")
    story = follow(
        session.connection,
        recent[-1],
        websocket_urls=session.websocket_urls,
        interval_s=interval,
        on_silence=lambda error: session.say(f"{error}; trying again"),
    )
    with _view(session, pool, recent, owners) as show:
        try:
            async for landed in story:
                if isinstance(landed.event, MemberOpened):
                    owners[landed.event.member] = landed.event.owner
                show(await client(session).battery(battery), landed)
        except asyncio.CancelledError:  # Ctrl-C, which is how it ends
            return


@contextmanager
def _view(
    session: Session, pool: Battery, recent: list[Landed], owners: Mapping[Pubkey, Pubkey]
) -> Generator[Callable[[Battery, Landed], None]]:
    """A function that shows a new event, and the battery after it."""
    from rich.console import Group
    from rich.live import Live

    from amalgam.battery.words import described, measure_of
    from amalgam.cli.words import event_row, plain_event

    measure, latest, screen = measure_of(pool), deque(recent, _SHOWN), console()

    def picture(pool: Battery) -> Group:
        """The pool, and as many of its latest events as there is room for."""
        shown = [event_row(each, owners, measure) for each in latest]
        while True:
            drawn = Group(facts(described(recent[0].event.battery, pool, measure)), "", events(shown))
            if len(shown) == 1 or len(screen.render_lines(drawn)) <= screen.height:
                return drawn
            del shown[0]

    def line(_: Battery, landed: Landed) -> None:
        if session.output is Output.JSON:
            typer.echo(json.dumps({**plain_event(landed, owners), "unit": measure.base_unit}))
        else:
            typer.echo("  ".join(filter(None, event_row(landed, owners, measure))))

    if session.output is Output.JSON or not sys.stdout.isatty():
        yield line
        return
    with Live(picture(pool), console=screen, auto_refresh=False) as live:

        def redraw(pool: Battery, landed: Landed) -> None:
            latest.append(landed)
            live.update(picture(pool), refresh=True)

        yield redraw
