"""The ABI `rcore`: the rCore-Tutorial's kernel as its programs see it. rCore-Tutorial-v3, os/src of chapters 5 to 8

Plain `rcore` follows chapters 5 and 6 where chapters differ; `rcore:5` … `rcore:8` are one chapter each, to the
letter of its messages and to the size of its stacks.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

from rvsim.guest_os.abi.mman import PROT_READ, PROT_WRITE
from rvsim.guest_os.abi.signals import SIGABRT, SIGCONT, SIGFPE, SIGILL, SIGINT, SIGKILL, SIGSEGV, SIGSTOP, bit
from rvsim.guest_os.mm import user_memory
from rvsim.guest_os.mm.layout import PAGE_SIZE, STACK_TOP
from rvsim.guest_os.syscalls.rcore_state import RcoreProcess, RcoreThread, Thread
from rvsim.guest_os.task.exit import exit_group
from rvsim.guest_os.task.signal import SigAction, SigInfo, force_fault
from rvsim.guest_os.task.task import Task

if TYPE_CHECKING:
    from rvsim.emu._gate import CallTable

SP, A0, A1 = 2, 10, 11
CHAPTER_STACK = 2 * PAGE_SIZE
PLAIN_STACK = 256 * PAGE_SIZE
PLAIN_THREAD_STACK = 16 * PAGE_SIZE

_CAUSES = {1: "InstructionFault", 5: "LoadFault", 7: "StoreFault", 12: "InstructionPageFault", 13: "LoadPageFault",
           15: "StorePageFault", 2: "IllegalInstruction", 3: "Breakpoint", 0: "InstructionMisaligned",
           4: "LoadMisaligned", 6: "StoreMisaligned"}
_KILL_TEXT = {
    SIGINT: b"Killed, SIGINT=2", SIGILL: b"Illegal Instruction, SIGILL=4", SIGABRT: b"Aborted, SIGABRT=6",
    SIGFPE: b"Erroneous Arithmetic Operation, SIGFPE=8", SIGKILL: b"Killed, SIGKILL=9",
    SIGSEGV: b"Segmentation Fault, SIGSEGV=11",
}
_ANSWERED = (*_KILL_TEXT, SIGCONT, SIGSTOP)
NO_HANDLER = b"[K] task/call_user_signal_handler: default action: ignore it or kill process"
EXIT_FAULT, EXIT_ILLEGAL = -2, -3


class RcoreAbi:
    """`chapter` 0 is plain `rcore`."""

    def __init__(self, calls: CallTable, chapter: int) -> None:
        self.calls = calls
        self.chapter = chapter
        self.name = f"rcore:{chapter}" if chapter else "rcore"
        self.thread_stack = CHAPTER_STACK if chapter else PLAIN_THREAD_STACK

    # ---- starting

    def new_state(self) -> Any:
        """The state of a process's first thread."""
        return RcoreThread(RcoreProcess(), 0)

    def fork_state(self, task: Task, child: Task, same_group: bool) -> None:
        """A forked process has one thread, 0, and no locks; handlers that run go on in the child too."""
        if not same_group:
            state = RcoreThread(RcoreProcess(), 0)
            state.saved = [(context.copy(), mask) for context, mask in task.abi_state.saved]
            state.process.threads[0] = Thread(child, None)
            child.abi_state = state

    def start(self, task: Task, argv: list[bytes], env: list[bytes], entry: int, auxv: list[tuple[int, int]],
              execfn: bytes) -> None:
        """argc in a0, argv in a1, both on a stack of the chapter's size above the program. os/src/task/process.rs"""
        space = task.space
        task.abi_state.process.threads[0] = Thread(task, None)
        size = CHAPTER_STACK if self.chapter else PLAIN_STACK
        space.unmap(space.start_stack - (space.start_stack - self._stack_low(task)), space.start_stack)
        bottom = space.brk + PAGE_SIZE
        if space.areas.overlapping(bottom, bottom + size):
            bottom = STACK_TOP - size
        space.map(bottom, size, PROT_READ | PROT_WRITE, 0, name=b"[stack]")
        top = bottom + size
        if sum(len(text) + 9 for text in argv) > size // 2:
            argv = argv[:1] if len(argv[0]) < size // 4 else []
        space.start_stack = top
        space.start_brk = space.brk = top
        arguments = [] if self.chapter in (5, 6) else argv
        pointers_at = top - 8 * (len(arguments) + 1)
        at, pointers = pointers_at, []
        for text in arguments:
            at -= len(text) + 1
            user_memory.write(space, at, text + b"\0")
            pointers.append(at)
        space.arg_start, space.arg_end = at, pointers_at
        space.env_start = space.env_end = pointers_at
        user_memory.write(space, pointers_at, struct.pack(f"<{len(pointers) + 1}Q", *pointers, 0))
        context = task.context
        context.clear()
        context.pc = entry
        context.set(SP, top if self.chapter in (5, 6) else at & ~15)
        if arguments:
            context.set(A0, len(arguments))
            context.set(A1, pointers_at)
        task.kernel.hart.load(context, space.table)
        task.kernel.hart.attention = True

    @staticmethod
    def _stack_low(task: Task) -> int:
        area = task.space.areas.find(task.space.start_stack - 1)
        return area.start if area is not None else task.space.start_stack

    # ---- threads

    def map_thread_stack(self, task: Task) -> tuple[int, int]:
        """A stack for a new thread: [start, end), with a page below that is not mapped. ENOMEM."""
        space = task.space
        start = space.find_free(self.thread_stack + PAGE_SIZE) + PAGE_SIZE
        space.map(start, self.thread_stack, PROT_READ | PROT_WRITE, 0)
        return start, start + self.thread_stack

    # ---- faults and signals

    def fault(self, task: Task, cause: int, epc: int, tval: int, info: SigInfo) -> None:
        """Chapters 5, 6: print and exit with -2 or -3. Chapters 7, 8: a signal. A handler, if there is one, runs."""
        action = task.sighand.actions[info.signo]
        if self.chapter == 7 and info.signo not in _ANSWERED and action.handler <= 1:
            # Such a signal would wait for a handler while the same instruction faults for ever.
            exit_group(task.group, info.signo, -info.signo)
            return
        if self.chapter >= 7 or action.handler > 1:
            force_fault(task, info)
            return
        illegal = cause in (2, 3)
        name = _CAUSES.get(cause, f"Exception {cause}")
        if illegal and self.chapter:
            line = f"[kernel] {name} in application, kernel killed it."
        else:
            shown = name if illegal else f"Exception({name})"
            line = (f"[kernel] {shown} in application, bad addr = {tval:#x}, bad instruction = {epc:#x}, "
                    "kernel killed it.")
        task.kernel.say(line.encode())
        code = EXIT_ILLEGAL if illegal else EXIT_FAULT
        exit_group(task.group, (code & 0xFF) << 8, code)

    def killed(self, task: Task, signo: int) -> None:
        """Chapters 7 and 8 say which signal it was."""
        if self.chapter >= 7 and signo in _KILL_TEXT:
            if self.chapter == 7 and signo != SIGKILL:
                task.kernel.say(NO_HANDLER)
            task.kernel.say(b"[kernel] " + _KILL_TEXT[signo])

    def unanswered(self, task: Task) -> int:
        """Chapter 7: signals that have no handler and end nobody stay pending, until sigaction gives them one.

        Differs: its kernel prints a line at every trap for as long as one is.
        """
        if self.chapter != 7:
            return 0
        actions = task.sighand.actions
        pending = task.pending.bits | task.group.pending.bits
        return sum(bit(signo) for signo in range(1, 32)
                   if pending & bit(signo) and signo not in _ANSWERED and actions[signo].handler <= 1)

    def enter_handler(self, task: Task, info: SigInfo, action: SigAction) -> bool:
        """Keep all registers in the kernel and jump to the handler, with the number in a0. os/src/task/mod.rs"""
        hart = task.kernel.hart
        hart.save()
        context = task.context
        mask = task.blocked if task.saved_blocked is None else task.saved_blocked
        saved = task.abi_state.saved
        if len(saved) >= 64:
            return False
        saved.append((context.copy(), mask))
        context.pc = action.handler
        context.set(A0, info.signo)
        hart.load(context, task.space.table)
        return True


def to_mask(bits: int) -> int:
    """The tutorial's signal set (bit n for signal n) as Linux's (bit n - 1)."""
    return bits >> 1 & 0x7FFF_FFFF


def from_mask(mask: int) -> int:
    """Linux's signal set as the tutorial's."""
    return mask << 1 & 0xFFFF_FFFF


