"""Signals of the host that ask a machine for something."""

import signal
from typing import Any


def give_back(number: int, before: Any) -> None:
    """Handle a signal as `before`, but do not let it end us: who has just seen the machine may still send it."""
    signal.signal(number, signal.SIG_IGN if before in (signal.SIG_DFL, None) else before)
