"""`amalgam deploy` and `amalgam program ...`, against a node whose chain has no program yet."""

import json
import os
import pty
import shutil
import signal
import struct
import subprocess
import sys
import time
import zlib
from collections import Counter
from collections.abc import Generator
from hashlib import sha256
from pathlib import Path

import pytest
from solders.account import Account
from solders.keypair import Keypair
from solders.pubkey import Pubkey
from typer.testing import CliRunner, Result

from amalgam import built
from amalgam.battery.program import PROGRAM_ID
from amalgam.chain.anchor_idl import anchor_idl
from amalgam.chain.deployment import SBF_V3_TAKEN, Deployment, sol
from amalgam.chain.embedded import LAMPORTS_PER_SIGNATURE, EmbeddedChain
from amalgam.chain.keys import write_keypair
from amalgam.chain.loader import LOADER_ID, program_data_address
from amalgam.chain.program_metadata import HEAD_BYTES, METADATA_ID, Seed, canonical_address
from amalgam.chain.transactions import MAX_TRANSACTION_BYTES
from amalgam.cli import app
from amalgam.programs import Program
from tests.support.node import Node
from tests.support.stage import ROOT
from tests.unit.chain.test_program_metadata import account_data

FILE = built("energy_allocation.so")
CODE = FILE.read_bytes()
COMMAND = (sys.executable, "-c", "from amalgam.cli import app; app()")
PAYER_LAMPORTS = 20 * 10**9
RESERVE = 890_880  # lamports: the rent of an account without data
NO_METADATA = (
    f"amalgam: this cluster has no Program Metadata ({METADATA_ID}), so nothing is published there\n"
)
CONTACTS = {
    "name": "Amalgam Energy",
    "contacts": ["email:security@example.org"],
    "policy": "https://example.org/SECURITY.md",
    "source_code": "https://example.org/amalgam",
}


class Desk:
    """A developer's machine before a cluster. Their keypair pays for what they deploy."""

    def __init__(self, home: Path, node: Node) -> None:
        self.home, self.node, self.chain = home, node, node.chain
        self.env = {**os.environ, "HOME": str(home), "COLUMNS": "400"}
        self.key, self.keypair = self.new_key("id")
        self.chain.airdrop(self.key.pubkey(), PAYER_LAMPORTS)

    def new_key(self, name: str) -> tuple[Keypair, Path]:
        key, path = Keypair(), self.home / f"{name}.json"
        write_keypair(path, key)
        return key, path

    def arguments(self, *arguments: object) -> list[str]:
        return [*map(str, arguments), "--url", self.node.url, "--keypair", str(self.keypair)]

    def run(self, *arguments: object) -> Result:
        return CliRunner(env=self.env).invoke(app, self.arguments(*arguments))

    def done(self, *arguments: object) -> Result:
        """A command that has to succeed."""
        result = self.run(*arguments)
        assert result.exit_code == 0, result.output
        return result

    def refusal(self, *arguments: object) -> tuple[int, str]:
        """The exit code and the last line of a command that spends nothing."""
        before = self.lamports()
        result = self.run(*arguments)
        assert self.lamports() == before
        return result.exit_code, result.stderr.splitlines()[-1].removeprefix("amalgam: ")

    def settle(self) -> None:
        """Wait until all has landed that the node has taken."""
        slot = -1
        while slot != self.chain.slot:
            slot = self.chain.slot
            time.sleep(0.3)

    def lamports(self) -> int:
        return self.chain.balance(self.key.pubkey())

    def deploy(self, program: Program = Program.ENERGY_ALLOCATION) -> None:
        """Deploy, but for the writes: the buffer is there already."""
        code = program.code.read_bytes()
        deployment = Deployment(
            self.chain.client(), self.key, code, program_id=program.program_id, authority=self.key
        )
        data = struct.pack("<IB", 1, 1) + bytes(self.key.pubkey()) + code
        lamports = self.chain.svm.minimum_balance_for_rent_exemption(len(data))
        self.chain.set_account(deployment.buffer, Account(lamports, data, LOADER_ID))
        self.done("deploy", "--yes", "--program", program)

    def rent(self) -> int:
        """Lamports of all that was deployed."""
        accounts = (PROGRAM_ID, program_data_address(PROGRAM_ID))
        return sum(map(self.chain.balance, accounts))

    def code(self) -> bytes:
        account = self.chain.account(program_data_address(PROGRAM_ID))
        return account.data[45:] if account else b""


