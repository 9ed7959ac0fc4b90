"""The arguments and options of commands, with the names and defaults of Solana's tools."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple, TypeVar, cast
from urllib.parse import urlsplit

import typer
from typer.exceptions import TyperException

from amalgam.units import (
    ANY_POOL,
    ENERGY,
    Amount,
    amount,
    duration_s,
    fee_bps,
    moment,
    price,
    ratio_bps,
    start,
    tokens,
)

if TYPE_CHECKING:
    from solders.hash import Hash
    from solders.pubkey import Pubkey
    from solders.signature import Signature

    SignatureOf = tuple[Pubkey, Signature]
else:  # to typer, which asks an option's parser alone
    Pubkey, Hash, SignatureOf = (type(name, (), {}) for name in ("address", "hash", "signature"))

EXIT_CODES = """Exit codes
  0    all went well
  1    the chain refused, or what it holds does not add up
  2    unusable input: options, amounts, addresses, key files
  3    not found: no such account, tokens or program on this cluster
  4    no node, meter or database answered, or nothing landed in time: nothing was done
  5    unknown whether it landed: run the same again, which tells, and doubles nothing
  130  interrupted
"""
OPERATORS, MEMBERS = "What operators do", "What members do"  # titles of --help
EMBEDDED = "embedded"  # for a URL: a chain in this process, which ends with it
_CONFIG = Path("~/.config/solana/cli/config.yml")
_T = TypeVar("_T")


class UnusableInput(TyperException):
    """A given file or option cannot be used. The message names the place and says what to do."""

    exit_code = 2


# Parsers


def parsed(parse: Callable[[str], _T], place: str) -> Callable[[str], _T]:
    """A parser of typer's: what `parse` raises ValueError with is wrong at that place."""

    def parser(text: str) -> _T:
        if not isinstance(text, str):  # pyright: ignore[reportUnnecessaryIsInstance] (a default)
            return text
        try:
            return parse(text)
        except ValueError as error:
            raise typer.BadParameter(str(error), param_hint=place) from None

    return parser


def _address(text: str) -> Pubkey:
    from solders.pubkey import Pubkey

    try:
        return Pubkey.from_string(text)
    except ValueError:
        raise ValueError(
            f"{text!r} is not an address; one has 32 to 44 letters and digits, as `solana address` prints it"
        ) from None


def _hash(text: str) -> Hash:
    from solders.hash import Hash, ParseHashError

    try:
        return Hash.from_string(text)
    except ParseHashError:
        raise ValueError(
            f"{text!r} is neither a blockhash nor a nonce's value, as amalgam nonce show prints it"
        ) from None


def _signature(text: str) -> SignatureOf:
    from amalgam.chain.signing import signature_of

    return signature_of(text)


def address_argument(metavar: str, help: str) -> Any:
    """An argument that is an address."""
    return typer.Argument(metavar=metavar, parser=parsed(_address, metavar), help=help, show_default=False)


def _option(name: str, metavar: str, parse: Callable[[str], object], help: str) -> Any:
    """An option whose text is parsed."""
    return typer.Option(name, metavar=metavar, parser=parsed(parse, name), help=help, show_default=False)


def address_option(name: str, help: str) -> Any:
    """An option that takes an address."""
    return _option(name, "ADDRESS", _address, help)


def amount_option(name: str, help: str) -> Any:
    """An option that takes an amount of any resource."""
    return _option(name, "AMOUNT", amount, help)


def energy_option(name: str, help: str) -> Any:
    """An option that takes an energy."""
    return _option(name, "AMOUNT", ENERGY.parse, help)


def tokens_option(name: str, help: str) -> Any:
    """An option that takes a payment."""
    return _option(name, "TOKENS", tokens, help)


def price_option(name: str, help: str) -> Any:
    """An option that takes a price."""
    return _option(name, "PRICE", price, help)


def start_option(name: str, help: str) -> Any:
    """An option that takes a time to come."""
    return _option(name, "TIME", start, help)


