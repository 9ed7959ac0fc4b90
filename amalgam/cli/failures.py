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

    from amalgam.chain import errors, transactions
    from amalgam.chain.events import BrokenHistoryError
    from amalgam.chain.keys import KeyFileError
    from amalgam.chain.rpc import WrongClusterError, cleaned
    from amalgam.csv_rows import ReadingsError
    from amalgam.metering.agent import MissingTokenAccountError
    from amalgam.metering.sources.protocol import UnreadableError

    if isinstance(error, RPCException):
        said = cleaned(str(getattr(error.args[0], "message", error)))
        return Failure(f"the node refused a request: {said}; try another with --url", 4)
    if isinstance(error, sqlite3.Error):
        return Failure(
            f"the journal of what is signed: {error}; run the same again once it can be written", 2
        )
    codes: dict[type[Exception], int] = {
        errors.Refused: 1,
        BrokenHistoryError: 1,
        KeyFileError: 2,
        ReadingsError: 2,
        WrongClusterError: 2,
        MissingTokenAccountError: 3,
        SolanaRpcException: 4,
        UnreadableError: 4,
        TimeoutError: 4,
        transactions.ExpiredError: 4,
        transactions.UnresolvedError: 5,
    }
    if type(error) is LookupError:
        return Failure(str(error), 3)
    return next((Failure(str(error), code) for kind, code in codes.items() if isinstance(error, kind)), error)
