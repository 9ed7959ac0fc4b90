"""Signing elsewhere: a message goes from hand to hand, signatures come back, and nothing is done twice."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from time import time
from typing import Any, NamedTuple

import pytest
from solders.account import Account
from solders.hash import Hash
from solders.keypair import Keypair
from solders.pubkey import Pubkey
from solders.signature import Signature
from solders.system_program import ID as SYSTEM_PROGRAM
from typer.main import get_command

from amalgam.chain.deployment import sol
from amalgam.chain.journal import Journal, Outcome
from amalgam.chain.keys import write_keypair
from amalgam.chain.nonce import Nonce, nonce_of
from amalgam.chain.signing import passed_on
from amalgam.cli import app
from tests.faults.faulty import Fault
from tests.unit.cli.conftest import NOBODY, Town

# A machine without a network: whatever would open a connection ends the command.
OFFLINE = """
import sys

def forbid(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.sendto"):
        sys.exit(f"{event} {arguments[1:]}")
    if event == "socket.__new__" and arguments[1] in (2, 10):  # AF_INET, AF_INET6
        sys.exit(f"{event} {arguments[1:]}")

sys.addaudithook(forbid)
from amalgam.cli import app
app()
"""
BLOCKS = 200  # after which a blockhash has expired


class Machine:
    """A folder with one key, on a machine without a network."""

    def __init__(self, folder: Path, key: Keypair) -> None:
        self.folder, self.address = folder, key.pubkey()
        self.file = folder / "id.json"
        write_keypair(self.file, key)

    def run(self, *arguments: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", OFFLINE, *map(str, arguments)],
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "HOME": str(self.folder), "XDG_STATE_HOME": ""},
            cwd=self.folder,
        )

    def signed(self, *arguments: object) -> str:
        """What a command prints, with the key that is here."""
        result = self.run(*arguments, "--keypair", self.file)
        assert result.returncode == 0, result.stderr
        return result.stdout


@pytest.fixture
def machine(town: Town, tmp_path: Path) -> Callable[[str], Machine]:
    return lambda name: Machine(tmp_path / f"machine of {name}", town.keys[name])


def nonce(town: Town, authority: str) -> Pubkey:
    """An account of somebody's, at the operator's expense."""
    return Pubkey.from_string(town.json("nonce", "create", town[authority])["nonce"])


def value(town: Town, address: Pubkey) -> Hash:
    found = nonce_of(town.chain.account(address))
    assert found is not None
    return found.value


def wait(town: Town) -> None:
    """Until no blockhash of now is good any more."""
    for _ in range(BLOCKS):
        town.chain.end_block()


def journal(town: Town) -> dict[str, Outcome]:
    """The outcome of each transaction, by its purpose."""
    entries = Journal(town.home / ".local/state/amalgam/journal.sqlite").entries()
    return {entry.purpose: entry.outcome for entry in entries}


def signers(printed: str) -> list[str]:
    """As options, from what --sign-only prints."""
    found = re.findall(r"^ (\w+=\w+)$", printed, re.MULTILINE)
    return [part for each in found for part in ("--signer", each)]


# From hand to hand


def test_a_proposal_goes_through_three_machines(
    town: Town, machine: Callable[[str], Machine], tmp_path: Path
) -> None:
    """Two sign it, days apart, without a network; a third pays, and sends it."""
    first, second = machine("operator"), machine("neighbour")
    durable = nonce(town, "neighbour")
    proposal, *hands = (tmp_path / name for name in ("proposal", "once", "twice"))
    proposal.write_text(
        town.run(
            *("battery", "pause", town.battery, "--fee-payer", town["newcomer"], "--nonce", durable),
            *("--nonce-authority", town["neighbour"], "--keypair", town["operator"]),
            "--dump-transaction-message",
            by="operator",
        ).stdout
    )
    wait(town)
    hands[0].write_text(first.signed("sign", proposal, "--yes"))
    wait(town)
    hands[1].write_text(second.signed("sign", hands[0], "--yes"))
    wait(town)
    assert not town.state()["battery"].paused

    done = town.done("submit", hands[1], by="newcomer")

    assert done == "Paused: no deposits and no allocations"
    assert town.state()["battery"].paused
    missing = [{town["newcomer"], town["neighbour"], town["operator"]}]
    missing += [missing[0] - {town["operator"]}, {town["newcomer"]}]
    assert [set(passed_on(each.read_text()).absent) for each in (proposal, *hands)] == missing


def test_signatures_come_back_from_where_there_is_no_network(
    town: Town, machine: Callable[[str], Machine]
) -> None:
    """As with Solana's tools: each builds the same transaction, and the last is given the signatures."""
    machines, durable = [machine("operator"), machine("neighbour")], nonce(town, "neighbour")
    pausing = (
        *("battery", "pause", town.battery, "--fee-payer", town["newcomer"]),
        *("--nonce", durable, "--blockhash", value(town, durable)),
    )
    roles = {each.address: each for each in machines}
    printed: list[str] = []
    for here in roles.values():
        keys = [here.file if here.address == address else address for address in roles]
        options = ("--keypair", keys[0], "--nonce-authority", keys[1])
        printed.append(here.run(*pausing, *options, "--sign-only").stdout)
    wait(town)

    operator, neighbour = (Signature.from_string(signers(each)[1].partition("=")[2]) for each in printed)
    first, *_ = printed
    absent = sorted([town["newcomer"], town["neighbour"]], key=lambda each: each != town["newcomer"])
    assert first == (
        f"Blockhash: {value(town, durable)}\n"
        "Signers (Pubkey=Signature):\n"
        f" {town['operator']}={operator}\n"
        "Absent Signers (Pubkey):\n" + "".join(f" {each}\n" for each in absent)
    )
    given = [option for each in printed for option in signers(each)]
    result = town.run(
        *(*pausing, "--keypair", town["operator"], "--nonce-authority", town["neighbour"]),
        *("--fee-payer", town.keypair("newcomer"), *given),
    )
    assert result.exit_code == 0, result.output
    landed = town.chain.landed(town.latest())
    assert landed is not None
    assert {operator, neighbour} < set(landed.transaction.signatures)
    assert town.state()["battery"].paused


def test_the_same_for_programs(town: Town, machine: Callable[[str], Machine]) -> None:
    blockhash = town.chain.svm.latest_blockhash()
    pausing = ("battery", "pause", town.battery, "--fee-payer", town["newcomer"], "--blockhash", blockhash)
    printed = json.loads(machine("operator").signed(*pausing, "--sign-only", "--output", "json"))
    signature = printed["signers"][0].partition("=")[2]
    assert printed == {
        "blockhash": str(blockhash),
        "signers": [f"{town['operator']}={signature}"],
        "absent": [str(town["newcomer"])],
    }
    town.lines(
        *("battery", "pause", town.battery, "--blockhash", blockhash, "--signer", printed["signers"][0]),
        *("--keypair", town["operator"], "--fee-payer", town.keypair("newcomer")),
    )
    assert town.state()["battery"].paused


def test_what_the_cluster_has_to_tell_is_asked_where_there_is_one(
    town: Town, machine: Callable[[str], Machine]
) -> None:
    """A deposit follows from the battery: its mint, and what it credits."""
    owner, message = machine("owner"), town.home / "message"
    blockhash = town.chain.svm.latest_blockhash()
    depositing = ("deposit", town.battery, "1kWh", "--fee-payer", town["operator"], "--blockhash", blockhash)
    refused = owner.run(*depositing, "--sign-only", "--keypair", owner.file)
    assert (refused.returncode, refused.stdout, refused.stderr) == (
        2,
        "",
        "amalgam: this has to be looked up on the cluster, and --sign-only opens no connection; make the "
        "message where there is one, with --dump-transaction-message in its place, and sign it here: "
        "amalgam sign MESSAGE\n",
    )
    message.write_text(
        town.run(
            *(*depositing, "--keypair", town["owner"], "--dump-transaction-message", "--output", "json")
        ).stdout
    )
    signed = json.loads(owner.signed("sign", message, "--yes", "--output", "json"))
    result = town.run("submit", signed["message"], "--signer", signed["signers"][0])
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("Deposited 1.000 kWh: 0.900 kWh credited, 0.100 kWh lost;")
    assert town.state()["owner"].balance == 900


def test_a_machine_without_a_network_would_tell(town: Town, machine: Callable[[str], Machine]) -> None:
    """What the tests above rely on: here a command does ask."""
    refused = machine("operator").run("battery", "show", town.battery, "--url", town.node.url)
    assert refused.stdout == ""
    assert "socket." in refused.stderr


def test_what_a_command_makes_up_signs_at_once(town: Town) -> None:
    """The key of a new mint is gone once the command has ended, and so it signs right then."""
    dumped = town.run(
        "mint", "create", "--keypair", town["owner"], "--dump-transaction-message", by="operator"
    )
    found = passed_on(dumped.stdout)
    assert found.absent == [town["owner"]]
    (mint,) = found.signatures
    town.lines("submit", dumped.stdout, by="owner")
    assert town.chain.account(mint).owner != town.chain.account(town["owner"]).owner


def test_the_words_are_those_of_what_it_is_about(town: Town) -> None:
    """Also where the command knows no battery but the one in the message."""
    dumped = town.run("battery", "policy", town.battery, "--capacity", "30kWh", "--dump-transaction-message")
    assert town.done("submit", dumped.stdout).startswith("Set the policy: capacity 30.000 kWh")


def test_a_dry_run_of_what_was_passed_on(town: Town) -> None:
    durable = nonce(town, "operator")
    dumped = town.run("battery", "pause", town.battery, "--nonce", durable, "--dump-transaction-message")
    shown = town.lines("submit", dumped.stdout, "--dry-run")
    assert shown[:2] == [
        "Dry run: nothing was sent. It would be so:",
        "Paused: no deposits and no allocations",
    ]
    assert not town.state()["battery"].paused


def test_an_authority_may_be_no_key_at_all(town: Town) -> None:
    """A multisig's vault, which signs in its own program: the message asks for it, and Squads takes it."""
    vault, _ = Pubkey.find_program_address([b"vault"], NOBODY)
    taking = ("battery", "accept", town.battery, "--keypair", vault, "--fee-payer", town.keypair("operator"))
    town.done("battery", "handover", town.battery, vault)
    dumped = json.loads(town.run(*taking, "--dump-transaction-message", "--output", "json").stdout)
    assert dumped["absent"] == [str(vault)]
    assert town.refusal(*taking) == (
        2,
        f"{vault} must sign too, and nothing was sent; give --signer ADDRESS=SIGNATURE for each, "
        "or have them sign what --dump-transaction-message prints",
    )


def test_a_price_is_given(town: Town) -> None:
    def price() -> list[bytes]:
        landed = town.chain.landed(town.latest())
        data = [bytes(each.data) for each in landed.transaction.message.instructions]
        return [each for each in data if each[:1] == b"\3" and len(each) == 9]

    options = ("--with-compute-unit-price", 1_234)
    expected = [b"\3" + (1_234).to_bytes(8, "little")]
    town.done("battery", "pause", town.battery, *options)
    assert price() == expected
    town.done("battery", "resume", town.battery, *options, "--nonce", nonce(town, "operator"))
    assert price() == expected


# In words


def test_who_signs_reads_what_it_does(town: Town, machine: Callable[[str], Machine]) -> None:
    durable, operator = nonce(town, "neighbour"), machine("operator")
    dumped = town.run(
        *("member", "limit", town.battery, town["owner"], "2kWh", "--nonce", durable),
        *("--nonce-authority", town["neighbour"], "--keypair", town["operator"]),
        *("--with-compute-unit-price", 5_000, "--dump-transaction-message"),
    )
    told = operator.run("sign", dumped.stdout, "--keypair", operator.file)
    assert (told.returncode, told.stdout) == (2, "")
    assert [" ".join(line.split()) for line in told.stderr.splitlines()] == [
        f"Fee payer {town['operator']}",
        f"Must sign {town['operator']} and {town['neighbour']}",
        f"Good until nonce account {durable} is used",
        "",
        "1. System program: advance_nonce_account",
        f"nonce {durable}",
        f"authority {town['neighbour']}",
        "",
        "2. Compute budget: set_price",
        "micro_lamports 5,000",
        "",
        "3. energy_allocation: set_member_limit",
        "limit 2,000",
        f"authority {town['operator']}",
        f"battery {town.battery}",
        f"member {town.member('owner')}",
        "amalgam: nobody is there to confirm it; run it with --yes",
    ]


# Refused


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--sign-only"], "--sign-only needs --blockhash, which all sign with"),
        (
            ["--signer", f"{NOBODY}={Signature.default()}"],
            "--signer needs --blockhash, which all sign with",
        ),
        (["--nonce-authority", NOBODY], "--nonce-authority needs --nonce"),
        (
            ["--dry-run", "--sign-only", "--blockhash", Hash.default()],
            "--dry-run asks the cluster, and --sign-only nobody: give one",
        ),
        (
            ["--blockhash", "today"],
            "Invalid value for --blockhash: 'today' is neither a blockhash nor a nonce's value, "
            "as amalgam nonce show prints it",
        ),
        (
            ["--signer", "me"],
            "Invalid value for --signer: 'me' is not ADDRESS=SIGNATURE, as --sign-only prints it",
        ),
        (
            ["--keypair", "usb://ledger?key=0/0"],
            "usb://ledger?key=0/0: amalgam talks to no hardware wallet; give the key's address in its place, "
            "and --dump-transaction-message, have the wallet's own software sign the message, and send it: "
            "amalgam submit MESSAGE --signer ADDRESS=SIGNATURE",
        ),
        (
            ["--keypair", NOBODY],
            f"{NOBODY} must sign too, and nothing was sent; give --signer ADDRESS=SIGNATURE for each, "
            "or have them sign what --dump-transaction-message prints",
        ),
    ],
)
def test_options_that_do_not_do(town: Town, options: list[Any], complaint: str) -> None:
    assert town.refusal("battery", "pause", town.battery, *options) == (2, complaint)