def duration_option(name: str, help: str) -> Any:
    """An option that takes a duration."""
    return _option(name, "DURATION", duration_s, help)


def _past(text: str) -> datetime:
    return moment(text, datetime.now(UTC))


BatteryAddress = Annotated[Pubkey, address_argument("ADDRESS", f"Of the {ANY_POOL}.")]
IssuerAddress = Annotated[Pubkey, address_argument("ISSUER", "The issuer's address.")]
DeviceAddress = Annotated[Pubkey, address_argument("DEVICE", "The address of the key in the meter's device.")]
MintAddress = Annotated[Pubkey, address_argument("MINT", "The address of the tokens' mint, of 3 decimals.")]
PaymentMint = Annotated[
    Pubkey, address_argument("PAYMENT_MINT", "Of the tokens that energy is paid with; of any decimals.")
]
NewAuthority = Annotated[Pubkey, address_argument("NEW_AUTHORITY", "The key that is to accept.")]
OwnerAddress = Annotated[Pubkey, address_argument("OWNER", "The member's own address, their wallet.")]
OwnOrOwnerAddress = Annotated[
    Pubkey | None,
    address_argument("[OWNER]", "The member's own address, their wallet. Default: the keypair's."),
]
AmountArgument = Annotated[
    Amount,
    typer.Argument(
        metavar="AMOUNT",
        parser=parsed(amount, "AMOUNT"),
        help="Like 3.5kWh or 3500Wh; 0.2m3 or 150L; 1.2t or 40kg.",
        show_default=False,
    ),
]
MarketAddress = Annotated[Pubkey, address_argument("MARKET", "The market's address.")]
AuctionAddress = Annotated[Pubkey, address_argument("AUCTION", "The auction's address.")]
OfferAddress = Annotated[Pubkey, address_argument("OFFER", "The address of the offer.")]
PlantAddress = Annotated[Pubkey, address_argument("VPP", "The virtual power plant's address.")]
DispatchAddress = Annotated[Pubkey, address_argument("DISPATCH", "The dispatch's address.")]
OrderAddress = Annotated[Pubkey, address_argument("ORDER", "The address of the order.")]
EnergyArgument = Annotated[
    int,
    typer.Argument(
        metavar="AMOUNT",
        parser=parsed(ENERGY.parse, "AMOUNT"),
        help=f"Of energy, like {ENERGY.examples}.",
        show_default=False,
    ),
]
Price = Annotated[Decimal, price_option("--price", "Like 0.25/kWh, in whole tokens of the payment mint.")]
Tolerance = Annotated[
    int | None,
    _option("--tolerance", "PERCENT", fee_bps, "What may be delivered beyond a commitment. Default: 0%."),
]
Destination = Annotated[
    Pubkey | None,
    address_option(
        "--destination",
        "Any token account of the mint. Default: the owner's associated one, made if missing.",
    ),
]
Source = Annotated[
    Pubkey | None,
    address_option("--source", "The signer's token account. Default: their associated one."),
]
Fee = Annotated[
    int | None, _option("--fee", "PERCENT", fee_bps, "Of what sellers are due: 0% to 5%. At first: 0%.")
]
MinimumOrder = Annotated[
    int | None, energy_option("--minimum-order", "Of an auction's orders. At first: 100Wh.")
]
Lifetime = Annotated[
    int | None,
    _option(
        "--allocation-lifetime",
        "DURATION",
        duration_s,
        "After which an allocation expires, like 90m, 24h or 7d; at most 365d.",
    ),
]
Efficiency = Annotated[
    int | None,
    _option(
        "--efficiency",
        "PERCENT",
        ratio_bps,
        "What a deposit is credited with, like 95%; the rest is lost on the way in, and burned.",
    ),
]
Since = Annotated[
    datetime | None,
    _option("--since", "TIME", _past, "From then on: like 2026-06-22T00:00+02:00, or 24h for so long ago."),
]
Until = Annotated[datetime | None, _option("--until", "TIME", _past, "Before then, likewise.")]

