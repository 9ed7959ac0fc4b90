"""Which cluster, whose keys, how to answer: as Solana's tools have it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from solders.keypair import Keypair

from amalgam.chain.keys import write_keypair
from amalgam.chain.rpc import CLUSTERS
from tests.faults.faulty import Fault
from tests.support.node import Node
from tests.unit.cli.conftest import NOBODY, Town

AMALGAM = Path(sys.executable).with_name("amalgam")
UNREACHABLE = "http://127.0.0.1:9"  # the discard port


def shown(town: Town, *options: object, **env: str) -> str:
    """The name by which `battery show` calls the cluster, on which there is no such battery."""
    code, complaint = town.refusal("battery", "show", NOBODY, *options, **env)
    assert code == 3
    return complaint.partition(f"there is no battery, reservoir or treatment plant at {NOBODY} on ")[
        2
    ].partition(";")[0]


# Cluster


def test_the_cluster_of_the_configuration(town: Town) -> None:
    assert shown(town) == town.cluster


def test_another_cluster(town: Town, empty_node: Node) -> None:
    for option in ("--url", "-u"):
        assert shown(town, option, empty_node.url) == empty_node.url.removeprefix("http://")


def test_another_configuration(town: Town, empty_node: Node) -> None:
    Path("other.yml").write_text(f"json_rpc_url: {empty_node.url}\n")
    for option in ("--config", "-C"):
        assert shown(town, option, "other.yml") == empty_node.url.removeprefix("http://")


@pytest.mark.parametrize("options", [["-u", f"{UNREACHABLE},{{}}"], ["-u", UNREACHABLE, "-u", "{}"]])
def test_nodes_stand_in_for_each_other(town: Town, options: list[str]) -> None:
    urls = [option.format(town.node.url) for option in options]
    assert town.lines("battery", "show", town.battery, *urls)[0] == f"Battery    {town.battery}"


def test_nodes_of_different_clusters(town: Town, empty_node: Node) -> None:
    """The genesis hash tells: what one of them answers is not what the other would."""
    town.node.choose = lambda method: None if method == "getGenesisHash" else Fault.CUT
    code, complaint = town.refusal("battery", "show", town.battery, "-u", f"{town.node.url},{empty_node.url}")
    assert code == 2
    assert complaint == (
        f"{empty_node.url} is of another cluster: its genesis hash is {empty_node.chain.genesis_hash}, "
        f"not {town.chain.genesis_hash}; leave it out, or name its own cluster"
    )


def test_two_names_of_different_clusters(town: Town) -> None:
    assert town.refusal("battery", "show", town.battery, "-u", "devnet,testnet") == (
        2,
        "devnet, testnet are different clusters; name one",
    )


def test_a_named_cluster_is_checked(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where it is named by its URL, as the configuration has it."""
    named = CLUSTERS["devnet"]._replace(url=town.node.url)
    monkeypatch.setitem(CLUSTERS, "devnet", named)
    for options in (["-u", "devnet"], ["-u", "d"], ["-u", town.node.url], []):
        assert town.refusal("battery", "show", town.battery, *options) == (
            2,
            f"{town.node.url} is of another cluster: its genesis hash is {town.chain.genesis_hash}, "
            f"not {named.genesis_hash}; leave it out, or name its own cluster",
        )


@pytest.mark.parametrize("name", ["localnet", "localhost", "l"])
def test_a_cluster_s_name_is_told(town: Town, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(CLUSTERS, "localnet", CLUSTERS["localnet"]._replace(url=town.node.url))
    assert shown(town, "--url", name) == "localnet"


def test_without_a_configuration_it_is_mainnet(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """As for Solana's tools."""
    town.config.unlink()
    monkeypatch.setitem(
        CLUSTERS, "mainnet-beta", CLUSTERS["mainnet-beta"]._replace(url=town.node.url, genesis_hash=None)
    )
    assert shown(town) == "mainnet-beta"


@pytest.mark.parametrize(
    "url", ["devnett", "127.0.0.1:8899", "ftp://node", "http://", "http://[::1", "http://n:99999", "", "d,"]
)
def test_not_a_cluster(town: Town, url: str) -> None:
    wrong = url.rpartition(",")[2]
    assert town.refusal("battery", "show", town.battery, "--url", url) == (
        2,
        f"--url {wrong!r} is neither a cluster, localnet, devnet, testnet, mainnet-beta, "
        "nor a URL like https://api.devnet.solana.com",
    )


def test_a_node_that_is_not_there(town: Town) -> None:
    assert town.refusal("battery", "show", town.battery, "--url", UNREACHABLE) == (
        4,
        f"no usable answer from {UNREACHABLE}: ConnectError All connection attempts failed; "
        "check the URL and the network, or add another --url",
    )


def test_a_node_that_refuses_a_request(town: Town) -> None:
    """As public ones do with those that cost them much."""
    town.node.refused = {"getProgramAccounts"}
    assert town.refusal("member", "list", town.battery) == (
        4,
        "the node refused a request: Method not found: refused; try another with --url",
    )


# Configuration


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("{", "not a configuration of Solana's; let `solana config set` write it anew"),
        ("", "not a configuration of Solana's; let `solana config set` write it anew"),
        ("- 1\n", "not a configuration of Solana's; let `solana config set` write it anew"),
        ("\x00", "not a configuration of Solana's; let `solana config set` write it anew"),
        ("json_rpc_url: 8899\n", "not a configuration of Solana's; let `solana config set` write it anew"),
        ("commitment: max\n", "commitment is none of processed, confirmed, finalized; correct it"),
    ],
)
def test_not_a_configuration(town: Town, content: str, complaint: str) -> None:
    town.config.write_text(content)
    assert town.refusal("battery", "show", town.battery) == (2, f"{town.config}: {complaint}")


