"""The power button: how a guest ends or restarts its machine."""

import enum
from dataclasses import dataclass


class ResetKind(enum.IntEnum):
    """The numbers of SBI's `system_reset`."""

    SHUTDOWN = 0
    COLD_REBOOT = 1
    WARM_REBOOT = 2


@dataclass(frozen=True)
class ResetRequest:
    """What the guest asked for; `failure`: it says that something went wrong."""

    kind: ResetKind
    failure: bool


class Power:
    """Remembers the first request; the board looks after each call."""

    def __init__(self) -> None:
        self.request: ResetRequest | None = None

    def reset(self, kind: ResetKind, *, failure: bool) -> None:
        if self.request is None:
            self.request = ResetRequest(kind, failure)