def test_signatures_that_do_not_do(town: Town) -> None:
    blockhash = town.chain.svm.latest_blockhash()
    pausing = ("battery", "pause", town.battery, "--blockhash", blockhash, "--keypair", town["operator"])
    of_nobody = f"{NOBODY}={Signature.default()}"
    of_another = f"{town['operator']}={town.keys['operator'].sign_message(b'another')}"
    assert town.refusal(*pausing, "--signer", of_nobody) == (
        2,
        f"{NOBODY} does not sign this transaction; leave out that --signer",
    )
    assert town.refusal(*pausing, "--signer", of_another) == (
        2,
        f"the signature of {town['operator']} is of another transaction; give all the options with which "
        "that one was made, or send the very message that was signed: amalgam submit MESSAGE",
    )


def test_nonces_that_do_not_do(town: Town) -> None:
    durable = nonce(town, "neighbour")
    assert town.refusal("battery", "pause", town.battery, "--nonce", durable) == (
        2,
        f"nonce account {durable} belongs to {town['neighbour']}; give --nonce-authority",
    )
    assert town.refusal("battery", "pause", town.battery, "--nonce", NOBODY) == (
        3,
        f"there is no nonce account at {NOBODY}; check the address and --url, "
        "or make one with amalgam nonce create",
    )


