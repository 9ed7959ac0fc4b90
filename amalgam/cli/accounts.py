"""Which account of which program something at an address is."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from solders.account import Account

from amalgam import energy_allocation, energy_market, energy_metering, virtual_power_plant
from amalgam.energy_allocation import Battery, Member
from amalgam.energy_market import Auction, Clearing, Market, Offer, Order
from amalgam.energy_metering import Issuer, Meter
from amalgam.virtual_power_plant import Commitment, Dispatch, Plant

_KINDS = {
    energy_allocation.PROGRAM_ID: (Battery, Member),
    energy_metering.PROGRAM_ID: (Issuer, Meter),
    energy_market.PROGRAM_ID: (Market, Offer, Auction, Order, Clearing),
    virtual_power_plant.PROGRAM_ID: (Plant, Dispatch, Commitment),
}


def decoded(account: Account) -> Any | None:
    """What an account of one of the programs holds; None where it is none of theirs."""
    for kind in _KINDS.get(account.owner, ()):
        with suppress(ValueError):
            return kind.from_bytes(account.data)
    return None


def kind_of(record: Any) -> str:
    """What holds that, in a word, like battery or auction."""
    return type(record).__name__.lower()