@pytest.fixture
def desk(tmp_path: Path) -> Generator[Desk]:
    with Node(EmbeddedChain()) as node:
        yield Desk(tmp_path, node)


def buffer_of(desk: Desk) -> Pubkey:
    connection = desk.chain.client()
    return Deployment(connection, desk.key, CODE, program_id=PROGRAM_ID, authority=desk.key).buffer


def facts(result: Result) -> dict[str, str]:
    return dict(line.split(maxsplit=1) for line in result.stdout.splitlines())


def take_version_3(desk: Desk) -> None:
    feature = Pubkey.from_string("Feature111111111111111111111111111111111111")
    desk.chain.set_account(SBF_V3_TAKEN, Account(1, b"\1" + bytes(8), feature))


# Deploying


def test_deploys_what_was_built_and_says_what_it_costs(desk: Desk) -> None:
    before = desk.lamports()

    result = desk.done("deploy", "--yes")

    rent = desk.rent()
    fees = before - desk.lamports() - rent
    transactions = fees // LAMPORTS_PER_SIGNATURE - 1  # one of them is signed by the program too
    assert transactions > len(CODE) // MAX_TRANSACTION_BYTES
    assert facts(result) == {
        "Program": f"{PROGRAM_ID}: deploy to {desk.node.url.removeprefix('http://')}",
        "File": f"{FILE}, {len(CODE):,} bytes, SHA-256 {sha256(CODE).hexdigest()}",
        "SBF": "version 0: this cluster does not take version 3 yet",
        "Rent": f"{sol(rent)} SOL, which stays with the program until it is closed",
        "Buffer": f"{buffer_of(desk)}, where the code is written first",
        "Fees": f"at most {sol(fees)} SOL, for {transactions:,} transactions",
        "Payer": f"{desk.key.pubkey()}, who needs {sol(rent + fees + RESERVE)} SOL",
    }
    assert result.stderr == NO_METADATA + (
        f"amalgam: program {PROGRAM_ID} is deployed; the cluster has exactly the bytes of {FILE}\n"
    )
    assert desk.code() == CODE

    again = desk.done("deploy", "--yes")

    assert facts(again)["Program"].endswith(" has exactly this program already")
    assert (list(facts(again)), again.stderr) == (["Program", "File", "SBF"], NO_METADATA)
    assert desk.lamports() == before - rent - fees


def test_a_dry_run_spends_nothing(desk: Desk) -> None:
    found = json.loads(desk.done("deploy", "--dry-run", "--output", "json").stdout)

    assert desk.lamports() == PAYER_LAMPORTS
    cost = found.pop("cost_lamports")
    assert cost["needed"] == cost["deposit"] + cost["fees"] + RESERVE
    assert found == {
        "program_id": str(PROGRAM_ID),
        "cluster": desk.node.url.removeprefix("http://"),
        "what": "deploy",
        "buffer": str(buffer_of(desk)),
        "bytes": len(CODE),
        "sha256": sha256(CODE).hexdigest(),
        "sbf": "version 0: this cluster does not take version 3 yet",
        "transactions": cost["fees"] // LAMPORTS_PER_SIGNATURE - 1,
    }


def test_deploys_for_sbf_version_3_where_the_cluster_takes_it(desk: Desk) -> None:
    take_version_3(desk)
    found = json.loads(desk.done("deploy", "--dry-run", "--output", "json").stdout)
    code = built("v3/energy_allocation.so").read_bytes()
    assert found["sbf"] == "version 3: this cluster takes it, and it has fewer bytes"
    assert (found["bytes"], found["sha256"]) == (len(code), sha256(code).hexdigest())


