"""Which bytes an instruction touches. The words are what GNU as makes of the text beside them."""

from __future__ import annotations

import re

import pytest

from rvsim.guest_os.task.operand import is_privileged, memory_operand, reads_and_writes

REGISTERS = {"sp": 2, "s0": 8, "s1": 9, "a5": 15, "t6": 31}
SIZES = {"b": 1, "bu": 1, "h": 2, "hu": 2, "w": 4, "wu": 4, "d": 8}

ACCESSES = """
800f8503 lb a0,-2048(t6)
7fffd503 lhu a0,2047(t6)
ffffa503 lw a0,-1(t6)
000fb503 ld a0,0(t6)
004fa507 flw fa0,4(t6)
ff8fb507 fld fa0,-8(t6)
80af8023 sb a0,-2048(t6)
7eaf9fa3 sh a0,2047(t6)
feafae23 sw a0,-4(t6)
3eafb423 sd a0,1000(t6)
c0afac27 fsw fa0,-1000(t6)
00afbfa7 fsd fa0,31(t6)
00bfa52f amoadd.w a0,a1,0(t6)
a0bfb52f amomax.d a0,a1,0(t6)
100fa52f lr.w a0,0(t6)
18bfb52f sc.d a0,a1,0(t6)
5c68 c.lw a0,124(s0)
40c8 c.lw a0,4(s1)
43a8 c.lw a0,64(a5)
7c68 c.ld a0,248(s0)
6488 c.ld a0,8(s1)
23e8 c.fld fa0,192(a5)
dc68 c.sw a0,124(s0)
dfc8 c.sw a0,60(a5)
fc68 c.sd a0,248(s0)
a3a8 c.fsd fa0,64(a5)
557e c.lwsp a0,252(sp)
5502 c.lwsp a0,32(sp)
450e c.lwsp a0,192(sp)
757e c.ldsp a0,504(sp)
7502 c.ldsp a0,32(sp)
651e c.ldsp a0,448(sp)
2542 c.fldsp fa0,16(sp)
dfaa c.swsp a0,252(sp)
de2a c.swsp a0,60(sp)
ffaa c.sdsp a0,504(sp)
fc2a c.sdsp a0,56(sp)
a3aa c.fsdsp fa0,448(sp)
""".strip().splitlines()

OTHERS = {0x00150513: "addi a0,a0,1", 0x000000EF: "jal ra,0", 0x00000073: "ecall", 0x4505: "c.li a0,1",
          0x0808: "c.addi4spn a0,sp,16", 0xA001: "c.j 0", 0x852E: "c.mv a0,a1", 0: "illegal"}


def register(number: int) -> int:
    """Registers that tell themselves apart."""
    return number << 32 | 1


@pytest.mark.parametrize("line", ACCESSES)
def test_address_and_size(line: str) -> None:
    word, name, operands = line.split()
    found = re.fullmatch(r"\w+,(?:a1,)?(-?\d+)\((\w+)\)", operands)
    assert found is not None
    base = register(REGISTERS[found[2]])
    kind = name.removeprefix("c.").removesuffix("sp").rpartition(".")[2].removeprefix("f").lstrip("ls")
    assert memory_operand(int(word, 16), register) == (base + int(found[1]), SIZES[kind])
    assert reads_and_writes(int(word, 16)) == name.startswith(("amo", "lr"))


@pytest.mark.parametrize("word", OTHERS)
def test_no_access(word: int) -> None:
    assert memory_operand(word, register) is None
    assert not reads_and_writes(word)


PRIVILEGED = """
30200073 mret
10200073 sret
10500073 wfi
12000073 sfence.vma
18001073 csrw satp,zero
30002573 csrr a0,mstatus
24105073 csrwi 0x241,0
"""
FOR_USERS = """
00000073 ecall
00100073 ebreak
c0102573 rdtime a0
00301073 fscsr zero
0330000f fence
00000013 nop
"""


@pytest.mark.parametrize("line", PRIVILEGED.split("\n")[1:-1])
def test_privileged(line: str) -> None:
    assert is_privileged(int(line.split()[0], 16))


@pytest.mark.parametrize("line", FOR_USERS.split("\n")[1:-1])
def test_not_privileged(line: str) -> None:
    assert not is_privileged(int(line.split()[0], 16))


def test_addresses_wrap() -> None:
    assert memory_operand(0xFF8FB507, lambda _: 0) == ((1 << 64) - 8, 8)
