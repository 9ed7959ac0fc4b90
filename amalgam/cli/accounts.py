"""Which account of which program something at an address is."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from solders.account import Account

from amalgam.battery import program as energy_allocation
from amalgam.battery.program import Battery, Member
from amalgam.market import program as energy_market
from amalgam.market.program import Auction, Clearing, Market, Offer, Order
from amalgam.metering import program as energy_metering
from amalgam.metering.program import Issuer, Meter
from amalgam.vpp import program as virtual_power_plant
from amalgam.vpp.program import Commitment, Dispatch, Plant

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
