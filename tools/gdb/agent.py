"""Conditions of breakpoints, in bytecode. GDB manual, "The GDB Agent Expression Mechanism"

The target decides whether a breakpoint counts, so gdb is not asked at each pass of a loop. Registers are numbered as in
the target description.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rvsim.tools.debug import memory
from rvsim.tools.gdb.ids import BadPacket, parse_bytes
from rvsim.tools.gdb.registers import COUNT, X_NAMES, read_register

if TYPE_CHECKING:
    from collections.abc import Callable

    from rvsim.guest_os.task.task import Task

MASK = (1 << 64) - 1
MOST_STEPS = 10_000
MOST_VALUES = 256

_EXT, _GOTO_IF, _GOTO, _REG, _END, _DUP, _POP, _ZERO_EXT, _SWAP, _PICK, _ROT = (
    0x16, 0x20, 0x21, 0x26, 0x27, 0x28, 0x29, 0x2A, 0x2B, 0x32, 0x33)
_LOG_NOT, _BIT_NOT = 0x0E, 0x12
_REFERENCES = {0x17: 1, 0x18: 2, 0x19: 4, 0x1A: 8}
_CONSTANTS = {0x22: 1, 0x23: 2, 0x24: 4, 0x25: 8}


_POINTERS = frozenset(number for number, name in enumerate(X_NAMES) if name in ("ra", "sp", "gp", "tp", "fp"))
"""Registers whose values are addresses. When a variable's frame base is such a register, gdb 13 cuts the register to
the size of the variable (`reg 8, ext 32`) before it adds the offset; an expression of a person never says that, since
it first makes 64 bits of them."""


class Wrong(Exception):
    """The expression has no value: what it reads is not there, it divides by zero, or it never ends."""


def signed(value: int) -> int:
    """The 64 bits as a number with sign."""
    return value - (1 << 64) if value >> 63 else value


def _quotient(left: int, right: int) -> int:
    if not right:
        raise Wrong
    whole = abs(left) // abs(right)
    return whole if (left < 0) == (right < 0) else -whole


_TWO: dict[int, Callable[[int, int], int]] = {
    0x02: lambda left, right: left + right,
    0x03: lambda left, right: left - right,
    0x04: lambda left, right: left * right,
    0x05: lambda left, right: _quotient(signed(left), signed(right)),
    0x06: _quotient,
    0x07: lambda left, right: signed(left) - signed(right) * _quotient(signed(left), signed(right)),
    0x08: lambda left, right: left - right * _quotient(left, right),
    0x09: lambda left, right: left << right if right < 64 else 0,
    0x0A: lambda left, right: signed(left) >> min(right, 63),
    0x0B: lambda left, right: left >> right if right < 64 else 0,
    0x0F: lambda left, right: left & right,
    0x10: lambda left, right: left | right,
    0x11: lambda left, right: left ^ right,
    0x13: lambda left, right: int(left == right),
    0x14: lambda left, right: int(signed(left) < signed(right)),
    0x15: lambda left, right: int(left < right),
}
"""What takes two values off the stack, the upper one second."""


class Expression:
    """The bytes of one expression."""

    def __init__(self, code: bytes) -> None:
        self.code = code

    @classmethod
    def parse(cls, text: bytes) -> Expression:
        """From hexadecimal digits. Raises BadPacket."""
        code = parse_bytes(text)
        if not code:
            raise BadPacket("no expression")
        return cls(code)

    def holds(self, task: Task) -> bool:
        """Whether it is true for a task, whose registers are saved; one without a value counts as true."""
        try:
            return self.value(task) != 0
        except Wrong:
            return True

    def value(self, task: Task) -> int:
        """The value that is left at the end, 0 to 2^64 - 1. Raises Wrong."""
        try:
            return self._run(task)
        except IndexError:
            raise Wrong from None       # an empty stack, or no end

    def _operand(self, at: int, size: int) -> int:
        if at + size > len(self.code):
            raise Wrong
        return int.from_bytes(self.code[at:at + size], "big")

    def _run(self, task: Task) -> int:
        code, stack, at = self.code, list[int](), 0
        for _ in range(MOST_STEPS):
            operation = code[at]
            at += 1
            if (two := _TWO.get(operation)) is not None:
                right = stack.pop()
                stack[-1] = two(stack[-1], right) & MASK
            elif (size := _CONSTANTS.get(operation)) is not None:
                stack.append(self._operand(at, size))
                at += size
            elif (size := _REFERENCES.get(operation)) is not None:
                data = memory.read(task, stack.pop(), size)
                if data is None:
                    raise Wrong
                stack.append(int.from_bytes(data, "little"))
            elif operation == _END:
                return stack[-1]
            elif operation in (_GOTO_IF, _GOTO):
                taken = operation == _GOTO or stack.pop()
                at = self._operand(at, 2) if taken else at + 2
            elif operation == _REG:
                number = self._operand(at, 2)
                if number >= COUNT:
                    raise Wrong
                stack.append(read_register(task, number))
                at += 2
                if number in _POINTERS and code[at] in (_EXT, _ZERO_EXT):
                    at += 2
            elif operation in (_EXT, _ZERO_EXT, _PICK):
                _with_byte(operation, self._operand(at, 1), stack)
                at += 1
            else:
                _plain(operation, stack)
            if len(stack) > MOST_VALUES:
                raise Wrong
        raise Wrong


def _with_byte(operation: int, byte: int, stack: list[int]) -> None:
    if operation == _PICK:
        if byte >= len(stack):
            raise Wrong
        stack.append(stack[-1 - byte])
        return
    if not 0 < byte <= 64:
        raise Wrong
    low = stack[-1] & (1 << byte) - 1
    stack[-1] = (low - (1 << byte)) & MASK if operation == _EXT and low >> byte - 1 else low


def _plain(operation: int, stack: list[int]) -> None:
    if operation == _LOG_NOT:
        stack[-1] = int(not stack[-1])
    elif operation == _BIT_NOT:
        stack[-1] ^= MASK
    elif operation == _DUP:
        stack.append(stack[-1])
    elif operation == _POP:
        stack.pop()
    elif operation == _SWAP:
        stack[-1], stack[-2] = stack[-2], stack[-1]
    elif operation == _ROT:
        stack[-1], stack[-2], stack[-3] = stack[-2], stack[-3], stack[-1]
    else:
        raise Wrong                     # floating point, tracing, or nothing that exists
