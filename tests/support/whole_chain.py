"""A chain with something of everything that a dashboard shows, all of one owner."""

from amalgam.sharing import program as energy_sharing
from amalgam.sharing.program import community_address
from tests.support.node import NOON
from tests.support.trading_chain import COIN, HOUR_S, TradingChain


class WholeChain(TradingChain):
    """What is traded with, and a community."""

    def begin(self) -> None:
        super().begin()
        self.share()

    def share(self) -> None:
        """A community with a period that waits for objections."""
        self.community = community_address(self.address, self.coins)
        of = {"community": self.community}
        by, whose = {"authority": self.address}, {"owner": self.address}
        self.send(
            energy_sharing.initialize(**by, payment_mint=self.coins, objection_time=24 * HOUR_S, fee_bps=200),
            energy_sharing.open_participant(payer=self.address, **of, **whose),
            energy_sharing.admit(**by, **of, **whose, credit_limit=5 * COIN),
            energy_sharing.deposit(**of, **whose, source=self.purse, amount=30 * COIN),
            energy_sharing.open_period(payer=self.address, **of, number=0),
        )
        window = {"starts_at": NOON - 48 * HOUR_S, "ends_at": NOON - 24 * HOUR_S, "digest": bytes(range(32))}
        self.send(
            energy_sharing.begin_period(**by, **of, number=0, **window),
            energy_sharing.open_line(payer=self.address, **of, number=0, **whose),
            energy_sharing.post_line(
                **by,
                **of,
                **whose,
                number=0,
                shared_in=3_210,
                shared_out=3_210,
                charge=COIN // 2,
                credit=COIN // 2,
            ),
            energy_sharing.close_period(**by, **of, number=0),
        )
