"""`rvsim run --gdb [HOST:]PORT`: the run with gdb at its side."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

from rvsim.guest_os.snapshot import SnapshotError
from rvsim.tools.debug.journey import SessionError
from rvsim.tools.errors import CliError
from rvsim.tools.gdb.consoles import LiveConsole, RememberingConsole
from rvsim.tools.gdb.link import Link
from rvsim.tools.gdb.session import GdbSession
from rvsim.tools.gdb.stub import Stub
from rvsim.tools.strace.destination import Trace

if TYPE_CHECKING:
    from collections.abc import Callable

    from rvsim.emu.console import Console
    from rvsim.emu.host_console import HostConsole
    from rvsim.guest_os.boot import Machine
    from rvsim.tools.gdb.address import Address


def run_with_gdb(address: Address, console: HostConsole, boot: Callable[[Console], Machine], virtual: bool,
                 program: str, strace: str | None) -> tuple[int, Machine]:
    """Run the machine that `boot` makes on a console, ready to run, under gdb: rvsim's exit status, and the machine.

    `virtual`: its clock is the virtual one. `program`: what gdb may look at, as a person types it; may be empty.

    Raises:
        CliError: cannot listen there. BootError: the program cannot be started, or nothing can run any more.
    """
    with ExitStack() as stack:
        link = Link(address)
        stack.callback(link.close)
        stub = Stub(link, console.notice, f"gdb-multiarch -ex 'target remote {link.shown}' {program}".rstrip())
        remembers = virtual and not any(console.is_terminal(fd) for fd in range(3))
        shown = RememberingConsole(console, stub) if remembers else LiveConsole(console, stub)
        session = stub.session = GdbSession(boot, stub, shown)
        session.remembers = remembers
        if isinstance(shown, LiveConsole):
            session.sleep = shown.sleep
        if strace is not None:
            session.also = stack.enter_context(Trace(strace, console)).tracer
        try:
            session.run()
        except (SessionError, SnapshotError) as error:
            raise CliError(f"--gdb: {error}") from None
        machine = session.machine
        machine.kernel.controller = machine.kernel.observer = None
        try:
            return machine.ending(), machine
        finally:
            machine.close()
