"""Commands of markets."""

import typer

from amalgam.cli.market import auction, market, offer, order
from amalgam.cli.options import MEMBERS, OPERATORS


def add_to(app: typer.Typer) -> None:
    """Add the groups of commands."""
    app.add_typer(market.app, name="market", rich_help_panel=OPERATORS)
    app.add_typer(auction.app, name="auction", rich_help_panel=OPERATORS)
    app.add_typer(offer.app, name="offer", rich_help_panel=MEMBERS)
    app.add_typer(order.app, name="order", rich_help_panel=MEMBERS)