def test_what_was_not_built_together_is_not_taken_for_the_same(desk: Desk, tmp_path: Path) -> None:
    """A version 3 that is older than the version 0 beside it, or that nobody knows of."""
    take_version_3(desk)
    folder, program = tmp_path / "target/deploy", Program.ENERGY_ALLOCATION
    (folder / "v3").mkdir(parents=True)
    named, of_v3 = folder / program.code.name, folder / "v3" / program.code.name
    shutil.copy(program.code, named)
    shutil.copy(built(f"v3/{program}.so"), of_v3)
    for hashes in ("", program.code.with_name("SHA256SUMS").read_text()):
        (folder / "SHA256SUMS").write_text(hashes)
        if hashes:
            of_v3.write_bytes(of_v3.read_bytes() + b"older")
        found = json.loads(desk.done("deploy", named, "--dry-run", "--output", "json").stdout)
        assert (found["sbf"], found["bytes"]) == (f"version 0: {of_v3} was not built with it", len(CODE))


def test_rehearses_on_a_chain_of_its_own(desk: Desk) -> None:
    arguments = ["deploy", "--yes", "--url", "embedded", "--keypair", str(desk.keypair)]
    result = CliRunner(env=desk.env).invoke(app, arguments)
    assert result.exit_code == 0, result.output
    assert facts(result)["Program"] == f"{PROGRAM_ID}: deploy to embedded"


@pytest.mark.parametrize(("answer", "code"), [("y", CODE), ("n", b"")])
def test_asks_before_anything_is_spent(desk: Desk, answer: str, code: bytes) -> None:
    terminal, stdin = pty.openpty()
    os.write(terminal, f"{answer}\n".encode())
    command = [*COMMAND, *desk.arguments("deploy")]

    done = subprocess.run(command, stdin=stdin, capture_output=True, text=True, env=desk.env, cwd=ROOT)

    assert done.stderr.startswith(f"{NO_METADATA}Go on? [y/N]:amalgam: ")
    assert (done.returncode, desk.code()) == (0 if code else 2, code)


def test_one_ctrl_c_at_the_question_is_a_no(desk: Desk) -> None:
    _, stdin = pty.openpty()
    command = [*COMMAND, *desk.arguments("deploy")]
    with subprocess.Popen(
        command, stdin=stdin, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=desk.env, cwd=ROOT
    ) as asking:
        question = f"{NO_METADATA}Go on? [y/N]:".encode()
        assert asking.stderr.read(len(question)) == question
        asking.send_signal(signal.SIGINT)
        try:
            _, rest = asking.communicate(timeout=30)
        finally:
            asking.kill()
    assert rest == b"\namalgam: not confirmed; nothing was sent\n"
    assert (asking.returncode, desk.code()) == (2, b"")


def test_spends_nothing_where_nobody_can_be_asked(desk: Desk) -> None:
    assert desk.refusal("deploy") == (2, "nobody is there to confirm it; run it with --yes")


def test_goes_on_after_it_was_killed_and_pays_nothing_twice(desk: Desk) -> None:
    sent = 200
    command = [*COMMAND, *desk.arguments("deploy", "--yes")]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, env=desk.env, cwd=ROOT) as deploying:
        while desk.node.requests.count("sendTransaction") < sent:
            assert deploying.poll() is None
            time.sleep(0.005)
        deploying.kill()
    desk.settle()
    assert desk.code() == b""

    result = desk.done("deploy", "--yes")

    assert facts(result)["Paid"].endswith(" SOL of that already, by a deployment that was broken off")
    assert desk.code() == CODE
    landed = [each.transaction for each in desk.chain.landed_newest_first()]
    done = Counter(bytes(each.message.instructions[-1].data) for each in landed)
    assert max(done.values()) == 1
    signatures = len(landed)  # the airdrop was not theirs, and one was the program's too
    assert desk.lamports() == PAYER_LAMPORTS - desk.rent() - signatures * LAMPORTS_PER_SIGNATURE


