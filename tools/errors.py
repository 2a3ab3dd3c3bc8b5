"""What rvsim says when something is wrong, and the statuses it then exits with."""

from __future__ import annotations

import sys

import click

from rvsim.tools.plain import plain

TIMED_OUT = 124
OWN_ERROR = 125
NOT_EXECUTABLE = 126
NOT_FOUND = 127
INTERRUPTED = 128 + 2  # as a shell reports SIGINT
OUTPUT_CLOSED = 128 + 13  # as a shell reports SIGPIPE


class CliError(click.ClickException):
    """What a person did wrong: one line, and the exit status."""

    def __init__(self, message: str, status: int = OWN_ERROR) -> None:
        super().__init__(message)
        self.status = status


def reason(error: OSError) -> str:
    """What the host says, as a part of a sentence."""
    return (error.strerror or str(error)).lower()


def complain(message: str) -> None:
    """Write one line of rvsim's own to standard error."""
    print(f"rvsim: {plain(' '.join(message.split()))}", file=sys.stderr, flush=True)
