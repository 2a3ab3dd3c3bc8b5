"""`rvsim run`: boot a machine and run a program in it."""

from __future__ import annotations

import os
import re
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from rvsim.tools.coverage.command import covered, parse_substitution
from rvsim.tools.errors import CliError
from rvsim.tools.quantities import parse_duration_ns, parse_size

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rvsim.emu.console import Console
    from rvsim.emu.host_console import HostConsole
    from rvsim.guest_os.boot import Machine, MachineConfig
    from rvsim.guest_os.faults import FaultPlan
    from rvsim.tools.gdb.address import Address
    from rvsim.tools.gdb.option import Companion
    from rvsim.tools.recording import RunRecorder
    from rvsim.tools.trace.recorder import Recorder

T = TypeVar("T")

PAGE_SIZE = 4096
MIN_MEMORY = 4 << 20
MAX_MEMORY = 64 << 30
DEFAULT_MEMORY = "256M"
DEFAULT_PROCESSES = 1024
_GARBAGE_OBJECTS = 10_000
"""So many objects are made until Python looks for cycles among them; at its own 700, a twentieth of the time of file
work goes into that. What the kernel makes is nearly always freed without."""
IDLE = -1
"""As a moment of guest time: when nothing runs."""
_ABI = re.compile(r"linux|rcore(:[5-8])?")


def option_value(parse: Callable[[str], T]) -> Callable[[click.Context, click.Parameter, str | None], T | None]:
    """A click callback that parses an option's text; a ValueError of `parse` becomes the error line."""

    def convert(_ctx: click.Context, _parameter: click.Parameter, text: str | None) -> T | None:
        try:
            return None if text is None else parse(text)
        except ValueError as error:
            raise click.BadParameter(str(error)) from None

    return convert


def parse_memory(text: str) -> int:
    """Bytes of RAM, a whole number of pages."""
    size = parse_size(text)
    if size < MIN_MEMORY or size > MAX_MEMORY or size % PAGE_SIZE:
        raise ValueError(f"{text!r} is not between 4M and 64G in whole pages")
    return size


def parse_abi(text: str) -> str:
    """`linux`, `rcore` or `rcore:CHAPTER`."""
    if not _ABI.fullmatch(text):
        raise ValueError(f"{text!r} is not an ABI; write linux, rcore, or rcore:5 to rcore:8")
    return text


def parse_seeds(text: str) -> range:
    """`SEED` or `FIRST-LAST`."""
    from rvsim.tools.chaos import parse_seeds

    return parse_seeds(text)


def parse_moment(text: str) -> int:
    """Guest time in nanoseconds; `idle` is IDLE."""
    return IDLE if text == "idle" else parse_duration_ns(text)


def parse_gdb_address(text: str) -> Address:
    """`PORT` or `HOST:PORT`."""
    from rvsim.tools.gdb.address import parse_address

    return parse_address(text)


def parse_variables(_ctx: click.Context, _parameter: click.Parameter, texts: tuple[str, ...]) -> dict[bytes, bytes]:
    """`NAME=VALUE`s as a mapping; the last one of a name counts."""
    variables = {}
    for text in texts:
        name, equals, value = os.fsencode(text).partition(b"=")
        if not (name and equals):
            raise click.BadParameter(f"{text!r} is not NAME=VALUE")
        variables[name] = value
    return variables


def parse_shares(
    _ctx: click.Context, _parameter: click.Parameter, texts: tuple[str, ...]
) -> list[tuple[str, str, bool]]:
    """`HOST:GUEST[:ro]`s as (host path, guest path, read-only)."""
    shares = []
    for text in texts:
        rest, readonly = (text[:-3], True) if text.endswith(":ro") else (text.removesuffix(":rw"), False)
        host, _, guest = rest.rpartition(":")
        if not host or not guest.startswith("/"):
            raise click.BadParameter(f"{text!r} is not HOST:GUEST or HOST:GUEST:ro, with GUEST a path from the root")
        shares.append((host, guest, readonly))
    return shares


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
  rvsim run --image app.tar --flag           a container image, with an argument
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

