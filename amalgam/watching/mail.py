"""Alarms by mail: SMTP with STARTTLS, and a login."""

from collections.abc import Sequence
from email.message import EmailMessage
from email.utils import formatdate, make_msgid

import aiosmtplib

from amalgam.billing.words import Language
from amalgam.watching.news import News
from amalgam.watching.settings import MailSettings
from amalgam.watching.telling import Deliver, NotToldError

_PATIENCE_S = 30
_LONGEST_SUBJECT = 120  # characters
_MORE = {Language.EN: "{} more", Language.DE: "{} weitere", Language.FR: "{} autres"}


def mail(settings: MailSettings, language: Language) -> Deliver:
    """Sends one mail of all that is new, a line each."""
    server = settings.server
    place = f"mail: {server.host}:{server.port}"

    async def deliver(news: Sequence[News]) -> str | None:
        try:
            refused, _ = await aiosmtplib.send(
                message(settings, news, language),
                sender=settings.sender,
                recipients=settings.recipients,
                hostname=server.host,
                port=server.port,
                username=server.user,
                password=server.password,
                start_tls=True,
                tls_context=server.tls,
                timeout=_PATIENCE_S,
            )
        except aiosmtplib.SMTPResponseException as error:
            said = " ".join(error.message.split())[:200]
            raise NotToldError(f"{place}: {error.code} {said}; check [mail]") from None
        except aiosmtplib.SMTPRecipientsRefused as error:
            raise NotToldError(f"{place}: it refused {_told(error.recipients)}; check to") from None
        except (aiosmtplib.SMTPException, OSError) as error:
            said = " ".join(str(error).split())[:200] or type(error).__name__
            raise NotToldError(f"{place}: {said}; check [mail] and the server") from None
        return f"{place}: it refused {', '.join(refused)}, and not the others; check to" if refused else None

    return deliver


def _told(refused: Sequence[aiosmtplib.SMTPRecipientRefused]) -> str:
    return ", ".join(f"{each.recipient} ({each.code})" for each in refused)


def message(settings: MailSettings, news: Sequence[News], language: Language) -> EmailMessage:
    """The mail: its subject is the first of the news."""
    first, *more = lines = [each.line(language) for each in news]
    subject = " ".join(first.split())
    if len(subject) > _LONGEST_SUBJECT:
        subject = f"{subject[: _LONGEST_SUBJECT - 1]}…"
    found = EmailMessage()
    found["Subject"] = f"{subject} (+ {_MORE[language].format(len(more))})" if more else subject
    found["From"], found["To"] = settings.sender, ", ".join(settings.recipients)
    found["Date"], found["Message-ID"] = (
        formatdate(localtime=False),
        make_msgid(domain=settings.sender.partition("@")[2]),
    )
    found["Auto-Submitted"] = "auto-generated"  # so that nobody's absence answers
    found.set_content("\n".join(lines) + "\n")
    return found
