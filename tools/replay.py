"""`rvsim replay`: a recorded run once more, from its recording alone."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from rvsim.tools.errors import OWN_ERROR, CliError, reason
from rvsim.tools.options.observing import GDB, STACK_TICKS, STATS, STRACE, TRACE, check_stacks
from rvsim.tools.options.parsing import RunCommand
from rvsim.tools.plain import plain
from rvsim.tools.run.attached import traced, traps_recorded
from rvsim.tools.version import own_version

if TYPE_CHECKING:
    from rvsim.emu.console import Console
    from rvsim.emu.host import FdKind
    from rvsim.emu.host_console import HostConsole
    from rvsim.guest_os.boot import Machine
    from rvsim.guest_os.recording.file import Recording
    from rvsim.guest_os.recording.log import ReplayLog
    from rvsim.tools.options.gdb_address import Address
    from rvsim.tools.recording import Header

EPILOG = """\b
The run is the same to the tick: the same output on the same streams, the
same exit status, the same traps, whatever is typed and whatever has become
of this host's files since. Nobody waits, and nothing on this host is
changed. If it turns out otherwise, one line says where, and the exit status
is 125.

\b
Examples:
  rvsim run --record day.rec initproc     a session at the terminal
  rvsim replay day.rec                    the session once more
  rvsim replay --strace=calls day.rec     now with its system calls in a file
  rvsim replay --info day.rec             what was recorded
  rvsim replay --gdb 1234 day.rec         gdb at it, forth and back
