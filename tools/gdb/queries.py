"""What gdb asks and sets in general: `q` and `Q` packets. GDB manual, "General Query Packets\""""

from __future__ import annotations

from typing import TYPE_CHECKING

from rvsim.guest_os.abi.signals import TRAP_BRKPT
from rvsim.guest_os.task.signal import SigInfo
from rvsim.tools.debug import memory
from rvsim.tools.gdb import objects
from rvsim.tools.gdb.ids import BadPacket, parse_bytes, parse_hex, parse_id, pid_of
from rvsim.tools.gdb.libraries import loaded
from rvsim.tools.gdb.packets import LARGEST, escaped
from rvsim.tools.gdb.registers import TARGET_XML
from rvsim.tools.gdb.reply import SIGTRAP, thread_text
from rvsim.tools.gdb.signals import from_gdb

if TYPE_CHECKING:
    from rvsim.tools.debug.stop import Order
    from rvsim.tools.gdb.commands import Commands
    from rvsim.tools.gdb.stub import Stub

OK, ERROR = b"OK", b"E01"
SIGINFO_BYTES = 128
MOST_CALLS = 1024
LARGEST_SEARCH = 1 << 24
LARGEST_SLICE = LARGEST // 2 - 16

_FEATURES = (
    b"PacketSize=%x" % LARGEST, b"QStartNoAckMode+", b"multiprocess+", b"vContSupported+", b"QNonStop+", b"swbreak+",
    b"hwbreak+", b"fork-events+", b"vfork-events+", b"exec-events+", b"no-resumed+", b"QThreadEvents+",
    b"ConditionalBreakpoints+", b"QCatchSyscalls+", b"QPassSignals+", b"QProgramSignals+", b"qXfer:features:read+",
    b"qXfer:exec-file:read+", b"qXfer:libraries-svr4:read+", b"qXfer:auxv:read+", b"qXfer:siginfo:read+",
    b"qXfer:siginfo:write+", b"qXfer:osdata:read+", b"qXfer:threads:read+",
)  # fmt: skip
_REVERSE = (b"ReverseContinue+", b"ReverseStep+")


