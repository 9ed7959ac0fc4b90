"""`amalgam deploy` and `amalgam program ...`: the programs themselves on a cluster."""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple, cast

import typer

from amalgam.cli.options import EXIT_CODES, Pubkey, UnusableInput, address_option
from amalgam.cli.output import columns, facts, progress
from amalgam.cli.session import Session, key_in, keypair_in, reading, sending
from amalgam.programs import Program, for_v3, outdated
from amalgam.units import ENERGY, counted

if TYPE_CHECKING:
    from solders.keypair import Keypair

    from amalgam.chain.deployment import Deployment, Plan
    from amalgam.chain.keys import Key
    from amalgam.chain.program_metadata import Seed

DEVELOPERS = "What developers do"  # title of --help
deployer = typer.Typer()
app = typer.Typer(help="The programs' ids, upgrade authority and buffers.", epilog=EXIT_CODES)

Yes = Annotated[bool, typer.Option("--yes", "-y", help="Go on without asking.")]
ProgramOption = Annotated[
    Program, typer.Option(metavar="NAME", help=f"Which of the programs: {', '.join(Program)}.")
]
ProgramFile = Annotated[
    Path | None,
    typer.Argument(
        metavar="[FILE]", help="Default: the program as it was built; or one of your own.", show_default=False
    ),
]
UpgradeAuthority = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="The keypair that may upgrade the program, or its address. Default: the one that signs.",
        show_default=False,
    ),
]


async def deploy(
    session: Session,
    file: Annotated[
        Path | None,
        typer.Argument(
            metavar="FILE",
            help="Default: the program as it was built. Or one of your own, beside the keypair of its id.",
            show_default=False,
        ),
    ] = None,
    program_keypair: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Of the program id, for a first deployment. Default: the one in target/deploy.",
            show_default=False,
        ),
    ] = None,
    upgrade_authority: UpgradeAuthority = None,
    security: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Whom to tell of a weakness, as JSON. Default: security.json, if it is there.",
            show_default=False,
        ),
    ] = None,
    program: ProgramOption = Program.ENERGY_ALLOCATION,
    yes: Yes = False,
) -> None:
    """Deploy a program, or upgrade it, and publish its IDL.

    Of what was built for SBF versions 0 and 3, that which the cluster takes.
    Says what it costs, and asks before anything is spent. If it is broken
    off, the same command goes on where it was, and pays nothing twice. In
    the end the bytes on the cluster are compared with the file's.

    Examples
      amalgam deploy --url embedded
      amalgam deploy --url devnet --dry-run
      amalgam deploy --url devnet --program energy_metering
      amalgam deploy --url devnet --upgrade-authority cold-wallet.json
      amalgam deploy target/deploy/water_meter.so --url devnet
    """
    from amalgam.chain.deployment import Deployment, Kind

    path, code, program_id, sbf, own = await checked_code(session, file, program)
    idl_json = _idl_json(file) if file and own else program.idl.read_text()
    deployment = Deployment(
        session.connection,
        session.here(session.payer),
        code,
        program_id=program_id,
        authority=session.here(authority_of(session, upgrade_authority)),
        program=own or program.keypair(program_keypair and program_keypair.expanduser()),
        metadata=_metadata(program_id, idl_json, security),
    )
    plan = await deployment.plan()
    show_plan(session, plan, path, code, program_id, sbf)
    for obstacle in plan.metadata.obstacles:
        session.say(obstacle)
    if session.dry_run or not plan.transactions:
        return
    confirm(yes, "Go on?")
    with progress("Deploying") as begin:
        await carried_out(session, deployment, plan, begin(plan.transactions))
    done = {Kind.DEPLOY: "deployed", Kind.UPGRADE: "upgraded", Kind.NOTHING: "its IDL published"}[plan.kind]
    session.say(f"program {program_id} is {done}; the cluster has exactly the bytes of {path}")


_SECURITY = Path("security.json")
_SECURITY_FIELDS = ("name", "contacts", "policy", "source_code")


def _metadata(program_id: Pubkey, idl_json: str | None, security: Path | None) -> dict[Seed, str]:
    """What is published through Program Metadata."""
    from amalgam.chain.anchor_idl import IdlError, anchor_idl
    from amalgam.chain.program_metadata import Seed

    contents: dict[Seed, str] = {}
    if idl_json is not None:
        try:
            idl = anchor_idl(json.loads(idl_json), program_id)
        except IdlError as error:
            raise UnusableInput(str(error)) from None
        contents[Seed.IDL] = json.dumps(idl, separators=(",", ":"))
    if security is not None or _SECURITY.exists():
        contents[Seed.SECURITY] = _contacts(security or _SECURITY)
    return contents


