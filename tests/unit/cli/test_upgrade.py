"""A program whose authority signs elsewhere: a buffer is written here, and the upgrade signed there."""

import json
import subprocess
from collections.abc import Generator
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import pytest
from solders.account import Account
from solders.pubkey import Pubkey
from solders.system_program import ID as SYSTEM_PROGRAM
from typer.testing import CliRunner

from amalgam.battery.program import PROGRAM_ID
from amalgam.chain.deployment import EXTEND_CHECKED
from amalgam.chain.embedded import LAMPORTS_PER_SIGNATURE, EmbeddedChain
from amalgam.chain.explained import steps
from amalgam.chain.loader import LOADER_ID, buffer_of, program_data_address
from amalgam.chain.signing import passed_on
from amalgam.cli import app
from amalgam.programs import Program
from tests.support.node import Node
from tests.support.stage import ROOT
from tests.unit.cli import test_program
from tests.unit.cli.conftest import NOBODY
from tests.unit.cli.test_program import Desk, facts

FILE = Program.ENERGY_ALLOCATION.code
CODE = FILE.read_bytes()
OTHER_CODE = CODE[:-1] + bytes([CODE[-1] ^ 1])
FEATURE_PROGRAM_ID = Pubkey.from_string("Feature111111111111111111111111111111111111")


class Board(NamedTuple):
    """Who upgrades the program, and signs elsewhere."""

    address: Pubkey
    file: Path


@pytest.fixture(scope="module")
def module_desk(tmp_path_factory: pytest.TempPathFactory) -> Generator[Desk]:
    with Node(EmbeddedChain()) as node:
        desk = Desk(tmp_path_factory.mktemp("desk"), node)
        desk.deploy()
        yield desk


@pytest.fixture
def desk(module_desk: Desk) -> Desk:
    """With the program on the cluster, as it was built."""
    put(module_desk, CODE)
    buffer = test_program.buffer_of(module_desk)
    module_desk.chain.set_account(buffer, Account(0, b"", SYSTEM_PROGRAM))
    return module_desk


@pytest.fixture
def board(desk: Desk) -> Board:
    """Whose program is another than was built here."""
    key, file = desk.new_key(f"board-{len(list(desk.home.glob('board-*')))}")
    put(desk, OTHER_CODE, authority=key.pubkey())
    return Board(key.pubkey(), file)


def put(desk: Desk, code: bytes, *, authority: Pubkey | None = None) -> None:
    """Put code there, and whose it is, as no instruction would."""
    address = program_data_address(PROGRAM_ID)
    account = desk.chain.account(address)
    assert account is not None
    head = account.data[:13] + bytes(authority or desk.key.pubkey())
    desk.chain.set_account(address, Account(account.lamports, head + code, LOADER_ID))


def sha(code: bytes) -> str:
    return f"SHA-256 {digest(code)}"


def digest(code: bytes) -> str:
    """As solana-verify has it."""
    return sha256(code.rstrip(b"\0")).hexdigest()


def cluster(desk: Desk) -> str:
    return desk.node.url.removeprefix("http://")


def commit() -> str:
    return subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.strip()


def written(desk: Desk, board: Board) -> Pubkey:
    """A buffer with the program as it was built, handed over."""
    result = desk.done("program", "write-buffer", "--buffer-authority", board.address, "--yes")
    buffer = Pubkey.from_string(result.stderr.split()[2])
    assert result.stderr == f"amalgam: buffer {buffer} has all of {FILE}, and belongs to {board.address}\n"
    return buffer


# Upgrading


