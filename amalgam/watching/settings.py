"""What a file says of alarms: their limits, the names of what they are about, and who is told.

ledgers = ["BDzuW2p8AJ2Ht29vqnrzKm6ekpSPUhNKYGqpTCi5a4ut"]  # batteries, issuers, ...; all unless told
language = "en"                    # or de, fr

[limits]
low = "10%"                        # of the capacity; "0%" for never
full = "95%"
hysteresis = "2%"                  # beyond the limit, until the alarm ends
silent = "1h"                      # without a meter's report
ahead = "1h"                       # before something expires
hold = "5min"                      # that an alarm has to be over, to be told so

[names]                            # by the address of an account, an owner or a device
BDzuW2p8AJ2Ht29vqnrzKm6ekpSPUhNKYGqpTCi5a4ut = "School"

[webhook]
url_env = "ALARMS_WEBHOOK"         # the variable that has the URL; or url_file, with the path of a file

[mail]
host = "mail.example.org"
port = 587                         # with STARTTLS
user = "alarms"                    # if there is a login
password_env = "ALARMS_MAIL"       # or password_file
from = "alarms@example.org"
to = ["operator@example.org"]
ca = "own-ca.pem"                  # if the server's certificate is of an authority of its own

[mqtt]
host = "homeassistant.local"
port = 8883                        # 1883 without TLS
tls = true                         # false only in a network of one's own
user = "amalgam"
password_env = "ALARMS_MQTT"       # or password_file
ca = "own-ca.pem"
prefix = "amalgam"                 # of topics
discovery = "homeassistant"        # prefix of Home Assistant's

Paths are beside the file. A secret's file may be read by its owner alone.
"""

import os
import re
import ssl
import stat
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from solders.pubkey import Pubkey

from amalgam import AmalgamError
from amalgam.billing.words import Language
from amalgam.readings.toml_keys import check_keys, chosen, load, parsed, table, text, texts
from amalgam.units import duration_s, fee_bps, ratio_bps
from amalgam.watching.alarms import Limits

_LIMITS: dict[str, tuple[str, Callable[[str], int]]] = {
    "low": ("low_bps", fee_bps),
    "full": ("full_bps", ratio_bps),
    "hysteresis": ("hysteresis_bps", fee_bps),
    "silent": ("silent_s", duration_s),
    "ahead": ("ahead_s", duration_s),
    "hold": ("hold_s", duration_s),
}
_KEYS = {"ledgers", "language", "limits", "names", "webhook", "mail", "mqtt"}
_LANGUAGES = (Language.EN, Language.DE, Language.FR)
_LONGEST_NAME = 60  # characters
_TOPIC = re.compile(r"[\w-]{1,40}(/[\w-]{1,40})*", re.ASCII)
_HOST = re.compile(r"[A-Za-z0-9.:_-]+")
_MAIL_ADDRESS = re.compile(r"[^@\s<>,;\"]+@[^@\s<>,;\"]+")


class AlarmSettingsError(AmalgamError, ValueError):
    """A file of alarms cannot be used. The message says what has to be corrected, and where."""


