"""`rvsim step`: run a program and step through its traps."""

from __future__ import annotations

import os
import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING

import click

from rvsim.tools.errors import CliError, complain, reason
from rvsim.tools.options.faults import CHAOS, CHAOS_LEVEL, CHAOS_RATE, FAULTS, fault_plan
from rvsim.tools.options.machine import ABI, CWD, MEMORY, PROCESSES, ROOT, SEED, SHARES, VARIABLES

if TYPE_CHECKING:
    from rvsim.guest_os.boot import Machine
    from rvsim.tools.debug.log_console import ReadySource
    from rvsim.tools.debug.played import PlayedConsole
    from rvsim.tools.debug.session import Session
    from rvsim.tools.step.shell import Shell

SAID_BY_SNAPSHOT = ("abi", "variables", "cwd", "processes", "seed", "faults", "chaos", "chaos_level", "chaos_rate")
SAID_BY_RECORDING = (*SAID_BY_SNAPSHOT, "root", "shares", "memory")

EPILOG = """\b
Exit status: the first process's if it has ended; what `quit STATUS` says; 1
if an `assert` failed; 125 for an error in a script or of rvsim's own; else 0.

\b
Examples:
  rvsim step ./hello                              a prompt; `help` lists commands
  rvsim step -x 'until fault; walk $stval; bt' ./crash
  rvsim step -x 'until call openat; back 2; regs' --root ./debian ls
  rvsim step --screen ./fork                      everything at once; ? shows its keys
  rvsim step --commands session.rv --stdin words.txt ./wc
  rvsim step --replay run.rec --at 42             a recorded run, or a failed test
  rvsim step --restore prompt.snap                a machine that was saved
  rvsim step --seed 1 -x 'until switch; sched' race_adder_hidden
  rvsim step --chaos 7 -x 'until call exit_group; back 3' ./prog
"""


@click.command(epilog=EPILOG, context_settings={"ignore_unknown_options": False, "allow_interspersed_args": False})
@ABI
@ROOT
@SHARES
@VARIABLES
@CWD
@MEMORY
@PROCESSES
@SEED
@FAULTS
@CHAOS
@CHAOS_LEVEL
@CHAOS_RATE
@click.option("--commands", "files", multiple=True, metavar="FILE",
              help="Run the commands in FILE, then leave; may be given again.")
@click.option("-x", "--execute", "texts", multiple=True, metavar="COMMANDS",
              help="Run these commands, with ; between them, then leave; may be given again; after --commands.")
@click.option("--stdin", "guest_input", metavar="FILE",
              help="The guest's standard input; - is rvsim's own, if it is not needed for commands "
                   "[default: what is typed while the guest waits for input, and the command `input`].")
@click.option("--screen", "on_screen", is_flag=True,
              help="The full-screen view: traps, instructions, registers, processes and console side by side.")
@click.option("--replay", "recording", metavar="FILE",
              help="Instead of PROGRAM: the recorded run in FILE, of `rvsim run --record` or of a test that failed.")
@click.option("--restore", "restored", metavar="SNAPSHOT",
              help="Instead of PROGRAM: the machine in a file of `rvsim run --save` or of the command `save`; "
                   "--root and -v grant it what it had of this host.")
@click.option("--at", "at_trap", type=click.IntRange(min=1), metavar="TRAP",
              help="With --replay: first run to the trap of this number.")