def test_what_was_lent_to_a_broken_off_deployment_comes_back(desk: Desk) -> None:
    command = [*COMMAND, *desk.arguments("deploy", "--yes")]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, env=desk.env, cwd=ROOT) as deploying:
        while desk.node.requests.count("sendTransaction") < 10:
            time.sleep(0.005)
        deploying.kill()
    desk.settle()
    before = desk.lamports()

    found = json.loads(desk.done("program", "close-buffers", "--dry-run", "--output", "json").stdout)
    assert desk.lamports() == before
    result = desk.done("program", "close-buffers", "--yes")

    lent = found[0]["lamports"]
    assert (len(found), desk.chain.balance(desk.key.pubkey())) == (1, before + lent - LAMPORTS_PER_SIGNATURE)
    assert result.stderr == f"amalgam: closed; {sol(lent)} SOL are back with {desk.key.pubkey()}\n"
    assert desk.done("program", "close-buffers").stdout == (
        f"There are no buffers of {desk.key.pubkey()} on {desk.node.url.removeprefix('http://')}.\n"
    )


def test_ctrl_c_says_where_the_sol_is_and_how_to_get_it_back(desk: Desk) -> None:
    command = [*COMMAND, *desk.arguments("deploy", "--yes")]
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=desk.env, cwd=ROOT
    ) as deploying:
        while desk.node.requests.count("sendTransaction") < 10:
            assert deploying.poll() is None
            time.sleep(0.005)
        deploying.send_signal(signal.SIGINT)
        _, told = deploying.communicate(timeout=60)
    desk.settle()
    closed = desk.done("program", "close-buffers", "--yes", "--output", "json").stdout
    ((buffer, lamports),) = (each.values() for each in json.loads(closed))
    assert deploying.returncode == 130
    assert told == NO_METADATA + (
        f"amalgam: buffer {buffer} holds up to {sol(lamports)} SOL; to go on, run the same again; "
        "to get them back: amalgam program close-buffers\n"
        "amalgam: interrupted\n"
    )


# Refused


def test_files_that_cannot_be_deployed(desk: Desk, tmp_path: Path) -> None:
    text, cut, missing = tmp_path / "a.txt", tmp_path / "cut.so", tmp_path / "missing.so"
    text.write_text("hello")
    cut.write_bytes(CODE[:-1])
    elf = "not a program: it does not begin as an ELF file does"
    runtime = "the runtime does not take the program (Offset or value is out of bounds)"
    none = "No such file or directory; name another file, or"
    assert desk.refusal("deploy", text) == (2, f"{text}: {elf}; run: seahorse build")
    assert desk.refusal("deploy", cut) == (2, f"{cut}: {runtime}; run: seahorse build")
    assert desk.refusal("deploy", missing) == (2, f"{missing}: {none} run: seahorse build")


def test_a_program_of_ones_own(desk: Desk, tmp_path: Path) -> None:
    """Its id is that of the keypair built beside it."""
    program, built_there = Program.ENERGY_METERING, tmp_path / "target/deploy/own.so"
    write_keypair(built_there.with_name("own-keypair.json"), program.development_keypair)
    shutil.copy(program.code, built_there)

    result = desk.done("deploy", built_there, "--yes")

    program_id = program.program_id
    told = f"program {program_id} is deployed; the cluster has exactly the bytes of {built_there}"
    assert result.stderr.splitlines()[-1] == f"amalgam: {told}"
    account = desk.chain.account(program_data_address(program_id))
    assert account is not None
    assert account.data[45:] == program.code.read_bytes()


def test_a_program_of_another_source_than_there_is(desk: Desk, tmp_path: Path) -> None:
    """It is said before anything is spent."""
    built_there, source = tmp_path / "target/deploy/own.so", tmp_path / "programs_py/own.py"
    write_keypair(built_there.with_name("own-keypair.json"), Program.ENERGY_METERING.development_keypair)
    shutil.copy(Program.ENERGY_METERING.code, built_there)
    source.parent.mkdir()
    source.write_text("LIMIT = 3\n")
    record = built_there.with_name("own.py.sha256")
    told = f"amalgam: {built_there} was built from another own.py than {source} is now; run: seahorse build"
    for digest, said in (
        (sha256(b"LIMIT = 2\n").hexdigest(), [told]),
        (sha256(source.read_bytes()).hexdigest(), []),
    ):
        record.write_text(f"{digest}  own.py\n")
        result = desk.done("deploy", built_there, "--dry-run")
        assert [line for line in result.stderr.splitlines() if "built from" in line] == said


