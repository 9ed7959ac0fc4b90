"""The command `amalgam`.

What talks to a chain is imported when it is needed, so that `--help`, completion and a mistyped option answer
at once.
"""

from __future__ import annotations

import os
import sys
from importlib import import_module
from importlib.metadata import version
from typing import Annotated, Any

import typer
from typer.core import TyperArgument, TyperGroup
from typer.exceptions import TyperException

from amalgam.cli import (
    alarms,
    bill,
    books,
    check,
    dashboard,
    history,
    localnet,
    mint,
    new,
    nonce,
    program,
    readings,
    replay,
    share,
    signing,
    size,
    toolchain,
    upgrade,
    verify,
    wallet,
)
from amalgam.cli.options import EXIT_CODES, OPERATORS, UnusableInput
from amalgam.cli.session import INTERRUPTED
from amalgam.programs import Program


class _OneLineErrors(TyperGroup):
    """Says what is wrong in one line on stderr, whoever found it."""

    def main(self, *args: Any, standalone_mode: bool = True, **extra: Any) -> Any:  # noqa: ARG002
        """Run a command and exit."""
        _name_values(self)
        try:
            code = super().main(*args, standalone_mode=False, **extra)
            if code == INTERRUPTED:
                typer.echo("amalgam: interrupted", err=True)
        except TyperException as error:
            message = error.format_message().replace(": Value error, ", ": ")  # pydantic's words
            if type(error) is not typer.BadParameter and (context := getattr(error, "ctx", None)):
                _, *command = context.command_path.split()
                message = f"{message.rstrip('.')}; see {' '.join(['amalgam', *command])} --help"
            typer.echo(f"amalgam: {message}", err=True)
            code = error.exit_code
        except typer.Abort:  # a question answered with no, or not at all
            typer.echo("amalgam: not confirmed; nothing was sent", err=True)
            code = UnusableInput.exit_code
        except (OSError, UnicodeEncodeError) as error:  # of stdout
            typer.echo(f"amalgam: cannot print: {error}", err=True)
            _drop_unprinted()
            code = 1
        sys.exit(code or 0)


def _drop_unprinted() -> None:
    """Have Python not try at its end, with a traceback, to print what could not be printed."""
    if sys.stdout is sys.__stdout__:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


_VALUES = {
    "<bool>": "",
    "<int>": "NUMBER",
    "<float>": "NUMBER",
    "<int range>": "NUMBER",
    "<float range>": "NUMBER",
}


def _name_values(command: Any) -> None:
    """Have --help of a command, and of those in it, name values as people do, not by Python's types."""
    context = typer.Context(command)
    parameters: list[Any] = [*command.params, command.get_help_option(context)]
    for parameter in parameters:
        if not isinstance(parameter, TyperArgument):
            parameter.metavar = parameter.metavar or _VALUES.get(parameter.display_type(context))
        elif "|" not in parameter.display_type(context):
            vars(parameter)["display_type_rich"] = _no_type  # its name says it, or its help
    for each in getattr(command, "commands", {}).values():
        _name_values(each)


def _no_type(ctx: typer.Context) -> None:
    """In the place of what typer shows beside an argument."""


app = typer.Typer(cls=_OneLineErrors, pretty_exceptions_enable=False, epilog=EXIT_CODES)
app.add_typer(replay.app)
app.add_typer(share.app)
app.add_typer(bill.app, name="bill", rich_help_panel=OPERATORS)
app.add_typer(size.app)
app.add_typer(readings.app, name="readings", rich_help_panel=OPERATORS)
app.add_typer(localnet.app)
app.add_typer(wallet.app, name="wallet", rich_help_panel="What everybody needs")
app.add_typer(mint.app, name="mint", rich_help_panel=OPERATORS)
for each in Program:
    import_module(f"amalgam.cli.{each.package}").add_to(app)
app.add_typer(history.app)
app.add_typer(books.app, name="books", rich_help_panel=OPERATORS)
app.add_typer(dashboard.app)
app.add_typer(alarms.app, name="alarms", rich_help_panel=OPERATORS)
app.add_typer(signing.app)
app.add_typer(nonce.app, name="nonce", rich_help_panel=signing.PANEL)
app.add_typer(new.app)
app.add_typer(toolchain.app, name="toolchain", rich_help_panel=program.DEVELOPERS)
app.add_typer(check.app)
app.add_typer(program.deployer)
upgrade.add_to(program.app)
verify.add_to(program.app)
app.add_typer(program.app, name="program", rich_help_panel=program.DEVELOPERS)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"amalgam {version('amalgam-energy')}")
        raise typer.Exit


@app.callback()
def amalgam(
    _: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """A community's virtual battery, reservoir or treatment plant on Solana.

    See it run, on a week of a village's readings:
      amalgam demo
      amalgam demo --resource water
    Replay readings of your own:
      amalgam replay readings.csv --capacity 50kWh --picture battery.png
    Begin one on devnet, with the keypair and the cluster of `solana config`:
      amalgam mint create
      amalgam battery create $MINT --capacity 300kWh --efficiency 95%
      amalgam member open $BATTERY
      amalgam mint issue $MINT 10kWh
      amalgam deposit $BATTERY 3.5kWh --dry-run
    """
