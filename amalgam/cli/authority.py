"""`pause`, `resume`, `handover` and `accept`: the authority's commands, alike for all that has one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from textwrap import dedent
from typing import Any, NamedTuple

import typer

from amalgam.cli.options import EXIT_CODES, NewAuthority, Pubkey
from amalgam.cli.session import Session, sending
from amalgam.programs import Program
from amalgam.units import ENERGY, Measure


class Operated(NamedTuple):
    """Kinds of accounts that an authority operates.

    Attributes:
        kind: The programs' name for it, also of their parameter, with an article: `a battery`.
        command: Its `amalgam` command.
        program: Whose account it is.
        address: The type of the argument that names it.
        measure: Finds it on the chain, and the words and units of it.
    """

    kind: str
    command: str
    program: Program
    address: Any
    measure: Callable[[Session, Pubkey], Awaitable[Measure]]


def add_commands(app: typer.Typer, operated: Operated, *, pause: str, resume: str) -> None:
    """Give a group these commands. The texts say, for help, what pausing stops and resuming takes again."""
    name = operated.kind.split()[-1]
    variable = f"${operated.command.upper()}"

    async def act(
        session: Session, address: Pubkey, purpose: str, instruction: str, **values: Pubkey
    ) -> None:
        # The words and units are for what comes of it: where no connection is opened, nothing does.
        measure = ENERGY if session.is_offline else await operated.measure(session, address)
        build = getattr(operated.program.module, instruction)
        built = build(authority=session.address, **{name: address}, **values)
        session.report(await session.send(purpose, [built], measure), measure)

    async def stop(session: Session, address: Pubkey) -> None:
        await act(session, address, f"pause {address}", "pause")

    async def go_on(session: Session, address: Pubkey) -> None:
        await act(session, address, f"resume {address}", "resume")

    async def handover(session: Session, address: Pubkey, new_authority: NewAuthority) -> None:
        purpose = f"hand {address} over to {new_authority}"
        await act(session, address, purpose, "propose_authority", proposed=new_authority)

    async def accept(session: Session, address: Pubkey) -> None:
        await act(session, address, f"accept {address} as {session.address}", "accept_authority")

    def add(verb: str, command: Callable[..., Any], text: str) -> None:
        command.__annotations__["address"] = operated.address
        command.__doc__ = dedent(text)
        app.command(verb, epilog=EXIT_CODES)(sending(command))

    amalgam = f"amalgam {operated.command}"
    handing = f"{amalgam} handover {variable} $NEW_AUTHORITY"
    accepting = f"{amalgam} accept {variable} --keypair new-authority.json"
    add("pause", stop, f"{pause}\n\nExample\n  {amalgam} pause {variable}\n")
    add("resume", go_on, f"{resume}\n\nExample\n  {amalgam} resume {variable}\n")
    add(
        "handover",
        handover,
        f"""\
        Offer {operated.kind} to another authority, which has to accept it.

        Until then nothing changes, and naming the present authority takes the
        offer back.

        Example
          {handing}
          {accepting}
        """,
    )
    add(
        "accept",
        accept,
        f"""\
        Become {operated.kind}'s authority, as the key that was offered it.

        Example
          {accepting}
        """,
    )
