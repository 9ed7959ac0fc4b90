"""A chain with pools of all resources, a market and a power plant, all of one owner."""

from __future__ import annotations

from hashlib import sha256

from solders.pubkey import Pubkey
from solders.token.state import Mint, TokenAccount, TokenAccountState

from amalgam.battery import program as energy_allocation
from amalgam.battery.program import battery_address
from amalgam.market import program as energy_market
from amalgam.market.program import Side, auction_address, market_address, offer_address, order_address
from amalgam.units import Resource
from amalgam.vpp import program as virtual_power_plant
from amalgam.vpp.program import commitment_address, dispatch_address, plant_address
from tests.support.book_chain import TOKENS, BookChain
from tests.support.node import NOON

COIN = 10**6  # a payment token, in base units
HOUR_S = 3_600


class TradingChain(BookChain):
    """The battery and the issuer, a reservoir, a treatment plant, a market, a power plant."""

    def begin(self) -> None:
        super().begin()
        self.coins, self.purse = self.tokens_of("coins", 6)
        self.pools = {resource: self.pool(resource) for resource in (Resource.WATER, Resource.WASTE)}
        self.trade()
        self.call()

    def tokens_of(self, name: str, decimals: int) -> tuple[Pubkey, Pubkey]:
        """A mint, and the owner's account of it."""
        mint, wallet = (Pubkey(sha256(f"{name} {each}".encode()).digest()) for each in ("mint", "wallet"))
        state = TokenAccountState.Initialized
        self._put(mint, bytes(Mint(self.address, TOKENS, decimals, True, None)))
        self._put(wallet, bytes(TokenAccount(mint, self.address, TOKENS, None, state, None, 0)))
        return mint, wallet

    def pool(self, resource: Resource) -> Pubkey:
        """One that holds another resource, a quarter full."""
        mint, wallet = self.tokens_of(resource.name, 3)
        battery = battery_address(self.address, mint)
        of = {"battery": battery, "owner": self.address}
        self.send(
            energy_allocation.initialize(
                authority=self.address,
                mint=mint,
                resource=resource,
                capacity=4_000,
                allocation_limit=4_000,
                allocation_lifetime=HOUR_S,
                efficiency_bps=10_000,
            ),
            energy_allocation.open_member(payer=self.address, **of),
            energy_allocation.deposit_energy(**of, mint=mint, source=wallet, amount=1_000, minimum_credit=0),
            energy_allocation.allocate(**of, amount=250),
        )
        return battery

    def trade(self) -> None:
        """An offer, and an auction with an order."""
        self.market = market_address(self.address, self.mint, self.coins)
        of = {"payer": self.address, "market": self.market}
        owned = {"owner": self.address, "market": self.market}
        starts_at = NOON + 4 * HOUR_S
        create = energy_market.create(
            payer=self.address,
            authority=self.address,
            energy_mint=self.mint,
            payment_mint=self.coins,
            fee_bps=100,
            minimum_order=100,
            interval=HOUR_S,
            gate_closure=HOUR_S,
        )
        self.send(*create, energy_market.open_auction(**of, starts_at=starts_at))
        self.send(
            energy_market.open_offer(**of, owner=self.address, number=0),
            energy_market.place_offer(
                **owned,
                offer=offer_address(self.market, self.address, 0),
                source=self.wallet,
                price=COIN // 4,
                amount=12_000,
                minimum_fill=1,
                expires_at=NOON + 48 * HOUR_S,
            ),
            energy_market.open_order(**of, owner=self.address, number=0),
            energy_market.place_order(
                **owned,
                auction=auction_address(self.market, starts_at),
                order=order_address(self.market, self.address, 0),
                source=self.purse,
                side=Side.BID,
                price=COIN // 5,
                amount=7_000,
            ),
        )

    def call(self) -> None:
        """A dispatch, and a commitment to it."""
        self.plant = plant_address(self.address, self.mint, self.coins)
        dispatch = dispatch_address(self.plant, 0)
        create = virtual_power_plant.create(
            payer=self.address, authority=self.address, energy_mint=self.mint, payment_mint=self.coins
        )
        self.send(*create, virtual_power_plant.open_dispatch(payer=self.address, plant=self.plant, number=0))
        of = {"plant": self.plant, "dispatch": dispatch, "source": self.purse}
        self.send(
            virtual_power_plant.announce(
                **of,
                authority=self.address,
                starts_at=NOON + 4 * HOUR_S,
                ends_at=NOON + 5 * HOUR_S,
                target=9_000,
                price=COIN // 2,
                bond_price=COIN // 10,
                tolerance_bps=1_000,
            ),
            virtual_power_plant.open_commitment(
                payer=self.address, plant=self.plant, owner=self.address, number=0
            ),
            virtual_power_plant.commit(
                **of,
                owner=self.address,
                commitment=commitment_address(self.plant, self.address, 0),
                amount=4_000,
                announcement=4,
            ),
        )
