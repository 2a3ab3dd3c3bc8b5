"""Why a machine does not start: for the person who wants to run something."""

from __future__ import annotations

OWN_ERROR = 125
NOT_EXECUTABLE = 126
NOT_FOUND = 127


class BootError(Exception):
    """The machine cannot start as asked: a line for the user, and the exit status."""

    def __init__(self, message: str, status: int = OWN_ERROR) -> None:
        super().__init__(message)
        self.status = status
