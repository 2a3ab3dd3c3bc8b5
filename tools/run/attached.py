"""What goes along with a run, each if its option was given: contexts that last as long as the machine runs.

What one needs is imported only when it is wanted.
"""

from __future__ import annotations

from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    from rvsim.emu.host_console import HostConsole
    from rvsim.guest_os.boot import Machine, MachineConfig
    from rvsim.tools.recording import RunRecorder
    from rvsim.tools.trace.recorder import Recorder


def noted(path: str | None, config: MachineConfig, argv: list[bytes],
          console: HostConsole) -> AbstractContextManager[RunRecorder | None]:
    """While this lasts, a run that comes from a log can be written to `path`, if there is one."""
    if path is None:
        return nullcontext()
    from rvsim.tools.recording import RunRecorder

    return RunRecorder(path, config, argv, console)


def machine_saved(machine: Machine, path: str | None, moment_ns: int) -> AbstractContextManager[None]:
    """While this lasts, the machine is written to `path` at its moment, if there is a path."""
    if path is None:
        return nullcontext()
    from rvsim.tools.saving import saved

    return saved(machine, path, moment_ns)


def processes_written(machine: Machine, console: HostConsole, path: str | None) -> AbstractContextManager[None]:
    """While this lasts, snapshots of the processes are written to `path`, if there is one."""
    if path is None:
        return nullcontext()
    from rvsim.tools.procs.snapshot import on_request

    return on_request(machine, Path(path), lambda line: console.notice(f"rvsim: {line}"))


def traps_recorded(machine: Machine, path: str | None, argv: list[bytes],
                   stack_ticks: int | None) -> AbstractContextManager[Recorder | None]:
    """While this lasts, every trap is recorded in `path`, if there is one; stacks too, every so many ticks."""
    if path is None:
        return nullcontext()
    from rvsim.tools.trace.recorder import Recorder, header_of

    stack_ticks = stack_ticks or 0
    return Recorder.recording(machine, path, header_of(machine, argv, stack_ticks), stack_ticks)


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