BooksPlace = Annotated[
    str | None,
    typer.Option(
        "--books",
        metavar="FILE_OR_URL",
        envvar="AMALGAM_BOOKS",
        help="Of the books that `amalgam books sync` fills: a file, or postgresql://HOST/NAME.",
        show_default=False,
    ),
]

# Cluster, keys and output


class Output(StrEnum):
    """How a command answers."""

    DISPLAY = "display"
    JSON = "json"


class CommitmentLevel(StrEnum):
    """How sure a node must be of what it tells."""

    PROCESSED = "processed"
    CONFIRMED = "confirmed"
    FINALIZED = "finalized"


def _clusters() -> list[str]:
    from amalgam.chain.rpc import CLUSTERS

    return [*CLUSTERS, EMBEDDED]


_PANEL = "Cluster, keys and output"
CONNECTION_OPTIONS: dict[str, tuple[Any, Any]] = {
    "url": (
        Annotated[
            list[str] | None,
            typer.Option(
                "--url",
                "-u",
                metavar="URL_OR_MONIKER",
                help="A node's URL, or localnet, devnet, testnet, mainnet-beta or their first letters. "
                "Several, repeated or with commas between, stand in for each other. "
                "Default: as in Solana's configuration.",
                autocompletion=_clusters,
                show_default=False,
                rich_help_panel=_PANEL,
            ),
        ],
        None,
    ),
    "keypair": (
        Annotated[
            Path | None,
            typer.Option(
                "--keypair",
                "-k",
                metavar="FILE",
                help="Who signs: the member, or the authority; or the address of who signs elsewhere. "
                "Default: as in Solana's configuration.",
                show_default=False,
                rich_help_panel=_PANEL,
            ),
        ],
        None,
    ),
    "config": (
        Annotated[
            Path | None,
            typer.Option(
                "--config",
                "-C",
                metavar="FILE",
                help=f"The configuration that `solana config` writes. Default: {_CONFIG}.",
                show_default=False,
                rich_help_panel=_PANEL,
            ),
        ],
        None,
    ),
    "commitment": (
        Annotated[
            CommitmentLevel | None,
            typer.Option(
                metavar="LEVEL",
                help="How sure a node must be: processed, confirmed or finalized. "
                "Default: as in Solana's configuration.",
                show_default=False,
                rich_help_panel=_PANEL,
            ),
        ],
        None,
    ),
    "output": (
        Annotated[Output, typer.Option(help="For people, or for programs.", rich_help_panel=_PANEL)],
        Output.DISPLAY,
    ),
}
OFFLINE_OPTIONS = {name: CONNECTION_OPTIONS[name] for name in ("keypair", "config", "output")}
_SIGNING_PANEL = "Signing elsewhere, or later"
Signatures = Annotated[
    list[SignatureOf] | None,
    typer.Option(
        "--signer",
        metavar="ADDRESS=SIGNATURE",
        parser=parsed(_signature, "--signer"),
        help="What somebody has signed elsewhere. Repeated for each.",
        show_default=False,
        rich_help_panel=_SIGNING_PANEL,
    ),
]
PAYING_OPTIONS: dict[str, tuple[Any, Any]] = CONNECTION_OPTIONS | {
    "fee_payer": (
        Annotated[
            Path | None,
            typer.Option(
                metavar="FILE",
                help="The keypair that pays fees and rent, or its address. Default: the one that signs.",
                show_default=False,
                rich_help_panel=_PANEL,
            ),
        ],
        None,
    ),
    "dry_run": (
        Annotated[
            bool,
            typer.Option(
                "--dry-run", help="Show what would change, and send nothing.", rich_help_panel=_PANEL
            ),
        ],
        False,
    ),
}
SENDING_OPTIONS: dict[str, tuple[Any, Any]] = PAYING_OPTIONS | {
    "sign_only": (
        Annotated[
            bool,
            typer.Option(
                "--sign-only",
                help="Sign, print the signatures, and send nothing. No connection is opened.",
                rich_help_panel=_SIGNING_PANEL,
            ),
        ],
        False,
    ),
    "dump_transaction_message": (
        Annotated[
            bool,
            typer.Option(
                "--dump-transaction-message",
                help="Print the message, for amalgam sign elsewhere, with the signatures of the keys that "
                "are here, and send nothing.",
                rich_help_panel=_SIGNING_PANEL,
            ),
        ],
        False,
    ),
    "blockhash": (
        Annotated[
            Hash | None,
            typer.Option(
                "--blockhash",
                metavar="HASH",
                parser=parsed(_hash, "--blockhash"),
                help="The one that all sign with; with --nonce its value. Default: the present one.",
                show_default=False,
                rich_help_panel=_SIGNING_PANEL,
            ),
        ],
        None,
    ),
    "signatures": (Signatures, None),
    "nonce": (
        Annotated[
            Pubkey | None,
            typer.Option(
                "--nonce",
                metavar="ADDRESS",
                parser=parsed(_address, "--nonce"),
                help="A nonce account, with which signatures stay good until it is used.",
                show_default=False,
                rich_help_panel=_SIGNING_PANEL,
            ),
        ],
        None,
    ),
    "nonce_authority": (
        Annotated[
            Path | None,
            typer.Option(
                "--nonce-authority",
                metavar="FILE",
                help="Who may use it, or their address. Default: the one that signs.",
                show_default=False,
                rich_help_panel=_SIGNING_PANEL,
            ),
        ],
        None,
    ),
    "with_compute_unit_price": (
        Annotated[
            int | None,
            typer.Option(
                "--with-compute-unit-price",
                metavar="MICRO_LAMPORTS",
                min=0,
                max=2**64 - 1,
                help="For priority. Default: what others have paid lately; 0 if it is signed elsewhere.",
                show_default=False,
                rich_help_panel=_SIGNING_PANEL,
            ),
        ],
        None,
    ),
}