def _contacts(path: Path) -> str:
    """The JSON of a security.json, as it is published."""
    try:
        found: Any = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise UnusableInput(f"{path}: {error.strerror}; name another file with --security") from None
    except ValueError:
        raise UnusableInput(f"{path}: not JSON; correct it") from None
    contacts = cast("dict[str, Any]", found) if isinstance(found, dict) else {}
    missing = [name for name in _SECURITY_FIELDS if not contacts.get(name)]
    if missing:
        raise UnusableInput(f"{path}: it lacks {', '.join(missing)}; add what docs/deploying.md shows")
    return json.dumps(contacts, ensure_ascii=False, separators=(",", ":"))


def _idl_json(file: Path) -> str | None:
    """The IDL of a program of one's own, if it is built."""
    path = file.absolute().parents[1] / f"idl/{file.stem}.json"
    return path.read_text("utf-8") if path.exists() else None


class CheckedCode(NamedTuple):
    """A program's code in a file, which a chain has taken, and its id.

    Attributes:
        path: The file.
        code: What is in it.
        program_id: The program's.
        sbf: For which version of SBF it is, and why that one.
        own: The keypair of the id, if it is none of these programs.
    """

    path: Path
    code: bytes
    program_id: Pubkey
    sbf: str
    own: Keypair | None


async def checked_code(session: Session, file: Path | None, program: Program) -> CheckedCode:
    """The code in a file, or as a program was built, for the cluster. Fails if it is not of that id."""
    from amalgam.chain.deployment import DeployError, check_code

    named = file or program.code
    own = file and own_keypair(file)
    program_id = own.pubkey() if own else program.program_id
    try:
        check_code(named.read_bytes(), program_id)
        path, sbf = await _fitting(session, named)
        code = path.read_bytes()
    except OSError as error:
        raise UnusableInput(f"{named}: {error.strerror}; name another file, or run: seahorse build") from None
    except DeployError as error:
        raise UnusableInput(f"{named}: {error}") from None
    if told := outdated(named, _source_of(file) if file else program.source):
        session.say(told)
    return CheckedCode(path, code, program_id, sbf, own)


async def _fitting(session: Session, path: Path) -> tuple[Path, str]:
    """The file, of a program's two, for the version of SBF that the cluster takes, and why that one."""
    from amalgam.chain.deployment import choose_sbf

    choice = await choose_sbf(session.connection)
    of_v3 = for_v3(path)
    if choice.version == 0:
        return path, f"version 0: {choice.because}"
    if not _built_together(path, of_v3):
        return path, f"version 0: {of_v3} was not built with it"
    return of_v3, f"version 3: {choice.because}"


def _source_of(file: Path) -> Path:
    return file.absolute().parents[2] / f"programs_py/{file.stem}.py"


def _built_together(*paths: Path) -> bool:
    """Whether the list of hashes that a build leaves beside the first has all of these."""
    folder = paths[0].parent
    try:
        listed = (folder / "SHA256SUMS").read_text("utf-8").splitlines()
        found = {f"{sha256(path.read_bytes()).hexdigest()}  {path.relative_to(folder)}" for path in paths}
    except OSError:
        return False
    return found <= set(listed)


def own_keypair(file: Path) -> Keypair | None:
    """The keypair of the id, built beside a program of one's own; None if the file is one of these."""
    keypair = file.with_name(f"{file.stem}-keypair.json")
    if file.stem in list(Program) or not keypair.exists():
        return None
    return keypair_in(keypair)


async def carried_out(
    session: Session, deployment: Deployment, plan: Plan, landed: Callable[[], object]
) -> None:
    """Do what is planned, and say where the SOL is if that ends early, be it by Ctrl-C."""
    try:
        await deployment.carry_out(plan, landed)
    except BaseException as error:
        for note in getattr(error, "__notes__", ()):
            session.say(note)
        raise


deployer.command(epilog=EXIT_CODES, rich_help_panel=DEVELOPERS)(sending(deploy))


def authority_of(session: Session, path: Path | None) -> Key:
    """Who may upgrade a program, or is to."""
    return key_in(path) if path else session.signer


