"""What there is, and its alarms, by MQTT: with Home Assistant's discovery a community's screens show it.

Topics below the prefix: `status` is online or offline; of each ledger, `ADDRESS/state` has what a battery
holds, and `ADDRESS/alarms` which alarms there are, with a line each. All are retained, as JSON.
"""

import asyncio
import json
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import aiomqtt
from solders.pubkey import Pubkey

from amalgam.battery.program import Battery
from amalgam.billing.words import Language
from amalgam.units import MEASURES, Measure, Resource
from amalgam.watching.alarms import KINDS, Alarm, Limits, thing_of
from amalgam.watching.settings import MqttSettings
from amalgam.watching.snapshot import Snapshot
from amalgam.watching.telling import NotToldError, pause_s
from amalgam.watching.together import until_one_ends
from amalgam.watching.words import KIND_NAMES, THINGS, VALUE_NAMES, in_language, line

_QOS = 1
_PATIENCE_S = 15
_MEAN_S = 900  # of the power, that moves in steps as meters report
_ONLINE, _OFFLINE = "online", "offline"
# Home Assistant's classes of an amount and of what comes and goes; None where it has none.
_CLASSES: Mapping[Resource, tuple[str, str | None]] = {
    Resource.ENERGY: ("energy_storage", "power"),
    Resource.WATER: ("volume_storage", "volume_flow_rate"),
    Resource.WASTE: ("weight", None),
}
_WEIGHT_UNIT = "kg"  # it knows no t


class Powers:
    """The mean power of batteries, from what they held in the last quarter of an hour."""

    def __init__(self) -> None:
        """Nothing is known yet."""
        self._held: dict[Pubkey, deque[tuple[int, int]]] = {}

    def take(self, snapshot: Snapshot) -> None:
        """Take what is held now."""
        now = snapshot.unix_timestamp
        for address, pool in snapshot.of(Battery).items():
            held = self._held.setdefault(address, deque())
            if not held or held[-1][0] < now:
                held.append((now, pool.stored))
            while len(held) > 1 and held[1][0] <= now - _MEAN_S:
                held.popleft()

    def of(self, address: Pubkey) -> tuple[int, int] | None:
        """What has come since when, in base units and s; None while that is too short a time."""
        held = self._held.get(address, deque())
        if not held or held[-1][0] - held[0][0] < _MEAN_S:
            return None
        return held[-1][1] - held[0][1], held[-1][0] - held[0][0]


