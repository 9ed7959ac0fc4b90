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
from amalgam.cli.session import Session, keypair_in, reading, sending
from amalgam.programs import Program
from amalgam.units import counted

if TYPE_CHECKING:
    from solders.keypair import Keypair

    from amalgam.chain.deployment import Deployment, Plan
    from amalgam.chain.program_metadata import Seed

DEVELOPERS = "What developers do"  # title of --help
deployer = typer.Typer()
app = typer.Typer(help="The programs' ids, upgrade authority, buffers and IDL.", epilog=EXIT_CODES)

_Yes = Annotated[bool, typer.Option("--yes", "-y", help="Go on without asking.")]
_Program = Annotated[
    Program, typer.Option(metavar="NAME", help=f"Which of the programs: {', '.join(Program)}.")
]
_UpgradeAuthority = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="The keypair that may upgrade the program. Default: the one that signs.",
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
    upgrade_authority: _UpgradeAuthority = None,
    security: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Whom to tell of a weakness, as JSON. Default: security.json, if it is there.",
            show_default=False,
        ),
    ] = None,
    program: _Program = Program.ENERGY_ALLOCATION,
    yes: _Yes = False,
) -> None:
    """Deploy a program, or upgrade it, and publish its IDL.

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
    from amalgam.chain.deployment import DeployError, Deployment, Kind, check_code

    own = file and _own(file)
    path, program_id = file or program.code, own.program.pubkey() if own else program.program_id
    try:
        code = path.read_bytes()
        check_code(code, program_id)
    except OSError as error:
        raise UnusableInput(f"{path}: {error.strerror}; name another file, or run: seahorse build") from None
    except DeployError as error:
        raise UnusableInput(f"{path}: {error}") from None
    idl_json = own.idl_json if own else program.idl.read_text()
    deployment = Deployment(
        session.connection,
        session.payer,
        code,
        program_id=program_id,
        authority=_authority(session, upgrade_authority),
        program=own.program if own else program.keypair(program_keypair and program_keypair.expanduser()),
        idl_json=idl_json,
        metadata=_metadata(program_id, idl_json, security),
    )
    plan = await deployment.plan()
    _show(session, plan, path, code, program_id)
    if plan.idl_obstacle is not None:
        session.say(
            f"the program's IDL {plan.idl_obstacle}; yours cannot be published, "
            "and clients should use the one that comes with amalgam"
        )
    for obstacle in plan.metadata.obstacles:
        session.say(obstacle)
    if session.dry_run or not plan.transactions:
        return
    _confirm(yes, "Go on?")
    with progress("Deploying") as begin:
        await _carried_out(session, deployment, plan, begin(plan.transactions))
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


class _Own(NamedTuple):
    """A program that is none of these.

    Attributes:
        program: The keypair of its id.
        idl_json: Its IDL, if it is built.
    """

    program: Keypair
    idl_json: str | None


def _own(file: Path) -> _Own | None:
    """What is built beside a program of one's own; None if the file is one of these."""
    keypair = file.with_name(f"{file.stem}-keypair.json")
    if file.stem in list(Program) or not keypair.exists():
        return None
    idl = file.absolute().parents[1] / f"idl/{file.stem}.json"
    return _Own(keypair_in(keypair), idl.read_text("utf-8") if idl.exists() else None)