@click.argument("program", required=False)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
@click.pass_context
def step(
    ctx: click.Context,
    abi: str | None,
    root: str | None,
    shares: list[tuple[str, str, bool]],
    variables: dict[bytes, bytes],
    cwd: str,
    memory: int,
    processes: int,
    seed: int,
    faults: tuple[str, ...],
    chaos: range | None,
    chaos_level: str,
    chaos_rate: int,
    files: tuple[str, ...],
    texts: tuple[str, ...],
    guest_input: str | None,
    on_screen: bool,
    recording: str | None,
    restored: str | None,
    at_trap: int | None,
    program: str | None,
    arguments: tuple[str, ...],
) -> int:
    """Run PROGRAM, with its arguments, and step through its traps, forth and back.

    Time is virtual: whatever is looked at, and however long, the run is the same.
    """
    _check_beginning(ctx, program, recording, restored)
    if at_trap is not None and (recording is None or on_screen):
        raise CliError("--at goes with --replay, and not with --screen")
    if chaos is not None and len(chaos) > 1:
        raise CliError("--chaos: give the one seed that `rvsim run --chaos FIRST-LAST` has found")
    plan = fault_plan(faults, chaos, chaos_level, chaos_rate, {name for name in ctx.params if _given(ctx, name)})
    from rvsim.emu.host import raise_descriptor_limit
    from rvsim.guest_os.boot import BootError, Machine, MachineConfig, Share
    from rvsim.guest_os.snapshot import SnapshotError
    from rvsim.tools.debug.console import SessionConsole, TypedInput
    from rvsim.tools.debug.journey import SessionError
    from rvsim.tools.debug.log_console import LogConsole
    from rvsim.tools.debug.played import PlayedConsole
    from rvsim.tools.debug.session import Session
    from rvsim.tools.saving import granted
    from rvsim.tools.step.played import AtTrap
    from rvsim.tools.step.prompt import (
        FileInput,
        ScriptReader,
        StreamReader,
        TerminalInput,
        TerminalReader,
        completions,
        history_file,
        interrupts,
    )
    from rvsim.tools.step.shell import Reader, ScriptError, Shell
    from rvsim.tools.step.style import style_for

    config = MachineConfig(
        memory_bytes=memory, abi=abi, env=variables, cwd=os.fsencode(cwd),
        root=None if root is None else os.fsencode(root),
        shares=tuple(Share(os.fsencode(host), os.fsencode(guest), readonly) for host, guest, readonly in shares),
        process_limit=processes, seed=seed, faults=plan)
    argv = [os.fsencode(word) for word in (program, *arguments) if word is not None]

    def boot(console: SessionConsole) -> Machine:
        if isinstance(console, PlayedConsole):
            return console.boot()
        if restored is not None:
            return _restored(restored, memory if _given(ctx, "memory") else None, session)
        machine = Machine(config, console)
        machine.start(argv[0], argv)
        return machine

    script = [*_lines(files), *texts]
    scripted = bool(files or texts)
    if on_screen:
        on_screen = _can_be_drawn_on(scripted)
    if on_screen:
        from rvsim.tools.step.screen.start import Watching

        watching = Watching()
        shell: Shell = watching.shell
    else:
        shell = Shell(Reader(), sys.stdout, style_for(sys.stdout))
    with ExitStack() as stack:
        if guest_input == "-":
            if not scripted:
                raise CliError("--stdin -: standard input has the commands; give --commands or -x, or a file")
            source: ReadySource = FileInput(sys.stdin.buffer, lambda: shell.session.interrupted)
        elif guest_input is not None:
            try:
                stream = stack.enter_context(open(guest_input, "rb", buffering=0))
                source = FileInput(stream, lambda: shell.session.interrupted)
            except OSError as error:
                raise CliError(f"--stdin {guest_input}: {reason(error)}") from None
        elif not scripted and not on_screen and sys.stdin.isatty():
            source = TerminalInput(lambda: shell.session.interrupted)
        else:
            source = TypedInput()
        if recording is not None:
            console: SessionConsole = _played(recording, shell, source)
        elif restored is not None:
            console = LogConsole(shell.guest_output, source)
        else:
            console = SessionConsole(shell.guest_output, source)
        session = shell.session = Session(boot, shell, console)
        session.granted = lambda: granted(config)
        if on_screen:
            pass
        elif scripted:
            shell.reader = ScriptReader(script)
        elif sys.stdin.isatty():
            shell.reader = TerminalReader(lambda text: completions(shell, text), history_file())
        else:
            shell.reader = StreamReader(sys.stdin)
        if at_trap is not None and isinstance(console, PlayedConsole):
            shell.reader = AtTrap(shell.reader, console, at_trap)
        if not on_screen:
            stack.enter_context(interrupts(session))
        raise_descriptor_limit()
        try:
            status = watching.run(session, program or recording or str(restored)) if on_screen else session.run()
        except BootError as error:
            raise CliError(str(error), error.status) from None
        except (ScriptError, SessionError, SnapshotError) as error:
            sys.stdout.flush()
            raise CliError(str(error), shell.status or 125) from None
    if shell.status is not None:
        return shell.status
    return status or 0


def _played(path: str, shell: Shell, source: ReadySource) -> PlayedConsole:
    """The console of a recorded run. Raises CliError: the file is no recording."""
    from rvsim.guest_os.recording.file import BadRecording, read_recording
    from rvsim.tools.debug.played import PlayedConsole

    try:
        return PlayedConsole(shell.guest_output, source, path, read_recording(path), shell.say)
    except OSError as error:
        raise CliError(f"--replay {path}: {reason(error)}") from None
    except BadRecording as error:
        raise CliError(f"--replay {path}: {error}") from None


def _restored(path: str, allowed_bytes: int | None, session: Session) -> Machine:
    """The saved machine in a file, for the session's console. Raises CliError."""
    from rvsim.guest_os.snapshot import SnapshotError, load
    from rvsim.guest_os.snapshot.file import LIMIT_BYTES

    try:
        machine = session.restored(load(path, allowed_bytes or LIMIT_BYTES))
    except SnapshotError as error:
        raise CliError(f"--restore: {error}") from None
    session.console.take_over(machine)
    return machine


def _check_beginning(context: click.Context, program: str | None, recording: str | None, restored: str | None) -> None:
    """Raises CliError: there is no run to begin with, more than one, or an option that it has said already."""
    given = [name for name, value in (("PROGRAM", program), ("--replay", recording), ("--restore", restored))
             if value is not None]
    if not given:
        raise CliError("no PROGRAM given; see `rvsim step --help`")
    if len(given) > 1:
        raise CliError(f"{given[-1]} has its own programs; leave {given[0]} away")
    said = SAID_BY_RECORDING if recording is not None else SAID_BY_SNAPSHOT if restored is not None else ()
    for parameter in context.command.params:
        if parameter.name in said and _given(context, parameter.name):
            raise CliError(f"{parameter.opts[0]} cannot be changed with {given[0]}; "
                           f"the {'recording' if recording is not None else 'snapshot'} says it")


def _given(context: click.Context, name: str) -> bool:
    return context.get_parameter_source(name) is not click.core.ParameterSource.DEFAULT


def _can_be_drawn_on(scripted: bool) -> bool:
    """Whether the terminal can show the full-screen view; says so if not. Raises CliError: it is no terminal."""
    if scripted:
        raise CliError("--screen: commands are typed there; leave --commands and -x away")
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise CliError("--screen: standard input and output are no terminal that it can draw on; "
                       "`rvsim step` without it needs none")
    if os.environ.get("TERM", "dumb") in ("", "dumb", "unknown"):
        complain("--screen: TERM says that nothing can be drawn on this terminal, so here is the prompt instead")
        return False
    return True


def _lines(files: tuple[str, ...]) -> list[str]:
    found: list[str] = []
    for path in files:
        try:
            with open(path, encoding="utf-8") as file:
                found += file.read().splitlines()
        except (OSError, ValueError) as error:
            why = reason(error) if isinstance(error, OSError) else "it is no text"
            raise CliError(f"--commands {path}: {why}") from None
    return found
