"""A broker knows what batteries hold and which alarms there are, as Home Assistant discovers them."""

import asyncio
import json
import ssl
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from solders.pubkey import Pubkey

from amalgam.battery.program import Battery
from amalgam.billing.words import Language
from amalgam.units import Resource
from amalgam.watching import mqtt as mqtt_module
from amalgam.watching import telling
from amalgam.watching.alarms import KINDS, Limits, alarms
from amalgam.watching.mqtt import Mqtt, Powers
from amalgam.watching.settings import MqttSettings, Server
from amalgam.watching.snapshot import Snapshot
from amalgam.watching.telling import NotToldError
from tests.support.servers import Broker, free_port, wait_until
from tests.unit.watching.test_alarms import BATTERY, HALF_FULL, NOW, QUIET, record

LIMITS = Limits(names={BATTERY: "School"})
SNAPSHOT = Snapshot(7, NOW, QUIET)
STATUS, STATE, ALARMS = "amalgam/status", f"amalgam/{BATTERY}/state", f"amalgam/{BATTERY}/alarms"
CONFIG = f"homeassistant/{{}}/amalgam_{BATTERY}/{{}}/config"

EVERYTHING = 1 + 6 + 1 + sum(map(len, KINDS.values())) + len(KINDS)  # status, sensors, state, alarms
PASSWORD = "s3cret-mqtt"  # noqa: S105 (of the test's own broker)


def client(port: int, ca: Path, say: Callable[[str], None] = pytest.fail, password: str = PASSWORD) -> Mqtt:
    server = Server("localhost", port, "amalgam", password, ssl.create_default_context(cafile=ca))
    settings = MqttSettings(server, "amalgam", "homeassistant")
    return Mqtt(settings, LIMITS, Language.EN, say)


def take(mqtt: Mqtt, snapshot: Snapshot = SNAPSHOT) -> None:
    mqtt.take(snapshot, alarms(snapshot, LIMITS, NOW))


def holding(pool: Battery, unix_timestamp: int = NOW) -> Snapshot:
    return Snapshot(7, unix_timestamp, {**QUIET, BATTERY: pool})


async def wait(condition: Callable[[], Any]) -> Any:
    return await asyncio.to_thread(wait_until, condition)


async def test_home_assistant_discovers_a_battery(broker: Broker, ca: Path) -> None:
    mqtt = client(broker.port, ca)
    take(mqtt)
    await mqtt.once()
    with broker.subscriber() as topics:
        wait_until(lambda: len(topics) == EVERYTHING)
    assert all(is_retained for _, is_retained in topics.values())
    device = {
        "identifiers": [f"amalgam-{BATTERY}"],
        "name": "Battery School",
        "manufacturer": "Amalgam Energy",
        "model": "battery",
        "serial_number": str(BATTERY),
    }
    common = {
        "device": device,
        "origin": {"name": "amalgam"},
        "availability_topic": STATUS,
        "qos": 1,
    }
    assert json.loads(topics[CONFIG.format("sensor", "stored")][0]) == {
        "name": "Stored",
        "unique_id": f"amalgam_{BATTERY}_stored",
        "state_topic": STATE,
        "value_template": "{{ value_json.stored }}",
        "device_class": "energy_storage",
        "state_class": "measurement",
        "unit_of_measurement": "kWh",
        **common,
    }
    units = {
        name: (found["device_class"], found["unit_of_measurement"], found["state_class"])
        for name in ("available", "allocated", "capacity", "charge", "power")
        if (found := json.loads(topics[CONFIG.format("sensor", name)][0]))
    }
    assert units == {
        **dict.fromkeys(("available", "allocated", "capacity"), ("energy_storage", "kWh", "measurement")),
        "charge": ("battery", "%", "measurement"),
        "power": ("power", "kW", "measurement"),
    }
    assert json.loads(topics[CONFIG.format("binary_sensor", "low")][0]) == {
        "name": "Low",
        "unique_id": f"amalgam_{BATTERY}_low",
        "device_class": "problem",
        "state_topic": ALARMS,
        "value_template": "{{ value_json.low.state }}",
        "json_attributes_topic": ALARMS,
        "json_attributes_template": "{{ value_json.low | tojson }}",
        **common,
    }
    assert json.loads(topics[STATE][0]) == {
        "stored": 150.0,
        "available": 150.0,
        "allocated": 0.0,
        "capacity": 300.0,
        "charge": 50.0,
        "power": None,
    }
    quiet = {"state": "OFF", "lines": []}
    names = ("low", "full", "paused", "mismatch", "allocation_expires")
    assert json.loads(topics[ALARMS][0]) == dict.fromkeys(names, quiet)
    identities = [json.loads(told)["unique_id"] for at, (told, _) in topics.items() if at.endswith("/config")]
    assert len(set(identities)) == len(identities)


