"""A stub whose session stands at the first instruction, without a connection."""

from __future__ import annotations

from functools import cache
from typing import Any

from rvsim.guest_os.boot import Machine, MachineConfig
from rvsim.tests.guest import debug_program
from rvsim.tools.debug.console import SessionConsole
from rvsim.tools.debug.stop import Order, Quit, Stop
from rvsim.tools.gdb.ids import BadPacket, pid_of
from rvsim.tools.gdb.link import Gone
from rvsim.tools.gdb.reply import Report
from rvsim.tools.gdb.session import GdbSession
from rvsim.tools.gdb.stub import Stub


class NoLink:
    """Takes everything, and has nothing."""

    connected = True

    def __init__(self) -> None:
        self.sent: list[bytes] = []
        self.talk: Any = type("Talk", (), {"acknowledges": True})()

    def send(self, payload: bytes) -> None:
        self.sent.append(payload)

    def console(self, text: str) -> None:
        self.sent.append(text.encode())

    def peek(self) -> None:
        return

    def hang_up(self) -> None:
        return


class Leaving(Exception):
    """The session has stopped for the first time."""


class StoppedStub(Stub):
    """Takes packets one by one."""

    def stopped(self, stop: Stop) -> Order:
        assert stop.task is not None
        self._began, self.start = True, stop.position
        self.inferiors.add(pid_of(stop.task.group))
        self.report = Report(stop.task)
        return Quit()

    def try_packet(self, packet: bytes) -> None:
        """Answer it; an order is not carried out."""
        try:
            answer = self.commands.answer(packet)
        except (BadPacket, Gone):
            return
        assert answer is None or isinstance(answer, bytes | Order)


@cache
def stopped_stub() -> StoppedStub:
    """One for all."""

    def boot(console: SessionConsole) -> Machine:
        machine = Machine(MachineConfig(memory_bytes=64 << 20), console)
        name = str(debug_program("gdb/gdb.c")).encode()
        machine.start(name, [name])
        return machine

    link: Any = NoLink()
    stub = StoppedStub(link, lambda line: None, "")
    stub.session = GdbSession(boot, stub, SessionConsole(lambda fd, data: None))
    stub.session.run()
    return stub
