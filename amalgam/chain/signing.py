"""Transactions that are signed in several places, at different times, as Solana's tools pass them on.

What is passed on is the message, in base64, and signatures as ADDRESS=SIGNATURE. Nothing here asks a cluster.
"""

import json
import re
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple, cast

from based58 import b58encode
from solders.compute_budget import set_compute_unit_price
from solders.hash import Hash
from solders.instruction import AccountMeta, Instruction
from solders.keypair import Keypair
from solders.message import Message, MessageV0
from solders.pubkey import Pubkey
from solders.signature import Signature
from solders.transaction import VersionedTransaction

from amalgam import AmalgamError
from amalgam.chain import nonce
from amalgam.chain.keys import Key

_MESSAGE = re.compile(r"^Transaction Message:\s*(\S+)$", re.MULTILINE)
_SIGNER = re.compile(r"^\s*([1-9A-HJ-NP-Za-km-z]{32,44}=[1-9A-HJ-NP-Za-km-z]{64,88})$", re.MULTILINE)


class SigningError(AmalgamError, ValueError):
    """A message or a signature cannot be used. The message says which, and what to do."""


class Durable(NamedTuple):
    """A nonce account that stands in for a blockhash, and who advances it."""

    address: Pubkey
    authority: Pubkey


class Signed(NamedTuple):
    """A message, and those signatures of it that there are."""

    message: Message
    signatures: dict[Pubkey, Signature]

    @property
    def absent(self) -> list[Pubkey]:
        """Whose signatures are missing."""
        return [each for each in signers_of(self.message) if each not in self.signatures]

    @property
    def transaction(self) -> VersionedTransaction:
        """With empty signatures in the place of those that are missing."""
        found = [self.signatures.get(each, Signature.default()) for each in signers_of(self.message)]
        return VersionedTransaction.populate(self.message, found)

    def value(self) -> dict[str, Any]:
        """As Solana's tools have it in JSON; with the transaction in base58, as Squads takes it."""
        return {
            "blockhash": str(self.message.recent_blockhash),
            "message": b64encode(bytes(self.message)).decode(),
            "transaction": b58encode(bytes(self.transaction)).decode(),
            "signers": [f"{address}={signature}" for address, signature in self.signatures.items()],
            "absent": [str(each) for each in self.absent],
        }


def message_of(
    instructions: Sequence[Instruction],
    payer: Pubkey,
    blockhash: Hash,
    *,
    durable: Durable | None = None,
    price: int | None = None,
) -> Message:
    """The message, the same wherever and whenever it is made of the same.

    Args:
        instructions: Done all, in order, or not at all.
        payer: Of the fee.
        blockhash: A recent one, or the nonce's value.
        durable: The nonce, if there is one.
        price: Micro-lamports a compute unit, for priority.
    """
    first = [nonce.advance(*durable)] if durable else []
    budget = [] if price is None else [set_compute_unit_price(price)]
    return Message.new_with_blockhash([*first, *budget, *instructions], payer, blockhash)


def signers_of(message: Message) -> list[Pubkey]:
    """Who must sign: first who pays the fee."""
    return message.account_keys[: message.header.num_required_signatures]


def signed(message: Message, keys: Iterable[Key], given: Mapping[Pubkey, Signature]) -> Signed:
    """A message with the signatures given, and those of the keys that are here and must sign.

    Raises SigningError if one is of another message, or of somebody who signs nothing in this one.
    """
    here = {key.pubkey(): key for key in keys if isinstance(key, Keypair)}
    serialized, required = bytes(message), signers_of(message)
    for address, signature in given.items():
        if address not in required:
            raise SigningError(f"{address} does not sign this transaction; leave out that --signer")
        if not signature.verify(address, serialized):
            raise SigningError(
                f"the signature of {address} is of another transaction; give all the options with which that "
                "one was made, or send the very message that was signed: amalgam submit MESSAGE"
            )
    found = {
        address: given[address] if address in given else here[address].sign_message(serialized)
        for address in required
        if address in given or address in here
    }
    return Signed(message, found)


def passed_on(text: str) -> Signed:
    """What another machine has passed on: a message in base64, alone or as it was printed, with signatures.

    Raises SigningError.
    """
    message, signers = _parts(text.strip())
    try:
        read = Message.from_bytes(b64decode(message, validate=True))
        Signed(read, {}).transaction.sanitize()
        if bytes(read) != b64decode(message) or not signers_of(read):
            raise ValueError("not all of it is a message, or nobody signs it")
    except ValueError:
        raise SigningError(
            "this is no transaction message; give what --dump-transaction-message has printed, or its file"
        ) from None
    return signed(read, [], dict(map(signature_of, signers)))


def _parts(text: str) -> tuple[str, list[str]]:
    if text.startswith("{"):
        try:
            found = cast(dict[str, Any], json.loads(text))
            return str(found.get("message", "")), [str(each) for each in found.get("signers", ())]
        except ValueError:
            return "", []
    printed = _MESSAGE.search(text)
    return (printed[1], _SIGNER.findall(text)) if printed else (text, [])


def signature_of(text: str) -> tuple[Pubkey, Signature]:
    """Whose signature, and the signature. Raises SigningError if it is not ADDRESS=SIGNATURE."""
    address, _, signature = text.partition("=")
    try:
        return Pubkey.from_string(address), Signature.from_string(signature)
    except ValueError:
        raise SigningError(f"{text!r} is not ADDRESS=SIGNATURE, as --sign-only prints it") from None


def instructions_of(message: Message | MessageV0) -> list[Instruction]:
    """The instructions that a message was made of."""
    keys, header = message.account_keys, message.header
    signing = header.num_required_signatures
    writable = {
        *range(signing - header.num_readonly_signed_accounts),
        *range(signing, len(keys) - header.num_readonly_unsigned_accounts),
    }
    metas = [AccountMeta(key, index < signing, index in writable) for index, key in enumerate(keys)]
    return [
        Instruction(keys[each.program_id_index], bytes(each.data), [metas[index] for index in each.accounts])
        for each in message.instructions
    ]
