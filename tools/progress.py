"""How far long work has come, on a terminal; elsewhere nothing is written."""

from __future__ import annotations

import sys
import time
from types import TracebackType

from rvsim.tools.plain import plain

_FIRST_S = 0.7
_EACH_S = 0.1
_CLEAR = "\r\x1b[K"


class Progress:
    """A line on standard error that is written again and again, and taken away in the end. Short work shows none."""

    def __init__(self, what: str) -> None:
        self.what = what
        self.shown = False
        self.seen = sys.stderr.isatty()
        self.next_s = time.monotonic() + _FIRST_S

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        if self.shown:
            print(_CLEAR, end="", file=sys.stderr, flush=True)

    def tell(self, text: str) -> None:
        """Say how far it is, if the last time was long ago."""
        if self.seen and time.monotonic() >= self.next_s:
            self.say(text)

    def say(self, text: str) -> None:
        """Say it now."""
        if not self.seen:
            return
        self.next_s = time.monotonic() + _EACH_S
        self.shown = True
        print(f"{_CLEAR}rvsim: {plain(f'{self.what}: {text}')[:70]}", end="", file=sys.stderr, flush=True)