def show_plan(session: Session, plan: Plan, path: Path, code: bytes, program_id: Pubkey, sbf: str) -> None:
    """Answer with what there is to do, and what it costs."""
    from amalgam.chain.deployment import Kind, sol

    cost = plan.cost
    what = {
        Kind.DEPLOY: f"deploy to {session.cluster}",
        Kind.UPGRADE: f"upgrade on {session.cluster}",
        Kind.BUFFER: f"write a buffer on {session.cluster}",
        Kind.NOTHING: f"{session.cluster} has exactly this program already",
    }[plan.kind]
    value = {
        "program_id": str(program_id),
        "cluster": session.cluster,
        "what": plan.kind,
        "bytes": len(code),
        "sha256": sha256(code).hexdigest(),
        "sbf": sbf,
        "buffer": plan.code_loan and str(plan.code_loan.buffer),
        "transactions": plan.transactions,
        "cost_lamports": cost._asdict() | {"needed": cost.needed},
    }
    lines = [
        ("Program", f"{program_id}: {what}"),
        ("File", f"{path}, {len(code):,} bytes, SHA-256 {value['sha256']}"),
        ("SBF", sbf),
    ]
    if plan.transactions:
        lines += [
            ("Rent", f"{sol(cost.deposit)} SOL, which stays with the program until it is closed"),
            ("Lent", f"{sol(cost.lent)} SOL, which comes back in the end"),
            ("Buffer", f"{plan.code_loan and plan.code_loan.buffer}, where the code is written first"),
            ("Paid", f"{sol(cost.paid)} SOL of that already, by a deployment that was broken off"),
            ("Fees", f"at most {sol(cost.fees)} SOL, for {counted(plan.transactions, 'transaction')}"),
            ("Payer", f"{session.payer.pubkey()}, who needs {sol(cost.needed)} SOL"),
        ]
    absent = {"Rent": cost.deposit, "Lent": cost.lent, "Buffer": plan.code_loan, "Paid": cost.paid}
    session.answer(value, facts(line for line in lines if absent.get(line[0], True)))


