"""The agent as it runs for long, in a process of its own: it says what is amiss, and goes on."""

import os
import re
import select
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
from prometheus_client.parser import text_string_to_metric_families
from spl.token.instructions import get_associated_token_address

from amalgam.metering.program import mint_address
from tests.faults.faulty import Fault
from tests.support.inverter import inverter, served
from tests.support.node import NOON
from tests.support.servers import free_port, wait_until
from tests.unit.cli.metering.test_metering import REFUSALS, Metered, metered  # noqa: F401

AMALGAM = Path(sys.executable).with_name("amalgam")


class Agent:
    """`amalgam meter run`, once a second."""

    def __init__(self, metered: Metered, source: int | str, *more: object) -> None:  # noqa: F811
        """Of an inverter at a port, or of a file."""
        command = [AMALGAM, "meter", "run", str(metered.issuer)]
        command += ["--csv", source] if isinstance(source, str) else ["--sunspec", f"127.0.0.1:{source}"]
        command += ["--interval", "1s", "--keypair", metered.town.keypair("newcomer"), *map(str, more)]
        environment = os.environ | {"HOME": str(metered.town.home), "PYTHONUNBUFFERED": "1"}
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment
        )
        self.said = {self.process.stdout: b"", self.process.stderr: b""}

    def __enter__(self) -> "Agent":
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.communicate()

    def read(self, expected: str) -> str:
        """Read on until a line that matches has come, and forget all up to it."""
        deadline = time.monotonic() + 60
        while True:
            for stream, content in self.said.items():
                found = re.search(rf"^.*{expected}.*\n", content.decode(), re.MULTILINE)
                if found:
                    self.said[stream] = content[found.end() :]
                    return found[0]
            ready, _, _ = select.select(list(self.said), [], [], deadline - time.monotonic())
            more = {stream: os.read(stream.fileno(), 10_000) for stream in ready}
            assert any(more.values()), f"{expected!r} never came: {self.said}"
            for stream, content in more.items():
                self.said[stream] += content


def test_it_goes_on_whatever_does_not_answer_until_ctrl_c(metered: Metered) -> None:  # noqa: F811
    town = metered.town
    town.chain.unix_timestamp = int(time.time()) + 3_600
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with Agent(metered, port) as agent:
        agent.read(
            rf"127.0.0.1:{port}, unit 1: no answer; check the address and the network; trying again in 1 s"
        )
        with served(inverter(1_001_000), port=port):
            agent.read(r"1,001.000 kWh  \+1.000 kWh")
            town.node.choose = lambda method: Fault.CUT if method == "getGenesisHash" else None
            agent.read("no usable answer from .*; trying again in 1 s")
        town.node.reset()
        agent.read(f"127.0.0.1:{port}, unit 1: no answer")
        with served(inverter(1_001_001), port=port):
            agent.read(r"1,001.001 kWh  \+0.001 kWh")
            town.lines("issuer", "pause", metered.issuer)
            agent.read(re.escape(REFUSALS["issuer is paused"]))
            town.lines("issuer", "resume", metered.issuer)
            agent.read(r"1,001.001 kWh  \+0.000 kWh")
            agent.process.send_signal(signal.SIGINT)
            assert agent.process.wait(30) == 0
    assert metered.state()[2:] == (1_001, 1_001)


def scraped(port: int) -> dict[str, float]:
    """Samples as Prometheus reads them, by name and labels."""
    text = httpx.get(f"http://127.0.0.1:{port}/metrics").raise_for_status().text
    families = list(text_string_to_metric_families(text))
    names = [family.name for family in families]
    assert len(names) == len(set(names))
    return {
        each.name + "".join(f",{key}={value}" for key, value in sorted(each.labels.items())): each.value
        for family in families
        for each in family.samples
        if not each.name.endswith(("_bucket", "_created"))
    }