def test_a_configuration_that_cannot_be_read(town: Town) -> None:
    assert town.refusal("battery", "show", town.battery, "--config", "nowhere.yml") == (
        2,
        "nowhere.yml: there is no such file; name another with --config",
    )
    assert town.refusal("battery", "show", town.battery, "--config", town.home) == (
        2,
        f"{town.home}: Is a directory; name another file with --config",
    )


# Keys


def test_the_keypair_of_the_configuration_or_another(town: Town) -> None:
    done = town.done("member", "open", town.battery, by="newcomer")
    assert done == f"Opened member 3, {town['newcomer']}"
    town.configure(json_rpc_url=town.node.url, keypair_path=town.keypair("neighbour"))
    assert town.lines("member", "show", town.battery)[0] == f"Member        {town['neighbour']}"
    assert town.lines("member", "show", town.battery, "-k", "owner.json")[0].endswith(str(town["owner"]))


def test_the_default_keypair(town: Town) -> None:
    """~/.config/solana/id.json, if nothing is configured."""
    town.configure(json_rpc_url=town.node.url)
    default = town.home / ".config/solana/id.json"
    assert town.refusal("member", "show", town.battery) == (
        2,
        f"{default}: there is no such keypair file; name another, or make it with amalgam wallet new",
    )
    write_keypair(default, town.keys["owner"])
    assert town.lines("member", "show", town.battery)[0] == f"Member        {town['owner']}"


@pytest.mark.parametrize(
    ("content", "mode", "complaint"),
    [
        ("[1, 2]", 0o600, "not a keypair file; it holds a JSON list of 64 numbers"),
        ("hello", 0o600, "not a keypair file; it holds a JSON list of 64 numbers"),
        (None, 0o644, "others may read this keypair; run: chmod 600 key.json"),
    ],
)
def test_an_unusable_keypair(town: Town, content: str | None, mode: int, complaint: str) -> None:
    write_keypair(Path("key.json"), Keypair())
    if content is not None:
        Path("key.json").write_text(content)
    Path("key.json").chmod(mode)
    for option in ("--keypair", "--fee-payer"):
        assert town.refusal("member", "open", town.battery, town["newcomer"], option, "key.json") == (
            2,
            f"key.json: {complaint}",
        )


def test_another_pays(town: Town) -> None:
    operator, owner = (town.chain.balance(town[name]) for name in ("operator", "owner"))
    town.lines("deposit", town.battery, "1kWh", "--fee-payer", town.keypair("operator"), by="owner")
    assert town.chain.balance(town["owner"]) == owner
    assert town.chain.balance(town["operator"]) == operator - 2 * 5_000  # two signatures


# Output


def test_commitment_is_what_nodes_are_asked_for(town: Town) -> None:
    for options in (["--commitment", "finalized"], ["--commitment", "processed"], []):
        town.lines("battery", "show", town.battery, *options)
    asked = (each for each in town.node.asked if each["method"] == "getAccountInfo")
    levels = [each["params"][1]["commitment"] for each in asked]
    assert levels == ["finalized", "processed", "confirmed"]


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (
            ["--output", "yaml"],
            "Invalid value for '--output': 'yaml' is not one of 'display', 'json'.",
        ),
        (
            ["--commitment", "max"],
            "Invalid value for '--commitment': 'max' is not one of 'processed', 'confirmed', 'finalized'.",
        ),
        (
            ["--keyfile", "owner.json"],
            "No such option: --keyfile (Possible options: --keypair); see amalgam battery show --help",
        ),
        (["--dry-run"], "No such option: --dry-run; see amalgam battery show --help"),
        (["more"], "Got unexpected extra argument(s) (more); see amalgam battery show --help"),
    ],
)
def test_what_is_not_an_option(town: Town, options: list[str], complaint: str) -> None:
    assert town.refusal("battery", "show", town.battery, *options) == (2, complaint)


def test_the_installed_command(town: Town) -> None:
    """Success and refusal, with nothing of this process in between."""

    def run(*arguments: str) -> tuple[int, str, str]:
        command = [AMALGAM, "battery", "show", *arguments]
        environment = os.environ | {"HOME": str(town.home)}
        process = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
        return process.returncode, process.stdout, process.stderr

    code, printed, said = run(str(town.battery))
    assert (code, printed.splitlines()[0], said) == (0, f"Battery    {town.battery}", "")
    assert run(str(NOBODY)) == (
        3,
        "",
        f"amalgam: {town.nothing_at(NOBODY)}\n",
    )


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("amalgam b", ["bill", "battery", "books"]),
        ("amalgam battery a", ["accept", "audit"]),
        ("amalgam battery show --out", ["--output"]),
        ("amalgam battery show --output j", ["json"]),
        ("amalgam deposit --url t", ["testnet"]),
    ],
)
def test_shell_completion(town: Town, words: str, offered: list[str]) -> None:
    completing = {
        "_AMALGAM_COMPLETE": "complete_bash",
        "COMP_WORDS": words,
        "COMP_CWORD": str(len(words.split()) - 1),
    }
    process = subprocess.run(
        [AMALGAM], capture_output=True, text=True, check=False, env=os.environ | completing
    )
    assert (process.returncode, process.stderr) == (0, "")
    assert process.stdout.split() == offered
