"""The file of alarms: who is told, with secrets that are in no argument and are never shown."""

from pathlib import Path

import pytest

from amalgam.billing.words import Language
from amalgam.watching.settings import AlarmSettingsError, MailSettings, Server, load_settings
from tests.unit.watching.test_alarms import BATTERY

WHOLE = f"""
ledgers = ["{BATTERY}"]
language = "de"
[webhook]
url_env = "HOOK"
[mail]
host = "mail.example.org"
user = "alarms"
password_file = "mail.secret"
from = "alarms@example.org"
to = ["one@example.org", "two@example.org"]
[mqtt]
host = "home.local"
user = "amalgam"
password_env = "BROKER"
tls = false
"""
MAIL = '[mail]\nhost = "h"\nfrom = "a@b"\nto = ["c@d"]\n'


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOOK", "https://example.org/t0ken")
    monkeypatch.setenv("BROKER", "br0ker")
    monkeypatch.delenv("NOTHING", raising=False)
    secret = tmp_path / "mail.secret"
    secret.write_text("m4il\n")
    secret.chmod(0o600)
    (tmp_path / "empty").touch(0o600)
    (tmp_path / "open").write_text("x")
    (tmp_path / "open").chmod(0o644)
    return tmp_path / "alarms.toml"


def test_a_whole_file(path: Path) -> None:
    path.write_text(WHOLE)
    found = load_settings(path)
    assert (found.ledgers, found.language) == ((BATTERY,), Language.DE)
    assert found.webhook == "https://example.org/t0ken"
    server = Server("mail.example.org", 587, "alarms", "m4il", None)
    assert found.mail == MailSettings(server, "alarms@example.org", ("one@example.org", "two@example.org"))
    assert found.mail.server.tls is not None
    assert found.mqtt is not None
    assert found.mqtt.server == Server("home.local", 1883, "amalgam", "br0ker", None)
    assert (found.mqtt.server.tls, found.mqtt.prefix, found.mqtt.discovery) == (
        None,
        "amalgam",
        "homeassistant",
    )
    for secret in ("t0ken", "m4il", "br0ker"):
        assert secret not in repr(found)


@pytest.mark.parametrize(
    ("content", "error"),
    [
        ('ledgers = ["x"]', "ledgers: 'x' is no address; write it as amalgam shows it"),
        ('language = "it"', "language = 'it' is none of 'en', 'de', 'fr'; correct it"),
        ("webhook = 5", "webhook is not a table; begin it with [webhook]"),
        ("[webhook]", "webhook: url_env is missing; add it, or url_file"),
        (
            '[webhook]\nurl = "https://x"',
            "webhook: url is not one of url_env, url_file; remove or correct it",
        ),
        (
            '[webhook]\nurl_env = "NOTHING"',
            "webhook: url_env: there is nothing in $NOTHING; set that variable",
        ),
        (
            '[webhook]\nurl_env = "HOOK"\nurl_file = "mail.secret"',
            "webhook: url_env and url_file are both there; keep one",
        ),
        (
            '[webhook]\nurl_file = "mail.secret"',
            "webhook: the secret url is not a URL; have it begin with https://",
        ),
        (
            '[webhook]\nurl_file = "none"',
            "webhook: url_file: {folder}/none: No such file or directory; give the path of a readable file",
        ),
        (
            '[webhook]\nurl_file = "empty"',
            "webhook: url_file: {folder}/empty is empty; put the secret into it",
        ),
        (
            '[webhook]\nurl_file = "open"',
            "webhook: url_file: others may read {folder}/open; run: chmod 600 {folder}/open",
        ),
        ("[mail]", "mail: from is missing; add it"),
        (MAIL.replace('"c@d"', ""), 'mail: to is empty; write it like ["operator@example.org"]'),
        (
            MAIL.replace("c@d", "c@d\\nBcc: e@f"),
            "mail: 'c@d\\nBcc: e@f' is no mail address; write it like operator@example.org",
        ),
        (
            MAIL + 'user = "u"',
            "mail: user and password go together; give user with password_env or password_file",
        ),
        (MAIL + "port = 0", "mail: port = 0 is no port; write a number from 1 to 65535"),
        (MAIL + "port = true", "mail: port = True is no port; write a number from 1 to 65535"),
        (
            MAIL.replace('"h"', '"smtp://h"'),
            "mail: host = 'smtp://h' is no host; write it without a scheme, like mail.example.org",
        ),
        (
            MAIL + 'ca = "none"',
            "mail: ca: {folder}/none: No such file or directory; name a file of certificates, as PEM",
        ),
        (
            MAIL + 'ca = "open"',
            "mail: ca: {folder}/open: it has no certificates; name a file of certificates, as PEM",
        ),
        ('[mqtt]\nhost = "h"\ntls = "no"', "mqtt: tls = 'no' is neither true nor false; correct it"),
        ('[mqtt]\nhost = "h"\ntls = false\nca = "x"', "mqtt: ca is of tls = true; remove one of them"),
        (
            '[mqtt]\nhost = "h"\nprefix = "a/#"',
            "mqtt: prefix = 'a/#' is no topic; write letters, digits, - and _ between /",
        ),
    ],
)
def test_a_file_that_cannot_be_used(path: Path, content: str, error: str) -> None:
    path.write_text(content)
    with pytest.raises(AlarmSettingsError) as refusal:
        load_settings(path)
    assert str(refusal.value) == f"{path}: {error.format(folder=path.parent)}"