class Mqtt:
    """Publishes the latest state as long as there is a broker, and all of it to one that is new."""

    def __init__(
        self, settings: MqttSettings, limits: Limits, language: Language, say: Callable[[str], None]
    ) -> None:
        """Nothing is published yet."""
        self._settings, self._limits, self._language, self._say = settings, limits, language, say
        self._powers = Powers()
        self._wanted: dict[str, str] = {}  # by topic
        self._published: dict[str, str] = {}  # on this connection
        self._news = asyncio.Event()

    def take(self, snapshot: Snapshot, alarms: Sequence[Alarm]) -> None:
        """Publish this from now on."""
        self._powers.take(snapshot)
        found = {f"{self._settings.prefix}/status": _ONLINE}
        for address, ledger in snapshot.ledgers.items():
            for topic, payload in self._topics(address, ledger, alarms):
                found[topic] = json.dumps(payload, ensure_ascii=False)
        self._wanted = found
        self._news.set()

    def lose(self) -> None:
        """Say that what was published is not known to be so any more."""
        self._wanted[f"{self._settings.prefix}/status"] = _OFFLINE
        self._news.set()

    async def once(self) -> None:
        """Publish it now. Raises NotToldError."""
        try:
            async with self._client() as client:
                await self._publish(client)
        except aiomqtt.MqttError as error:
            raise NotToldError(self._told(error)) from None

    async def run(self) -> None:
        """Publish again and again; a broker that is away is waited for."""
        failures, said = 0, ""
        while True:
            try:
                async with self._client() as client:
                    _heed_cancellation()
                    failures, said, self._published = 0, "", {}
                    await self._go_on_publishing(client)
            except aiomqtt.MqttError as error:
                failures += 1
                if (told := self._told(error)) != said:
                    self._say(f"{told}; trying again")
                said = told
                await asyncio.sleep(pause_s(failures))

    async def _go_on_publishing(self, client: aiomqtt.Client) -> None:
        """Until the broker is lost, which ends the wait for its messages: none are asked for."""
        await until_one_ends(_until_lost(client), self._publish_news(client))

    async def _publish_news(self, client: aiomqtt.Client) -> None:
        try:
            while True:
                self._news.clear()
                await self._publish(client)
                _heed_cancellation()
                await self._news.wait()
        except asyncio.CancelledError:  # a client that says good-bye has no last will
            await client.publish(f"{self._settings.prefix}/status", _OFFLINE, _QOS, retain=True, timeout=1)
            raise

    async def _publish(self, client: aiomqtt.Client) -> None:
        for topic, payload in list(self._wanted.items()):
            if self._published.get(topic) != payload:
                await client.publish(topic, payload, _QOS, retain=True)
                self._published[topic] = payload

    def _client(self) -> aiomqtt.Client:
        server = self._settings.server
        return aiomqtt.Client(
            server.host,
            server.port,
            username=server.user,
            password=server.password,
            tls_context=server.tls,
            timeout=_PATIENCE_S,
            will=aiomqtt.Will(f"{self._settings.prefix}/status", _OFFLINE, _QOS, retain=True),
        )

    def _told(self, error: Exception) -> str:
        said, server = " ".join(str(error).split())[:200], self._settings.server
        return f"mqtt: {server.host}:{server.port}: {said}; check [mqtt] and the broker"

    # What is published

    def _topics(
        self, address: Pubkey, ledger: Any, alarms: Sequence[Alarm]
    ) -> Iterator[tuple[str, dict[str, Any]]]:
        mine = [each for each in alarms if each.ledger == address]
        base = f"{self._settings.prefix}/{address}"
        device = {
            "identifiers": [f"amalgam-{address}"],
            "name": f"{in_language(THINGS, thing_of(ledger), self._language)} "
            f"{self._limits.name_of(address, ledger)}",
            "manufacturer": "Amalgam Energy",
            "model": thing_of(ledger),
            "serial_number": str(address),
        }
        common = {
            "device": device,
            "origin": {"name": "amalgam"},
            "availability_topic": f"{self._settings.prefix}/status",
            "qos": _QOS,
        }
        for kind in KINDS[type(ledger)]:
            name = kind.replace(" ", "_")
            told = {
                "name": in_language(KIND_NAMES, kind, self._language),
                "device_class": "problem",
                "state_topic": f"{base}/alarms",
                "value_template": f"{{{{ value_json.{name}.state }}}}",
                "json_attributes_topic": f"{base}/alarms",
                "json_attributes_template": f"{{{{ value_json.{name} | tojson }}}}",
            }
            yield self._config("binary_sensor", address, name), {**told, **common, **_identity(address, name)}
        if isinstance(ledger, Battery):
            for name, told in self._sensors(MEASURES[ledger.resource], ledger.resource):
                sensor = {
                    "name": in_language(VALUE_NAMES, name, self._language),
                    "state_topic": f"{base}/state",
                    "value_template": f"{{{{ value_json.{name} }}}}",
                    "state_class": "measurement",
                }
                yield (
                    self._config("sensor", address, name),
                    {**sensor, **told, **common, **_identity(address, name)},
                )
            yield f"{base}/state", self._state(address, ledger)
        yield (
            f"{base}/alarms",
            {
                kind.replace(" ", "_"): _alarm_state(
                    [each for each in mine if each.kind is kind], self._language
                )
                for kind in KINDS[type(ledger)]
            },
        )

    def _config(self, component: str, address: Pubkey, name: str) -> str:
        return f"{self._settings.discovery}/{component}/amalgam_{address}/{name}/config"

    def _sensors(self, measure: Measure, resource: Resource) -> Iterator[tuple[str, dict[str, Any]]]:
        amount, flow = _CLASSES[resource]
        unit = _WEIGHT_UNIT if resource is Resource.WASTE else measure.unit
        for name in ("stored", "available", "allocated", "capacity"):
            yield name, {"device_class": amount, "unit_of_measurement": unit}
        charge = {"device_class": "battery"} if resource is Resource.ENERGY else {"icon": "mdi:gauge"}
        yield "charge", {**charge, "unit_of_measurement": "%"}
        if flow:
            yield "power", {"device_class": flow, "unit_of_measurement": measure.flow_unit}

    def _state(self, address: Pubkey, pool: Battery) -> dict[str, Any]:
        """In the units of `_sensors`; the power is null while it is not known."""
        per_unit = 1 if pool.resource is Resource.WASTE else 1_000  # base units
        amounts = {
            name: getattr(pool, name) / per_unit for name in ("stored", "available", "allocated", "capacity")
        }
        found: dict[str, Any] = {**amounts, "charge": round(pool.stored * 100 / pool.capacity, 1)}
        if _CLASSES[pool.resource][1]:
            come = self._powers.of(address)
            hour_s = MEASURES[pool.resource].flow_s
            found["power"] = round(come[0] * hour_s / come[1] / 1_000, 3) if come else None
        return found


def _identity(address: Pubkey, name: str) -> dict[str, str]:
    return {"unique_id": f"amalgam_{address}_{name}"}


def _alarm_state(alarms: Sequence[Alarm], language: Language) -> dict[str, Any]:
    return {"state": "ON" if alarms else "OFF", "lines": [line(each, language) for each in alarms]}


def _heed_cancellation() -> None:
    """End a task that was to end: what aiomqtt waits with may lose that in Python 3.11 (gh-86296)."""
    task = asyncio.current_task()
    if task and task.cancelling():
        raise asyncio.CancelledError


async def _until_lost(client: aiomqtt.Client) -> None:
    async for _ in client.messages:
        pass
