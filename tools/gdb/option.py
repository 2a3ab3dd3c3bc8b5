"""`rvsim run --gdb [HOST:]PORT`: the run with gdb at its side."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Protocol

from rvsim.tools.gdb.consoles import LiveConsole, RememberingConsole
from rvsim.tools.gdb.link import Link
from rvsim.tools.gdb.session import GdbSession
from rvsim.tools.gdb.stub import Stub
from rvsim.tools.plain import plain

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from rvsim.emu.console import Console
    from rvsim.emu.host_console import HostConsole
    from rvsim.guest_os.boot import Machine
    from rvsim.tools.options.gdb_address import Address
    from rvsim.tools.trace.recorder import Recorder


class Boot(Protocol):
    """Makes a machine on a console, ready to run. `arguments` take the place of the program's, if there are any;
    `made` is to be called before the first program begins."""

    def __call__(self, console: Console, arguments: list[bytes], made: Callable[[Machine], None], /) -> Machine: ...


class Companion(Protocol):
    """What goes along with the run of one machine: while it lasts, perhaps with a recorder of its traps."""

    def __call__(self, machine: Machine, /) -> AbstractContextManager[Recorder | None]: ...


def run_with_gdb(address: Address, console: HostConsole, boot: Boot, virtual: bool, program: str, strace: str | None,
                 restored: bool = False, companion: Companion | None = None) -> tuple[int, Machine]:
    """Run the machine that `boot` makes under gdb: rvsim's exit status, and the machine.

    `virtual`: its clock is the virtual one. `program`: what gdb may look at, as a person types it; may be empty.
    `restored`: it begins in the middle of its programs. With a `companion` there is no way back, and one run.

    Raises:
        CliError: cannot listen there. BootError: the program cannot be started, or nothing can run any more.
    """
    with ExitStack() as stack:
        link = Link(address)
        stack.callback(link.close)
        where = f"gdb-multiarch -ex 'target remote {link.shown}' {program}".rstrip()
        stub = Stub(link, console.notice, plain(where))
        stub.takes_arguments = not restored
        remembers = virtual and companion is None and not any(console.is_terminal(fd) for fd in range(3))
        shown = RememberingConsole(console, stub) if remembers else LiveConsole(console, stub)
        stub.runs_again = companion is None

        def made(machine: Machine) -> None:
            if companion is not None:
                recorder = stack.enter_context(companion(machine))
                stack.callback(lambda: _note_end(recorder, machine))
                if recorder is not None:
                    session.also.append(recorder)

        session = stub.session = GdbSession(lambda shown: boot(shown, stub.arguments, made), stub, shown)
        session.remembers = remembers
        if isinstance(shown, LiveConsole) and not virtual:
            session.sleep = shown.sleep
        machine = session.run_watched(strace, console, stack)
        try:
            return machine.ending(), machine
        finally:
            machine.close()


def _note_end(recorder: Recorder | None, machine: Machine) -> None:
    if recorder is not None and machine.kernel.exit_status is not None:
        recorder.status = machine.ending()