class Config(NamedTuple):
    """The settings that `solana config` writes, as far as they matter here."""

    json_rpc_url: str = "mainnet-beta"
    websocket_url: str = ""  # empty if it follows from the other
    keypair_path: str = "~/.config/solana/id.json"
    commitment: str = "confirmed"


def read_config(path: Path | None) -> Config:
    """The configuration of Solana's tools, with their defaults if there is none. Raises UnusableInput."""
    import yaml

    file = (path or _CONFIG).expanduser()
    try:
        content: Any = yaml.safe_load(file.read_bytes())
    except FileNotFoundError:
        if path is None:
            return Config()
        raise UnusableInput(f"{file}: there is no such file; name another with --config") from None
    except OSError as error:
        raise UnusableInput(f"{file}: {error.strerror}; name another file with --config") from None
    except (yaml.YAMLError, UnicodeDecodeError):
        content = None
    found = cast(dict[str, Any], content) if isinstance(content, dict) else {}
    config = {name: found[name] for name in Config._fields if name in found}
    if not config or not all(isinstance(value, str) for value in config.values()):
        raise UnusableInput(f"{file}: not a configuration of Solana's; let `solana config set` write it anew")
    if config.get("commitment", "confirmed") not in list(CommitmentLevel):
        raise UnusableInput(f"{file}: commitment is none of {', '.join(CommitmentLevel)}; correct it")
    return Config(**config)


def node_urls(texts: list[str]) -> list[str]:
    """Names of clusters, or URLs, one by one. Raises UnusableInput."""
    from amalgam.chain.rpc import CLUSTERS, cluster_name, shown

    urls = [url for text in texts for url in text.split(",")]
    if urls == [EMBEDDED]:
        return urls
    for url in urls:
        if cluster_name(url) is None and not _is_http(url):
            raise UnusableInput(
                f"--url {shown(url)!r} is neither a cluster, {', '.join(CLUSTERS)}, nor a URL like "
                "https://api.devnet.solana.com"
            )
    return urls


def _is_http(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # of brackets, or of a port
        return False
