"""Instructions as text, by capstone, with what is known of the addresses in them."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from rvsim.guest_os.task.flow import is_jump, size_of, successors
from rvsim.tools.debug import memory

if TYPE_CHECKING:
    from rvsim.guest_os.task.task import Task
    from rvsim.tools.debug.symbols import Symbols


class Instruction(NamedTuple):
    """One instruction. `text` is without its address; `target` is where a direct jump or branch leads."""

    address: int
    word: int
    size: int
    text: str
    target: int | None


@cache
def _engine() -> Any:
    import capstone

    return capstone.Cs(capstone.CS_ARCH_RISCV, capstone.CS_MODE_RISCV64 | capstone.CS_MODE_RISCVC)


def decode(address: int, data: bytes) -> Instruction | None:
    """The instruction at the start of `data`; None if it is cut off. What is no instruction becomes a number."""
    if len(data) < 2:
        return None
    word = int.from_bytes(data[:2], "little")
    size = size_of(word)
    if len(data) < size:
        return None
    word = int.from_bytes(data[:size], "little")
    found = next(_engine().disasm_lite(data[:size], address), None)
    if found is None:
        return Instruction(address, word, size, f".{'word' if size == 4 else 'half'} {word:#x}", None)
    target = None
    if is_jump(word):
        ways = successors(address, word, lambda number: 0)
        direct = word & 0x7F != 0x67 if size == 4 else word >> 13 & 7 >= 5 and word & 3 == 1
        target = ways[-1] if direct else None
    mnemonic, operands = found[2], found[3]
    if target is not None:
        head, comma, _ = operands.rpartition(",")
        operands = f"{head}{comma} {target:#x}" if comma else f"{target:#x}"
    return Instruction(address, word, size, f"{mnemonic} {operands}".strip(), target)


def instructions(task: Task, address: int, count: int) -> list[Instruction]:
    """At most `count` instructions from `address` on, as far as memory is readable."""
    found: list[Instruction] = []
    data = memory.read_some(task, address, 4 * count)
    at = 0
    while len(found) < count:
        one = decode(address + at, data[at:at + 4])
        if one is None:
            break
        found.append(one)
        at += one.size
    return found


def around(task: Task, symbols: Symbols, address: int, before: int, after: int) -> list[Instruction]:
    """Instructions around the one at `address`: those before it from the start of its function on, or, where that is
    not known, as they come out best."""
    symbol = symbols.at(task, address)
    start = address - 4 * before
    if symbol is not None and start < symbol.start:
        start = symbol.start
    elif symbol is not None and address - symbol.start <= 1 << 16:
        data = memory.read_some(task, symbol.start, address - symbol.start)
        if len(data) == address - symbol.start:
            places = []
            at = 0
            while at < len(data):
                places.append(symbol.start + at)
                at += size_of(int.from_bytes(data[at:at + 2], "little"))
            start = places[-before] if len(places) >= before and before else places[0] if before else address
    for first in range(start, address + 1, 2):
        head = instructions(task, first, 2 * before + 1)
        if any(one.address == address for one in head) or first == address:
            kept = [one for one in head if one.address < address][-before:] if before else []
            return kept + instructions(task, address, after + 1)
    return []