SAID_BY_SNAPSHOT = ("abi", "variables", "cwd", "processes", "clock", "seed")
"""Options that a machine from a snapshot has had already."""


WORDS = "rvsim.words"
"""In a context's `meta`: the words of the command line, as they were given."""


class RunCommand(click.Command):
    """`run`, whose option --strace may stand without its value."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Give a bare --strace an empty value, so that it does not take the next word. Only what is before PROGRAM."""
        ctx.meta[WORDS] = list(args)
        valued = {name for parameter in self.params if isinstance(parameter, click.Option) and not parameter.is_flag
                  for name in parameter.opts}
        at = 0
        while at < len(args) and args[at].startswith("-") and args[at] != "--":
            if args[at] == "--strace":
                args[at] = "--strace="
            elif args[at] in valued:
                at += 1
            at += 1
        return super().parse_args(ctx, args)


@click.command(cls=RunCommand, epilog=EPILOG,
               context_settings={"ignore_unknown_options": False, "allow_interspersed_args": False})
@click.option("--abi", callback=option_value(parse_abi), metavar="linux|rcore[:CHAPTER]",
              help="The system calls the program uses [default: what the program says, else linux].")
@click.option("--root", metavar="DIR|ARCHIVE",
              help="The guest's root: a directory, or a tar or cpio archive, of this host, which stays as it is; "
                   "changes are in memory.")
@click.option("--image", metavar="IMAGE",
              help="Run a container image of this host: an OCI layout, what `docker save` writes, or a root file "
                   "system in a tar archive. PROGRAM and its arguments then take the place of its Cmd.")
@click.option("--entrypoint", metavar="PROGRAM", help="With --image: run this instead of its Entrypoint and Cmd.")
@click.option("--image-limit", callback=option_value(parse_size), metavar="SIZE",
              help="With --image: what it may unpack to [default: 16G].")
@click.option("-v", "shares", callback=parse_shares, multiple=True, metavar="HOST:GUEST[:ro]",
              help="Show a directory or file of this host in the guest; may be given again.")
@click.option("--env", "variables", callback=parse_variables, multiple=True, metavar="K=V",
              help="Set a variable in the first process; may be given again.")
@click.option("--cwd", default="/", show_default=True, metavar="DIR", help="Working directory in the guest.")
@click.option("--memory", callback=option_value(parse_memory), default=DEFAULT_MEMORY, show_default=True,
              metavar="SIZE", help="The machine's RAM.")
@click.option("--processes", type=click.IntRange(min=1), default=DEFAULT_PROCESSES, show_default=True, metavar="N",
              help="How many tasks may exist at once.")
@click.option("--timeout", callback=option_value(parse_duration_ns), metavar="TIME",
              help="End the run after so much time on the host's clock, with status 124.")
@click.option("--clock", type=click.Choice(["virtual", "paced", "host"]),
              help="virtual: time is counted in instructions, every run is the same; paced: the same, but who waits "
                   "waits as long as on the host; host: real time [default: host at a terminal, paced with --record, "
                   "else virtual].")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, metavar="N",
              help="Vary the lengths of time slices, and the random bytes: for each N another interleaving, and always "
                   "the same. 0: slices of one length.")
@click.option("--fault", "faults", multiple=True, metavar="SPEC",
              help="CALL[:WHEN]=ACTION: have calls fail (read:3=EIO), come short (write:2+=short(1)), wait "
                   "(all:every=delay(5ms)), be met by a signal (read:1=signal(SIGINT)), find no memory (alloc:7=fail); "
                   "may be given again.")
@click.option("--chaos", callback=option_value(parse_seeds), metavar="SEED|FIRST-LAST",
              help="Draw short reads and writes, EINTR, delays and slices from SEED, as Linux might have them; with "
                   "FIRST-LAST, one run for each, up to the first seed with which it fails.")