def test_keypairs_that_cannot_deploy(desk: Desk, tmp_path: Path) -> None:
    other, other_file = desk.new_key("other")
    missing = tmp_path / "missing.json"
    assert desk.refusal("deploy", "--yes", "--program-keypair", other_file) == (
        1,
        f"program {PROGRAM_ID} is not on this cluster yet, and its first deployment needs its keypair, "
        f"not that of {other.pubkey()}; give it with --program-keypair, "
        "or make an id of your own: amalgam program new-id",
    )
    assert desk.refusal("deploy", "--yes", "--upgrade-authority", missing) == (
        2,
        f"{missing}: there is no such keypair file; name another, or make it with amalgam wallet new",
    )


def test_too_little_sol(desk: Desk) -> None:
    poor, desk.keypair = desk.new_key("poor")
    desk.chain.airdrop(poor.pubkey(), 10**9)
    code, line = desk.refusal("deploy", "--yes")
    assert code == 1
    assert line.startswith(f"{poor.pubkey()} has 1 SOL, and 2.")
    assert line.endswith("or get back what broken-off deployments hold: amalgam program close-buffers")


# Program Metadata. What publishes is tested in tests/unit/chain/test_program_metadata.py.


def test_the_idl_and_the_contacts_are_published(desk: Desk, tmp_path: Path) -> None:
    desk.deploy()
    desk.chain.add_program(METADATA_ID, FILE)  # a program is there, and nothing is sent to it
    security = tmp_path / "security.json"
    security.write_text(json.dumps(CONTACTS))

    def cost(*options: object) -> dict[str, int]:
        done = desk.done("deploy", "--dry-run", "--output", "json", *options)
        return json.loads(done.stdout)["cost_lamports"]

    def rent(published: object) -> int:
        content = zlib.compress(json.dumps(published, separators=(",", ":")).encode())
        return desk.chain.svm.minimum_balance_for_rent_exemption(HEAD_BYTES + len(content))

    idl = anchor_idl(json.loads(Program.ENERGY_ALLOCATION.idl.read_text()), PROGRAM_ID)
    assert cost()["deposit"] == rent(idl)
    assert cost("--security", security)["deposit"] == rent(idl) + rent(CONTACTS)


