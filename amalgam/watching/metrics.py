"""Metrics for Prometheus: what all programs hold, and what this process asks, sends and reports.

Energy is Wh, volumes of water are litres, masses of waste kilograms. Payments are base units of a mint.
"""

from collections import Counter as Tally
from collections.abc import Callable, Iterable, Iterator, Sequence
from time import time

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, start_http_server
from prometheus_client.registry import Collector

from amalgam.battery.program import Battery
from amalgam.chain.telemetry import TELEMETRY
from amalgam.metering.program import Issuer, Meter
from amalgam.units import MEASURES, Measure
from amalgam.watching.alarms import Alarm, Kind, thing_of
from amalgam.watching.snapshot import Snapshot

_UNITS = {"Wh": "wh", "L": "litres", "kg": "kilograms"}
_ADDRESS = "address"
# What ledgers that are paid in have of it, by the field.
_PAYMENTS = {
    "payment_held": "Payments held for others.",
    "fees": "Of that, fees that are not yet collected.",
    "prepaid": "Balances of participants.",
    "reserve": "The authority's reserve.",
}


def exposition(snapshot: Snapshot, alarms: Sequence[Alarm], process: CollectorRegistry) -> tuple[bytes, str]:
    """What a page's server answers Prometheus, and its content type: with the metrics of this process."""
    held = CollectorRegistry()
    held.register(Holdings(lambda: (snapshot, alarms)))
    return generate_latest(held) + generate_latest(process), CONTENT_TYPE_LATEST


class Holdings(Collector):
    """Collects what a snapshot has, and its alarms, when it is asked."""

    def __init__(self, latest: Callable[[], tuple[Snapshot, Sequence[Alarm]]]) -> None:
        """Ask `latest` each time."""
        self._latest = latest

    def describe(self) -> Iterable[Metric]:
        """Nothing is asked before the first time."""
        return []

    def collect(self) -> Iterator[Metric]:
        """All metrics of the latest snapshot."""
        snapshot, alarms = self._latest()
        time_of = "Of the block that is shown, in Unix seconds."
        yield GaugeMetricFamily("amalgam_block_timestamp_seconds", time_of, snapshot.unix_timestamp)
        yield from _pools(snapshot)
        yield from _meters(snapshot)
        yield from _payments(snapshot)
        paused = GaugeMetricFamily("amalgam_paused", "1 if a ledger is paused.", labels=["thing", _ADDRESS])
        for address, ledger in snapshot.ledgers.items():
            paused.add_metric([thing_of(ledger), str(address)], ledger.paused)
        yield paused
        found = Tally(each.kind for each in alarms)
        told = GaugeMetricFamily("amalgam_alarms", "Alarms under way.", labels=["kind"])
        for kind in Kind:
            told.add_metric([kind.replace(" ", "_")], found[kind])
        yield told


def _pools(snapshot: Snapshot) -> Iterator[Metric]:
    pools = snapshot.of(Battery)
    for measure in MEASURES:
        mine = {at: pool for at, pool in pools.items() if MEASURES[pool.resource] is measure}
        for name in ("stored", "available", "allocated", "capacity") if mine else ():
            title = f"amalgam_{measure.pool.replace(' ', '_')}_{name}"
            gauge = GaugeMetricFamily(
                f"{title}_{_UNITS[measure.base_unit]}",
                f"{name.capitalize()} of a {measure.pool}.",
                labels=[_ADDRESS],
            )
            for address, pool in mine.items():
                gauge.add_metric([str(address)], getattr(pool, name))
            yield gauge