def confirm(yes: bool, question: str) -> None:
    """Ask, unless it is said already. Fails if the answer is no, or nobody is there to give one."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise UnusableInput("nobody is there to confirm it; run it with --yes")
    handler = signal.signal(signal.SIGINT, signal.default_int_handler)  # asyncio's waits for an await
    try:
        confirmed = typer.confirm(question, err=True)
    except typer.Abort:  # Ctrl-C, or the end of the input
        typer.echo(err=True)
        raise
    finally:
        signal.signal(signal.SIGINT, handler)
    if not confirmed:
        raise typer.Abort


@app.command(epilog=EXIT_CODES)
@reading
async def show(session: Session, program: ProgramOption = Program.ENERGY_ALLOCATION) -> None:
    """Show a program on a cluster: who may upgrade it, and whether it is the one built here.

    Example
      amalgam program show --url devnet
    """
    from amalgam.chain.loader import program_data

    program_id = program.program_id
    found = await program_data(session.connection, program_id)
    if found is None:
        remedy = f"deploy it: amalgam deploy --program {program}"
        raise session.not_found(f"no program {program_id}", remedy)
    same = any(found.holds(path.read_bytes()) for path in (program.code, program.code_of_v3))
    value = {
        "program_id": str(program_id),
        "upgrade_authority": found.authority and str(found.authority),
        "slot": found.slot,
        "is_the_built_one": same,
    }
    lines = [
        ("Program", str(program_id)),
        ("Authority", str(found.authority or "nobody: it is final")),
        ("Deployed", f"in slot {found.slot:,}"),
        ("Code", "the one that was built here" if same else "another than was built here"),
    ]
    session.answer(value, facts(lines))


@app.command(epilog=EXIT_CODES)
@reading
async def idl(session: Session, program: ProgramOption = Program.ENERGY_ALLOCATION) -> None:
    """Print the IDL that the upgrade authority has published, as JSON.

    Example
      amalgam program idl --url devnet > idl.json
    """
    from amalgam.chain.program_metadata import Seed, fetch

    typer.echo(await fetch(session.connection, program.program_id, Seed.IDL))


@app.command(epilog=EXIT_CODES)
@reading
async def security(session: Session, program: ProgramOption = Program.ENERGY_ALLOCATION) -> None:
    """Print whom to tell of a weakness, as the upgrade authority has published it.

    Example
      amalgam program security --url devnet
    """
    from amalgam.chain.program_metadata import Seed, fetch

    typer.echo(await fetch(session.connection, program.program_id, Seed.SECURITY))


@app.command(epilog=EXIT_CODES)
def new_id() -> None:
    """Give the programs of this checkout ids of their own.

    Makes a keypair for each, unless there is one in target/deploy, and puts
    its id into the program, the client and Anchor.toml.

    Example
      amalgam program new-id && seahorse build && amalgam deploy --url devnet
    """
    from amalgam.chain.keys import KeyFileError
    from amalgam.programs import NoCheckoutError, renew

    checkout = Path(__file__).parents[2]
    try:
        renewed = renew(checkout)
    except (NoCheckoutError, KeyFileError) as error:
        raise UnusableInput(str(error)) from None
    except OSError as error:
        raise UnusableInput(f"{error.filename}: {error.strerror}; make it writable") from None
    for program, program_id in renewed.items():
        typer.echo(f"{program} has the id {program_id}; its keypair is in {checkout / program.keypair_file}.")
    typer.echo("Build the programs with them now: seahorse build")


@app.command(epilog=EXIT_CODES)
@sending
async def set_upgrade_authority(
    session: Session,
    new: Annotated[
        Path | None,
        typer.Argument(
            metavar="FILE", help="The new one's keypair, or address, which signs too.", show_default=False
        ),
    ] = None,
    unchecked: Annotated[
        Pubkey | None, address_option("--unchecked", "The new one, which does not sign: mistype nothing.")
    ] = None,
    final: Annotated[bool, typer.Option("--final", help="Nobody may upgrade it ever again.")] = False,
    upgrade_authority: UpgradeAuthority = None,
    program: ProgramOption = Program.ENERGY_ALLOCATION,
    yes: Yes = False,
) -> None:
    """Hand a program to another upgrade authority.

    Examples
      amalgam program set-upgrade-authority new-authority.json
      amalgam program set-upgrade-authority --unchecked $MULTISIG
      amalgam program set-upgrade-authority --final
    """
    from amalgam.chain import deployment as deploy

    program_id = program.program_id
    if [new is not None, unchecked is not None, final].count(True) != 1:
        raise UnusableInput("give one: the new authority's keypair file, --unchecked ADDRESS, or --final")
    heir, authority = key_in(new) if new else None, authority_of(session, upgrade_authority)
    address = heir.pubkey() if heir else unchecked
    owner = str(address) if address else "nobody, for ever"
    instructions = await deploy.handing_over(
        session.connection, program_id, authority.pubkey(), address, signs=heir is not None
    )
    if session.dry_run:
        session.say(f"dry run, nothing was sent: program {program_id} would belong to {owner}")
        return
    confirm(yes or session.passes_on, f"Hand program {program_id} to {owner}?")
    others = [authority, *([heir] if heir else [])]
    receipt = await session.send(f"hand program {program_id} to {owner}", instructions, ENERGY, *others)
    if receipt is not None:
        value = {"upgrade_authority": address and str(address), "signature": str(receipt.signature)}
        session.answer(value, facts([("Authority", owner), ("Signature", str(receipt.signature))]))


@app.command(epilog=EXIT_CODES)
@sending
async def close_buffers(
    session: Session, upgrade_authority: UpgradeAuthority = None, yes: Yes = False
) -> None:
    """Get back the SOL in the buffers of deployments that were broken off.

    These are all of the upgrade authority's, of whatever program. What is signed
    elsewhere closes ten of them, and is done again for more.

    Example
      amalgam program close-buffers --url devnet --dry-run
    """
    from amalgam.chain import deployment as deploy

    authority = authority_of(session, upgrade_authority)
    found = await deploy.buffers(session.connection, authority.pubkey())
    rows = [(str(address), deploy.sol(lamports)) for address, lamports in found.items()]
    total, payer = deploy.sol(sum(found.values())), session.payer.pubkey()
    if found and session.passes_on:
        await session.send("", deploy.closing(list(found), authority.pubkey(), payer)[0], ENERGY, authority)
        return
    session.answer(
        [{"buffer": str(address), "lamports": lamports} for address, lamports in found.items()],
        columns(("Buffer", "SOL"), rows, numbers=("SOL",), footer=("All", total))
        if rows
        else f"There are no buffers of {authority.pubkey()} on {session.cluster}.",
    )
    if not found or session.dry_run:
        return
    confirm(yes, f"Close {len(found)}, for {total} SOL?")
    for closing in deploy.closing(list(found), authority.pubkey(), payer):
        named = ", ".join(str(each.accounts[0].pubkey) for each in closing)
        await session.send(f"close buffers {named}", closing, ENERGY, authority)
    session.say(f"closed; {total} SOL are back with {payer}")