def test_contacts_that_cannot_be_published(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "contacts.json"
    deploy = ("deploy", "--yes", "--security", path)
    missing = f"{path}: No such file or directory; name another file with --security"
    assert desk.refusal(*deploy) == (2, missing)
    path.write_text("name: Amalgam")
    assert desk.refusal(*deploy) == (2, f"{path}: not JSON; correct it")
    path.write_text("[]")
    every = f"{path}: it lacks name, contacts, policy, source_code; add what docs/deploying.md shows"
    assert desk.refusal(*deploy) == (2, every)
    path.write_text(json.dumps(CONTACTS | {"contacts": []}))
    assert desk.refusal(*deploy) == (2, f"{path}: it lacks contacts; add what docs/deploying.md shows")


@pytest.mark.parametrize("seed", Seed)
def test_reads_what_is_published(desk: Desk, seed: Seed) -> None:
    desk.deploy()
    data = account_data(zlib.compress(b'{"published": true}'), seed=seed)
    desk.chain.set_account(canonical_address(PROGRAM_ID, seed), Account(10**9, data, METADATA_ID))
    assert desk.done("program", seed).stdout == '{"published": true}\n'

    stranger = Keypair().pubkey()
    data = account_data(zlib.compress(b"{}"), seed=seed, authority=bytes(stranger))
    desk.chain.set_account(canonical_address(PROGRAM_ID, seed), Account(10**9, data, METADATA_ID))
    assert desk.refusal("program", seed) == (
        3,
        f"{stranger}, who is not the upgrade authority of program {PROGRAM_ID}, can change its {seed}; "
        "do not rely on it",
    )


def test_no_contacts_are_published(desk: Desk) -> None:
    desk.deploy()
    assert desk.refusal("program", "security") == (
        3,
        f"no security of program {PROGRAM_ID} has been published",
    )


# Owners


def test_the_program_is_handed_over(desk: Desk) -> None:
    desk.deploy()
    heir, heir_file = desk.new_key("heir")
    owner = desk.key.pubkey()

    assert desk.refusal("program", "set-upgrade-authority") == (
        2,
        "give one: the new authority's keypair file, --unchecked ADDRESS, or --final",
    )
    desk.done("program", "set-upgrade-authority", heir_file, "--dry-run")
    assert facts(desk.done("program", "show"))["Authority"] == str(owner)

    desk.done("program", "set-upgrade-authority", heir_file, "--yes")

    assert facts(desk.done("program", "show"))["Authority"] == str(heir.pubkey())
    for way in ("--yes", "--dry-run"):
        assert desk.refusal("program", "set-upgrade-authority", "--final", way) == (
            1,
            f"program {PROGRAM_ID} belongs to {heir.pubkey()}, not to {owner}; "
            "give its upgrade authority's keypair with --upgrade-authority",
        )
    desk.done(
        *("program", "set-upgrade-authority", "--unchecked", owner, "--yes"),
        *("--upgrade-authority", heir_file),
    )
    desk.done("program", "set-upgrade-authority", "--final", "--yes")
    assert facts(desk.done("program", "show"))["Authority"] == "nobody: it is final"


@pytest.mark.parametrize("program", Program)
def test_shows_what_is_deployed(desk: Desk, program: Program) -> None:
    cluster = desk.node.url.removeprefix("http://")
    assert desk.refusal("program", "show", "--program", program) == (
        3,
        f"there is no program {program.program_id} on {cluster}; "
        f"deploy it: amalgam deploy --program {program}",
    )

    desk.deploy(program)

    found = facts(desk.done("program", "show", "--program", program))
    assert found.pop("Deployed").startswith("in slot ")
    assert found == {
        "Program": str(program.program_id),
        "Authority": str(desk.key.pubkey()),
        "Code": "the one that was built here",
    }


# A program id of one's own


TWINS = [program.twin for program in Program if (ROOT / program.twin).exists()]
PLACES = [*(place for program in Program for place in program.places), *TWINS]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of the repository, as far as an id matters."""
    for folder in ("amalgam", "target/idl"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    for place in PLACES:
        (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / place, tmp_path / place)
    return tmp_path


def new_id(checkout: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*COMMAND, "program", "new-id"], cwd=checkout, capture_output=True, text=True)


def test_the_programs_of_a_checkout_get_ids_of_their_own(checkout: Path) -> None:
    before = {place: (checkout / place).read_text() for place in PLACES}

    done = new_id(checkout)

    assert done.returncode == 0, done.stderr
    paths = {program: checkout / program.keypair_file for program in Program}
    ids = {program: str(Keypair.from_json(path.read_text()).pubkey()) for program, path in paths.items()}
    assert len({*ids.values()}) == len(Program)
    assert done.stdout.splitlines() == [
        *(f"{name} has the id {ids[name]}; its keypair is in {path}." for name, path in paths.items()),
        "Build the programs with them now: seahorse build",
    ]
    assert {path.stat().st_mode & 0o777 for path in paths.values()} == {0o600}
    for place, text in before.items():
        expected = text
        for program in Program:
            expected = expected.replace(str(program.program_id), ids[program])
        assert (checkout / place).read_text() == expected != text

    again = new_id(checkout)

    assert (again.returncode, again.stdout) == (0, done.stdout)


def test_an_id_needs_a_checkout(checkout: Path) -> None:
    source = Program.ENERGY_METERING.places[0]
    (checkout / source).unlink()
    done = new_id(checkout)
    assert (done.returncode, done.stdout, done.stderr) == (
        2,
        "",
        f"amalgam: {checkout / source}: no such file; a program id is made in a checkout of the repository\n",
    )
    assert not any((checkout / program.keypair_file).exists() for program in Program)


@pytest.mark.parametrize("program", Program)
def test_all_places_have_one_program_id(program: Program) -> None:
    found = subprocess.run(
        ["git", "grep", "--name-only", str(program.program_id), "--", ":!target"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    rust = Path(f"programs/{program}/src/lib.rs")  # which `seahorse build` writes
    assert {Path(name) for name in found.stdout.split()} - {program.twin} == {*program.places, rust}
