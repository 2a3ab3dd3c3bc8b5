"""What gdb's packets do: registers, memory, breakpoints, threads, going on. GDB manual, "Packets\""""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from rvsim.tools.debug import memory
from rvsim.tools.debug.stop import Order
from rvsim.tools.gdb.edits import MemoryEdit, RegisterEdit
from rvsim.tools.gdb.ids import ALL, ANY, BadPacket, ThreadId, parse_bytes, parse_hex, parse_id, pid_of, tid_of
from rvsim.tools.gdb.inferior import Inferior
from rvsim.tools.gdb.monitor import Monitor
from rvsim.tools.gdb.objects import find_group
from rvsim.tools.gdb.packets import LARGEST, escaped, shortened
from rvsim.tools.gdb.points import Points
from rvsim.tools.gdb.queries import Queries
from rvsim.tools.gdb.registers import COUNT, FCSR, REGISTERS, all_packed, packed, read_register
from rvsim.tools.gdb.reply import Report
from rvsim.tools.gdb.resume import Action, parse_vcont
from rvsim.tools.gdb.resume import Kind as Does
from rvsim.tools.gdb.signals import from_gdb

if TYPE_CHECKING:
    from rvsim.guest_os.task.task import Task
    from rvsim.tools.gdb.stub import Stub

OK, ERROR = b"OK", b"E01"
LARGEST_READ = LARGEST // 2 - 64

Answer = bytes | Order | None