async def _carried_out(
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


def _authority(session: Session, path: Path | None) -> Keypair:
    return keypair_in(path) if path else session.signer


def _show(session: Session, plan: Plan, path: Path, code: bytes, program_id: Pubkey) -> None:
    from amalgam.chain.deployment import Kind, sol

    cost = plan.cost
    what = {
        Kind.DEPLOY: f"deploy to {session.cluster}",
        Kind.UPGRADE: f"upgrade on {session.cluster}",
        Kind.NOTHING: f"{session.cluster} has exactly this program already",
    }[plan.kind]
    value = {
        "program_id": str(program_id),
        "cluster": session.cluster,
        "what": plan.kind,
        "bytes": len(code),
        "sha256": sha256(code).hexdigest(),
        "transactions": plan.transactions,
        "cost_lamports": cost._asdict() | {"needed": cost.needed},
    }
    lines = [
        ("Program", f"{program_id}: {what}"),
        ("File", f"{path}, {len(code):,} bytes, SHA-256 {value['sha256']}"),
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


def _confirm(yes: bool, question: str) -> None:
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
async def show(session: Session, program: _Program = Program.ENERGY_ALLOCATION) -> None:
    """Show a program on a cluster: who may upgrade it, and whether it is the one built here.

    Example
      amalgam program show --url devnet
    """
    from amalgam.chain.loader import program_data
    from amalgam.chain.published_idl import UntrustedIdlError, fetch_idl

    program_id = program.program_id
    found = await program_data(session.connection, program_id)
    if found is None:
        remedy = f"deploy it: amalgam deploy --program {program}"
        raise session.not_found(f"no program {program_id}", remedy)
    same = found.holds(program.code.read_bytes())
    try:
        await fetch_idl(session.connection, program_id)
        idl = "published"
    except UntrustedIdlError as error:
        idl = str(error)
    except LookupError:
        idl = "not published"
    value = {
        "program_id": str(program_id),
        "upgrade_authority": found.authority and str(found.authority),
        "slot": found.slot,
        "is_the_built_one": same,
        "idl": idl,
    }
    lines = [
        ("Program", str(program_id)),
        ("Authority", str(found.authority or "nobody: it is final")),
        ("Deployed", f"in slot {found.slot:,}"),
        ("Code", "the one that was built here" if same else "another than was built here"),
        ("IDL", idl),
    ]
    session.answer(value, facts(lines))


@app.command(epilog=EXIT_CODES)
@reading
async def idl(session: Session, program: _Program = Program.ENERGY_ALLOCATION) -> None:
    """Print the IDL that the upgrade authority has published, as JSON.

    Of a cluster without Program Metadata, the one in Anchor's own account,
    which has the form of Anchor 0.29.

    Example
      amalgam program idl --url devnet > idl.json
    """
    from amalgam.chain.program_metadata import Seed, UnreadableMetadataError, UntrustedMetadataError, fetch
    from amalgam.chain.published_idl import fetch_idl

    try:
        typer.echo(await fetch(session.connection, program.program_id, Seed.IDL))
    except (UnreadableMetadataError, UntrustedMetadataError):
        raise
    except LookupError:
        typer.echo((await fetch_idl(session.connection, program.program_id)).to_json())


@app.command(epilog=EXIT_CODES)
@reading
async def security(session: Session, program: _Program = Program.ENERGY_ALLOCATION) -> None:
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
        typer.Argument(metavar="FILE", help="The new one's keypair, which signs too.", show_default=False),
    ] = None,
    unchecked: Annotated[
        Pubkey | None, address_option("--unchecked", "The new one, which does not sign: mistype nothing.")
    ] = None,
    final: Annotated[bool, typer.Option("--final", help="Nobody may upgrade it ever again.")] = False,
    upgrade_authority: _UpgradeAuthority = None,
    program: _Program = Program.ENERGY_ALLOCATION,
    yes: _Yes = False,
) -> None:
    """Hand a program and its IDL to another upgrade authority.

    Examples
      amalgam program set-upgrade-authority new-authority.json
      amalgam program set-upgrade-authority --unchecked $MULTISIG
      amalgam program set-upgrade-authority --final
    """
    from amalgam.chain import deployment as deploy

    program_id = program.program_id
    if [new is not None, unchecked is not None, final].count(True) != 1:
        raise UnusableInput("give one: the new authority's keypair file, --unchecked ADDRESS, or --final")
    heir = keypair_in(new) if new else None
    address = heir.pubkey() if heir else unchecked
    owner, authority = str(address) if address else "nobody, for ever", _authority(session, upgrade_authority)
    await deploy.check_owner(session.connection, program_id, authority.pubkey())
    if session.dry_run:
        session.say(f"dry run, nothing was sent: program {program_id} would belong to {owner}")
        return
    _confirm(yes, f"Hand program {program_id} to {owner}?")
    signature = await deploy.set_upgrade_authority(
        session.connection, session.payer, program_id, authority, heir or unchecked
    )
    value = {"upgrade_authority": address and str(address), "signature": str(signature)}
    session.answer(value, facts([("Authority", owner), ("Signature", str(signature))]))


@app.command(epilog=EXIT_CODES)
@sending
async def close_buffers(
    session: Session, upgrade_authority: _UpgradeAuthority = None, yes: _Yes = False
) -> None:
    """Get back the SOL in the buffers of deployments that were broken off.

    These are all of the upgrade authority's, of whatever program.

    Example
      amalgam program close-buffers --url devnet --dry-run
    """
    from amalgam.chain import deployment as deploy

    authority = _authority(session, upgrade_authority)
    found = await deploy.buffers(session.connection, authority.pubkey())
    rows = [(str(address), deploy.sol(lamports)) for address, lamports in found.items()]
    total = deploy.sol(sum(found.values()))
    session.answer(
        [{"buffer": str(address), "lamports": lamports} for address, lamports in found.items()],
        columns(("Buffer", "SOL"), rows, numbers=("SOL",), footer=("All", total))
        if rows
        else f"There are no buffers of {authority.pubkey()} on {session.cluster}.",
    )
    if not found or session.dry_run:
        return
    _confirm(yes, f"Close {len(found)}, for {total} SOL?")
    await deploy.close_buffers(session.connection, session.payer, authority, list(found))
    session.say(f"closed; {total} SOL are back with {session.payer.pubkey()}")
