"""Commands that show memory: as numbers, text, instructions, and as page-table entries."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rvsim.tools.debug import disassembly, memory, registers
from rvsim.tools.debug.walk import area_text
from rvsim.tools.debug.walk import walk as walk_to
from rvsim.tools.step.registry import Command, CommandError, count_of
from rvsim.tools.step.show import instruction_text, place
from rvsim.tools.strace.text import quote

if TYPE_CHECKING:
    from rvsim.tools.step.shell import Shell

_FORM = re.compile(r"/(\d{0,6})([xduotacfsiz]*)([bhwg]?)([xduotacfsi]?)")
_SIZES = {"b": 1, "h": 2, "w": 4, "g": 8}
MOST_UNITS = 65536
MOST_STRING = 4096


def _form(text: str) -> tuple[int, str, int, str]:
    """(count, format, size, the rest) of `/4xg ADDRESS`."""
    if not text.startswith("/"):
        return 1, "x", 8, text
    word, _, rest = text.partition(" ")
    match = _FORM.fullmatch(word)
    form = (match[2] + match[4]) if match is not None else ""
    if match is None or len(form) > 1:
        raise CommandError(f"{word!r} is no format; write /COUNT, one of x d u o t a c f s i, and one of b h w g")
    count = int(match[1]) if match[1] else 1
    if not 1 <= count <= MOST_UNITS:
        raise CommandError(f"the count is not between 1 and {MOST_UNITS}")
    form = form or "x"
    size = _SIZES[match[3]] if match[3] else 1 if form == "c" else 8
    return count, form, size, rest.strip()


def number_text(value: int, form: str, size: int) -> str:
    """A number of `size` bytes in a format of gdb's."""
    bits = 8 * size
    value &= (1 << bits) - 1
    signed = value - (1 << bits) if value >> bits - 1 else value
    match form:
        case "d":
            return str(signed)
        case "u":
            return str(value)
        case "o":
            return f"{value:#o}"
        case "t":
            return f"{value:b}"
        case "c":
            code = value & 0xFF
            return f"{signed} {quote(bytes((code,)))}"
        case "f":
            import struct

            if size not in (4, 8):
                raise CommandError("a floating-point number has 4 or 8 bytes: w or g")
            return repr(struct.unpack("<f" if size == 4 else "<d", value.to_bytes(size, "little"))[0])
    return f"{value:#0{2 + 2 * size}x}"


def examine(shell: Shell, text: str) -> None:
    """Memory."""
    count, form, size, rest = _form(text)
    task = shell.living
    address = shell.address(rest or "$sp")
    if form == "i":
        _instructions(shell, address, count)
        return
    if form == "s":
        for _ in range(min(count, 1000)):
            data = memory.string(task, address, MOST_STRING)
            if data is None:
                raise CommandError(f"there is no string at {address:#x}")
            shell.say(f"{place(shell, task, address)}: {quote(data)}")
            address += len(data) + 1
        return
    data = memory.read_some(task, address, count * size)
    per_line = {1: 16, 2: 8, 4: 4, 8: 2}[size] if form in "xuodt" else 1 if form in "acf" and size == 8 else 8
    for at in range(0, len(data) - size + 1, per_line * size):
        chunk = data[at:at + per_line * size]
        units = [int.from_bytes(chunk[one:one + size], "little") for one in range(0, len(chunk) - size + 1, size)]
        shown = [place(shell, task, unit) for unit in units] if form == "a" else [
            number_text(unit, form, size) for unit in units]
        shell.say(f"{shell.style.paint('address', f'{address + at:#x}')}: {'  '.join(shown)}")
    if len(data) < count * size:
        raise CommandError(f"memory at {address + len(data) - len(data) % size:#x} cannot be read")