def test_an_upgrade_that_is_signed_elsewhere(desk: Desk, board: Board, tmp_path: Path) -> None:
    before = desk.lamports()
    buffer = written(desk, board)
    found = buffer_of(desk.chain.account(buffer))
    assert found is not None
    assert (found.authority, found.code) == (board.address, CODE)
    again = desk.done("program", "write-buffer", "--buffer-authority", board.address, "--yes")
    assert facts(again)["Program"].endswith(" has exactly this program already")
    paid = before - desk.lamports() - found.lamports

    message, signed = tmp_path / "message", tmp_path / "signed"
    dumped = desk.done(
        *("program", "upgrade", buffer, "--upgrade-authority", board.address), "--dump-transaction-message"
    )
    message.write_text(dumped.stdout)
    assert passed_on(dumped.stdout).absent == [board.address]
    elsewhere = CliRunner(env=desk.env).invoke(
        app, ["sign", str(message), "--yes", "--keypair", str(board.file)]
    )
    assert elsewhere.exit_code == 0, elsewhere.output
    assert "Upgradeable loader: upgrade" in elsewhere.stderr
    signed.write_text(elsewhere.stdout)
    desk.done("submit", signed)

    assert facts(desk.done("program", "show"))["Code"] == "the one that was built here"
    assert facts(desk.done("program", "show"))["Authority"] == str(board.address)
    assert desk.chain.account(buffer) is None
    assert desk.lamports() == before - paid - 2 * LAMPORTS_PER_SIGNATURE  # two signatures of the upgrade


def test_a_buffer_that_is_handed_over_and_taken_back(desk: Desk, board: Board) -> None:
    buffer = written(desk, board)
    back = ("program", "set-buffer-authority", buffer, desk.key.pubkey())
    desk.done(*back, "--upgrade-authority", board.file)
    found = buffer_of(desk.chain.account(buffer))
    assert found is not None
    assert found.authority == desk.key.pubkey()
    desk.done("program", "close-buffers", "--yes")
    assert desk.chain.account(buffer) is None


def test_buffers_are_closed_from_elsewhere(desk: Desk, board: Board) -> None:
    buffer = written(desk, board)
    closing = ("program", "close-buffers", "--upgrade-authority", board.address)
    dumped = desk.done(*closing, "--dump-transaction-message").stdout
    signed = CliRunner(env=desk.env).invoke(app, ["sign", dumped, "--yes", "--keypair", str(board.file)])
    desk.done("submit", signed.stdout)
    assert desk.chain.account(buffer) is None


def test_the_program_is_handed_over_from_elsewhere(desk: Desk, board: Board) -> None:
    handing = ("program", "set-upgrade-authority", "--unchecked", desk.key.pubkey())
    dumped = desk.done(*handing, "--upgrade-authority", board.address, "--dump-transaction-message").stdout
    signed = CliRunner(env=desk.env).invoke(app, ["sign", dumped, "--yes", "--keypair", str(board.file)])
    desk.done("submit", signed.stdout)
    assert facts(desk.done("program", "show"))["Authority"] == str(desk.key.pubkey())


def test_room_for_a_larger_program(desk: Desk, board: Board) -> None:
    smaller = Program.ENERGY_METERING.code.read_bytes()
    missing = len(CODE) - len(smaller)
    put(desk, smaller, authority=board.address)
    buffer = written(desk, board)
    owner = ("--upgrade-authority", board.file)
    assert desk.refusal("program", "upgrade", buffer, *owner) == (
        1,
        f"program {PROGRAM_ID} has too little room; first: amalgam program extend {missing}",
    )

    extended = desk.done("program", "extend", missing, *owner).stdout
    upgraded = desk.done("program", "upgrade", buffer, *owner).stdout

    assert extended.splitlines()[0] == f"Program {PROGRAM_ID} has room for {missing:,} bytes more"
    assert upgraded.splitlines()[0] == f"Program {PROGRAM_ID} is upgraded to {FILE}"
    assert desk.code() == CODE


def test_room_where_the_authority_has_to_sign_for_it(desk: Desk, board: Board) -> None:
    """The loader of the embedded chain is older: it is shown what would be sent."""
    feature = Account(10**9, b"\1" + bytes(8), FEATURE_PROGRAM_ID)
    asked: list[tuple[str, list[Pubkey]]] = []
    for account in (Account(0, b"", SYSTEM_PROGRAM), feature):
        desk.chain.set_account(EXTEND_CHECKED, account)
        extending = ("program", "extend", 20_000, "--upgrade-authority", board.address)
        found = passed_on(desk.done(*extending, "--dump-transaction-message").stdout)
        asked.append((steps(found.message)[0].name, found.absent))
    desk.chain.set_account(EXTEND_CHECKED, Account(0, b"", SYSTEM_PROGRAM))
    assert asked == [("extend_program", []), ("extend_program_checked", [board.address])]