class Commands:
    """Answers packets."""

    def __init__(self, stub: Stub) -> None:
        self.stub = stub
        self.monitor = Monitor(stub)
        self._queries = Queries(stub, self)
        self.points = Points(stub, self)
        self._letters: dict[bytes, Callable[[bytes], Answer]] = {
            b"?": self._why, b"!": self._extended, b"g": self._all_registers, b"G": self._set_all_registers,
            b"p": self._register, b"P": self._set_register, b"m": self._memory, b"M": self._set_memory,
            b"X": self._set_memory_binary, b"x": self._memory_binary, b"H": self._select, b"T": self._is_alive,
            b"Z": self.points.insert, b"z": self.points.remove, b"D": self._detach, b"k": self._kill_all,
            b"R": self._restart,
            b"v": self._verbose, b"q": self._queries.query, b"Q": self._queries.set, b"b": self._back,
        }

    def answer(self, packet: bytes) -> Answer:
        """What a packet is answered with; an order: the machine goes on. Raises BadPacket."""
        if packet[:1] in (b"c", b"s", b"C", b"S"):
            return self.stub.going.resume(step_or_go(packet[:1], packet[1:], self.stub.running))
        letter = self._letters.get(packet[:1])
        return b"" if letter is None else letter(packet[1:])

    # ---- whom it is about

    def thread(self) -> Task:
        """The thread that registers and memory are asked of. Raises BadPacket: there is none."""
        task = self.stub.find(self.stub.general)
        if task is None:
            raise BadPacket("no such thread")
        return task

    def inferior(self) -> Inferior:
        """Its process. Raises BadPacket."""
        pid = self.stub.general.pid
        found = self.stub.inferiors.get(pid) if pid > 0 else self.stub.inferiors.of(self.thread())
        if found is None:
            raise BadPacket("no such process")
        return found

    def _select(self, text: bytes) -> Answer:
        wanted = parse_id(text[1:])
        if text[:1] == b"c":
            self.stub.running = wanted
        elif text[:1] == b"g":
            if wanted.pid > 0 and self.stub.inferiors.get(wanted.pid) is None:
                return ERROR
            self.stub.general = wanted
        else:
            return b""
        return OK

    def _is_alive(self, text: bytes) -> Answer:
        return OK if self.stub.find(parse_id(text)) is not None else ERROR

    def _why(self, _text: bytes) -> Answer:
        report = self.stub.report
        if report.task is not None and self.stub.find(ThreadId(pid_of(report.task.group), tid_of(report.task))) is None:
            report = Report(self.stub.find(ThreadId(ANY, ANY)))
        return report.text(self.stub.multiprocess) if report.task is not None or report.gone is not None else b"W00"

    def _extended(self, _text: bytes) -> Answer:
        self.stub.extended = True
        return OK

    # ---- registers

    def _all_registers(self, _text: bytes) -> Answer:
        if self._has_not_begun():
            return shortened(b"xx" * sum(register.size for register in REGISTERS))
        return shortened(all_packed(self.thread()).hex().encode())

    def _register(self, text: bytes) -> Answer:
        number = parse_hex(text, COUNT - 1)
        if self._has_not_begun():
            return b"xx" * REGISTERS[number].size
        return packed(self.thread(), number).hex().encode()

    def _has_not_begun(self) -> bool:
        """Whether registers are asked of a process that gdb knows from later on: it shows them as unavailable."""
        general = self.stub.general
        return (general.pid > 0 and general.pid in self.stub.inferiors.ever and self.stub.find(general) is None
                and find_group(self.stub.session.machine.kernel, general.pid) is None)

    def _set(self, task: Task, number: int, data: bytes) -> bool:
        if len(data) != REGISTERS[number].size:
            raise BadPacket("size of a register")
        value = int.from_bytes(data, "little")
        if value == read_register(task, number) or number > FCSR:
            return number <= FCSR
        self.stub.session.edit(RegisterEdit(self.stub.session.stop.position, tid_of(task), number, value))
        return True

    def _set_register(self, text: bytes) -> Answer:
        number, equals, value = text.partition(b"=")
        if not equals:
            raise BadPacket("no value")
        return OK if self._set(self.thread(), parse_hex(number, COUNT - 1), parse_bytes(value)) else ERROR

    def _set_all_registers(self, text: bytes) -> Answer:
        task, data = self.thread(), parse_bytes(text)
        for number, register in enumerate(REGISTERS):
            if len(data) < register.size:
                break
            self._set(task, number, data[:register.size])
            data = data[register.size:]
        return OK

    # ---- memory

    @staticmethod
    def _range(text: bytes) -> tuple[int, int]:
        address, comma, size = text.partition(b",")
        if not comma:
            raise BadPacket("no size")
        return parse_hex(address), parse_hex(size)

    def _read(self, text: bytes) -> bytes:
        address, size = self._range(text)
        data = memory.read_some(self.thread(), address, min(size, LARGEST_READ))
        if size and not data:
            raise BadPacket("not readable")
        return data

    def _memory(self, text: bytes) -> Answer:
        return shortened(self._read(text).hex().encode())

    def _memory_binary(self, text: bytes) -> Answer:
        return b"b" + escaped(self._read(text))

    def _write(self, where: bytes, data: bytes) -> Answer:
        address, size = self._range(where)
        if size != len(data):
            raise BadPacket("size")
        if not data:
            return OK
        edit = MemoryEdit(self.stub.session.stop.position, pid_of(self.thread().group), address, data)
        self.stub.session.edit(edit)
        return OK if edit.written == len(data) else ERROR

    def _set_memory(self, text: bytes) -> Answer:
        where, _, data = text.partition(b":")
        return self._write(where, parse_bytes(data))

    def _set_memory_binary(self, text: bytes) -> Answer:
        where, _, data = text.partition(b":")
        return self._write(where, data)

    # ---- going on

    def _verbose(self, text: bytes) -> Answer:
        if text == b"Cont?":
            return b"vCont;c;C;s;S;t;r"
        if text.startswith(b"Cont"):
            return self.stub.going.resume(parse_vcont(text[4:]))
        if text.startswith(b"File:"):
            return self.stub.files.packet(text[5:])
        if text.startswith(b"Kill;"):
            pid = parse_hex(text[5:])
            if self.stub.inferiors.get(pid) is None:
                return ERROR
            return self._end(pid)
        if text.startswith(b"Attach;"):
            return self._attach(parse_hex(text[7:]))
        if text.startswith(b"Run;"):
            return self._run(text[4:])
        if text == b"CtrlC":
            return OK                   # who sends this while the machine runs has stopped it by sending anything
        return b""

    def _run(self, text: bytes) -> Answer:
        """`vRun`: only the program that rvsim was started with, for a client names no file of the host."""
        stub = self.stub
        name, *arguments = (parse_bytes(part) for part in text.split(b";"))
        if not (stub.extended and stub.runs_again) or name not in (b"", stub.program):
            return ERROR
        if arguments and not stub.takes_arguments:
            return ERROR
        return stub.run_anew(arguments, True)

    def _restart(self, _text: bytes) -> Answer:
        return self.stub.run_anew([], False) if self.stub.extended and self.stub.runs_again else b""

    def _back(self, text: bytes) -> Answer:
        if text not in (b"c", b"s") or not self.stub.session.remembers:
            return b""
        return self.stub.back.go(text == b"s")

    def _end(self, pid: int) -> Answer:
        self.stub.going.kill(pid)
        self.points.place()
        return self._after_leaving(self.stub.all_killed)

    def _after_leaving(self, goes_on: Callable[[], Order | None]) -> Answer:
        """A process has left the session; when the last one has, the machine goes on, as a rule."""
        stub = self.stub
        if len(stub.inferiors):
            return OK
        stub.link.send(OK)
        return goes_on()

    def _attach(self, pid: int) -> Answer:
        stub = self.stub
        group = find_group(stub.session.machine.kernel, pid)
        if group is None or group.zombie or stub.inferiors.get(pid) is not None:
            return ERROR
        stub.inferiors.add(pid)
        stub.report = Report(next(task for task in group.threads if task.alive), 0)
        return stub.report.text(stub.multiprocess)

    def _detach(self, text: bytes) -> Answer:
        stub = self.stub
        pids = [parse_hex(text[1:])] if text else [inferior.pid for inferior in stub.inferiors]
        for pid in pids:
            if stub.inferiors.get(pid) is None:
                return ERROR
            stub.inferiors.drop(pid)
        self.points.place()
        return self._after_leaving(stub.free)

    def _kill_all(self, _text: bytes) -> Answer:
        for inferior in self.stub.inferiors:
            self.stub.going.kill(inferior.pid)
        self.points.place()
        return self.stub.all_killed()


def step_or_go(letter: bytes, text: bytes, who: ThreadId) -> list[Action]:
    """The actions of the packets `c`, `C`, `s` and `S`. Raises BadPacket."""
    signal = from_gdb(parse_hex(text.partition(b";")[0], 255)) if letter in (b"C", b"S") else 0
    if signal is None:
        raise BadPacket("no such signal")
    everything = ThreadId(ALL, ALL)
    if letter in (b"s", b"S"):
        return [Action(Does.STEP, who, signal), Action(Does.CONTINUE, everything)]
    return [Action(Does.CONTINUE, who, signal), Action(Does.CONTINUE, everything)] if signal else [
        Action(Does.CONTINUE, everything)]