def test_prometheus_reads_what_it_asks_sends_and_reports(metered: Metered) -> None:  # noqa: F811
    town, port = metered.town, free_port()
    town.chain.unix_timestamp = int(time.time()) + 3_600
    with served(inverter(1_001_000)) as source, Agent(metered, source, "--metrics-port", port) as agent:
        agent.read(r"1,001.000 kWh  \+1.000 kWh")
        found = wait_until(lambda: (read := scraped(port))["amalgam_meter_readings_reported_total"] and read)
        assert (
            found["amalgam_meter_reported_wh_total"] == 1_000 * found["amalgam_meter_readings_reported_total"]
        )
        assert found["amalgam_transactions_sent_total"] >= 1
        assert found["amalgam_transactions_failed_total"] == 0
        assert -5 < found["amalgam_meter_report_age_seconds"] < 60
        method = "amalgam_rpc_request_duration_seconds_{},method=SendRawTransaction"
        sendings = found["amalgam_transactions_sent_total"] + found["amalgam_transactions_retried_total"]
        assert found[method.format("count")] == sendings
        assert 0 < found[method.format("sum")] < 60
        town.lines("issuer", "pause", metered.issuer)
        agent.read(re.escape(REFUSALS["issuer is paused"]))
        wait_until(lambda: scraped(port)["amalgam_meter_readings_refused_total"])
        again = metered.town.run(
            *("meter", "run", metered.issuer, "--csv", "x", "--metrics-port", port), by="newcomer"
        )
    told = f"--metrics-port {port}: Address already in use; choose another port"
    assert (again.exit_code, told in again.stderr) == (2, True)


def test_it_waits_until_the_owner_has_a_token_account(metered: Metered) -> None:  # noqa: F811
    town, mint = metered.town, mint_address(metered.issuer)
    town.close(get_associated_token_address(town["owner"], mint))
    town.chain.unix_timestamp = int(time.time()) + 3_600
    with served(inverter(1_001_000)) as port, Agent(metered, port) as agent:
        agent.read(
            f"has no token account for mint {mint}; its owner runs: amalgam wallet open {mint}; trying"
        )
        town.lines("wallet", "open", mint, by="owner")
        agent.read(r"1,001.000 kWh  \+1.000 kWh")
    assert metered.state()[2:] == (1_000, 1_000)


def test_it_goes_on_when_a_devices_map_is_as_before_again(metered: Metered) -> None:  # noqa: F811
    metered.town.chain.unix_timestamp = int(time.time()) + 3_600
    words = inverter(1_001_000)
    with served(words) as port, Agent(metered, port) as agent:
        agent.read(r"1,001.000 kWh  \+1.000 kWh")
        words[70] = 120  # in place of 103
        agent.read("not as it was when model 103@40070 was chosen: 103@40070 of 50 registers is gone")
        words[70:74] = [103, 50, 0, 0]
        agent.read(r"1,001.000 kWh  \+0.000 kWh")


def test_it_goes_on_after_a_row_that_cannot_be_read(metered: Metered) -> None:  # noqa: F811
    metered.town.chain.unix_timestamp = NOON + 4 * 3_600
    file = metered.registers((1, "1001"), (2, "unavailable"))
    with Agent(metered, file) as agent:
        agent.read(f"1 unreadable row skipped, line 3; the first is {file}:3:12: ")
        agent.read(r"1,001.000 kWh  \+1.000 kWh")
        metered.registers((1, "1001"), (2, "unavailable"), (3, "1003"), (4, "unknown"))
        agent.read("1 unreadable row skipped, line 5; the first is ")
        agent.read(r"1,003.000 kWh  \+2.000 kWh")
        metered.registers((1, "1001"), (2, "unavailable"), (3, "1003"), (4, "unknown"), (2, "1002"))
        agent.read("1 row skipped, line 6, older than the latest report, of 2026-06-21 15:00:00 UTC")
    assert metered.state()[2:] == (3_000, 3_000)


def test_it_ends_where_its_meter_is_retired(metered: Metered) -> None:  # noqa: F811
    metered.town.chain.unix_timestamp = int(time.time()) + 3_600
    with served(inverter(1_001_000)) as port, Agent(metered, port) as agent:
        agent.read(r"\+1.000 kWh")
        metered.town.lines("meter", "retire", metered.issuer, metered.device)
        agent.read(re.escape(REFUSALS["meter is retired"]))
        assert agent.process.wait(30) == 1
