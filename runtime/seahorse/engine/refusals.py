"""How Anchor refuses: its errors, with the account they are about and what was compared."""

from __future__ import annotations

from typing import NoReturn

from seahorse.engine.errors import ANCHOR_ERRORS, PROGRAM_ERRORS, InstructionError, custom, failed
from seahorse.engine.machine import Frame, named


class AnchorError(Exception):
    """One of Anchor's errors.

    Attributes:
        name: Anchor's.
        compared: Two keys that should have been the same.
        account: The account that it is about, by the name of its parameter.
    """

    def __init__(
        self, name: str, compared: tuple[bytes, bytes] | None = None, account: str | None = None
    ) -> None:
        """Refuse."""
        super().__init__(name)
        self.name, self.compared, self.account = name, compared, account

    def log(self, frame: Frame) -> None:
        """Write it as Anchor does."""
        self._log(frame, "AnchorError", *ANCHOR_ERRORS[self.name])
        if self.compared is not None:
            for side, key in zip(("Left", "Right"), self.compared, strict=True):
                frame.log(f"{side}:")
                frame.log(named(key))

    def _log(self, frame: Frame, kind: str, code: int, message: str) -> None:
        origin = "occurred" if self.account is None else f"caused by account: {self.account}"
        frame.log(
            f"{kind} {origin}. Error Code: {self.name}. Error Number: {code}. Error Message: {message}."
        )

    def raised(self) -> InstructionError:
        """As the runtime has it."""
        return custom(ANCHOR_ERRORS[self.name][0])


class ProgramError(AnchorError):
    """One of Solana's errors, passed on by Anchor."""

    def log(self, frame: Frame) -> None:
        """Write it as Anchor does."""
        self._log(frame, "ProgramError", *PROGRAM_ERRORS[self.name])

    def raised(self) -> InstructionError:
        """As the runtime has it."""
        return failed(self.name)


def refuse(name: str, compared: tuple[bytes, bytes] | None = None, account: str | None = None) -> NoReturn:
    """Refuse with one of Anchor's errors."""
    raise AnchorError(name, compared, account)