async def test_what_changes_is_published_and_what_stays_is_not(broker: Broker, ca: Path) -> None:
    mqtt = client(broker.port, ca)
    take(mqtt)
    with broker.subscriber() as topics:
        task = asyncio.create_task(mqtt.run())
        await wait(lambda: len(topics) == EVERYTHING)
        topics.clear()
        take(mqtt, holding(replace(HALF_FULL, available=1_500, allocated=500)))
        await wait(lambda: len(topics) == 2)
        await asyncio.sleep(0.3)
        assert sorted(topics) == [ALARMS, STATE]
        low = {
            "state": "ON",
            "lines": ["Battery School: below 10\u00a0%: 2.000\u00a0kWh of 300.000\u00a0kWh stored"],
        }
        assert json.loads(topics[ALARMS][0])["low"] == low
        state = json.loads(topics[STATE][0])
        assert [state[name] for name in ("stored", "available", "allocated", "charge")] == [
            2.0,
            1.5,
            0.5,
            0.7,
        ]
        mqtt.lose()
        await wait(lambda: topics.get(STATUS) == ("offline", False))
        take(mqtt)
        await wait(lambda: topics.get(STATUS) == ("online", False))
        task.cancel()
        await wait(lambda: topics.get(STATUS) == ("offline", False))  # a good end says good-bye
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_the_broker_tells_that_it_was_killed(broker: Broker, ca: Path) -> None:
    """Without a good-bye, as after a power cut: the last will."""
    script = (
        "import asyncio, pathlib\n"
        "from tests.unit.watching.test_mqtt import client, take\n"
        f"mqtt = client({broker.port}, pathlib.Path({str(ca)!r}), print)\n"
        "take(mqtt)\n"
        "asyncio.run(mqtt.run())\n"
    )
    with broker.subscriber() as topics:
        process = await asyncio.create_subprocess_exec(sys.executable, "-c", script)
        await wait(lambda: topics.get(STATUS) == ("online", False))
        await wait(lambda: STATE in topics)
        process.kill()
        await process.wait()
        await wait(lambda: topics.get(STATUS) == ("offline", False))
    with broker.subscriber() as topics:
        await wait(lambda: topics.get(STATUS) == ("offline", True))
        await wait(lambda: topics.get(STATE))


async def test_a_broker_that_comes_back_is_told_everything(
    broker: Broker, ca: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telling, "_FIRST_PAUSE_S", 0.1)
    said: list[str] = []
    mqtt = client(broker.port, ca, said.append)
    take(mqtt)
    task = asyncio.create_task(mqtt.run())
    with broker.subscriber() as topics:
        await wait(lambda: STATE in topics)
    broker.stop()
    await wait(lambda: said)
    take(mqtt, holding(replace(HALF_FULL, available=99_000)))
    broker.start()  # which has forgotten everything
    with broker.subscriber() as topics:
        await wait(lambda: STATE in topics and json.loads(topics[STATE][0])["stored"] == 99.0)
        await wait(lambda: CONFIG.format("sensor", "stored") in topics)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert all(each.startswith(f"mqtt: localhost:{broker.port}: ") for each in said)
    assert all(each.endswith("; check [mqtt] and the broker; trying again") for each in said)


async def test_a_broker_that_is_away_or_refuses(broker: Broker, ca: Path) -> None:
    mqtt = client(broker.port, ca, pytest.fail, "wrong")
    take(mqtt)
    with pytest.raises(NotToldError) as refusal:
        await mqtt.once()
    assert "wrong" not in str(refusal.value)
    assert "authori" in str(refusal.value).lower()
    mqtt = client(port := free_port(), ca)
    with pytest.raises(NotToldError, match=f"^mqtt: localhost:{port}: "):
        await mqtt.once()


@pytest.mark.parametrize(
    ("resource", "classes", "power"),
    [
        (Resource.WATER, ("volume_storage", "m³", "volume_flow_rate", "m³/h", 150.0), -40.0),
        (Resource.WASTE, ("weight", "kg", None, None, 150_000), None),
    ],
)
def test_water_and_waste_have_their_own_classes(
    ca: Path, resource: Resource, classes: tuple[Any, ...], power: float | None
) -> None:
    mqtt = client(1, ca)
    take(mqtt, holding(replace(HALF_FULL, resource=resource, available=160_000), NOW - 900))
    take(mqtt, holding(replace(HALF_FULL, resource=resource)))
    wanted = {topic: json.loads(told) for topic, told in mqtt._wanted.items() if topic != STATUS}  # pyright: ignore[reportPrivateUsage]
    stored, flow = wanted[CONFIG.format("sensor", "stored")], wanted.get(CONFIG.format("sensor", "power"), {})
    found = (
        *(stored["device_class"], stored["unit_of_measurement"]),
        *(flow.get("device_class"), flow.get("unit_of_measurement"), wanted[STATE]["stored"]),
    )
    assert found == classes
    assert wanted[STATE].get("power") == power


def test_the_power_is_the_mean_of_a_quarter_of_an_hour() -> None:
    powers = Powers()
    assert powers.of(BATTERY) is None
    for minute, stored in enumerate([0] * 5 + [3_000] * 11):
        powers.take(holding(record(Battery, available=stored), NOW + 60 * minute))
        assert (powers.of(BATTERY) is None) == (minute < 15)
    assert powers.of(BATTERY) == (3_000, 900)
    for minute in range(16, 30):
        powers.take(holding(record(Battery, available=3_000), NOW + 60 * minute))
    assert powers.of(BATTERY) == (0, 900)
    assert powers.of(Pubkey.default()) is None
    assert mqtt_module._MEAN_S == 900  # pyright: ignore[reportPrivateUsage]
