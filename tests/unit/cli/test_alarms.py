"""`amalgam alarms`, in a town with a battery: what it shows, and whom it tells."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest
import trustme

from amalgam.watching.settings import load_settings
from tests.guides.guide import blocks
from tests.support.servers import (
    LOGIN,
    Broker,
    Hook,
    authority,
    broker,
    ca,
    free_port,
    hook,
    mail_server,
    wait_until,
)
from tests.support.stage import ROOT
from tests.unit.cli.conftest import NOBODY, Town, TownNode

__all__ = ["authority", "broker", "ca", "hook"]
LOW = "Battery School: below 10\u00a0%: 0.000\u00a0kWh of 20.000\u00a0kWh stored"
PAUSED = "Battery School: paused"


@pytest.fixture
def town_node(lone_town_node: TownNode) -> TownNode:
    return lone_town_node


@pytest.fixture
def file(town: Town) -> Path:
    """It names the battery, and has to have somebody who is told."""
    path = town.home / "alarms.toml"
    path.write_text(f'limits.hold = "1s"\nnames.{town.battery} = "School"\nlanguage = "en"\n')
    return path


def hooked(file: Path, hook: Hook) -> None:
    secret = file.with_name("hook.secret")
    secret.touch(0o600)
    secret.write_text(hook.url)
    file.write_text(file.read_text() + '[webhook]\nurl_file = "hook.secret"\n')


def told(hook: Hook) -> list[list[str]]:
    return [[each["line"] for each in body["alarms"]] for _, body in hook.bodies]


def rows(town: Town, *arguments: object) -> str:
    """What it shows, in whichever width."""
    return " ".join(" ".join(town.lines("alarms", "show", *arguments)).split())


@contextmanager
def watching(town: Town, *arguments: object) -> Generator[subprocess.Popen[str]]:
    """`amalgam alarms watch` until Ctrl-C, which has to end it well."""
    environment = os.environ | {"HOME": str(town.home), "XDG_STATE_HOME": ""}
    command = [sys.executable, "-m", "amalgam", "alarms", "watch", *map(str, arguments), "--interval", "1s"]
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    with process:
        try:
            yield process
        except BaseException:
            process.kill()
            raise
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0


def test_show(town: Town, file: Path) -> None:
    assert " ".join(LOW.split()) in rows(town, file)
    found = town.json("alarms", "show", file)
    assert found["at"] == town.chain.unix_timestamp
    assert found["alarms"] == [
        {
            "kind": "low",
            "address": str(town.battery),
            "thing": "battery",
            "ledger": str(town.battery),
            "name": "School",
            "since": town.chain.unix_timestamp,
            "values": {
                "stored": {"value": 0, "unit": "Wh"},
                "capacity": {"value": 20_000, "unit": "Wh"},
                "limit": {"value": 1_000, "unit": "bps"},
            },
            "line": LOW,
        }
    ]
    town.deposit("owner", 4_000)
    assert town.lines("alarms", "show") == ["No alarms"]
    town.forge_available(4_000)
    assert "audit does not agree: the vault holds 3600, the battery stores 4000; " in rows(town, file)


def test_show_from_the_books(town: Town, file: Path) -> None:
    books = town.home / "books.sqlite"
    town.lines("books", "sync", "--books", books)
    town.node.asked.clear()
    assert " ".join(LOW.split()) in rows(town, file, "--books", books)
    assert town.node.methods() == []


def test_once_tells_what_is_new_and_a_second_run_nothing(town: Town, file: Path, hook: Hook) -> None:
    hooked(file, hook)
    assert town.lines("alarms", "watch", file, "--once") == []
    assert town.lines("alarms", "watch", file, "--once") == []
    assert told(hook) == [[LOW]]
    town.lines("battery", "pause", town.battery)
    hook.answers = [503]
    code, said = town.refusal("alarms", "watch", file, "--once")
    assert (code, said) == (
        4,
        "webhook: it answered 503; check its URL and its server; run the same again, it is told then",
    )
    assert town.lines("alarms", "watch", file, "--once") == []
    assert told(hook) == [[LOW], [PAUSED], [PAUSED]]


def test_what_begins_and_ends_is_told_until_ctrl_c(town: Town, file: Path, hook: Hook) -> None:
    hooked(file, hook)
    with watching(town, file) as process:
        wait_until(lambda: told(hook) == [[LOW]])
        town.deposit("owner", 4_000)
        town.chain.advance(60)
        town.lines("battery", "pause", town.battery)
        town.chain.advance(60)
        wait_until(lambda: len(told(hook)) == 2)
        process.send_signal(signal.SIGINT)
        assert process.communicate(timeout=60) == ("", "")
    assert sorted(told(hook)[1]) == [PAUSED, f"Over: {LOW}"] or told(hook)[1:] == [[PAUSED]]


def test_a_node_that_is_away_is_said_and_waited_for(
    town: Town, file: Path, hook: Hook, broker: Broker, ca: Path
) -> None:
    hooked(file, hook)
    (town.home / "mqtt.secret").touch(0o600)
    (town.home / "mqtt.secret").write_text("s3cret-mqtt\n")
    mqtt = f'[mqtt]\nhost = "localhost"\nport = {broker.port}\nuser = "amalgam"\nca = "{ca}"\n'
    file.write_text(f'{file.read_text()}{mqtt}password_file = "mqtt.secret"\n')
    with broker.subscriber() as topics, watching(town, file) as process:
        wait_until(lambda: topics.get("amalgam/status") == ("online", False))
        state = f"amalgam/{town.battery}/state"
        wait_until(lambda: state in topics and json.loads(topics[state][0])["stored"] == 0)
        town.node.refused = {"getAccountInfo"}
        wait_until(lambda: topics["amalgam/status"][0] == "offline")
        town.deposit("owner", 4_000)
        town.node.refused = set()
        wait_until(lambda: topics["amalgam/status"][0] == "online")
        wait_until(lambda: json.loads(topics[state][0])["stored"] == 3.6)
        process.send_signal(signal.SIGINT)
        said = process.communicate(timeout=60)[1]
        assert topics["amalgam/status"][0] == "offline"
    assert said.startswith("amalgam: the node refused a request: ")
    assert said.endswith("; trying again\n")
    assert said.count("\n") == 1
    assert not any(secret in said for secret in ("s3cret", hook.url))


def test_two_do_not_tell_the_same(town: Town, file: Path, hook: Hook) -> None:
    hooked(file, hook)
    with watching(town, file):
        wait_until(lambda: told(hook))
        found = town.refusal("alarms", "watch", file)
    assert found == (2, "another process tells these alarms; stop it first")


def test_mail_with_a_password_from_the_environment(
    town: Town, file: Path, authority: trustme.CA, ca: Path
) -> None:
    port = free_port()
    file.write_text(f"""{file.read_text()}
