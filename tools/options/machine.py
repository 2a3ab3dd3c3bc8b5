"""What a new machine is: its system calls, its files, its environment, its size."""

from __future__ import annotations

import click

from rvsim.tools.options.parsing import option_value, parse_abi, parse_memory, parse_shares, parse_variables

DEFAULT_MEMORY = "256M"
DEFAULT_PROCESSES = 1024

ABI = click.option(
    "--abi", callback=option_value(parse_abi), metavar="linux|rcore[:CHAPTER]",
    help="The system calls the program uses [default: what the program says, else linux].")
ROOT = click.option(
    "--root", metavar="DIR|ARCHIVE",
    help="The guest's root: a directory, or a tar or cpio archive, of this host, which stays as it is; "
         "changes are in memory.")
SHARES = click.option(
    "-v", "shares", callback=parse_shares, multiple=True, metavar="HOST:GUEST[:ro]",
    help="Show a directory or file of this host in the guest; may be given again.")
VARIABLES = click.option(
    "--env", "variables", callback=parse_variables, multiple=True, metavar="K=V",
    help="Set a variable in the first process; may be given again.")
CWD = click.option("--cwd", default="/", show_default=True, metavar="DIR", help="Working directory in the guest.")
MEMORY = click.option(
    "--memory", callback=option_value(parse_memory), default=DEFAULT_MEMORY, show_default=True, metavar="SIZE",
    help="The machine's RAM.")
PROCESSES = click.option(
    "--processes", type=click.IntRange(min=1), default=DEFAULT_PROCESSES, show_default=True, metavar="N",
    help="How many tasks may exist at once.")
SEED = click.option(
    "--seed", type=click.IntRange(min=0), default=0, show_default=True, metavar="N",
    help="Vary the lengths of time slices, and the random bytes: for each N another interleaving, and always the same. "
         "0: slices of one length.")
