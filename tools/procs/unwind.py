"""Who called whom in a task that does not run: from its registers and its memory, which are only looked at.

Four ways, the surest first, as in the guest program pstack: what the compiler wrote down about the frame; the
function's instructions from its first on; a chain of frame pointers; a look through the stack for a word that a call
may have left there, which is a guess. Each way leads outwards on the stack, and there are at most MOST_FRAMES steps.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rvsim.guest_os.abi.mman import PROT_EXEC
from rvsim.guest_os.mm.address_space import AddressSpace
from rvsim.guest_os.mm.layout import TASK_SIZE
from rvsim.guest_os.proc.maps import area_name
from rvsim.guest_os.proc.solproc.views import context_of
from rvsim.guest_os.task.task import Task
from rvsim.tools.procs.prologue import FP, RA, SP, read_prologue
from rvsim.tools.procs.symbols import Symbol, SymbolCache
from rvsim.tools.strace import memory

MOST_FRAMES = 128
LONGEST = 1 << 16
WORDS = 4096
TRAMPOLINE = bytes.fromhex("9308b008 73000000")
"""li a7, rt_sigreturn; ecall"""
SAVED_REGISTERS = 128 + 176
"""From a trampoline's stack pointer to the registers: siginfo, then ucontext. arch/riscv/include/uapi/asm/ucontext.h"""
BEGINNINGS = frozenset(("_start", "__clone", "clone", "__clone3", "__thread_start"))