@click.option("--chaos-level", type=click.Choice(["legal", "hard"]), default="legal", show_default=True,
              help="hard: also errors, as of a machine that is full or broken.")
@click.option("--chaos-rate", type=click.IntRange(min=1), default=20, show_default=True, metavar="N",
              help="Of N calls, one is met, on the average.")
@click.option("--record", metavar="FILE",
              help="Write all that comes in from outside to FILE; `rvsim replay FILE` has the same run again.")
@click.option("--strace", metavar="[=FILE]",
              help="Show every system call, as strace does: on standard error, or in FILE.")
@click.option("--trace", metavar="FILE", help="Record every trap in FILE, for `rvsim trace`.")
@click.option("--trace-stacks", "stack_ticks", type=click.IntRange(min=1000), metavar="TICKS",
              help="Also record who called whom every so many ticks of each task, for `rvsim trace --flame`.")
@click.option("--cov", metavar="FILE",
              help="Write which lines of the programs ran to FILE, as lcov has it, and a summary to standard error.")
@click.option("--cov-source", "cov_sources", multiple=True, metavar="DIR",
              help="Only source files below DIR; may be given again.")
@click.option("--cov-path", multiple=True, metavar="OLD=NEW", callback=parse_substitution,
              help="Source files below OLD, as the compiler named it, are below NEW; may be given again.")
