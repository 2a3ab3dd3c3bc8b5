"""`rvsim run`: boot a machine and run a program in it. The options, and what they are called."""

from __future__ import annotations

from typing import Any

import click

from rvsim.tools.coverage.command import parse_substitution
from rvsim.tools.options.faults import CHAOS, CHAOS_LEVEL, CHAOS_RATE, FAULTS
from rvsim.tools.options.machine import ABI, CWD, MEMORY, PROCESSES, ROOT, SEED, SHARES, VARIABLES
from rvsim.tools.options.observing import GDB, STACK_TICKS, STATS, STRACE, TRACE
from rvsim.tools.options.parsing import WORDS, RunCommand, option_value, parse_moment
from rvsim.tools.quantities import parse_duration_ns, parse_size
from rvsim.tools.run.options import Options

EPILOG = """\b
Exit status: the first process's; 128+N if signal N ended it; 124 at the
timeout; 125 for an error of rvsim's own; 126 PROGRAM cannot be executed;
127 PROGRAM not found.

\b
Examples:
  rvsim run initproc                         a shell in the built-in system
  printf 'ls\\nexit\\n' | rvsim run initproc   the same, typed by a pipe
  rvsim run ./hello one two                  a RISC-V program of yours
  rvsim run --root ./debian -v .:/work bash  a whole system from a directory
  rvsim run --root debian.tar.xz bash        the same from an archive
  rvsim run --image app.tar -- --flag        a container image, with an argument
  rvsim run --timeout 5s --stats infloop     end it after 5 s, then count
  rvsim run --save prompt.snap initproc      keep the machine at its prompt,
  rvsim run --restore prompt.snap            and go on from there
  rvsim run --record day.rec initproc        note all that comes in, and
  rvsim replay day.rec                       have the same run again
  rvsim run --seed 7 race_adder_hidden       other slices: does a race show?
  rvsim run --trace hello.trace hello        record every trap, for `rvsim trace`
  rvsim run --fault write:3=ENOSPC ./prog    the third write fails
  rvsim run --chaos 7 ./prog                 whatever Linux may do to it
"""


@click.command(cls=RunCommand, epilog=EPILOG,
               context_settings={"ignore_unknown_options": False, "allow_interspersed_args": False})
@ABI
@ROOT
@click.option("--image", metavar="IMAGE",
              help="Run a container image of this host: an OCI layout, what `docker save` writes, or a root file "
                   "system in a tar archive. PROGRAM and its arguments then take the place of its Cmd.")
@click.option("--entrypoint", metavar="PROGRAM", help="With --image: run this instead of its Entrypoint and Cmd.")
@click.option("--image-limit", callback=option_value(parse_size), metavar="SIZE",
              help="With --image: what it may unpack to [default: 16G].")
@SHARES
@VARIABLES
@CWD
@MEMORY
@PROCESSES
@click.option("--timeout", callback=option_value(parse_duration_ns), metavar="TIME",
              help="End the run after so much time on the host's clock, with status 124.")
@click.option("--clock", type=click.Choice(["virtual", "paced", "host"]),
              help="virtual: time is counted in instructions, every run is the same; paced: the same, but who waits "
                   "waits as long as on the host; host: real time [default: host at a terminal, paced with --record, "
                   "else virtual].")
@SEED
@FAULTS
@CHAOS
@CHAOS_LEVEL
@CHAOS_RATE
@click.option("--record", metavar="FILE",
              help="Write all that comes in from outside to FILE; `rvsim replay FILE` has the same run again.")
@STRACE
@TRACE
@STACK_TICKS
@click.option("--cov", metavar="FILE",
              help="Write which lines of the programs ran to FILE, as lcov has it, and a summary to standard error.")
@click.option("--cov-source", "cov_sources", multiple=True, metavar="DIR",
              help="Only source files below DIR; may be given again.")
@click.option("--cov-path", multiple=True, metavar="OLD=NEW", callback=parse_substitution,
              help="Source files below OLD, as the compiler named it, are below NEW; may be given again.")
@GDB
@click.option("--snapshot-procs", "snapshot", metavar="FILE",
              help="On SIGUSR1, at the timeout, and when nothing can run any more, write what `rvsim ps` shows "
                   "to FILE.")
@click.option("--save", metavar="FILE",
              help="Write the whole machine to FILE, at --save-at, and go on; --restore goes on from there.")
@click.option("--save-at", callback=option_value(parse_moment), default="idle", show_default=True, metavar="idle|TIME",
              help="When: the first time that nothing runs, as at a prompt, or after so much guest time.")
@click.option("--restore", metavar="FILE",
              help="Go on with a machine from such a file, instead of PROGRAM. What it had of this host must be given "
                   "again with --root, --image and -v, and --memory allows it more than 1G.")
@STATS
@click.argument("program", required=False)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
@click.pass_context
def run(ctx: click.Context, /, **values: Any) -> int:
    """Run PROGRAM, with its arguments, as the first process of a new machine.

    PROGRAM is an ELF file of this host, or the name of a program of the built-in system; with --root, a path or a name
    on the guest's PATH. With --image, the image says what to run.
    """
    given = {name for name in values if ctx.get_parameter_source(name) is not click.core.ParameterSource.DEFAULT}
    options = Options(**values, words=ctx.meta[WORDS], given=given)
    options.check()
    from rvsim.tools.run.running import run_program

    return run_program(options)