@dataclass(frozen=True, slots=True)
class Server:
    """Where mail or messages go. Of no password anything is shown."""

    host: str
    port: int
    user: str | None
    password: str | None = field(repr=False)
    tls: ssl.SSLContext | None = field(repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class MailSettings:
    """Who is told by mail."""

    server: Server
    sender: str
    recipients: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MqttSettings:
    """Which topics have what there is."""

    server: Server
    prefix: str
    discovery: str


@dataclass(frozen=True, slots=True)
class AlarmSettings:
    """What a file says.

    Attributes:
        limits: From which values on there is an alarm.
        ledgers: That alarms are about; all if there are none.
        language: Of what is told.
        webhook: The URL that is told, which is a secret.
        mail: None if nobody is told by mail.
        mqtt: Likewise.
    """

    limits: Limits = field(default_factory=Limits)
    ledgers: tuple[Pubkey, ...] = ()
    language: Language = Language.EN
    webhook: str | None = field(default=None, repr=False)
    mail: MailSettings | None = None
    mqtt: MqttSettings | None = None


def load_settings(path: Path) -> AlarmSettings:
    """Read a file of alarms, and the secrets that it names. Raises AlarmSettingsError."""
    return load(path, lambda content: _whole(content, path.parent), AlarmSettingsError)


def load_limits(path: Path) -> Limits:
    """Read the limits and the names of the same file, and no secret. Raises AlarmSettingsError."""

    def read(content: dict[str, Any]) -> Limits:
        check_keys(content, _KEYS, set())
        return _limits(content)

    return load(path, read, AlarmSettingsError)


def _whole(content: dict[str, Any], folder: Path) -> AlarmSettings:
    check_keys(content, _KEYS, set())
    return AlarmSettings(
        _limits(content),
        tuple(_address("ledgers", each) for each in texts(content, "ledgers")),
        Language(chosen(content, "language", _LANGUAGES)),
        _within("webhook", content, lambda told: _webhook(told, folder)),
        _within("mail", content, lambda told: _mail(told, folder)),
        _within("mqtt", content, lambda told: _mqtt(told, folder)),
    )


def _within(name: str, content: dict[str, Any], read: Callable[[dict[str, Any]], Any]) -> Any:
    """What `read` makes of a table, None without it. Raises ValueError, which names the table."""
    if name not in content:
        return None
    told = table(content, name)
    try:
        return read(told)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None


# Limits and names


def _limits(content: dict[str, Any]) -> Limits:
    told = table(content, "limits") if "limits" in content else {}
    check_keys(told, set(_LIMITS), set())
    values: dict[str, Any] = {
        attribute: parsed(told, key, parse) for key, (attribute, parse) in _LIMITS.items() if key in told
    }
    found = Limits(**values, names=_names(content))
    if found.low_bps + found.hysteresis_bps >= found.full_bps - found.hysteresis_bps:
        raise ValueError("low and full overlap within their hysteresis; set them further apart")
    return found


def _names(content: dict[str, Any]) -> dict[Pubkey, str]:
    names: dict[Pubkey, str] = {}
    for address, name in (table(content, "names") if "names" in content else {}).items():
        if not isinstance(name, str) or not 0 < len(name) <= _LONGEST_NAME or not name.isprintable():
            raise ValueError(
                f"names.{address} = {name!r} is no name; write 1 to {_LONGEST_NAME} characters in quotes"
            )
        names[_address("names", address)] = name
    return names


def _address(key: str, address: str) -> Pubkey:
    try:
        return Pubkey.from_string(address)
    except ValueError:
        raise ValueError(f"{key}: {address!r} is no address; write it as amalgam shows it") from None


# Who is told


def _webhook(told: dict[str, Any], folder: Path) -> str:
    check_keys(told, {"url_env", "url_file"}, set())
    url = _secret(told, "url", folder)
    if url is None:
        raise ValueError("url_env is missing; add it, or url_file")
    if not re.fullmatch(r"https?://[^/\s]\S*", url):
        raise ValueError("the secret url is not a URL; have it begin with https://")
    return url


def _mail(told: dict[str, Any], folder: Path) -> MailSettings:
    known = {"host", "port", "user", "password_env", "password_file", "from", "to", "ca"}
    check_keys(told, known, {"host", "from", "to"})
    recipients = texts(told, "to")
    if not recipients:
        raise ValueError('to is empty; write it like ["operator@example.org"]')
    sender = text(told, "from")
    for each in (sender, *recipients):
        if not _MAIL_ADDRESS.fullmatch(each):
            raise ValueError(f"{each!r} is no mail address; write it like operator@example.org")
    return MailSettings(_server(told, folder, _context(told, folder), 587), sender, tuple(recipients))


def _mqtt(told: dict[str, Any], folder: Path) -> MqttSettings:
    known = {"host", "port", "tls", "user", "password_env", "password_file", "ca", "prefix", "discovery"}
    check_keys(told, known, {"host"})
    tls: Any = told.get("tls", True)
    if not isinstance(tls, bool):
        raise ValueError(f"tls = {tls!r} is neither true nor false; correct it")
    if not tls and "ca" in told:
        raise ValueError("ca is of tls = true; remove one of them")
    topics = {"prefix": "amalgam", "discovery": "homeassistant"}
    for key in topics:
        topics[key] = text(told, key) if key in told else topics[key]
        if not _TOPIC.fullmatch(topics[key]):
            raise ValueError(f"{key} = {topics[key]!r} is no topic; write letters, digits, - and _ between /")
    context = _context(told, folder) if tls else None
    return MqttSettings(_server(told, folder, context, 8883 if tls else 1883), **topics)


def _server(told: dict[str, Any], folder: Path, tls: ssl.SSLContext | None, port: int) -> Server:
    host, number = text(told, "host"), told.get("port", port)
    if not _HOST.fullmatch(host):
        raise ValueError(f"host = {host!r} is no host; write it without a scheme, like mail.example.org")
    if not isinstance(number, int) or isinstance(number, bool) or not 0 < number < 65_536:
        raise ValueError(f"port = {number!r} is no port; write a number from 1 to 65535")
    user, password = text(told, "user") if "user" in told else None, _secret(told, "password", folder)
    if (user is None) != (password is None):
        raise ValueError("user and password go together; give user with password_env or password_file")
    return Server(host, number, user, password, tls)


def _context(told: dict[str, Any], folder: Path) -> ssl.SSLContext:
    ca = folder / text(told, "ca") if "ca" in told else None
    try:
        return ssl.create_default_context(cafile=ca)
    except (OSError, ssl.SSLError) as error:
        said = error.strerror if isinstance(error, FileNotFoundError) else "it has no certificates"
        raise ValueError(f"ca: {ca}: {said}; name a file of certificates, as PEM") from None


def _secret(told: dict[str, Any], name: str, folder: Path) -> str | None:
    """What a variable or a file has, without the end of its line; None if neither is named."""
    variable, path = f"{name}_env", f"{name}_file"
    if variable in told and path in told:
        raise ValueError(f"{variable} and {path} are both there; keep one")
    if variable in told:
        found = os.environ.get(text(told, variable))
        if not found:
            raise ValueError(f"{variable}: there is nothing in ${told[variable]}; set that variable")
        return found.strip()
    return _read_secret(folder / text(told, path), path) if path in told else None


def _read_secret(path: Path, key: str) -> str:
    try:
        with path.open("r", encoding="utf-8") as file:
            if stat.S_IMODE(os.fstat(file.fileno()).st_mode) & 0o077:
                raise ValueError(f"{key}: others may read {path}; run: chmod 600 {path}")
            found = file.read().strip()
    except (OSError, UnicodeDecodeError) as error:
        said = error.strerror if isinstance(error, OSError) else "not text"
        raise ValueError(f"{key}: {path}: {said}; give the path of a readable file") from None
    if not found:
        raise ValueError(f"{key}: {path} is empty; put the secret into it")
    return found
