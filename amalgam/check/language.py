"""What Seahorse's prelude and Rust know by name."""


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


UNSIGNED = _words("u8 u16 u32 u64 u128")
SIGNED = _words("i8 i16 i32 i64 i128")
INTEGERS = (*UNSIGNED, *SIGNED)
NUMBERS = (*INTEGERS, "f64")
LITERAL = "int"  # the type of a number that takes its type from its use

ACCOUNTS = _words("Signer Empty TokenMint TokenAccount UncheckedAccount Program Clock PriceAccount")
BUILTIN_TYPES = (*NUMBERS, *_words("bool str Pubkey List Tuple Array CpiAccount"), *ACCOUNTS)
BASES = _words("Account Enum Event")
BUILTIN_FUNCTIONS = _words(
    """abs array ceil declare_id enumerate filter floor instruction int_bytes len list map max min print
    range round size sorted str sum zip"""
)
MOST_ARGUMENTS = {"enumerate": 1, "int_bytes": 2, "len": 1, "list": 1, "sorted": 1, "sum": 1, "zip": 2}

# What the values of each type have, and what a call of it yields; "T" is the type in brackets.
METHODS = {
    "Signer": {"key": "Pubkey", "transfer_lamports": "None"},
    "Account": {"key": "Pubkey", "transfer_lamports": "None"},
    "Event": {"emit": "None"},
    "Empty": {"init": "T", "bump": "u8", "key": "Pubkey"},
    "TokenMint": {
        **{"key": "Pubkey", "authority": "Pubkey", "freeze_authority": "Pubkey"},
        **{"decimals": "u8", "supply": "u64", "mint": "None", "burn": "None"},
    },
    "TokenAccount": {
        **{"key": "Pubkey", "authority": "Pubkey", "amount": "u64", "mint": "Pubkey", "transfer": "None"}
    },
    "UncheckedAccount": {"key": "Pubkey"},
    "Clock": {
        **{"slot": "u64", "epoch": "u64", "leader_schedule_epoch": "u64"},
        **{"epoch_start_timestamp": "i64", "unix_timestamp": "i64"},
    },
    "Program": {"invoke": "None"},
    "List": {"append": "None", "pop": "T"},
    **{name: {} for name in ("str", "bool", *NUMBERS)},
}

KEYWORDS = _words(
    """abstract as async await become box break const continue crate do dyn else enum extern false final
    fn for if impl in let loop macro match mod move mut override priv pub ref return self Self
    static struct super trait true try type typeof unsafe unsized use virtual where while yield"""
)
# Names that the Rust of every program uses: for a class, for a parameter, for an account.
RUST_NAMES = NUMBERS + _words(
    """Account AccountInfo Box Clone Context Default Key Mint Mutable Option ProgramsMap Pubkey Rc
    RefCell Rent Result Signer System Token Vec"""
)
RUST_PARAMETERS = _words("ctx programs_map")
RUST_ACCOUNTS = _words("rent system_program token_program")


def limits(type_: str) -> tuple[int, int]:
    """The least and the greatest number of an integer type."""
    bits = int(type_[1:])
    return (0, 2**bits - 1) if type_[0] == "u" else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)


def widened(left: str, right: str) -> str | None:
    """The type that two numbers have together; None if Seahorse does not convert one to the other."""
    if LITERAL in (left, right):
        return right if left == LITERAL else left
    if "f64" in (left, right):
        return "f64"
    if left == right or _fits(right, left):
        return left
    return right if _fits(left, right) else None


def _fits(narrow: str, wide: str) -> bool:
    return narrow[0] == "u" and int(narrow[1:]) < int(wide[1:])


def base(type_: str | None) -> str | None:
    """A type without what is in its brackets."""
    return type_ and type_.partition("[")[0]


def inner(type_: str) -> list[str]:
    """The types in the brackets of a type."""
    parts: list[str] = [""]
    depth = 0
    for letter in type_.partition("[")[2].removesuffix("]"):
        depth += (letter == "[") - (letter == "]")
        if letter == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += letter
    return [part.strip() for part in parts]
