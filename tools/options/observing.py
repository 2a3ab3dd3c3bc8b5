"""What is to be seen of a run: its calls, its traps, gdb beside it, sums at its end."""

from __future__ import annotations

import click

from rvsim.tools.errors import CliError
from rvsim.tools.options.parsing import option_value, parse_gdb_address

STRACE = click.option(
    "--strace", metavar="[=FILE]", help="Show every system call, as strace does: on standard error, or in FILE.")
"""For a `RunCommand`, which lets it stand bare."""
TRACE = click.option("--trace", metavar="FILE", help="Record every trap in FILE, for `rvsim trace`.")
STACK_TICKS = click.option(
    "--trace-stacks", "stack_ticks", type=click.IntRange(min=1000), metavar="TICKS",
    help="Also record who called whom every so many ticks of each task, for `rvsim trace --flame`.")
GDB = click.option(
    "--gdb", callback=option_value(parse_gdb_address), metavar="[HOST:]PORT",
    help="Wait for gdb on this port of this host (0: choose one) before the first instruction.")
STATS = click.option(
    "--stats", is_flag=True, help="Afterwards, count traps, calls, faults and ticks on standard error.")


def check_stacks(trace: str | None, stack_ticks: int | None) -> None:
    """Raises CliError: there is no trace that the stacks could go to."""
    if stack_ticks is not None and trace is None:
        raise CliError("--trace-stacks needs a trace to put them in; give --trace FILE too")
