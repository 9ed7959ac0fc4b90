"""Commands of issuers and meters."""

import typer

from amalgam.cli.metering import issuer, meter
from amalgam.cli.options import OPERATORS


def add_to(app: typer.Typer) -> None:
    """Add the groups of commands."""
    app.add_typer(issuer.app, name="issuer", rich_help_panel=OPERATORS)
    app.add_typer(meter.app, name="meter", rich_help_panel=OPERATORS)