@click.option("--gdb", callback=option_value(parse_gdb_address), metavar="[HOST:]PORT",
              help="Wait for gdb on this port of this host (0: choose one) before the first instruction.")
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
@click.option("--stats", is_flag=True, help="Afterwards, count traps, calls, faults and ticks on standard error.")
@click.argument("program", required=False)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
@click.pass_context
def run(
    ctx: click.Context,
    abi: str | None,
    root: str | None,
    image: str | None,
    entrypoint: str | None,
    image_limit: int | None,
    shares: list[tuple[str, str, bool]],
    variables: dict[bytes, bytes],
    cwd: str,
    memory: int,
    processes: int,
    timeout: int | None,
    clock: str | None,
    seed: int,
    faults: tuple[str, ...],
    chaos: range | None,
    chaos_level: str,
    chaos_rate: int,
    record: str | None,
    strace: str | None,
    trace: str | None,
    stack_ticks: int | None,
    cov: str | None,
    cov_sources: tuple[str, ...],
    cov_path: list[tuple[str, str]],
    gdb: Address | None,
    snapshot: str | None,
    save: str | None,
    save_at: int,
    restore: str | None,
    stats: bool,
    program: str | None,
    arguments: tuple[str, ...],
) -> int:
    """Run PROGRAM, with its arguments, as the first process of a new machine.

    PROGRAM is an ELF file of this host, or the name of a program of the built-in system; with --root, a path or a name
    on the guest's PATH. With --image, the image says what to run.
    """
    if image is None and (entrypoint is not None or image_limit is not None):
        raise CliError("--entrypoint and --image-limit say something of an image; give --image too")
    if image is not None and root is not None:
        raise CliError("--image and --root are both the guest's root; leave one away")
    if (program is None and image is None) if restore is None else program is not None:
        raise CliError("no PROGRAM given; see `rvsim run --help`" if restore is None else
                       "--restore goes on with the programs of a snapshot; leave PROGRAM away")
    import gc

    # What is imported lives as long as the process: looking through it for garbage is a tenth of the start-up time.
    gc.disable()
    from rvsim.emu.host import raise_descriptor_limit
    from rvsim.emu.host_console import HostConsole
    from rvsim.guest_os.boot import BootError, Machine, MachineConfig, Share
    from rvsim.tools.procs.reachable import reachable

    gc.freeze()
    gc.set_threshold(_GARBAGE_OBJECTS)
    gc.enable()

    if stack_ticks is not None and trace is None:
        raise CliError("--trace-stacks needs a trace to put them in; give --trace FILE too")
    if cov is not None and record is not None:
        raise CliError("--cov reads programs that a replay would not; it cannot go with --record")
    config = MachineConfig(
        memory_bytes=memory,
        clock=clock or ("virtual" if not os.isatty(0) else "host" if record is None else "paced"),
        timeout_ns=timeout,
        abi=abi,
        env=variables,
        cwd=os.fsencode(cwd),
        root=None if root is None else os.fsencode(root),
        shares=tuple(Share(os.fsencode(host), os.fsencode(guest), readonly) for host, guest, readonly in shares),
        process_limit=processes,
        seed=seed,
        faults=_plan_of(faults, chaos, chaos_level, chaos_rate),
    )
    raise_descriptor_limit()
    machine: Machine | None = None
    try:
        argv = [os.fsencode(word) for word in (program, *arguments) if word is not None]
        if image is not None:
            from rvsim.tools.image.option import with_image

            config, argv = with_image(config, argv, image, None if entrypoint is None else os.fsencode(entrypoint),
                                      config.cwd if _given(ctx, "cwd") else None, image_limit,
                                      restoring=restore is not None)
        if chaos is not None and len(chaos) > 1:
            shown = gdb, snapshot, save, record, trace, cov, strace, restore
            if stats or any(option is not None for option in shown):
                raise CliError("--chaos with several seeds shows only which one breaks; leave the other options that "
                               "show something away, and give them with that seed")
            from rvsim.tools.chaos import hunt

            return hunt(config, chaos, argv, ctx.meta[WORDS])
        if gdb is not None:
            if record is not None:
                raise CliError("--gdb cannot go with --record: what gdb changes would not be in the recording")
            if cov is not None:
                raise CliError("--gdb goes not with --cov; leave one of them away")
            if save is not None and config.clock != "virtual":
                raise CliError("--gdb goes with --save only with --clock virtual; give that too")

            @contextmanager
            def along(machine: Machine) -> Iterator[Recorder | None]:
                with (_snapshots(machine, gdb_console, snapshot), _saved(machine, save, save_at),
                      traps_recorded(machine, trace, argv or [b""], stack_ticks or 0) as recorder):
                    yield recorder

            alone = snapshot is None and save is None and trace is None
            with HostConsole() as gdb_console:
                return _under_gdb(ctx, gdb, gdb_console, config, argv, restore, strace, None if alone else along, stats)
        with HostConsole() as console, _noted(record, restore, config, argv, console) as notes:
            if restore is not None:
                machine = _restored(ctx, restore, config, console)
                if config.faults is not None:
                    machine.kernel.faults = config.faults
            elif notes is not None:
                machine = Machine(config, console, notes.log)
            else:
                machine = Machine(config, console)
            if machine.kernel.init is not None:
                argv = [machine.kernel.init.comm]
            with (reachable(machine, argv), _snapshots(machine, console, snapshot), _saved(machine, save, save_at),
                  traps_recorded(machine, trace, argv, stack_ticks or 0) as recorder, traced(machine, console, strace),
                  covered(machine, cov, cov_sources, cov_path)):
                if notes is not None:
                    status = notes.run(machine, argv)
                else:
                    status = machine.finish() if restore is not None else machine.run(argv[0], argv)
                if recorder is not None:
                    recorder.status = status
    except BootError as error:
        if chaos is not None and machine is not None:
            _tell_of_chaos(machine, str(error), ctx.meta[WORDS])
        raise CliError(str(error), error.status) from None
    if chaos is not None and status:
        _tell_of_chaos(machine, f"it ended with status {status}", ctx.meta[WORDS])
    if stats:
        print(machine.stats, file=sys.stderr)
    return status


def _tell_of_chaos(machine: Machine, ending: str, words: list[str]) -> None:
    from rvsim.tools.chaos import tell_of_seed

    tell_of_seed(machine, ending, words)


def _plan_of(faults: tuple[str, ...], chaos: range | None, level: str, rate: int) -> FaultPlan | None:
    if not faults and chaos is None:
        return None
    from rvsim.tools.chaos import plan_of

    return plan_of(faults, chaos, level, rate)


