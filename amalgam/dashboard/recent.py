"""What has changed lately, as one snapshot after another tells it: all that a page knows without books."""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from solders.pubkey import Pubkey

from amalgam.battery.program import Battery, Member
from amalgam.books.database import Books
from amalgam.metering.program import Issuer
from amalgam.watching.snapshot import Snapshot

KEPT_S = 7_200
FLOW_S = 900  # that a mean flow is of
STEP_S = 60  # between two points from the books


class Point(NamedTuple):
    """A ledger at a time. Amounts are base units; sums are since the page's start.

    Attributes:
        unix_timestamp: Of the chain.
        stored: In a battery.
        reserved: Of that.
        into: What members' balances have risen by; what an issuer's meters have measured.
        out: What members' balances have fallen by.
    """

    unix_timestamp: int
    stored: int = 0
    reserved: int = 0
    into: int = 0
    out: int = 0


class Flow(NamedTuple):
    """Base units that came and went in some seconds."""

    into: int
    out: int
    seconds: int


def _points() -> dict[Pubkey, deque[Point]]:
    return {}


@dataclass(slots=True)
class Recent:
    """The last two hours, a point a second at most.

    Several changes of one balance between two snapshots count as their sum: books know each.

    Attributes:
        points: By the ledger.
        began: When the first snapshot was, in Unix seconds of the chain; before it only levels are known.
    """

    points: dict[Pubkey, deque[Point]] = field(default_factory=_points)
    began: int = 0
    _before: Snapshot | None = None

    def begin(self, snapshot: Snapshot, books: Books) -> None:
        """Take what the books know of the batteries in the hours before a snapshot. Raises BooksError."""
        until = snapshot.unix_timestamp
        since = until - KEPT_S
        for address in snapshot.of(Battery):
            stored = books.levels(address, since, until, STEP_S, ["available", "allocated"])
            reserved = books.levels(address, since, until, STEP_S, ["allocated"])
            known = [stored[None], reserved[None]] if None in stored else None
            points = self.points[address] = deque()
            for step in range(since // STEP_S, until // STEP_S):
                known = [stored[step], reserved[step]] if step in stored else known
                if known:
                    points.append(Point((step + 1) * STEP_S, *known))

    def add(self, snapshot: Snapshot) -> None:
        """Take the next snapshot."""
        self.began = self.began or snapshot.unix_timestamp
        moves = dict(self._moves(snapshot))
        for address, battery in snapshot.of(Battery).items():
            into, out = moves.get(address, (0, 0))
            self._add(address, snapshot.unix_timestamp, battery.stored, battery.allocated, into, out)
        before = self._before.of(Issuer) if self._before else {}
        for address, issuer in snapshot.of(Issuer).items():
            known = before.get(address)
            into = issuer.minted - known.minted if known else 0
            self._add(address, snapshot.unix_timestamp, 0, 0, into, 0)
        self._before = snapshot

    def _moves(self, snapshot: Snapshot) -> Iterable[tuple[Pubkey, tuple[int, int]]]:
        if self._before is None:
            return
        sums: dict[Pubkey, tuple[int, int]] = {}
        before = self._before.accounts
        for address, member in snapshot.of(Member).items():
            known = before.get(address)
            if known is member or known == member:
                continue
            change = member.balance - (known.balance if isinstance(known, Member) else 0)
            into, out = sums.get(member.battery, (0, 0))
            sums[member.battery] = (into + max(change, 0), out + max(-change, 0))
        yield from sums.items()

    def _add(self, address: Pubkey, at: int, stored: int, reserved: int, into: int, out: int) -> None:
        known = self.points.setdefault(address, deque())
        last = known[-1] if known else Point(at)
        point = Point(at, stored, reserved, last.into + into, last.out + out)
        if known and known[-1].unix_timestamp >= at:
            known[-1] = point
        else:
            known.append(point)
        while known[0].unix_timestamp < at - KEPT_S:
            known.popleft()

    def flow(self, ledger: Pubkey) -> Flow:
        """What came and went in the last quarter of an hour, or since the first point if that is later."""
        known = self.points.get(ledger)
        if not known:
            return Flow(0, 0, 0)
        first = last = known[-1]
        for each in reversed(known):
            if each.unix_timestamp < self.began:
                break
            first = each
            if each.unix_timestamp <= last.unix_timestamp - FLOW_S:
                break
        seconds = last.unix_timestamp - first.unix_timestamp
        return Flow(last.into - first.into, last.out - first.out, seconds)

    def after(self, ledger: Pubkey, unix_timestamp: int) -> Sequence[Point]:
        """A ledger's points from a time on, which may have changed since."""
        return [each for each in self.points.get(ledger, ()) if each.unix_timestamp >= unix_timestamp]
