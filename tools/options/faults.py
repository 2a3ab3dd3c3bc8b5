"""Faults on purpose: --fault, --chaos and what goes with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from rvsim.tools.errors import CliError
from rvsim.tools.options.parsing import option_value, parse_seeds

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from rvsim.guest_os.faults import FaultPlan

FAULTS = click.option(
    "--fault", "faults", multiple=True, metavar="SPEC",
    help="CALL[:WHEN]=ACTION: have calls fail (read:3=EIO), come short (write:2+=short(1)), wait "
         "(all:every=delay(5ms)), be met by a signal (read:1=signal(SIGINT)), find no memory (alloc:7=fail); "
         "may be given again.")
CHAOS = click.option(
    "--chaos", callback=option_value(parse_seeds), metavar="SEED|FIRST-LAST",
    help="Draw short reads and writes, EINTR, delays and slices from SEED, as Linux might have them; with "
         "FIRST-LAST, one run for each, up to the first seed with which it fails.")
CHAOS_LEVEL = click.option(
    "--chaos-level", type=click.Choice(["legal", "hard"]), default="legal", show_default=True,
    help="hard: also errors, as of a machine that is full or broken.")
CHAOS_RATE = click.option(
    "--chaos-rate", type=click.IntRange(min=1), default=20, show_default=True, metavar="N",
    help="Of N calls, one is met, on the average.")


def fault_plan(faults: Sequence[str], chaos: range | None, level: str, rate: int,
               given: Collection[str]) -> FaultPlan | None:
    """What these options say; None: nothing. `given`: the parameters that stand on the command line.

    Raises CliError.
    """
    if chaos is None and ("chaos_level" in given or "chaos_rate" in given):
        raise CliError("--chaos-level and --chaos-rate say how --chaos draws; give --chaos SEED too")
    if not faults and chaos is None:
        return None
    from rvsim.tools.chaos import plan_of

    return plan_of(faults, chaos, level, rate)
