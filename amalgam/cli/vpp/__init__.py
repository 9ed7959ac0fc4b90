"""Commands of virtual power plants."""

import typer

from amalgam.cli.options import OPERATORS
from amalgam.cli.vpp import dispatch, vpp


def add_to(app: typer.Typer) -> None:
    """Add the groups of commands."""
    app.add_typer(vpp.app, name="vpp", rich_help_panel=OPERATORS)
    app.add_typer(dispatch.app, name="dispatch", rich_help_panel=OPERATORS)