def _meters(snapshot: Snapshot) -> Iterator[Metric]:
    """Of each device that is believed. What has been minted only rises: a counter."""
    meters = {at: each for at, each in snapshot.of(Meter).items() if not each.retired}
    labels = ["issuer", "device"]
    for measure in MEASURES:
        unit = _UNITS[measure.base_unit]
        minted = CounterMetricFamily(
            f"amalgam_meter_minted_{unit}", "Minted for a meter's readings.", labels=labels
        )
        for each in meters.values():
            if MEASURES[_issuer(snapshot, each).resource] is measure:
                minted.add_metric([str(each.issuer), str(each.device)], each.minted)
        if minted.samples:
            yield minted
    latest = GaugeMetricFamily(
        "amalgam_meter_last_report_timestamp_seconds", "Of a meter's latest reading.", labels=labels
    )
    age = GaugeMetricFamily(
        "amalgam_meter_report_age_seconds", "Between that and the block that is shown.", labels=labels
    )
    for each in meters.values():
        of = [str(each.issuer), str(each.device)]
        latest.add_metric(of, each.read_at)
        age.add_metric(of, snapshot.unix_timestamp - each.read_at)
    yield from (latest, age)


def _issuer(snapshot: Snapshot, meter: Meter) -> Issuer:
    return snapshot.accounts[meter.issuer]


def _payments(snapshot: Snapshot) -> Iterator[Metric]:
    paid_in = {at: each for at, each in snapshot.ledgers.items() if hasattr(each, "payment_mint")}
    for name, title in _PAYMENTS.items():
        mine = {at: each for at, each in paid_in.items() if hasattr(each, name)}
        for thing in sorted(set(map(thing_of, mine.values()))):
            gauge = GaugeMetricFamily(f"amalgam_{thing}_{name}_base_units", title, labels=[_ADDRESS, "mint"])
            for address, ledger in mine.items():
                if thing_of(ledger) == thing:
                    gauge.add_metric([str(address), str(ledger.payment_mint)], getattr(ledger, name))
            yield gauge


# Of this process


def count_requests(registry: CollectorRegistry) -> None:
    """Count from now on what this process asks nodes, and sends."""
    asked = Histogram(
        "amalgam_rpc_request_duration_seconds",
        "From a request to a node to its answer or its failure.",
        ["method"],
        registry=registry,
    )
    sent = Counter("amalgam_transactions_sent", "Transactions sent.", registry=registry)
    retried = Counter("amalgam_transactions_retried", "Times that one was sent again.", registry=registry)
    failed = Counter(
        "amalgam_transactions_failed",
        "Transactions that were refused, have expired, or of which no node tells.",
        registry=registry,
    )
    TELEMETRY.asked = lambda method, seconds: asked.labels(method).observe(seconds)
    TELEMETRY.sent, TELEMETRY.retried, TELEMETRY.failed = sent.inc, retried.inc, failed.inc


class MeterMetrics:
    """What a meter's agent has reported since it began."""

    def __init__(self, measure: Measure, read_at: int, registry: CollectorRegistry) -> None:
        """Count for one meter, whose latest report is of that time in Unix seconds."""
        unit, self.read_at = _UNITS[measure.base_unit], read_at
        self._reported = Counter("amalgam_meter_readings_reported", "Readings reported.", registry=registry)
        self._refused = Counter("amalgam_meter_readings_refused", "Readings refused.", registry=registry)
        self._amount = Counter(
            f"amalgam_meter_reported_{unit}", "Minted for the readings reported.", registry=registry
        )
        age = Gauge(
            "amalgam_meter_report_age_seconds",
            "Since the latest reading that was reported, by this machine's clock.",
            registry=registry,
        )
        age.set_function(lambda: time() - self.read_at)

    def report(self, amount: int, read_at: int) -> None:
        """A reading was reported, and that minted for it."""
        self._reported.inc()
        self._amount.inc(amount)
        self.read_at = read_at

    def refuse(self) -> None:
        """A reading was refused."""
        self._refused.inc()


def serve(port: int, registry: CollectorRegistry) -> None:
    """Answer Prometheus on this machine, until the process ends. Raises OSError if the port is taken."""
    start_http_server(port, "127.0.0.1", registry)
