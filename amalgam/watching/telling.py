"""Tells targets what is new: again and again until they are reached, and never in a storm."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence

from amalgam import AmalgamError
from amalgam.watching.news import Known, News, NewsFile
from amalgam.watching.together import until_one_ends

_FIRST_PAUSE_S = 2  # after a failure; then twice as long each time
_LONGEST_PAUSE_S = 600
_BETWEEN_S = 10  # messages: at most six a minute, each with all that is new by then

Deliver = Callable[[Sequence[News]], Awaitable[str | None]]
"""Tells one target: None, or who could not be told beside others. Raises NotToldError if nobody was."""


class NotToldError(AmalgamError):
    """A target could not be told. The message names it, and never a secret."""


def pause_s(failures: int) -> float:
    """Seconds to wait after so many failures in a row: twice as long each time, and never two at once."""
    longest = min(_LONGEST_PAUSE_S, _FIRST_PAUSE_S * 2 ** min(failures - 1, 30))
    return longest * random.uniform(0.5, 1)  # noqa: S311 (no secret)


class Teller:
    """Tells each target what is in its outbox, oldest first, all of it in one message."""

    def __init__(self, file: NewsFile, targets: dict[str, Deliver], say: Callable[[str], None]) -> None:
        """Use a file that no other process uses."""
        self._file, self._targets, self._say = file, targets, say
        self._news = {name: asyncio.Event() for name in targets}

    def begin(self, now: int) -> None:
        """Have an outbox for each target. Raises NewsFileError."""
        self._file.keep(self._file.known.having(list(self._targets), now))

    def take(self, known: Known) -> None:
        """Tell what is new since. Raises NewsFileError."""
        self._file.keep(known)
        for event in self._news.values():
            event.set()

    async def once(self) -> None:
        """Tell everybody now, each if the others are reached or not. Raises NotToldError."""
        found = await asyncio.gather(*map(self._tell, self._targets), return_exceptions=True)
        failed = [each for each in found if isinstance(each, BaseException)]
        unforeseen = [each for each in failed if not isinstance(each, NotToldError)]
        if unforeseen:
            raise unforeseen[0]
        if failed:
            raise NotToldError("; ".join(map(str, failed)))

    async def run(self) -> None:
        """Tell everybody, of whom there is one at least, again and again. Raises NewsFileError."""
        await until_one_ends(*map(self._go_on_telling, self._targets))

    async def _go_on_telling(self, name: str) -> None:
        failures, said = 0, ""
        while True:
            try:
                has_told = await self._tell(name)
                if failures:
                    self._say(f"{name}: told again")
                failures, said = 0, ""
                if has_told:
                    await asyncio.sleep(_BETWEEN_S)
                await self._news[name].wait()
                self._news[name].clear()
            except NotToldError as error:
                failures += 1
                if str(error) != said:
                    self._say(f"{error}; it is told later")
                said = str(error)
                await asyncio.sleep(pause_s(failures))

    async def _tell(self, name: str) -> bool:
        """Tell one target all that is in its outbox: whether that was anything."""
        outbox = self._file.known.outboxes.get(name, ())  # nobody has one before the first look
        if outbox:
            remark = await self._targets[name](outbox)
            self._file.keep(self._file.known.told(name, len(outbox)))
            if remark:  # telling it again would be a storm for the others
                self._say(remark)
        return bool(outbox)