def test_messages_and_keys_that_do_not_do(town: Town) -> None:
    dumped = town.run("battery", "pause", town.battery, "--dump-transaction-message").stdout
    message = passed_on(dumped).value()["message"]
    no_message = (
        "this is no transaction message; give what --dump-transaction-message has printed, or its file"
    )
    for text in (
        "nowhere",
        "{}",
        "{",
        "[]",
        f"{message[:-8]}",
        f"{message}AAAA",
        "Transaction Message: AAAA",
    ):
        assert town.refusal("submit", text) == (2, no_message)
        result = town.run("sign", text, "--yes")
        assert (result.exit_code, result.output) == (2, f"amalgam: {no_message}\n")
    for key, complaint in (
        (town["operator"], f"{town['operator']} is an address; give the file of its keypair with --keypair"),
        (
            town.keypair("owner"),
            f"{town['owner']} does not sign this; {town['operator']} must: give --keypair",
        ),
    ):
        result = town.run("sign", message, "--yes", "--keypair", key)
        assert (result.exit_code, result.stdout) == (2, "")
        assert result.stderr.splitlines()[-1] == f"amalgam: {complaint}"


def test_commands_of_several_transactions_are_signed_where_they_run(town: Town) -> None:
    several = (
        "this command sends several transactions, each as the chain then is, and cannot have them signed "
        "elsewhere or later: leave out the options for that"
    )
    for options in (["--nonce", NOBODY], ["--dump-transaction-message"]):
        assert town.refusal("deploy", "--yes", *options) == (2, several)
    assert town.refusal("deploy", "--yes", "--upgrade-authority", NOBODY) == (
        2,
        f"{NOBODY} signs elsewhere, and this command sends several transactions, each as the chain then is: "
        "run it where the keypair is",
    )


