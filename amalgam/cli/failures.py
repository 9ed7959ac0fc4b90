"""Why a command ends without having done what it should, and with which exit code."""

from __future__ import annotations

import sqlite3

from typer.exceptions import TyperException


class Failure(TyperException):
    """Why a command ends without having done what it should, and the exit code that says so."""

    def __init__(self, message: str, exit_code: int) -> None:
        """Say it in one line."""
        super().__init__(message)
        self.exit_code = exit_code


def failure_of(error: Exception) -> Exception:
    """Convert a known error to a Failure with an exit code; return others unchanged."""
    from solana.exceptions import SolanaRpcException
    from solana.rpc.core import RPCException

    from amalgam import AmalgamError, NotFoundError
    from amalgam.books.database import BooksError, WrongBooksError
    from amalgam.chain import transactions
    from amalgam.chain.keys import KeyFileError
    from amalgam.chain.rpc import OfflineError, WrongClusterError, cleaned
    from amalgam.chain.signing import SigningError
    from amalgam.chain.tokens import MissingTokenAccountError
    from amalgam.csv_rows import ReadingsError
    from amalgam.metering.sources.protocol import UnreadableError
    from amalgam.programs import NoCheckoutError

    if isinstance(error, RPCException):
        said = cleaned(str(getattr(error.args[0], "message", error)))
        return Failure(f"the node refused a request: {said}; try another with --url", 4)
    if isinstance(error, sqlite3.Error):
        return Failure(
            f"the journal of what is signed: {error}; run the same again once it can be written", 2
        )
    codes: dict[type[Exception], int] = {
        KeyFileError: 2,
        ReadingsError: 2,
        WrongClusterError: 2,
        OfflineError: 2,
        SigningError: 2,
        NoCheckoutError: 2,
        WrongBooksError: 2,
        MissingTokenAccountError: 3,
        NotFoundError: 3,
        SolanaRpcException: 4,
        UnreadableError: 4,
        TimeoutError: 4,
        BooksError: 4,
        transactions.ExpiredError: 4,
        transactions.UnresolvedError: 5,
        AmalgamError: 1,  # the chain has refused, or holds what it should not
    }
    return next((Failure(str(error), code) for kind, code in codes.items() if isinstance(error, kind)), error)
