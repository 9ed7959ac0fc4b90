"""Commands of batteries and their members."""

import typer

from amalgam.cli.battery import battery, member, operations
from amalgam.cli.options import OPERATORS
from amalgam.units import WASTE, WATER


def add_to(app: typer.Typer) -> None:
    """Add the groups of commands."""
    app.add_typer(battery.app, name="battery", rich_help_panel=OPERATORS)
    for measure in (WATER, WASTE):
        app.add_typer(battery.in_resource_words(measure), name=measure.command, rich_help_panel=OPERATORS)
    app.add_typer(member.app, name="member", rich_help_panel=OPERATORS)
    app.add_typer(operations.app)
