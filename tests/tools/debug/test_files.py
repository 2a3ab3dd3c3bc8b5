"""Symbols, lines and frame rules of ELF files: what the compiler put there, and nothing at all from a damaged file."""

from __future__ import annotations

import random
import subprocess
from functools import cache

import pytest

from rvsim.tests.guest import GLIBC_CC, GUESTS, musl_program
from rvsim.tools.debug.elf_file import ElfFile


@cache
def program() -> bytes:
    return musl_program("debugged.c").read_bytes()


def line_of(text: str) -> int:
    lines = (GUESTS / "debugged.c").read_text().splitlines()
    return next(number for number, line in enumerate(lines, 1) if text in line)


def test_symbols_and_lines_agree() -> None:
    file = ElfFile(program())
    address = file.address("innermost")
    assert address is not None
    symbol = file.find(address + 4)
    assert symbol is not None
    assert (symbol.name, symbol.start) == ("innermost", address)
    place = file.lines.find(address)
    assert place is not None
    assert place[0].endswith("/tests/guests/debugged.c")
    assert place[1] in (line_of("long innermost(long n)"), line_of("long innermost(long n)") + 1)
    places, line = file.lines.addresses("debugged.c", line_of("counter += n"))
    assert line == line_of("counter += n")
    assert all(symbol.start <= one < symbol.end for one in places)
    assert file.lines.addresses("debugged.c", 100_000) == (frozenset(), 0)
    counter = file.address("counter")
    assert counter is not None
    variable = file.find(counter + 3)
    assert variable is not None
    assert variable.name == "counter"


def test_lines_agree_with_another_reader() -> None:
    """addr2line of binutils, where it is there."""
    if GLIBC_CC is None:
        pytest.skip("no binutils for riscv64")
    file = ElfFile(program())
    path = musl_program("debugged.c")
    chance = random.Random(3)
    symbols = [one for one in file.functions.symbols if one.name in ("main", "innermost", "recursive", "touch")]
    addresses = [chance.randrange(one.start, one.end, 2) for one in symbols for _ in range(10)]
    tool = GLIBC_CC.removesuffix("gcc") + "addr2line"
    done = subprocess.run([tool, "-e", path, *map(hex, addresses)], capture_output=True, text=True, check=True)
    for address, said in zip(addresses, done.stdout.splitlines(), strict=True):
        place = file.lines.find(address)
        number = said.split(" ")[0].rpartition(":")[2]
        assert str(place[1] if place is not None else "?") == number


@pytest.mark.parametrize("seed", range(24))
def test_damaged_files_say_nothing_wrong(seed: int) -> None:
    """Bytes of headers and debug sections are changed, or the end is cut off: no exception, whatever is asked."""
    chance = random.Random(seed)
    data = bytearray(program())
    places = [range(64), range(len(data) - 4096, len(data)), range(len(data) // 2, len(data))][seed % 3]
    for _ in range(chance.choice([1, 5, 200])):
        data[chance.choice(places)] = chance.randrange(256)
    if seed % 4 == 0:
        del data[chance.randrange(64, len(data)):]
    file = ElfFile(bytes(data))
    address = 0x10033FC
    file.find(address)
    file.address("main")
    list(file.names())
    file.lines.find(address)
    file.lines.addresses("debugged.c", 15)
    file.rules(address)


def test_no_elf_file() -> None:
    for data in (b"", b"\x7fELF", b"#!/bin/sh\n", bytes(4096)):
        file = ElfFile(data)
        assert (file.find(0), file.address("main"), file.lines.find(0), file.rules(0)) == (None, None, None, None)
