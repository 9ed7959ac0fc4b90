"""Targets are told over real connections, again until they are reached, and never in a storm."""

import asyncio
import ssl
from collections.abc import Sequence
from email.header import decode_header, make_header
from email.message import Message
from itertools import pairwise
from pathlib import Path
from time import monotonic

import pytest
import trustme

from amalgam.billing.words import Language
from amalgam.watching import telling
from amalgam.watching.alarms import Alarm
from amalgam.watching.mail import mail
from amalgam.watching.news import Known, News, NewsFile
from amalgam.watching.settings import MailSettings, Server
from amalgam.watching.telling import NotToldError, Teller, pause_s
from amalgam.watching.webhook import webhook
from tests.support.servers import LOGIN, Hook, free_port, mail_server
from tests.unit.watching.test_alarms import NOW
from tests.unit.watching.test_news import LOW, PAUSED

NEWS = [News(LOW, False, NOW), News(PAUSED, True, NOW)]
LINES = [each.line(Language.EN) for each in NEWS]


@pytest.fixture
def file(tmp_path: Path) -> NewsFile:
    return NewsFile(tmp_path / "alarms.json")


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telling, "_FIRST_PAUSE_S", 0.05)
    monkeypatch.setattr(telling, "_BETWEEN_S", 0.3)


def settings(ca: Path, port: int, password: str = LOGIN[1], *more: str) -> MailSettings:
    context = ssl.create_default_context(cafile=ca)
    server = Server("localhost", port, LOGIN[0], password, context)
    return MailSettings(server, "alarms@example.org", ("operator@example.org", *more))


def taken(file: NewsFile, teller: Teller, *alarms: Alarm) -> None:
    teller.take(file.known.after(alarms, NOW, 0))


async def until(condition: object, seconds: float = 20) -> None:
    end = monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert monotonic() < end
        await asyncio.sleep(0.02)


def texts(message: Message) -> tuple[str, list[str]]:
    subject = str(make_header(decode_header(message["Subject"]))).strip()  # it may begin on the next line
    return subject, message.get_payload(decode=True).decode().splitlines()


# Webhook


async def test_a_webhook_is_told_in_json(hook: Hook) -> None:
    assert await webhook(hook.url, Language.EN)(NEWS) is None
    assert hook.bodies == [("application/json", {"alarms": [each.plain(Language.EN) for each in NEWS]})]
    assert hook.paths == ["/s3cret-hook"]


@pytest.mark.parametrize("answer", [301, 404, 429, 500])
async def test_a_webhook_that_does_not_take_it(hook: Hook, answer: int) -> None:
    hook.answers = [answer]
    with pytest.raises(NotToldError) as refusal:
        await webhook(hook.url, Language.EN)(NEWS)
    assert str(refusal.value) == f"webhook: it answered {answer}; check its URL and its server"
    assert len(hook.bodies) == 1


@pytest.mark.parametrize("url", ["http://127.0.0.1:{port}/s3cret", "http://nowhere.invalid/s3cret"])
async def test_a_webhook_that_is_not_there_is_not_shown(url: str) -> None:
    with pytest.raises(NotToldError) as refusal:
        await webhook(url.format(port=free_port()), Language.EN)(NEWS)
    assert str(refusal.value) == "webhook: ConnectError; check its URL and its server"
    assert refusal.value.__suppress_context__


# Mail


async def test_a_mail_has_a_line_each_and_the_first_as_its_subject(authority: trustme.CA, ca: Path) -> None:
    port = free_port()
    with mail_server(authority, port) as mails:
        assert await mail(settings(ca, port), Language.EN)(NEWS) is None
        assert await mail(settings(ca, port), Language.FR)(NEWS[:1]) is None
    assert mails.logins == [LOGIN, LOGIN]
    both, one = mails.arrived
    assert texts(both) == (f"{' '.join(LINES[0].split())} (+ 1 more)", LINES)
    line = NEWS[0].line(Language.FR)
    assert texts(one) == (" ".join(line.split()), [line])
    assert (one["From"], one["To"]) == ("alarms@example.org", "operator@example.org")
    assert one["Auto-Submitted"] == "auto-generated"
    assert both["Message-ID"] != one["Message-ID"]


async def test_a_name_is_no_header(authority: trustme.CA, ca: Path) -> None:
    """Books and files of others may have what no name can have here."""
    port = free_port()
    hostile = News(
        LOW.__class__(**{**_fields(LOW), "name": "a\r\nBcc: thief@example.org\r\n\r\nx"}), False, NOW
    )
    with mail_server(authority, port) as mails:
        await mail(settings(ca, port), Language.EN)([hostile])
    (only,) = mails.arrived
    assert only["Bcc"] is None
    assert texts(only)[0].startswith("Battery a Bcc: thief@example.org x: below")


def _fields(alarm: Alarm) -> dict[str, object]:
    return {name: getattr(alarm, name) for name in alarm.__slots__}


