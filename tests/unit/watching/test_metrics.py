"""What Prometheus reads of a snapshot, and of what a process sends."""

from collections.abc import Generator
from dataclasses import replace

import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.parser import text_string_to_metric_families

from amalgam.battery.program import pause, resume
from amalgam.chain.errors import Refused
from amalgam.chain.telemetry import TELEMETRY, Telemetry
from amalgam.chain.transactions import Sender
from amalgam.units import Resource
from amalgam.watching.alarms import Kind, Limits, alarms
from amalgam.watching.metrics import count_requests, exposition
from amalgam.watching.snapshot import Snapshot, from_cluster
from tests.support.book_chain import BookChain
from tests.unit.watching.test_alarms import (
    BATTERY,
    COMMUNITY,
    DEVICE,
    HALF_FULL,
    ISSUER,
    MARKET,
    METER,
    NOW,
    PLANT,
    QUIET,
    WHO,
)


@pytest.fixture
def registry() -> Generator[CollectorRegistry]:
    """That of a process; what it counts is taken back."""
    before = Telemetry(TELEMETRY.asked, TELEMETRY.sent, TELEMETRY.retried, TELEMETRY.failed)
    yield CollectorRegistry()
    for name in before.__slots__:
        setattr(TELEMETRY, name, getattr(before, name))


def read(snapshot: Snapshot, registry: CollectorRegistry) -> dict[tuple[str, ...], float]:
    found, content_type = exposition(snapshot, alarms(snapshot, Limits(), NOW), registry)
    assert content_type.startswith("text/plain; version=")
    families = list(text_string_to_metric_families(found.decode()))
    assert len({family.name for family in families}) == len(families)
    return {
        (each.name, *(value for _, value in sorted(each.labels.items()))): each.value
        for family in families
        for each in family.samples
        if not each.name.endswith(("_bucket", "_created"))
    }


def test_everything_of_a_snapshot(registry: CollectorRegistry) -> None:
    accounts = {
        **QUIET,
        BATTERY: replace(HALF_FULL, allocated=1_000),
        METER: replace(QUIET[METER], minted=700, read_at=NOW - 5_000),
        MARKET: replace(QUIET[MARKET], payment_held=50, fees=3, paused=True),
        PLANT: replace(QUIET[PLANT], payment_held=60),
        COMMUNITY: replace(QUIET[COMMUNITY], prepaid=70, reserve=8),
    }
    found = read(Snapshot(7, NOW, accounts), registry)
    battery, mint, meter = str(BATTERY), str(WHO), (str(DEVICE), str(ISSUER))
    kinds = {("amalgam_alarms", kind.replace(" ", "_")): 0 for kind in Kind}
    assert found == {
        ("amalgam_block_timestamp_seconds",): NOW,
        ("amalgam_battery_stored_wh", battery): 151_000,
        ("amalgam_battery_available_wh", battery): 150_000,
        ("amalgam_battery_allocated_wh", battery): 1_000,
        ("amalgam_battery_capacity_wh", battery): 300_000,
        ("amalgam_meter_minted_wh_total", *meter): 700,
        ("amalgam_meter_last_report_timestamp_seconds", *meter): NOW - 5_000,
        ("amalgam_meter_report_age_seconds", *meter): 5_000,
        ("amalgam_market_payment_held_base_units", str(MARKET), mint): 50,
        ("amalgam_market_fees_base_units", str(MARKET), mint): 3,
        ("amalgam_plant_payment_held_base_units", str(PLANT), mint): 60,
        ("amalgam_community_prepaid_base_units", str(COMMUNITY), mint): 70,
        ("amalgam_community_reserve_base_units", str(COMMUNITY), mint): 8,
        ("amalgam_paused", battery, "battery"): 0,
        ("amalgam_paused", str(ISSUER), "issuer"): 0,
        ("amalgam_paused", str(MARKET), "market"): 1,
        ("amalgam_paused", str(PLANT), "plant"): 0,
        ("amalgam_paused", str(COMMUNITY), "community"): 0,
        **kinds,
        ("amalgam_alarms", "paused"): 1,
        ("amalgam_alarms", "silent"): 1,
    }


def test_other_resources_have_their_own_names(registry: CollectorRegistry) -> None:
    accounts = {
        **QUIET,
        BATTERY: replace(HALF_FULL, resource=Resource.WATER),
        WHO: replace(HALF_FULL, resource=Resource.WASTE),
        ISSUER: replace(QUIET[ISSUER], resource=Resource.WATER),
    }
    names = {name for name, *_ in read(Snapshot(7, NOW, accounts), registry)}
    assert {
        "amalgam_reservoir_stored_litres",
        "amalgam_treatment_plant_capacity_kilograms",
        "amalgam_meter_minted_litres_total",
    } <= names
    assert not [name for name in names if name.endswith(("_wh", "_wh_total"))]


async def test_a_process_counts_what_it_sends(registry: CollectorRegistry, story_of_one: BookChain) -> None:
    story = story_of_one
    count_requests(registry)
    sender = Sender(story.connection, story.owner)
    of = {"authority": story.address, "battery": story.battery}
    await sender.send([pause(**of)])
    await sender.send([resume(**of)])
    with pytest.raises(Refused):
        await sender.send([resume(**of)])
    found = read(await from_cluster(story.connection), registry)
    counted = {name: value for (name, *_), value in found.items() if name.startswith("amalgam_transactions")}
    assert counted == {
        "amalgam_transactions_sent_total": 3,
        "amalgam_transactions_retried_total": 0,
        "amalgam_transactions_failed_total": 1,
    }
