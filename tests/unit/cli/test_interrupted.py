"""What was interrupted is neither lost nor done twice, and each end has its exit code."""

import json
import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from solders.signature import Signature

from amalgam.chain import confirmation
from amalgam.chain.embedded import EmbeddedChain
from amalgam.chain.journal import Entry, Journal, Outcome
from amalgam.vpp.program import dispatch_address, plant_address
from tests.faults.faulty import Fault
from tests.support.marketplace import Marketplace
from tests.unit.cli.conftest import Town

AGAIN = "amalgam: an interrupted run of this command had landed already; nothing was sent now\n"


def entries(town: Town) -> list[Entry]:
    return Journal(town.home / ".local/state/amalgam/journal.sqlite").entries()


@pytest.fixture
def unclosed(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Runs a command that lands, and dies before it has noted that."""

    def run(town: Town, *arguments: object, by: str = "operator") -> None:
        with monkeypatch.context() as patch:
            patch.setattr(Journal, "close", lambda *_: None)
            town.lines(*arguments, by=by)

    return run


def test_the_same_again_is_told_and_not_done_again(town: Town, unclosed: Callable[..., None]) -> None:
    command = ("deposit", town.battery, "1kWh")
    unclosed(town, *command, by="owner")
    before, signature = town.state(), town.latest()
    result = town.run(*command, by="owner")
    assert (result.exit_code, result.stderr) == (0, AGAIN)
    assert result.stdout == (
        f"Deposited 1.000 kWh: 0.900 kWh credited, 0.100 kWh lost; balance 0.900 kWh\nSignature {signature}\n"
    )
    assert (town.state(), town.latest()) == (before, signature)
    town.done(*command, by="owner")  # which is known now, and so may be done again
    assert town.state()["owner"].balance == 1_800


def test_the_same_again_for_programs(town: Town, unclosed: Callable[..., None]) -> None:
    unclosed(town, "deposit", town.battery, "1kWh", by="owner")
    result = town.run("deposit", town.battery, "1kWh", "--output", "json", by="owner")
    assert (result.exit_code, result.stderr) == (0, AGAIN)
    answer = json.loads(result.stdout)
    assert (answer["resumed"], answer["signature"]) == (True, str(town.latest()))
    assert [event["credit"] for event in answer["events"]] == [900]


def test_a_dispatch_is_announced_once(
    town: Town, chain: EmbeddedChain, unclosed: Callable[..., None], request: pytest.FixtureRequest
) -> None:
    """Although its start is so long from now, and its account is no longer the first that is free."""
    trade = Marketplace(chain, request.node.nodeid, town.keys)
    trade.give("operator", "payment", 10**9)
    mints = trade.mints["energy"], trade.mints["payment"]
    plant = plant_address(trade["operator"], *mints)
    town.lines("vpp", "create", *mints)
    terms = ("--start", "1h", "--duration", "1h", "--price", "0.3/kWh", "--bond", "0.1/kWh")
    command = ("dispatch", "announce", plant, "10kWh", *terms)
    unclosed(town, *command)
    before = town.lines("vpp", "show", plant)
    town.chain.advance(60)
    result = town.run(*command)
    assert (result.exit_code, result.stderr) == (0, AGAIN)
    assert result.stdout.splitlines()[1].endswith(f"dispatch {dispatch_address(plant, 0)}")
    assert town.lines("vpp", "show", plant) == before


def test_a_withdrawal_that_had_made_its_token_account(town: Town, unclosed: Callable[..., None]) -> None:
    town.deposit("owner", 5_000)
    town.close(town.tokens("owner"))
    unclosed(town, "withdraw", town.battery, "1kWh", by="owner")
    assert town.state()["owner's tokens"] == 1_000
    assert town.run("withdraw", town.battery, "1kWh", by="owner").stderr == AGAIN
    assert town.state()["owner's tokens"] == 1_000


def test_a_deposit_whose_terms_have_changed_meanwhile(town: Town, unclosed: Callable[..., None]) -> None:
    """It is the same command, though its minimum credit would be another now."""
    unclosed(town, "deposit", town.battery, "1kWh", by="owner")
    result = town.run("battery", "policy", town.battery, "--efficiency", "80%")
    assert (result.exit_code, result.stderr.count("interrupted earlier")) == (0, 1)
    unclosed(town, "deposit", town.battery, "2kWh", by="owner")
    assert town.run("deposit", town.battery, "2kWh", by="owner").stderr == AGAIN
    assert town.state()["owner"].balance == 900 + 1_600


def test_a_mint_is_the_one_that_was_made(town: Town, unclosed: Callable[..., None]) -> None:
    unclosed(town, "mint", "create")
    first = town.landed_accounts()[1]
    result = town.run("mint", "create", "--output", "json")
    assert (result.exit_code, result.stderr) == (0, AGAIN)
    assert json.loads(result.stdout)["mint"] == str(first)


def test_another_command_tells_what_became_of_it(town: Town, unclosed: Callable[..., None]) -> None:
    unclosed(town, "deposit", town.battery, "1kWh", by="owner")
    signature = town.latest()
    result = town.run("battery", "pause", town.battery)
    assert result.exit_code == 0
    assert result.stderr == (
        f"amalgam: interrupted earlier, it has landed: deposit 1000 Wh of {town['owner']} "
        f"from {town.tokens('owner')} into {town.battery} ({signature})\n"
    )
    assert town.state()["battery"].paused
    assert [entry.outcome for entry in entries(town)] == [Outcome.LANDED, Outcome.LANDED]


def test_what_another_command_is_about_to_send_is_left_to_it(town: Town) -> None:
    """A wallet may be used by two commands at once."""
    town.done("deposit", town.battery, "1kWh", by="owner")
    path = town.home / ".local/state/amalgam/journal.sqlite"
    running = Journal(path)
    (landed,) = entries(town)
    other = landed._replace(signature=Signature.new_unique(), purpose="another", last_valid_block_height=0)
    running.sign(other)
    assert town.run("battery", "pause", town.battery).stderr == ""
    running.release()
    told = town.run("battery", "resume", town.battery).stderr
    assert told == f"amalgam: interrupted earlier, it has expired: another ({other.signature})\n"


def test_ctrl_c_while_it_lands(town: Town) -> None:
    def choose(method: str) -> Fault | None:
        if method != "getSignatureStatuses":
            return None
        os.kill(os.getpid(), signal.SIGINT)
        return Fault.CUT

    town.node.choose = choose
    result = town.run("deposit", town.battery, "1kWh", by="owner")
    assert (result.exit_code, result.stdout) == (130, "")
    assert result.stderr == (
        "amalgam: interrupted; it may have landed: run the same again, which tells, and does nothing twice\n"
    )
    assert [entry.outcome for entry in entries(town)] == [Outcome.PENDING]
    town.node.reset()
    assert town.run("deposit", town.battery, "1kWh", by="owner").stderr == AGAIN
    assert town.state()["owner"].balance == 900


def test_ctrl_c_after_it_has_landed(town: Town) -> None:
    def choose(method: str) -> None:
        if method == "getTransaction":
            os.kill(os.getpid(), signal.SIGINT)

    town.node.choose = choose
    result = town.run("deposit", town.battery, "1kWh", by="owner")
    assert (result.exit_code, result.stdout) == (130, "")
    assert result.stderr == f"amalgam: interrupted; it has landed: {town.latest()}\n"
    assert town.state()["owner"].balance == 900


@pytest.mark.parametrize("method", ["getAccountInfo", "simulateTransaction"])
def test_ctrl_c_before_anything_is_signed(town: Town, method: str) -> None:
    def choose(asked: str) -> None:
        if asked == method:
            os.kill(os.getpid(), signal.SIGINT)

    town.node.choose = choose
    before = town.state()
    result = town.run("deposit", town.battery, "1kWh", by="owner")
    assert (result.exit_code, result.output) == (130, "amalgam: interrupted\n")
    assert town.state() == before


def test_nobody_tells_what_became_of_it(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(confirmation, "PATIENCE_S", 0.1)
    town.node.choose = lambda method: Fault.CUT if method == "getSignatureStatuses" else None
    result = town.run("deposit", town.battery, "1kWh", by="owner")
    assert (result.exit_code, result.stdout) == (5, "")
    [entry] = entries(town)
    assert entry.outcome is Outcome.PENDING
    assert result.stderr == (
        f"amalgam: it is not known whether transaction {entry.signature} has landed "
        f"(no usable answer from {town.node.url}: RemoteProtocolError Server disconnected without sending "
        "a response.; check the URL and the network, or add another --url); "
        "try again once a node answers: nothing is done twice\n"
    )
    town.node.reset()
    assert town.run("deposit", town.battery, "1kWh", by="owner").stderr == AGAIN
    assert town.state()["owner"].balance == 900


def test_it_never_landed(town: Town) -> None:
    """The node takes each transaction, passes none on, and meanwhile their blockhashes expire."""
    town.node.choose = {"sendTransaction": Fault.DROPPED, "getEpochInfo": Fault.EXPIRING}.get
    before = town.state()
    result = town.run("deposit", town.battery, "1kWh", by="owner")
    assert (result.exit_code, result.stdout) == (4, "")
    found = entries(town)
    assert {entry.outcome for entry in found} == {Outcome.EXPIRED}
    assert result.stderr == (
        f"amalgam: transaction {found[-1].signature} expired before it landed; try again\n"
    )
    assert town.state() == before
    town.node.reset()
    town.done("deposit", town.battery, "1kWh", by="owner")


def test_a_node_that_tells_of_a_transaction_a_little_later(town: Town) -> None:
    town.node.late = 3
    done = town.done("deposit", town.battery, "1kWh", by="owner")
    assert done == "Deposited 1.000 kWh: 0.900 kWh credited, 0.100 kWh lost; balance 0.900 kWh"


def test_a_node_that_never_tells_of_it(town: Town) -> None:
    """What has landed has landed."""
    town.node.late = 1_000_000
    assert town.done("deposit", town.battery, "1kWh", by="owner") == "Done"
    town.node.choose = {"getTransaction": Fault.CUT}.get
    assert town.done("deposit", town.battery, "1kWh", by="owner") == "Done"
    assert town.state()["owner"].balance == 1_800


def test_nothing_is_sent_that_cannot_be_noted(town: Town) -> None:
    Path("file").touch()
    for state, reason in (("file", "Not a directory"), ("/proc", "No such file or directory")):
        code, complaint = town.refusal("deposit", town.battery, "1kWh", by="owner", XDG_STATE_HOME=state)
        assert code == 2
        assert complaint.startswith(f"{state}/amalgam/journal.sqlite: ")
        assert reason in complaint
        assert complaint.endswith(
            "; what is signed is written there first: make it writable, "
            "or name another folder in XDG_STATE_HOME"
        )
    state = town.home / "state/amalgam"
    state.mkdir(parents=True)
    (state / "journal.sqlite").write_text("not a database, by any means")
    code, complaint = town.refusal(
        "deposit", town.battery, "1kWh", by="owner", XDG_STATE_HOME=str(state.parent)
    )
    assert (code, "file is not a database" in complaint) == (2, True)


def test_the_journal_is_for_its_owner_alone(town: Town) -> None:
    town.lines("deposit", town.battery, "1kWh", by="owner")
    journal = town.home / ".local/state/amalgam/journal.sqlite"
    assert journal.stat().st_mode & 0o077 == 0
    secret = json.loads(town.keypair("owner").read_text())
    assert bytes(secret[:32]) not in journal.read_bytes()
    [entry] = entries(town)
    assert (entry.signature, entry.outcome) == (town.latest(), Outcome.LANDED)