async def test_refusals_of_a_mail_server(authority: trustme.CA, ca: Path) -> None:
    port = free_port()
    place = f"mail: localhost:{port}"
    with mail_server(authority, port) as mails:
        with pytest.raises(NotToldError) as refusal:
            await mail(settings(ca, port, "wrong"), Language.EN)(NEWS)
        told = "535 5.7.8 Authentication credentials invalid; check [mail]"
        assert str(refusal.value) == f"{place}: {told}"
        mails.refused = {"operator@example.org"}
        with pytest.raises(NotToldError) as refusal:
            await mail(settings(ca, port), Language.EN)(NEWS)
        assert str(refusal.value) == f"{place}: it refused operator@example.org (550); check to"
        assert mails.arrived == []
        remark = await mail(settings(ca, port, LOGIN[1], "other@example.org"), Language.EN)(NEWS)
        assert remark == f"{place}: it refused operator@example.org, and not the others; check to"
        assert len(mails.arrived) == 1
        strangers = MailSettings(
            Server("localhost", port, *LOGIN, ssl.create_default_context()), "a@b.org", ("c@d.org",)
        )
        with pytest.raises(NotToldError, match="certificate verify failed"):
            await mail(strangers, Language.EN)(NEWS)
        assert len(mails.arrived) == 1
    with pytest.raises(NotToldError) as refusal:
        await mail(settings(ca, port), Language.EN)(NEWS)
    assert str(refusal.value).startswith(f"{place}: Error connecting to localhost on port {port}")
    assert str(refusal.value).endswith("; check [mail] and the server")


# Again, and not too often


def test_pauses_grow_to_ten_minutes_and_are_never_the_same() -> None:
    for failures, longest in ((1, 2), (2, 4), (5, 32), (9, 512), (10, 600), (10_000, 600)):
        pauses = [pause_s(failures) for _ in range(100)]
        assert longest / 2 <= min(pauses) < max(pauses) <= longest
        assert len(set(pauses)) > 90


@pytest.mark.usefixtures("quick")
async def test_what_could_not_be_told_is_told_later_in_one_message(file: NewsFile, hook: Hook) -> None:
    hook.answers = [500, 500, 404]
    said: list[str] = []
    teller = Teller(file, {"webhook": webhook(hook.url, Language.EN)}, said.append)
    teller.begin(NOW)
    taken(file, teller, LOW)
    task = asyncio.create_task(teller.run())
    await until(lambda: len(hook.bodies) == 1)
    taken(file, teller, LOW, PAUSED)
    await until(lambda: file.known.outboxes == {"webhook": []})
    task.cancel()
    assert len(hook.bodies) == 4
    lines = [[each["line"] for each in body["alarms"]] for _, body in hook.bodies]
    told = [News(LOW, False, NOW).line(Language.EN), News(PAUSED, False, NOW).line(Language.EN)]
    assert (lines[0], lines[-1]) == (told[:1], told)
    assert said == [
        "webhook: it answered 500; check its URL and its server; it is told later",
        "webhook: it answered 404; check its URL and its server; it is told later",
        "webhook: told again",
    ]
    ids = [[each["id"] for each in body["alarms"]] for _, body in hook.bodies]
    assert ids[0][0] == ids[-1][0]


@pytest.mark.usefixtures("quick")
async def test_a_thousand_changes_are_few_messages(file: NewsFile) -> None:
    arrived: list[tuple[float, int]] = []

    async def deliver(news: Sequence[News]) -> None:
        arrived.append((monotonic(), len(news)))

    teller = Teller(file, {"one": deliver}, pytest.fail)
    teller.begin(NOW)
    task = asyncio.create_task(teller.run())
    begun = monotonic()
    for turn in range(1_000):
        taken(file, teller, *([LOW] if turn % 2 else []))
        if turn % 100 == 99:
            await asyncio.sleep(0.1)
    await until(lambda: file.known.outboxes == {"one": []})
    lasted = monotonic() - begun
    task.cancel()
    assert sum(count for _, count in arrived) == 999  # the first change was none
    assert len(arrived) <= 1 + lasted / 0.3
    assert min(later - earlier for (earlier, _), (later, _) in pairwise(arrived)) >= 0.29


@pytest.mark.usefixtures("quick")
async def test_one_that_is_away_holds_up_no_other(file: NewsFile, hook: Hook) -> None:
    gone = webhook(f"http://127.0.0.1:{free_port()}", Language.EN)
    teller = Teller(file, {"gone": gone, "webhook": webhook(hook.url, Language.EN)}, lambda _: None)
    teller.begin(NOW)
    taken(file, teller, LOW)
    task = asyncio.create_task(teller.run())
    await until(lambda: hook.bodies)
    await until(lambda: not file.known.outboxes["webhook"])
    task.cancel()
    assert file.known.outboxes["gone"] == [News(LOW, False, NOW)]


async def test_a_restart_tells_nothing_again(tmp_path: Path, hook: Hook) -> None:
    path = tmp_path / "alarms.json"
    for _ in range(3):
        file = NewsFile(path)
        teller = Teller(file, {"webhook": webhook(hook.url, Language.EN)}, pytest.fail)
        teller.begin(NOW)
        taken(file, teller, LOW)
        await teller.once()
    assert len(hook.bodies) == 1
    assert NewsFile(path).known == Known([LOW], {}, {"webhook": []})


async def test_once_tells_whom_it_can_and_names_the_others(file: NewsFile, hook: Hook) -> None:
    async def away(_: Sequence[News]) -> None:
        raise NotToldError("mail: away")

    teller = Teller(file, {"mail": away, "webhook": webhook(hook.url, Language.EN)}, pytest.fail)
    teller.begin(NOW)
    taken(file, teller, LOW)
    with pytest.raises(NotToldError) as refusal:
        await teller.once()
    assert str(refusal.value) == "mail: away"
    assert (len(hook.bodies), len(file.known.outboxes["mail"])) == (1, 1)