# Neither lost nor doubled


def pausing_later(town: Town) -> tuple[Pubkey, str]:
    """A nonce account, and a message with it that all have signed, the newcomer as who pays."""
    durable = nonce(town, "operator")
    paying = ("--nonce", durable, "--fee-payer", town.keypair("newcomer"))
    dumped = town.run("battery", "pause", town.battery, *paying, "--dump-transaction-message")
    return durable, dumped.stdout


def test_the_very_same_is_done_once(town: Town) -> None:
    _, signed = pausing_later(town)
    town.done("submit", signed)
    signature = town.latest()
    town.done("battery", "resume", town.battery)
    landed = town.latest()

    again = town.run("submit", signed)

    assert (again.exit_code, again.stderr) == (
        0,
        "amalgam: this very transaction has landed already; nothing was sent now\n",
    )
    assert again.stdout == f"Paused: no deposits and no allocations\nSignature {signature}\n"
    assert town.latest() == landed
    assert not town.state()["battery"].paused


def test_what_its_nonce_has_outlived(town: Town) -> None:
    durable, signed = pausing_later(town)
    town.done("battery", "pause", town.battery, "--nonce", durable)
    town.done("battery", "resume", town.battery)
    signature = passed_on(signed).transaction.signatures[0]
    assert town.refusal("submit", signed) == (
        4,
        f"transaction {signature} has not landed, and cannot any more: nonce account {durable} has another "
        "value by now; make and sign it anew",
    )


