"""`Z` and `z` packets: breakpoints, with their conditions, and watches. GDB manual, "Packets\""""

from __future__ import annotations

from typing import TYPE_CHECKING

from rvsim.guest_os.abi.mman import PROT_EXEC
from rvsim.tools.debug.stop import Stop
from rvsim.tools.debug.watches import Watch
from rvsim.tools.gdb.agent import Expression
from rvsim.tools.gdb.ids import BadPacket, parse_hex
from rvsim.tools.gdb.inferior import ACCESS_WATCH, HARDWARE, MOST_CONDITIONS, SOFTWARE, WATCH_NAMES
from rvsim.tools.gdb.objects import find_group, space_of
from rvsim.tools.gdb.reply import Report

if TYPE_CHECKING:
    from rvsim.tools.gdb.commands import Commands
    from rvsim.tools.gdb.stub import Stub

OK = b"OK"


class Points:
    """Sets them, and lets the session watch what is watched."""

    def __init__(self, stub: Stub, commands: Commands) -> None:
        self.stub = stub
        self.commands = commands
        self._numbers: dict[tuple[int, int, int, int], int] = {}

    def insert(self, text: bytes) -> bytes:
        """A packet behind its `Z`. Raises BadPacket."""
        head, *rest = text.split(b";", 1)
        kind, address, size = _point(head)
        if kind > ACCESS_WATCH:
            return b""
        conditions = parse_conditions(rest[0]) if rest and kind in (SOFTWARE, HARDWARE) else ()
        self.commands.inferior().insert(kind, address, size, conditions)
        self.place()
        return OK

    def remove(self, text: bytes) -> bytes:
        """A packet behind its `z`. Raises BadPacket."""
        kind, address, size = _point(text.partition(b";")[0])
        if kind > ACCESS_WATCH:
            return b""
        self.commands.inferior().remove(kind, address, size)
        self.place()
        return OK

    def place(self) -> None:
        """Let the session watch what the processes of the session have watches on."""
        session = self.stub.session
        wanted = {(inferior.pid, *key): watched for inferior in self.stub.inferiors
                  for key, watched in inferior.watches.items()}
        if wanted.keys() == self._numbers.keys():
            return
        for key, number in tuple(self._numbers.items()):
            if key not in wanted:
                session.watches.remove(number)
                del self._numbers[key]
        for key, watched in wanted.items():
            if key in self._numbers:
                continue
            group = find_group(session.machine.kernel, key[0])
            number = self._numbers[key] = session.breakpoints.next_number
            session.breakpoints.next_number += 1
            session.watches.add(Watch(number, group.tgid if group is not None else -1, watched.start,
                                      watched.end - watched.start, watched.accesses))

    def watch_report(self, stop: Stop) -> Report | None:
        """What gdb is told of an access to watched bytes."""
        assert stop.watch is not None
        number = stop.watch.number
        kind = next((key[1] for key, own in self._numbers.items() if own == number), None)
        if kind is None or stop.task is None:
            return None
        address = stop.hit.address if stop.hit is not None else stop.watch.start
        return Report(stop.task, why=WATCH_NAMES[kind], value=b"%x" % address)

    def areas(self) -> tuple[Watch, ...]:
        """What is watched, for a search."""
        watches = self.stub.session.watches.all
        return tuple(watches[number] for number in self._numbers.values() if number in watches)

    def looks_for_fetches(self) -> bool:
        """Whether a breakpoint is where nothing can be executed: where gdb lets a function return to that it calls."""
        kernel = self.stub.session.machine.kernel
        for inferior in self.stub.inferiors:
            group = find_group(kernel, inferior.pid)
            space = space_of(group) if group is not None else None
            for address in inferior.breakpoints:
                area = space.areas.find(address) if space is not None else None
                if area is not None and not area.prot & PROT_EXEC:
                    return True
        return False


def _point(text: bytes) -> tuple[int, int, int]:
    kind, address, size = (*text.split(b","), b"", b"")[:3]
    return parse_hex(kind, 9), parse_hex(address), parse_hex(size, 1 << 32)


def parse_conditions(text: bytes) -> tuple[Expression, ...]:
    """`XLENGTH,EXPRESSION`, one behind the other or with `;` between, and then perhaps `;cmds:…`, which is not for us.

    Raises:
        BadPacket: it is not that.
    """
    found: list[Expression] = []
    while text and not text.startswith(b"cmds:"):
        size, comma, rest = text[1:].partition(b",")
        length = 2 * parse_hex(size, 1 << 16)
        if text[:1] != b"X" or not comma or len(rest) < length or len(found) == MOST_CONDITIONS:
            raise BadPacket("condition")
        found.append(Expression.parse(rest[:length]))
        text = rest[length:].removeprefix(b";")
    return tuple(found)