def print_value(shell: Shell, text: str) -> None:
    """The value of an expression."""
    _, form, size, rest = _form(text)
    if not rest:
        raise CommandError("say what: an expression")
    value = shell.value(rest)
    if text.startswith("/"):
        shell.say(number_text(value, form, size) if form != "a" else place(shell, shell.task, value & (1 << 64) - 1))
    else:
        name = shell.session.symbols.describe(shell.task, value & (1 << 64) - 1)
        shell.say(f"{value} = {value & (1 << 64) - 1:#x}" + (f" <{name}>" if name else ""))


def must(shell: Shell, text: str) -> None:
    """An expression that has to be true."""
    if not text:
        raise CommandError("say what: an expression")
    if not shell.value(text):
        shell.status = 1
        raise CommandError("it is not so")


def disassemble(shell: Shell, text: str) -> None:
    """Instructions."""
    task = shell.living
    where, _, count = text.rpartition(" ") if text.rpartition(" ")[2].isdigit() and " " in text else (text, "", "")
    address = shell.address(where) if where else registers.all_of(task)["pc"]
    symbol = shell.session.symbols.at(task, address)
    if symbol is not None and not count and symbol.end - symbol.start <= 4096:
        shell.say(f"{symbol.name}:")
        last = symbol.end
        number, address = (symbol.end - symbol.start) // 2, symbol.start
    else:
        last, number = 1 << 64, count_of(count or "10", "disassemble", MOST_UNITS)
    _instructions(shell, address, number, last)


def _instructions(shell: Shell, address: int, count: int, last: int = 1 << 64) -> None:
    task = shell.living
    pc = registers.all_of(task)["pc"]
    found = [one for one in disassembly.instructions(task, address, count) if one.address < last]
    if not found:
        raise CommandError(f"memory at {address:#x} cannot be read")
    line = None
    for one in found:
        here = shell.session.symbols.line(task, one.address)
        if here is not None and here != line:
            source = shell.source_line(here.path, here.line)
            shell.say(shell.style.paint("dim", f"{here.path.rsplit('/', 1)[-1]}:{here.line}"
                                               f"{'  ' + source.strip() if source else ''}"))
        line = here
        mark = shell.style.paint("here", "=>") if one.address == pc else "  "
        shell.say(f"{mark} {instruction_text(shell, task, one)}")


def walk(shell: Shell, text: str) -> None:
    """The way of an address through the page table."""
    if not text:
        raise CommandError("say which address: an expression")
    task = shell.living
    address = shell.address(text)
    way = walk_to(task.space, address)
    shell.say(f"{address:#x}: satp {int(task.space.table.satp):#x}")
    for one in way.levels:
        shell.say(f"  level {one.level}, entry {one.number:3}: {one.entry:#018x}  {one.flags}")
    if way.physical is not None:
        shell.say(f"  physical address {way.physical:#x}")
    elif not way.levels:
        shell.say("  the address is outside the user's half")
    area = task.space.areas.find(address)
    shell.say(f"  area: {area_text(task.space, area) if area is not None else 'none'}")


COMMANDS = (
    Command("examine", "x", "x/FMT ADDRESS", "show memory: /COUNT, then x d u o t a c f s i, then b h w g as in gdb",
            examine, (("x/8xg $sp", "eight words of the stack"), ("x/s $a1", "a string"), ("x/5i $pc", "instructions"),
                      ("x/4a table", "addresses with their symbols")), "symbol register", repeats=True),
    Command("print", "p", "print[/FMT] EXPR", "the value of an expression", print_value,
            (("p $a0 + 4 * 3", ""), ("p/x *(u32*)($sp + 8)", ""), ("p main", "the address of a symbol"),
             ("p *(int*)counter", "the value of a variable")),
            "symbol register"),
    Command("assert", "A", "assert EXPR", "in a script: end with status 1 unless EXPR is true", must,
            (("assert $a0 == 3", ""),), "symbol register"),
    Command("disassemble", "u", "disassemble [ADDRESS [COUNT]]", "the function around pc or an address", disassemble,
            (("u", ""), ("u main 20", "")), "symbol"),
    Command("walk", "v", "walk ADDRESS", "the way of an address through the page table", walk,
            (("walk $stval", "the address that faulted"), ("v $sp", "")), "symbol register"),
)