def test_what_its_blockhash_has_outlived(town: Town) -> None:
    signed = town.run("battery", "pause", town.battery, "--dump-transaction-message").stdout
    wait(town)
    signature = passed_on(signed).transaction.signatures[0]
    assert town.refusal("submit", signed) == (
        4,
        f"transaction {signature} has not landed, and cannot any more: its blockhash is too old; "
        "make and sign it anew",
    )


class Stuck(NamedTuple):
    """What a node has taken, and not passed on."""

    durable: Pubkey
    message: str
    signature: Signature
    purpose: str

    def called(self) -> str:
        return f"{self.purpose} ({self.signature})"


@pytest.fixture
def stuck(town: Town) -> Stuck:
    durable, message = pausing_later(town)
    town.node.choose = {"sendTransaction": Fault.DROPPED}.get
    result = town.run("submit", message)
    town.node.reset()
    signature = passed_on(message).transaction.signatures[0]
    assert (result.exit_code, result.stdout, result.stderr) == (
        5,
        "",
        f"amalgam: transaction {signature} has not landed, and may as long as nonce account {durable} is not "
        f"used: run the same again, or end it: amalgam nonce withdraw {durable}\n",
    )
    purpose = f"energy_allocation pause (authority {town['operator']}, battery {town.battery})"
    assert journal(town)[purpose] is Outcome.PENDING
    return Stuck(durable, message, signature, purpose)


@pytest.fixture
def hopeless(town: Town, stuck: Stuck) -> Stuck:
    """One that cannot land as things are, since who pays has nothing any more."""
    town.chain.set_account(town["newcomer"], Account(0, b"", SYSTEM_PROGRAM))
    return stuck


def test_blocks_that_pass_do_not_end_it(town: Town, stuck: Stuck) -> None:
    """Weeks later the next command, whatever it is, brings it to its end."""
    wait(town)
    result = town.run("wallet", "open", town.mint)
    assert (result.exit_code, result.stderr) == (
        0,
        f"amalgam: interrupted earlier, it has landed: {stuck.called()}\n",
    )
    assert town.state()["battery"].paused
    assert journal(town)[stuck.purpose] is Outcome.LANDED


def test_the_same_again_brings_it_to_its_end(town: Town, stuck: Stuck) -> None:
    wait(town)
    result = town.run("submit", stuck.message)
    assert (result.exit_code, result.stderr) == (
        0,
        "amalgam: an interrupted run of this command had landed already; nothing was sent now\n",
    )
    assert result.stdout == f"Paused: no deposits and no allocations\nSignature {stuck.signature}\n"
    assert town.latest() == stuck.signature
    assert journal(town)[stuck.purpose] is Outcome.LANDED


def test_it_keeps_nothing_else_waiting(town: Town, hopeless: Stuck) -> None:
    wait(town)
    result = town.run("deposit", town.battery, "1kWh", by="owner")
    assert (result.exit_code, result.stderr) == (
        0,
        f"amalgam: signed earlier, it may still land: {hopeless.called()}\n",
    )
    assert town.state()["owner"].balance == 900
    assert journal(town)[hopeless.purpose] is Outcome.PENDING