def _under_gdb(ctx: click.Context, address: Address, console: HostConsole, config: MachineConfig, argv: list[bytes],
               restore: str | None, strace: str | None, companion: Companion | None, stats: bool) -> int:
    """The run with gdb at its side."""
    from rvsim.guest_os.boot import Machine
    from rvsim.tools.gdb.option import run_with_gdb

    def boot(shown: Console, arguments: list[bytes], made: Callable[[Machine], None]) -> Machine:
        machine = _restored(ctx, restore, config, shown) if restore is not None else Machine(config, shown)
        made(machine)
        if restore is not None:
            return machine
        machine.start(argv[0], [argv[0], *arguments] if arguments else argv)
        return machine

    program = os.fsdecode(argv[0]) if argv else ""
    status, machine = run_with_gdb(address, console, boot, config.clock == "virtual", program, strace,
                                   restore is not None, companion)
    if stats:
        print(machine.stats, file=sys.stderr)
    return status


def _given(ctx: click.Context, name: str) -> bool:
    """Whether an option stands on the command line."""
    return ctx.get_parameter_source(name) is not click.core.ParameterSource.DEFAULT


def _restored(ctx: click.Context, path: str, config: MachineConfig, console: Console) -> Machine:
    """The machine of --restore: with what the options grant it of this host, and their limits."""
    from rvsim.tools.saving import restored

    wrong = [name for name in SAID_BY_SNAPSHOT if _given(ctx, name)]
    if wrong:
        options = {name: parameter.opts[0] for parameter in ctx.command.params if (name := parameter.name) in wrong}
        raise CliError(f"{options[wrong[0]]} cannot be changed with --restore; the snapshot says it")
    return restored(path, config, console, config.memory_bytes if _given(ctx, "memory") else None)


@contextmanager
def _noted(path: str | None, restore: str | None, config: MachineConfig, argv: list[bytes],
           console: HostConsole) -> Iterator[RunRecorder | None]:
    """While this lasts, a run that comes from a log can be written to `path`, if there is one."""
    if path is None:
        yield None
        return
    from rvsim.tools.recording import RunRecorder

    if restore is not None:
        raise CliError("--record notes a run from its beginning; it cannot go with --restore")
    with RunRecorder(path, config, argv, console) as notes:
        yield notes


@contextmanager
def _saved(machine: Machine, path: str | None, moment_ns: int) -> Iterator[None]:
    """While this lasts, the machine is written to `path` at its moment, if there is a path."""
    if path is None:
        yield
        return
    from rvsim.tools.saving import saved

    with saved(machine, path, moment_ns):
        yield


@contextmanager
def _snapshots(machine: Machine, console: HostConsole, path: str | None) -> Iterator[None]:
    """While this lasts, snapshots of the processes are written to `path`, if there is one."""
    if path is None:
        yield
        return
    from rvsim.tools.procs.snapshot import on_request

    with on_request(machine, Path(path), lambda line: console.notice(f"rvsim: {line}")):
        yield


@contextmanager
def traps_recorded(machine: Machine, path: str | None, argv: list[bytes],
                   stack_ticks: int) -> Iterator[Recorder | None]:
    """While this lasts, every trap is recorded in `path`, if there is one."""
    if path is None:
        yield None
        return
    from rvsim.tools.trace.recorder import Recorder, header_of

    with Recorder.recording(machine, path, header_of(machine, argv, stack_ticks), stack_ticks) as recorder:
        yield recorder


@contextmanager
def traced(machine: Machine, console: HostConsole, option: str | None) -> Iterator[None]:
    """While this lasts, every system call is shown, if that is wanted."""
    if option is None:
        yield
        return
    from rvsim.tools.strace.destination import Trace

    with Trace(option, console) as trace:
        if trace.tracer is not None:
            machine.kernel.observe(trace.tracer)
        yield