@dataclass(slots=True)
class Cursor:
    """One frame. `exact`: pc is the next instruction, not where a call returns to; `ra`: what may still lead back."""

    pc: int
    sp: int
    fp: int
    ra: int | None = None
    exact: bool = False
    guessed: bool = False
    from_ra: bool = False


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame as it is shown. `symbol` None: the function has no name; `signal`: the return from a handler."""

    pc: int
    symbol: Symbol | None
    guessed: bool
    signal: bool
    place: str = ""

    def text(self) -> str:
        """`main + 1c`, with a question mark behind a guess; without a name the file and the place in it."""
        if self.signal:
            where = "<signal handler called>"
        elif self.symbol is None:
            where = f"???????? ({self.place})" if self.place else "????????"
        else:
            where = f"{self.symbol.name} + {self.pc - self.symbol.start:x}"
        return where + (" ?" if self.guessed else "")


class Unwinder:
    """The frames of one process's tasks."""

    def __init__(self, space: AddressSpace, symbols: SymbolCache) -> None:
        self.space = space
        self.symbols = symbols

    def frames(self, task: Task) -> Iterator[Frame]:
        """From the innermost function outwards."""
        for cursor in self.cursors(task):
            signal = self._is_trampoline(cursor)
            symbol = None if signal else self._symbol(cursor)
            place = self._place(cursor.pc) if symbol is None and not signal else ""
            yield Frame(cursor.pc, symbol, cursor.guessed, signal, place)

    def cursors(self, task: Task) -> Iterator[Cursor]:
        """The same as pc and stack pointers."""
        context = context_of(task)
        cursor: Cursor | None = Cursor(context.pc, context.get(SP), context.get(FP), context.get(RA), exact=True)
        for _ in range(MOST_FRAMES):
            if cursor is None:
                return
            yield cursor
            if self._is_trampoline(cursor):
                cursor = self._from_signal(cursor)
            else:
                cursor = self._caller(cursor, self._symbol(cursor))

    def _is_trampoline(self, cursor: Cursor) -> bool:
        return self._read(cursor.pc, 8) == TRAMPOLINE

    # ---- memory

    def _read(self, address: int, size: int) -> bytes | None:
        return memory.read(self.space, address, size)

    def _word(self, address: int) -> int | None:
        data = self._read(address & (1 << 64) - 1, 8)
        return int.from_bytes(data, "little") if data is not None else None

    def _is_code(self, address: int) -> bool:
        area = self.space.areas.find(address)
        return area is not None and bool(area.prot & PROT_EXEC)

    def _behind_call(self, address: int) -> bool:
        data = self._read(address - 4, 4) if not address & 1 and self._is_code(address) else None
        if data is None:
            return False
        word, half = int.from_bytes(data, "little"), int.from_bytes(data[2:], "little")
        return word & 0xFFF == 0xEF or word & 0x7FFF == 0xE7 or (half & 0xF07F == 0x9002 and half != 0x9002)

    def _symbol(self, cursor: Cursor) -> Symbol | None:
        address = cursor.pc if cursor.exact else cursor.pc - 1
        area = self.space.areas.find(address)
        return self.symbols.find(area, address) if area is not None else None

    def _place(self, pc: int) -> str:
        """`libc.so.6 + 5f`: the file and the offset in it."""
        area = self.space.areas.find(pc)
        if area is None or area.file is None:
            return ""
        name = area_name(self.space, area).rpartition(b"/")[2].decode(errors="replace")
        return f"{name} + {pc - area.start + area.offset:x}"

    # ---- the ways

    def _caller(self, cursor: Cursor, symbol: Symbol | None) -> Cursor | None:
        known, caller = self._by_rules(cursor)
        if known:
            return caller
        if symbol is not None and not cursor.from_ra and cursor.pc - symbol.start <= LONGEST:
            code = self._read(symbol.start, cursor.pc - symbol.start)
            if code is not None:
                if symbol.name in BEGINNINGS:
                    return None
                known, caller = self._by_code(cursor, code)
                if known:
                    return caller
        return self._by_frame_pointer(cursor) or self._by_looking(cursor)

    def _by_rules(self, cursor: Cursor) -> tuple[bool, Cursor | None]:
        """(whether the way is known, the caller); no caller: it ends here."""
        address = cursor.pc if cursor.exact else cursor.pc - 1
        area = self.space.areas.find(address)
        rules = self.symbols.rules(area, address) if area is not None and not cursor.from_ra else None
        if rules is None or rules.return_register != RA or rules.cfa_register not in (SP, FP):
            return False, None
        if RA in rules.lost:
            return True, None
        top = (cursor.sp if rules.cfa_register == SP else cursor.fp) + rules.cfa_offset
        ra = cursor.ra if RA not in rules.saved else self._word(top + rules.saved[RA])
        fp = cursor.fp if FP not in rules.saved else self._word(top + rules.saved[FP])
        if ra is None or fp is None or not cursor.sp <= top < TASK_SIZE or (top == cursor.sp and not cursor.exact):
            return False, None
        if not ra and not cursor.guessed:
            return True, None
        if not (self._behind_call(ra) if cursor.guessed and not rules.signal else self._is_code(ra)):
            return False, None
        return True, Cursor(ra, top, fp, exact=rules.signal, guessed=cursor.guessed)

    def _by_code(self, cursor: Cursor, code: bytes) -> tuple[bool, Cursor | None]:
        """(whether the way is known, the caller); no caller: it ends here."""
        layout = read_prologue(code)
        top = cursor.sp + layout.size if layout.fp_offset is None else cursor.fp - layout.fp_offset
        ra = cursor.ra if layout.ra_at is None else self._word(top + layout.ra_at)
        if ra is None:
            return False, None
        if not ra and not cursor.guessed:
            return True, None
        if top < cursor.sp or (top == cursor.sp and not cursor.exact):
            return False, None
        if not (self._behind_call(ra) if cursor.guessed else self._is_code(ra)):
            return False, None
        saved = self._word(top + layout.fp_at) if layout.fp_at is not None else None
        return True, Cursor(ra, top, cursor.fp if saved is None else saved, guessed=cursor.guessed)

    def _by_frame_pointer(self, cursor: Cursor) -> Cursor | None:
        area = self.space.areas.find(cursor.sp)
        if area is None or cursor.fp & 15 or not cursor.sp < cursor.fp <= area.end:
            return None
        ra, fp = self._word(cursor.fp - 8), self._word(cursor.fp - 16)
        if ra is None or fp is None or not self._behind_call(ra) or 0 < fp <= cursor.fp:
            return None
        return Cursor(ra, cursor.fp, fp, guessed=cursor.guessed)

    def _by_looking(self, cursor: Cursor) -> Cursor | None:
        if cursor.ra is not None and self._behind_call(cursor.ra):
            return Cursor(cursor.ra, cursor.sp, cursor.fp, guessed=True, from_ra=True)
        start = (cursor.sp + 7) & ~7
        for at in range(start, start + 8 * WORDS, 8):
            word = self._word(at)
            if word is None:
                return None
            if not (cursor.from_ra and word == cursor.pc) and self._behind_call(word):
                return Cursor(word, at + 8, cursor.fp, guessed=True)
        return None

    def _from_signal(self, cursor: Cursor) -> Cursor | None:
        """What the handler came in between."""
        data = self._read(cursor.sp + SAVED_REGISTERS, 72)
        if data is None:
            return None
        saved = [int.from_bytes(data[at:at + 8], "little") for at in range(0, 72, 8)]   # pc, x1 to x8
        if not self._is_code(saved[0]):
            return None
        return Cursor(saved[0], saved[SP], saved[FP], saved[RA], exact=True, guessed=cursor.guessed)
