"""Alarms by webhook: a POST of JSON."""

from collections.abc import Sequence

import httpx

from amalgam.billing.words import Language
from amalgam.watching.news import News
from amalgam.watching.telling import Deliver, NotToldError

_PATIENCE_S = 15


def webhook(url: str, language: Language) -> Deliver:
    """Tells a URL, which is never shown.

    The body is {"alarms": [...]}: of each its `id`, whether it `began` or `ended`, and all that is known.
    """

    async def deliver(news: Sequence[News]) -> str | None:
        body = {"alarms": [each.plain(language) for each in news]}
        try:
            async with httpx.AsyncClient(timeout=_PATIENCE_S) as client:
                answer = await client.post(url, json=body)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise NotToldError(f"webhook: {type(error).__name__}; check its URL and its server") from None
        if not answer.is_success:
            raise NotToldError(f"webhook: it answered {answer.status_code}; check its URL and its server")
        return None

    return deliver