[mail]
host = "localhost"
port = {port}
user = "{LOGIN[0]}"
password_env = "MAIL_SECRET"
from = "alarms@example.org"
to = ["operator@example.org"]
ca = "{ca}"
""")
    code, said = town.refusal("alarms", "watch", file, "--once", MAIL_SECRET="wrong")  # noqa: S106
    assert (code, "wrong" in said) == (4, False)
    assert said.startswith(f"mail: localhost:{port}: Error connecting to localhost on port {port}")
    with mail_server(authority, port) as mails:
        assert town.run("alarms", "watch", file, "--once", MAIL_SECRET=LOGIN[1]).exit_code == 0
    assert [each.get_payload(decode=True).decode() for each in mails.arrived] == [f"{LOW}\r\n"]


def test_refusals(town: Town, file: Path, hook: Hook) -> None:
    assert town.refusal("alarms", "watch", file) == (
        2,
        f"{file}: nobody is told; add [webhook], [mail] or [mqtt]",
    )
    missing = town.home / "none.toml"
    assert town.refusal("alarms", "show", missing) == (
        2,
        f"{missing}: No such file or directory; give the path of a readable TOML file",
    )
    nothing = town.home / "nothing.sqlite"
    code, said = town.refusal("alarms", "show", "--books", nothing)
    assert (code, said) == (
        3,
        f"sqlite:///{nothing} has no books of this version; run: amalgam books sync",
    )
    file.write_text(f'ledgers = ["{NOBODY}"]\n')
    hooked(file, hook)
    assert town.refusal("alarms", "watch", file) == (
        3,
        f"there is no battery, issuer, market, plant or community at {NOBODY}; "
        "check the address, and the cluster that --url names",
    )
    assert hook.bodies == []


@pytest.mark.slow
def test_the_guide_works_as_written(town: Town, hook: Hook, monkeypatch: pytest.MonkeyPatch) -> None:
    town.deposit("owner", 3_000)
    printed = town.followed("alarms", BATTERY=str(town.battery), WEBHOOK=hook.url)
    assert printed.startswith("No alarms\n")
    line = "Battery School: below 15\u00a0%: 2.700\u00a0kWh of 20.000\u00a0kWh stored"
    assert " ".join(line.split()) in " ".join(printed.split())
    assert told(hook) == [[line]]

    file = town.home / "alarms.toml"  # as it was written, with what the guide adds to it
    file.write_text(file.read_text() + "".join(blocks("alarms", "toml")))
    for name in ("ALARMS_MAIL", "ALARMS_MQTT"):
        monkeypatch.setenv(name, "s3cret")
    settings = load_settings(file)
    assert settings.mail is not None
    assert settings.mail.recipients == ("operator@example.org", "deputy@example.org")
    assert settings.mqtt is not None
    assert settings.mqtt.server.host == "homeassistant.local"

    (shown,) = blocks("alarms", "json")
    (sent,) = hook.bodies[0][1]["alarms"]
    assert json.loads(shown)["alarms"][0].keys() == sent.keys()
    (program,) = blocks("alarms", "python")
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == ("0 []\n", "")
