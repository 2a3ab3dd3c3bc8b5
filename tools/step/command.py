"""`rvsim step`: run a program and step through its traps."""

from __future__ import annotations

import os
import sys
from contextlib import ExitStack

import click

from rvsim.tools.errors import CliError
from rvsim.tools.run.command import run
from rvsim.tools.run.options import fault_plan

SAME = ("abi", "root", "shares", "variables", "cwd", "memory", "processes", "faults", "chaos", "chaos_level",
        "chaos_rate")
"""Parameters that mean what they mean for `run`."""

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
  rvsim step --replay run.rec --at 42               what a failed test did
  rvsim step --chaos 7 -x 'until call exit_group; back 3' ./prog
"""


@click.command(epilog=EPILOG, params=[one for one in run.params if one.name in SAME],
               context_settings={"ignore_unknown_options": False, "allow_interspersed_args": False})
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
              help="Instead of PROGRAM: the run of a test that failed, which `rvsim test` has kept in FILE.")
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
    faults: tuple[str, ...],
    chaos: range | None,
    chaos_level: str,
    chaos_rate: int,
    files: tuple[str, ...],
    texts: tuple[str, ...],
    guest_input: str | None,
    on_screen: bool,
    recording: str | None,
    at_trap: int | None,
    program: str | None,
    arguments: tuple[str, ...],
) -> int:
    """Run PROGRAM, with its arguments, and step through its traps, forth and back.

    Time is virtual: whatever is looked at, and however long, the run is the same.
    """
    if (program is None) == (recording is None):
        raise CliError("no PROGRAM given; see `rvsim step --help`" if recording is None else
                       "--replay has the program of its recording; leave PROGRAM away")
    if at_trap is not None and (recording is None or on_screen):
        raise CliError("--at goes with --replay, and not with --screen")
    if chaos is not None and len(chaos) > 1:
        raise CliError("--chaos: give the one seed that `rvsim run --chaos FIRST-LAST` has found")
    given = {name for name in ctx.params if ctx.get_parameter_source(name) is not click.core.ParameterSource.DEFAULT}
    plan = fault_plan(faults, chaos, chaos_level, chaos_rate, given)
    if plan is not None and recording is not None:
        raise CliError("--replay has the faults of its recording; leave --fault and --chaos away")
    from rvsim.emu.host import raise_descriptor_limit
    from rvsim.guest_os.boot import BootError, Machine, MachineConfig, Share
    from rvsim.guest_os.snapshot import SnapshotError
    from rvsim.tools.debug.console import SessionConsole, Source, TypedInput
    from rvsim.tools.debug.journey import SessionError
    from rvsim.tools.debug.session import Session
    from rvsim.tools.step.played import AtTrap, PlayedConsole
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
        process_limit=processes, faults=plan)
    argv = [os.fsencode(word) for word in (program, *arguments) if word is not None]

    def boot(console: SessionConsole) -> Machine:
        if isinstance(console, PlayedConsole):
            return console.boot()
        machine = Machine(config, console)
        machine.start(argv[0], argv)
        return machine

    script = [*_lines(files), *texts]
    scripted = bool(files or texts)
    if on_screen:
        _must_be_terminal(scripted)
        from rvsim.tools.step.screen.start import Watching

        watching = Watching()
        shell: Shell = watching.shell
    else:
        shell = Shell(Reader(), sys.stdout, style_for(sys.stdout))
    with ExitStack() as stack:
        if guest_input == "-":
            if not scripted:
                raise CliError("--stdin -: standard input has the commands; give --commands or -x, or a file")
            source: Source = FileInput(sys.stdin.buffer, lambda: shell.session.interrupted)
        elif guest_input is not None:
            try:
                stream = stack.enter_context(open(guest_input, "rb", buffering=0))
                source = FileInput(stream, lambda: shell.session.interrupted)
            except OSError as error:
                raise CliError(f"--stdin {guest_input}: {(error.strerror or str(error)).lower()}") from None
        elif not scripted and not on_screen and sys.stdin.isatty():
            source = TerminalInput(lambda: shell.session.interrupted)
        else:
            source = TypedInput()
        if recording is not None:
            console: SessionConsole = PlayedConsole(shell.guest_output, source, recording)
        else:
            console = SessionConsole(shell.guest_output, source)
        session = shell.session = Session(boot, shell, console)
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
            status = watching.run(session, program or str(recording)) if on_screen else session.run()
        except BootError as error:
            raise CliError(str(error), error.status) from None
        except (ScriptError, SessionError, SnapshotError) as error:
            sys.stdout.flush()
            raise CliError(str(error), shell.status or 125) from None
    if shell.status is not None:
        return shell.status
    return status or 0


def _must_be_terminal(scripted: bool) -> None:
    """Raises CliError: there is no place for the full-screen view."""
    if scripted:
        raise CliError("--screen: commands are typed there; leave --commands and -x away")
    if not (sys.stdin.isatty() and sys.stdout.isatty()) or os.environ.get("TERM", "dumb") == "dumb":
        raise CliError("--screen: standard input and output are no terminal that it can draw on; "
                       "`rvsim step` without it needs none")


def _lines(files: tuple[str, ...]) -> list[str]:
    found: list[str] = []
    for path in files:
        try:
            with open(path, encoding="utf-8") as file:
                found += file.read().splitlines()
        except (OSError, ValueError) as error:
            reason = (error.strerror or str(error)).lower() if isinstance(error, OSError) else "it is no text"
            raise CliError(f"--commands {path}: {reason}") from None
    return found
