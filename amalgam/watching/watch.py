"""Looks at what all programs hold again and again, and tells what begins and what ends."""

from collections.abc import Awaitable, Callable, Sequence
from time import time

from solana.rpc.async_api import AsyncClient

from amalgam.books.database import Books
from amalgam.watching.alarms import Alarm, alarms, unread
from amalgam.watching.mqtt import Mqtt
from amalgam.watching.news import NewsFile
from amalgam.watching.settings import AlarmSettings
from amalgam.watching.snapshot import BooksWatch, Snapshot, audited, from_cluster
from amalgam.watching.telling import Teller

Read = Callable[[], Awaitable[tuple[Snapshot, int]]]
"""Tells a snapshot, and the time in Unix seconds that alarms are judged by."""


def of_cluster(connection: AsyncClient, settings: AlarmSettings) -> Read:
    """What a cluster holds, with an audit of it, by the cluster's own clock. Raises as `audited`."""

    async def read() -> tuple[Snapshot, int]:
        found = (await from_cluster(connection)).only(settings.ledgers)
        return await audited(found, connection), found.unix_timestamp

    return read


def of_books(books: Books, settings: AlarmSettings) -> Read:
    """What books hold, by this machine's clock: books that nobody fills are silent meters.

    Raises BooksError.
    """
    watch = BooksWatch(books)

    async def read() -> tuple[Snapshot, int]:
        return watch.snapshot().only(settings.ledgers), int(time())

    return read


class Watch:
    """Compares each moment with the one before.

    Attributes:
        alarms: Of the latest moment.
    """

    def __init__(
        self,
        name: str,
        read: Read,
        settings: AlarmSettings,
        file: NewsFile,
        teller: Teller,
        mqtt: Mqtt | None,
    ) -> None:
        """Nothing is read yet. `name` is what nodes or books are called."""
        self._name, self._read, self._settings = name, read, settings
        self._file, self._teller, self._mqtt = file, teller, mqtt
        self._clocks: tuple[int, float] | None = None  # theirs and ours, when something was read last
        self.alarms: Sequence[Alarm] = []

    @property
    def has_read(self) -> bool:
        """Whether there has been an answer."""
        return self._clocks is not None

    async def turn(self) -> None:
        """Look once, and have told what is new. Raises as what it reads, and NewsFileError."""
        snapshot, now = await self._read()
        known = self._file.known
        if not self.has_read:
            self._teller.begin(now)
            known = self._file.known
        self._clocks = now, time()
        self.alarms = alarms(snapshot, self._settings.limits, now, known.certain)
        self._take(now)
        if self._mqtt:
            self._mqtt.take(snapshot, self.alarms)

    def miss(self) -> None:
        """Nothing could be read: what was so still counts, and that is an alarm too after some time."""
        if self._clocks is None:
            return
        last, then = self._clocks
        now = last + int(time() - then)
        self._take(now, unread(self._name, last, self._settings.limits, now))
        if self._mqtt:
            self._mqtt.lose()

    def _take(self, now: int, more: Sequence[Alarm] = ()) -> None:
        found = [*self.alarms, *more]
        self._teller.take(self._file.known.after(found, now, self._settings.limits.hold_s))