def test_the_same_with_another_nonce_is_not_sent_beside_it(town: Town, hopeless: Stuck) -> None:
    other = town.run("nonce", "create", "--output", "json")
    address = json.loads(other.stdout)["nonce"]
    dumped = town.run("battery", "pause", town.battery, "--nonce", address, "--dump-transaction-message")
    assert town.refusal("submit", dumped.stdout) == (
        5,
        f"the same was signed with nonce account {hopeless.durable}, and may still land as "
        f"{hopeless.signature}: send that one, or end it: amalgam nonce withdraw {hopeless.durable}",
    )


def test_the_same_with_the_same_nonce_can_be(town: Town, hopeless: Stuck) -> None:
    """Since only one of the two can land."""
    nonce = ("--nonce", hopeless.durable)
    dumped = town.run("battery", "pause", town.battery, *nonce, "--dump-transaction-message")
    town.done("submit", dumped.stdout)
    assert town.state()["battery"].paused
    town.chain.airdrop(town["newcomer"], 10**9)
    result = town.run("battery", "resume", town.battery)
    assert result.stderr == f"amalgam: interrupted earlier, it has expired: {hopeless.called()}\n"
    assert not town.state()["battery"].paused


def test_it_ends_with_its_nonce(town: Town, hopeless: Stuck) -> None:
    result = town.run("nonce", "withdraw", hopeless.durable)
    assert result.stderr == f"amalgam: signed earlier, it may still land: {hopeless.called()}\n"
    assert town.chain.account(hopeless.durable) is None
    result = town.run("battery", "pause", town.battery)
    assert result.stderr == f"amalgam: interrupted earlier, it has expired: {hopeless.called()}\n"
    assert journal(town)[hopeless.purpose] is Outcome.EXPIRED


def test_a_node_that_does_not_remember_so_far_back_ends_nothing(town: Town, hopeless: Stuck) -> None:
    """It cannot tell that the transaction has used the nonce, or another."""
    town.run("nonce", "withdraw", hopeless.durable)
    town.chain.unix_timestamp = int(time()) + 1_000
    town.node.first_block = town.chain.slot
    result = town.run("battery", "pause", town.battery)
    assert result.stderr == f"amalgam: signed earlier, it may still land: {hopeless.called()}\n"
    assert journal(town)[hopeless.purpose] is Outcome.PENDING


# Nonce accounts


def test_a_nonce_account_is_made_shown_and_closed(town: Town) -> None:
    made = town.json("nonce", "create", town["owner"])
    address = Pubkey.from_string(made["nonce"])
    rent = town.chain.svm.minimum_balance_for_rent_exemption(80)
    assert nonce_of(town.chain.account(address)) == Nonce(town["owner"], value(town, address), rent)
    assert town.lines("nonce", "show", address) == [
        f"Nonce account  {address}",
        f"Authority      {town['owner']}",
        f"Value          {value(town, address)}",
        f"SOL            {sol(rent)}",
    ]
    assert town.json("nonce", "show", address) == {
        "address": str(address),
        "authority": str(town["owner"]),
        "value": str(value(town, address)),
        "lamports": rent,
    }
    before = town.chain.balance(town["neighbour"])
    done = town.done("nonce", "withdraw", address, "--to", town["neighbour"], by="owner")
    assert done == f"Closed; {town['neighbour']} has its {sol(rent)} SOL"
    assert (town.chain.account(address), town.chain.balance(town["neighbour"])) == (None, before + rent)


def test_nonce_accounts_that_there_are_not(town: Town) -> None:
    for command in ("show", "withdraw"):
        assert town.refusal("nonce", command, town.battery) == (
            3,
            f"there is no nonce account at {town.battery} on {town.cluster}; check the address and --url",
        )


# The command line as a whole


def commands(group: Any, *path: str) -> Iterator[tuple[str, Any]]:
    for name, each in group.commands.items():
        if hasattr(each, "commands"):
            yield from commands(each, *path, name)
        else:
            yield " ".join([*path, name]), each


def test_every_command_that_sends_can_be_signed_elsewhere() -> None:
    wanted = {
        *("sign_only", "dump_transaction_message", "blockhash", "signatures"),
        *("nonce", "nonce_authority", "with_compute_unit_price"),
    }
    options = {name: {each.name for each in found.params} for name, found in commands(get_command(app))}
    sending = {name for name, found in options.items() if "fee_payer" in found}
    assert {name for name in sending if not options[name] >= wanted} == {"submit"}
    assert len(sending) > 50