"""


class Playback:
    """The console of a replay: shows what the guest prints, and has nothing to say. `kinds` are the recorded streams'.

    What went to the terminal goes to a stream that was the terminal.
    """

    def __init__(self, screen: Console, kinds: tuple[FdKind, FdKind, FdKind]) -> None:
        self.screen = screen
        self.kinds = kinds

    def open(self) -> None:
        """There is nothing to take over."""

    def close(self) -> None:
        self.screen.flush()

    def kind(self, fd: int) -> FdKind:
        return self.kinds[fd]

    def is_terminal(self, fd: int) -> bool:
        return self.kinds[fd] == "terminal"

    def size(self) -> tuple[int, int]:
        return self.screen.size()

    def take_resize(self) -> bool:
        return False

    def read(self, limit: int) -> bytes | None:
        return None

    def wait(self, timeout_s: float | None) -> bool:
        return False

    def write(self, data: bytes) -> None:
        self.screen.write(data)

    def write_error(self, data: bytes) -> None:
        self.screen.write_error(data)

    def write_terminal(self, data: bytes) -> None:
        if self.is_terminal(1):
            self.screen.write(data)
        elif self.is_terminal(2):
            self.screen.write_error(data)
        elif self.screen.is_terminal(0):
            self.screen.write_terminal(data)

    def closed(self, fd: int) -> bool:
        return False

    def flush(self) -> None:
        self.screen.flush()

    def poll(self) -> None:
        self.screen.flush()


@click.command(cls=RunCommand, epilog=EPILOG, context_settings={"allow_interspersed_args": False})
@STRACE
@TRACE
@STACK_TICKS
@GDB
@STATS
@click.option("--info", is_flag=True, help="Say what was recorded, and run nothing.")
@click.argument("recording", metavar="FILE")
def replay(
    strace: str | None,
    trace: str | None,
    stack_ticks: int | None,
    gdb: Address | None,
    stats: bool,
    info: bool,
    recording: str,
) -> int:
    """Have a run again that `rvsim run --record FILE` has recorded.

    The exit status is that of the recorded run.
    """
    from rvsim.guest_os.boot import BootError
    from rvsim.guest_os.recording.file import BadRecording, read_recording
    from rvsim.guest_os.recording.log import Diverged, RecordingEnds, ReplayLog
    from rvsim.tools.recording import Header

    try:
        found = read_recording(recording)
        header = Header(found.header)
        if info:
            click.echo(described(header, found))
            return 0
        check_stacks(trace, stack_ticks)
        if gdb is not None:
            if trace is not None:
                raise CliError("--gdb goes not with --trace: a run that goes back has no one trace; leave one of them "
                               "away")
            status, machine = _under_gdb(gdb, recording, header, found, strace)
            if stats:
                print(machine.stats, file=sys.stderr)
            return status
        log = ReplayLog(found)
        machine, screen = _machine(recording, header, log)
        with traps_recorded(machine, trace, header.argv, stack_ticks) as recorder, traced(machine, screen, strace):
            status = _replay(header, log, machine, screen)
            if recorder is not None:
                recorder.status = status
        if stats:
            print(machine.stats, file=sys.stderr)
        return status
    except OSError as error:
        raise CliError(f"{recording}: {reason(error)}") from None
    except (BadRecording, RecordingEnds) as error:
        raise CliError(f"{recording}: {error}") from None
    except BootError as error:
        raise CliError(str(error), error.status) from None
    except Diverged as error:
        raise CliError(f"{recording}: the replay differs from the recording {error}{_version_hint(header)}") from None


def _machine(path: str, header: Header, log: ReplayLog) -> tuple[Machine, HostConsole]:
    """The recorded machine, and where it shows what it prints. Raises BootError, CliError."""
    from rvsim.emu.host_console import HostConsole
    from rvsim.guest_os.boot import Machine
    from rvsim.guest_os.snapshot import SnapshotError
    from rvsim.tools.recording import begun

    screen = HostConsole()
    if header.snapshot is not None:
        try:
            return begun(path, header, Playback(screen, header.kinds), log), screen
        except SnapshotError as error:
            raise CliError(f"{path}: {error}") from None
    return Machine(header.config, Playback(screen, header.kinds), log), screen


def _replay(header: Header, log: ReplayLog, machine: Machine, screen: HostConsole) -> int:
    from rvsim.guest_os.boot import BootError
    from rvsim.guest_os.recording.log import End
    from rvsim.tools.recording import interrupted_here

    try:
        status = machine.run(header.argv[0], header.argv) if header.snapshot is None else machine.finish()
        log.check_end(End(status, ""))
    except BootError as error:
        log.check_end(End(error.status, str(error)))
        raise
    except KeyboardInterrupt:
        interrupted = interrupted_here(log)
        if interrupted is None:
            raise                                   # it is this run that is interrupted
        status = interrupted
    finally:
        screen.flush()
    return status


def _under_gdb(address: Address, path: str, header: Header, found: Recording, strace: str | None,
               ) -> tuple[int, Machine]:
    """The replay with gdb at its side. Raises as `_replay` does."""
    from rvsim.emu.host_console import HostConsole
    from rvsim.guest_os.recording.again import RepeatedLog
    from rvsim.tools.gdb.replayed import replay_with_gdb

    screen = HostConsole()
    try:
        return replay_with_gdb(address, header, path, RepeatedLog(found), Playback(screen, header.kinds), screen,
                               strace)
    finally:
        screen.flush()


def _version_hint(header: Header) -> str:
    here = own_version()
    return "" if header.version == here else f"; it was made by rvsim {header.version}, and this is {here}"


def described(header: Header, recording: Recording) -> str:
    """What a recording is of, in lines. Raises BadRecording."""
    from rvsim.guest_os.recording.log import contents
    from rvsim.tools.recording import faults_described

    config = header.config
    found = contents(recording)
    ended = f"status {found.end.status}" if found.end is not None else "not known: the recording was cut off"
    lines = [
        ("program", " ".join(word.decode(errors="replace") for word in header.argv)),
        ("rvsim", header.version),
        ("clock", config.clock),
        ("seed", str(config.seed)),
        *faults_described(config.faults),
        ("memory", f"{config.memory_bytes >> 20}M"),
        ("streams", " ".join(header.kinds)),
        ("input", f"{found.input_bytes} bytes in {found.inputs} pieces"),
        ("host files", f"{found.host_answers} answers"),
        ("ticks", str(found.ticks)),
        ("ended", ended),
    ]
    return "\n".join(f"{name + ':':12}{plain(value)}" for name, value in lines)


__all__ = ["OWN_ERROR", "Playback", "replay"]