class Queries:
    """Answers them."""

    def __init__(self, stub: Stub, commands: Commands) -> None:
        self.stub = stub
        self.commands = commands
        self._object: tuple[tuple[bytes, bytes], bytes] = ((b"", b""), b"")

    # ---- q

    def query(self, text: bytes) -> bytes | Order | None:
        """A packet that begins with `q`. Raises BadPacket."""
        name, _, rest = text.partition(b":")
        stub = self.stub
        if name == b"Supported":
            return self._supported(rest)
        if text.startswith(b"Xfer:"):
            return self._transfer(rest)
        if text.startswith(b"Rcmd,"):
            return self._command(parse_bytes(text[5:]))
        if text == b"C":
            task = stub.find(stub.general)
            return b"QC" + thread_text(task, stub.multiprocess) if task is not None else ERROR
        if name == b"Attached":
            return b"0"
        if text == b"fThreadInfo":
            return b"m" + b",".join(thread_text(task, stub.multiprocess) for task in stub.threads()) or b"l"
        if text == b"sThreadInfo":
            return b"l"
        if text.startswith(b"ThreadExtraInfo,"):
            task = stub.find(parse_id(text[16:]))
            return objects.state_text(task).encode().hex().encode() if task is not None else ERROR
        if name == b"Symbol":
            return OK
        if name == b"Search" and rest.startswith(b"memory:"):
            return self._search(rest[7:])
        if text.startswith(b"GetTLSAddr:"):
            return self._thread_local(text[11:])
        return b""

    def _supported(self, rest: bytes) -> bytes:
        stub = self.stub
        known = frozenset(rest.split(b";"))
        stub.multiprocess = b"multiprocess+" in known
        stub.wishes.forks = stub.multiprocess and b"fork-events+" in known
        stub.wishes.vforks = stub.multiprocess and b"vfork-events+" in known
        stub.wishes.execs = b"exec-events+" in known
        return b";".join((*_FEATURES, *(_REVERSE if stub.session.remembers else ())))

    def _command(self, line: bytes) -> bytes | Order | None:
        text = self.commands.monitor.run(line.decode(errors="replace"))
        step = LARGEST // 4
        data = text.encode()
        for at in range(0, len(data), step):
            self.stub.link.send(b"O" + data[at:at + step].hex().encode())
        return OK

    def _search(self, rest: bytes) -> bytes:
        address, size, pattern = (*rest.split(b";", 2), b"", b"")[:3]
        if not pattern:
            raise BadPacket("no pattern")
        at = parse_hex(address)
        data = memory.read_some(self.commands.thread(), at, min(parse_hex(size), LARGEST_SEARCH))
        found = data.find(pattern)
        return b"1,%x" % (at + found) if found >= 0 else b"0"

    def _thread_local(self, rest: bytes) -> bytes:
        """Where a thread-local variable of the program itself is: its block begins at tp. RISC-V ELF psABI, TLS"""
        thread, offset, module = (*rest.split(b","), b"", b"")[:3]
        task = self.stub.find(parse_id(thread))
        if task is None:
            return ERROR
        main = next(loaded(task.space), None)
        if parse_hex(module) not in (0, main.link_map if main is not None else 0):
            return ERROR
        return b"%x" % (int(task.context.get(4)) + parse_hex(offset) & (1 << 64) - 1)

    # ---- qXfer

    def _transfer(self, rest: bytes) -> bytes:
        kind, operation, annex, where = (*rest.split(b":", 3), b"", b"", b"")[:4]
        if kind == b"siginfo" and operation == b"write":
            return self._write_siginfo(where)
        if operation != b"read":
            return b""
        offset, comma, size = where.partition(b",")
        if not comma:
            raise BadPacket("no range")
        at, length = parse_hex(offset), min(parse_hex(size), LARGEST_SLICE)
        if not at or self._object[0] != (kind, annex):
            data = self._read(kind, annex)
            if data is None:
                return b"" if data is None and kind not in _OBJECTS else b"E00"
            self._object = (kind, annex), data
        data = self._object[1]
        part = data[at:at + length]
        if at + length >= len(data):
            self._object = ((b"", b""), b"")
            return b"l" + escaped(part)
        return b"m" + escaped(part)

    def _read(self, kind: bytes, annex: bytes) -> bytes | None:
        stub = self.stub
        kernel = stub.session.machine.kernel
        match kind:
            case b"features":
                return TARGET_XML if annex == b"target.xml" else None
            case b"threads":
                return objects.threads_xml(stub.threads())
            case b"osdata":
                return objects.osdata(kernel, annex)
            case b"exec-file":
                pid = parse_hex(annex) if annex else pid_of(self.commands.thread().group)
                group = objects.find_group(kernel, pid)
                return objects.exec_file(group) if group is not None else None
            case b"libraries-svr4":
                return objects.libraries_xml(self.commands.thread().mm)
            case b"auxv":
                return self.commands.thread().space.saved_auxv
            case b"siginfo":
                return self._siginfo()
        return None

    def _siginfo(self) -> bytes:
        report, task = self.stub.report, self.commands.thread()
        if self.stub.going.new_info is not None:
            return self.stub.going.new_info.pack()
        if report.info is not None and report.task is not None and report.task.pid is task.pid:
            return report.info.pack()
        return SigInfo(SIGTRAP, TRAP_BRKPT, kind="fault", addr=int(task.context.pc)).pack()

    def _write_siginfo(self, where: bytes) -> bytes:
        offset, _, data = where.partition(b":")
        at, before = parse_hex(offset), self._siginfo()
        if self.stub.report.info is None or at + len(data) > SIGINFO_BYTES:
            return b"E01"
        now = before[:at] + data + before[at + len(data):]
        signo, errno, code = (int.from_bytes(now[4 * n:4 * n + 4], "little", signed=True) for n in range(3))
        if signo != self.stub.report.info.signo:
            return b"E01"
        self.stub.going.new_info = SigInfo(signo, code, error=errno, raw=now[16:])
        return b"%x" % len(data)

    # ---- Q

    def set(self, text: bytes) -> bytes | Order | None:
        """A packet that begins with `Q`. Raises BadPacket."""
        name, _, rest = text.partition(b":")
        stub = self.stub
        if name == b"StartNoAckMode":
            stub.link.send(OK)
            stub.link.talk.acknowledges = False
            return None
        if name == b"NonStop":
            return OK if rest == b"0" else ERROR
        if name == b"ThreadEvents":
            stub.wishes.threads = rest == b"1"
            return OK
        if name == b"PassSignals":
            stub.wishes.passed = _signals(rest)
            return OK
        if name in (b"ProgramSignals", b"DisableRandomization", b"StartupWithShell"):
            return OK
        if name == b"CatchSyscalls":
            return self._catch(rest)
        return b""

    def _catch(self, rest: bytes) -> bytes:
        inferior = self.commands.inferior()
        if rest == b"0":
            inferior.calls = None
            return OK
        on, *numbers = rest.split(b";")
        if on != b"1" or len(numbers) > MOST_CALLS:
            raise BadPacket("calls")
        inferior.calls = frozenset(parse_hex(number, (1 << 31) - 1) for number in numbers)
        return OK


_OBJECTS = frozenset((b"features", b"threads", b"osdata", b"exec-file", b"libraries-svr4", b"auxv", b"siginfo"))


def _signals(text: bytes) -> frozenset[int]:
    """Signals of Linux from a list of gdb's; those that Linux does not have are left out."""
    numbers = (from_gdb(parse_hex(part, 255)) for part in text.split(b";") if part)
    return frozenset(number for number in numbers if number)


