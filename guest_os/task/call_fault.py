"""What a plan of faults does to one call, from its first try to its end; the task keeps it while the call waits."""

from __future__ import annotations


class CallFault:
    """All 0: the call is made as it is, and has been counted.

    Attributes:
        error: the number of the error that it gives instead.
        limit: at most so many bytes are moved.
        delay_ns: it waits so long first; then `until_ns` says until when.
        signo: this signal is sent first.
        no_memory: there is none for it.
        interrupts: if it has to wait, it gives EINTR instead, as if a signal came then; the number of the call.
    """

    __slots__ = ("delay_ns", "error", "interrupts", "limit", "no_memory", "signo", "until_ns")

    def __init__(self, error: int = 0, limit: int = 0, delay_ns: int = 0, signo: int = 0,
                 no_memory: bool = False, interrupts: int = 0) -> None:
        self.error = error
        self.limit = limit
        self.delay_ns = delay_ns
        self.until_ns = 0
        self.signo = signo
        self.no_memory = no_memory
        self.interrupts = interrupts
