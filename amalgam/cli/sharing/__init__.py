"""Commands of communities that settle what they have shared."""

import typer

from amalgam.cli.options import OPERATORS
from amalgam.cli.sharing import sharing, statement


def add_to(app: typer.Typer) -> None:
    """Add the groups of commands."""
    app.add_typer(sharing.app, name="sharing", rich_help_panel=OPERATORS)
    app.add_typer(statement.app, name="statement", rich_help_panel=OPERATORS)