def test_a_buffer_that_somebody_else_has_is_not_written(desk: Desk, board: Board) -> None:
    buffer = written(desk, board)
    said = (
        f"buffer {buffer} has been handed over to {board.address}: upgrade with it, "
        "or have it handed back or given up: amalgam program set-buffer-authority, close-buffers"
    )
    assert desk.refusal("program", "write-buffer", "--yes") == (1, said)
    put(desk, OTHER_CODE)
    assert desk.refusal("deploy", "--yes") == (1, said)


def test_upgrades_that_are_refused(desk: Desk, board: Board, tmp_path: Path) -> None:
    theirs = ("--upgrade-authority", board.file)
    assert desk.refusal("program", "upgrade", NOBODY, *theirs) == (
        1,
        f"there is no buffer at {NOBODY}; make it: amalgam program write-buffer",
    )
    data = b"\1\0\0\0\1" + bytes(board.address) + OTHER_CODE
    desk.chain.set_account(NOBODY, Account(10**9, data, LOADER_ID))
    assert desk.refusal("program", "upgrade", NOBODY, *theirs) == (
        1,
        f"buffer {NOBODY} has other code than that, of {sha(OTHER_CODE)}; "
        "name the file that it was written from",
    )
    data = b"\1\0\0\0\1" + bytes(desk.key.pubkey()) + CODE
    desk.chain.set_account(NOBODY, Account(10**9, data, LOADER_ID))
    assert desk.refusal("program", "upgrade", NOBODY, *theirs) == (
        1,
        f"buffer {NOBODY} belongs to {desk.key.pubkey()}, not to {board.address}; "
        "hand it over first: amalgam program set-buffer-authority",
    )
    assert desk.refusal("program", "upgrade", NOBODY) == (
        1,
        f"program {PROGRAM_ID} belongs to {board.address}, not to {desk.key.pubkey()}; "
        "give its upgrade authority's keypair with --upgrade-authority",
    )
    desk.chain.set_account(NOBODY, Account(0, b"", LOADER_ID))


# Verifying


def test_what_was_built_is_what_is_there(desk: Desk) -> None:
    put(desk, CODE + bytes(1_000))  # of room for a larger one
    changed = subprocess.run(
        ["git", "status", "--porcelain", "--untracked-files=no"], cwd=ROOT, check=True, capture_output=True
    ).stdout
    assert desk.done("program", "verify").stdout.splitlines() == [
        f"Program             {PROGRAM_ID}",
        f"On {cluster(desk)}  {sha(CODE)}",
        f"Here                {sha(CODE)}, {FILE}",
        f"Commit              {commit()}{', but with changes that are not committed' if changed else ''}",
    ]
    assert json.loads(desk.done("program", "verify", "--output", "json").stdout) == {
        "program_id": str(PROGRAM_ID),
        "on_chain_hash": digest(CODE),
        "hash": digest(CODE),
        "commit": commit(),
        "is_committed": not changed,
        "same": True,
    }


def test_what_is_there_is_something_else(desk: Desk, board: Board) -> None:
    result = desk.run("program", "verify", "--output", "json")
    found = json.loads(result.stdout)
    assert (result.exit_code, found["same"], found["on_chain_hash"]) == (
        1,
        False,
        digest(OTHER_CODE),
    )
    assert result.stderr == f"amalgam: {cluster(desk)} has another program than {FILE}\n"


def test_a_file_that_is_in_no_checkout(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "energy_allocation.so"
    file.write_bytes(CODE)
    found = facts(desk.done("program", "verify", file))
    assert (found["Here"], found["Commit"]) == (f"{sha(CODE)}, {file}", "none: it is in no checkout of git")
    assert desk.refusal("program", "verify", file, "--rebuild") == (
        2,
        f"{file} is in no checkout of git, whose commit could be built",
    )


def test_what_is_not_there(desk: Desk, tmp_path: Path) -> None:
    market, missing = Program.ENERGY_MARKET, tmp_path / "missing.so"
    assert desk.refusal("program", "verify", "--program", market) == (
        3,
        f"there is no program {market.program_id} on {cluster(desk)}; check --url",
    )
    assert desk.refusal("program", "verify", "--buffer", NOBODY) == (
        3,
        f"there is no buffer {NOBODY} on {cluster(desk)}; check the address and --url",
    )
    assert desk.refusal("program", "verify", missing) == (
        2,
        f"{missing}: No such file or directory; name another file, or run: seahorse build",
    )
