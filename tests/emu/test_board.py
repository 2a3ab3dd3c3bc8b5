"""A supervisor of our own (tests/emu/smode) on the board: firmware, traps, timer, paging, user mode, shutdown."""

import struct
import subprocess
from pathlib import Path

import pytest

from rvsim.emu.board import Board, End
from rvsim.emu.console import CapturedConsole
from rvsim.emu.hart import RAM_BASE, Hart
from rvsim.emu.image import LOAD_OFFSET, BadImage, load_image
from rvsim.tools import guest_build

SOURCE = Path(__file__).parent / "smode"
MEMORY = 16 << 20
FLAGS = (
    "-O1", "-Wall", "-Wextra", "-Werror", "-ffreestanding", "-fno-pic", "-fno-pie", "-mcmodel=medany", "-nostdlib",
    "-static", "-Wl,--build-id=none", "-Wl,-z,norelro", "-Wno-main",
)  # fmt: skip
POWER_OFF = struct.pack("<IIII", 0x0080_0893, 0x0000_0073, 0x0000_006F, 0)  # li a7, 8; ecall; j .
JUMP_TO_SELF = 0x0000_006F
WFI = 0x1050_0073


@pytest.fixture(scope="session")
def supervisor(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    out = tmp_path_factory.mktemp("smode") / "supervisor"
    compiler = guest_build.find_compiler()
    subprocess.run([*compiler.command, *FLAGS, f"-Wl,-T,{SOURCE / 'image.ld'}", SOURCE / "entry.S", SOURCE / "main.c",
                    "-o", out], check=True)
    return out.read_bytes()


def words(*code: int) -> bytes:
    return struct.pack(f"<{len(code)}I", *code)


def test_the_supervisor_finds_all_that_the_machine_promises(supervisor: bytes) -> None:
    console = CapturedConsole(b"key")
    board = Board(MEMORY, console, supervisor)
    end = board.run(until_ns=1_000_000_000)
    output = console.output.decode()
    assert [line for line in output.splitlines() if line.startswith("FAIL")] == []
    assert (end, output.splitlines()[-1]) == (End.SHUTDOWN, "passed")
    assert output.startswith("ok   hart 0, nothing opaque\nlegacy console\ndebug console\nok   getchar")
    assert output.count("ok   ") == (SOURCE / "main.c").read_text().count('    check("') == 33


def test_it_runs_the_same_every_time_whatever_the_memory(supervisor: bytes) -> None:
    runs = []
    for memory in (MEMORY, 2 * MEMORY):
        console = CapturedConsole(b"key")
        board = Board(memory, console, supervisor)
        board.run(until_ns=1_000_000_000)
        runs.append((bytes(console.output), board.hart.ticks, board.clock.monotonic_ns()))
    assert runs[0] == runs[1]


def test_a_raw_image_and_the_legacy_shutdown() -> None:
    assert Board(MEMORY, CapturedConsole(), POWER_OFF).run() is End.SHUTDOWN


def test_a_guest_that_waits_for_nothing_is_stuck() -> None:
    assert Board(MEMORY, CapturedConsole(), words(WFI, JUMP_TO_SELF)).run() is End.STUCK


def test_a_guest_that_spins_is_stopped_at_the_time_given() -> None:
    board = Board(MEMORY, CapturedConsole(), words(JUMP_TO_SELF))
    assert board.run(until_ns=25_000_000) is End.TIMEOUT
    assert 25_000_000 <= board.clock.monotonic_ns() < 36_000_000


def test_a_reboot_starts_the_image_afresh() -> None:
    """The image counts in a word past its end, asks for a cold reboot while that is 0, and RAM was cleared."""
    code = words(
        0x0000_0297,  # auipc t0, 0
        0x1002_A303,  # lw t1, 0x100(t0)
        0x0013_0313,  # addi t1, t1, 1
        0x1062_A023,  # sw t1, 0x100(t0)
        0x0413_0513,  # addi a0, t1, 'A'
        0x0010_0893,  # li a7, 1: putchar
        0x0000_0073,
        0x0010_0513,  # li a0, 1: cold reboot
        0x0000_0593,  # li a1, 0
        0x0000_0813,  # li a6, 0
        0x5352_58B7,  # lui a7, 0x53525
        0x3548_8893,  # addi a7, a7, 0x354: "SRST"
        0x0000_0073,
        JUMP_TO_SELF,
    )
    console = CapturedConsole()
    board = Board(MEMORY, console, code)
    board.run(until_ns=2_000)
    assert console.output.startswith(b"BBB")
    assert set(console.output) == {ord("B")}


def test_an_image_goes_where_its_elf_says_and_nowhere_else(supervisor: bytes) -> None:
    hart = Hart(MEMORY)
    assert load_image(hart.memory, supervisor) == RAM_BASE + LOAD_OFFSET
    assert hart.memory.read(RAM_BASE, LOAD_OFFSET) == bytes(LOAD_OFFSET)


@pytest.mark.parametrize(("change", "word"), [
    (lambda image: image[:40], "64-bit"),
    (lambda image: image[:4] + b"\x01" + image[5:], "64-bit"),
    (lambda image: image[:18] + b"\x3e\0" + image[20:], "another machine"),
    (lambda image: image[:100], "program headers"),
    (lambda image: image[:4200], "segment"),
    (lambda image: image[:24] + bytes(8) + image[32:], "entry"),
    (lambda image: bytes(MEMORY), "fit"),
])
def test_a_bad_image_is_refused_with_a_reason(supervisor: bytes, change: object, word: str) -> None:
    assert callable(change)
    with pytest.raises(BadImage, match=word):
        Board(MEMORY, CapturedConsole(), change(supervisor))


def test_an_elf_image_larger_than_memory_is_refused(supervisor: bytes) -> None:
    with pytest.raises(BadImage, match="fit"):
        Board(LOAD_OFFSET + 4096, CapturedConsole(), supervisor)
