"""Programs that cannot be run: one line that says why, the exit status of its kind, and never another exception."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rvsim.guest_os.boot import BootError
from rvsim.guest_os.mm.elf import EHDR, PHDR
from rvsim.tests.guest import MEBIBYTE, own_program, run

NOT_EXECUTABLE, NOT_FOUND = 126, 127
CODE = struct.pack("<4I", 0x00700513, 0x05D00893, 0x00000073, 0x0000006F)  # li a0, 7; li a7, 93; ecall; j .
BASE = 0x10000
PT_LOAD, PT_INTERP, PT_NOTE = 1, 3, 4


def header(kind: int = 2, machine: int = 243, entry: int = BASE + 0x1000, phoff: int = 64, phentsize: int = 56,
           phnum: int = 1, ident: bytes = b"\x7fELF\2\1\1") -> bytes:
    """An ELF header."""
    return EHDR.pack(ident.ljust(16, b"\0"), kind, machine, 1, entry, phoff, 0, 0, 64, phentsize, phnum, 0, 0, 0)


def segment(offset: int = 4096, vaddr: int = BASE + 4096, filesz: int = len(CODE), memsz: int | None = None,
            flags: int = 5, kind: int = PT_LOAD, align: int = 4096) -> bytes:
    """A program header."""
    return PHDR.pack(kind, flags, offset, vaddr, vaddr, filesz, filesz if memsz is None else memsz, align)


def image(*segments: bytes, **fields: int | bytes) -> bytes:
    """A file of some segments, with code that ends with 7 at its second page."""
    fields.setdefault("phnum", len(segments))
    return (header(**fields) + b"".join(segments)).ljust(4096, b"\0") + CODE.ljust(4096, b"\0")  # type: ignore[arg-type]


GOOD = image(segment())


def refused(data: bytes, tmp_path: Path) -> str:
    """What rvsim says of a program that it does not run; the status is 126 and it is one line."""
    path = tmp_path / "program"
    path.write_bytes(data)
    with pytest.raises(BootError) as caught:
        run(path)
    assert caught.value.status == NOT_EXECUTABLE
    text = str(caught.value)
    assert "\n" not in text
    return text


def test_the_good_one(tmp_path: Path) -> None:
    path = tmp_path / "program"
    path.write_bytes(GOOD)
    assert run(path).status == 7


def test_missing() -> None:
    for name in ("nowhere", "/no/where", "./nowhere", "", "\udcff"):
        with pytest.raises(BootError) as caught:
            run(name)
        assert caught.value.status == NOT_FOUND
        assert "\n" not in str(caught.value)


def test_a_directory(tmp_path: Path) -> None:
    for name in (tmp_path, "/tmp", "/"):
        with pytest.raises(BootError) as caught:
            run(name)
        assert caught.value.status == NOT_EXECUTABLE


@pytest.mark.parametrize(("data", "words"), [
    (b"", "empty"),
    (b"\x7f", "not an ELF"),
    (b"hello, world\n" * 100, "not an ELF"),
    (GOOD[:4], "truncated"),
    (GOOD[:63], "truncated"),
    (GOOD[:64], "truncated"),
    (GOOD[:64 + 55], "truncated"),
    (GOOD[:4096], "truncated"),
    (GOOD[:4096 + len(CODE) - 1], "truncated"),
    (image(segment(), ident=b"\x7fELF\1\1\1"), "32-bit"),
    (image(segment(), ident=b"\x7fELF\2\2\1"), "big-endian"),
    (image(segment(), ident=b"\x7fELF\3\1\1"), "class"),
    (image(segment(), machine=62), "x86-64"),
    (image(segment(), machine=183), "AArch64"),
    (image(segment(), machine=999), "machine 999"),
    (image(segment(), kind=1), "not an executable"),
    (image(segment(), kind=4), "not an executable"),
    (image(), "program headers"),
    (image(segment(), phnum=0xFFFF), "program headers"),
    (image(segment(), phentsize=32), "program headers"),
    (image(segment(), phoff=(1 << 64) - 1), "truncated"),
    (image(segment(), phoff=1 << 40), "truncated"),
    (image(segment(kind=PT_NOTE)), "no loadable segment"),
    (image(segment(filesz=0)), "no loadable segment"),
    (image(segment(), segment()), "overlap"),
    (image(segment(memsz=8192), segment(vaddr=BASE + 8192)), "overlap"),
    (image(segment(vaddr=BASE + 8192), segment()), "out of order"),
    (image(segment(vaddr=(1 << 64) - 8)), "outside"),
    (image(segment(vaddr=(1 << 64) - 4096, memsz=8192)), "outside"),
    (image(segment(vaddr=(1 << 38) - 8)), "outside"),
    (image(segment(memsz=(1 << 64) - 1)), "outside"),
    (image(segment(vaddr=0)), "0x10000"),
    (image(segment(vaddr=4096)), "0x10000"),
    (image(segment(memsz=4)), "more bytes in the file"),
    (image(segment(offset=1 << 63)), "truncated"),
    (image(segment(offset=(1 << 64) - 4)), "truncated"),
    (image(segment(align=3)), "power of two"),
    (image(segment(), segment(kind=PT_INTERP, offset=0, filesz=1 << 40)), "interpreter"),
    (image(segment(), segment(kind=PT_INTERP, offset=0, filesz=4)), "interpreter"),
])
def test_refused(data: bytes, words: str, tmp_path: Path) -> None:
    assert words in refused(data, tmp_path)


def test_an_entry_past_the_last_address(tmp_path: Path) -> None:
    boots_or_not(image(segment(vaddr=4096), kind=3, entry=(1 << 64) - 1), tmp_path / "program")


def test_larger_than_memory(tmp_path: Path) -> None:
    for memsz in (65 * MEBIBYTE, 1 << 36):
        assert "memory" in refused(image(segment(memsz=memsz, flags=6)), tmp_path)


def test_an_interpreter_that_is_not_there(tmp_path: Path) -> None:
    path = tmp_path / "program"
    data = bytearray(image(segment(), segment(kind=PT_INTERP, offset=512, filesz=9)))
    data[512:521] = b"/lib/ld.\0"
    path.write_bytes(data)
    with pytest.raises(BootError) as caught:
        run(path)
    assert caught.value.status == NOT_FOUND


@pytest.mark.parametrize("cut", [*range(0, 300, 7), 4096, 8192, -1])
def test_a_real_program_cut_short(cut: int, tmp_path: Path) -> None:
    refused(own_program("linux_script.c").read_bytes()[:cut] if cut >= 0 else GOOD[:-4096], tmp_path)


def test_scripts(tmp_path: Path) -> None:
    for text, status in ((b"#!\n", NOT_EXECUTABLE), (b"#!", NOT_EXECUTABLE), (b"#! \t \n", NOT_EXECUTABLE),
                         (b"#!/no/where\n", NOT_FOUND), (b"#!/script\n", NOT_EXECUTABLE), (b"#!/tmp\n", NOT_EXECUTABLE),
                         (b"#!\0\n", NOT_FOUND), (b"#!" + b"x" * 5000, NOT_EXECUTABLE)):
        path = tmp_path / "script"
        path.write_bytes(text)
        with pytest.raises(BootError) as caught:
            run(path)
        assert caught.value.status == status, text


NUMBERS = st.sampled_from((0, 1, 2, 3, 4, 7, 8, 56, 64, 4095, 4096, 4097, 8192, BASE, BASE + 4096, 1 << 20, 1 << 31,
                           (1 << 32) - 1, (1 << 38) - 4096, 1 << 38, (1 << 63) - 1, 1 << 63, (1 << 64) - 4096,
                           (1 << 64) - 1)) | st.integers(0, (1 << 64) - 1)
SMALL = st.sampled_from((0, 1, 2, 3, 56, 243, 0xFFFF)) | st.integers(0, 0xFFFF)
HEADERS = st.builds(
    lambda fields: EHDR.pack(b"\x7fELF\2\1\1".ljust(16, b"\0"), *fields),
    st.tuples(st.sampled_from((2, 3)), st.just(243), st.just(1), NUMBERS, st.just(64) | NUMBERS, NUMBERS, st.just(0),
              SMALL, st.just(56), st.integers(1, 4) | SMALL, SMALL, SMALL, SMALL))
SEGMENTS = st.builds(
    lambda fields: PHDR.pack(*fields),
    st.tuples(st.sampled_from((1, 1, 1, 3, 4, 6, 7)), st.integers(0, 7), NUMBERS, NUMBERS, NUMBERS, NUMBERS, NUMBERS,
              st.sampled_from((0, 1, 4096)) | NUMBERS))
FILES = st.builds(lambda head, segments, size: (head + b"".join(segments)).ljust(4096, b"\1") + CODE * size,
                  HEADERS, st.lists(SEGMENTS, min_size=1, max_size=4), st.integers(0, 300))
BITS = st.lists(st.tuples(st.integers(0, 255), st.integers(0, 255)), max_size=6)
QUIET = list(HealthCheck)


def boots_or_not(data: bytes, path: Path) -> None:
    """Boot a file as the first process: it runs, or it is refused in one line."""
    path.write_bytes(data)
    try:
        status, text = run(path, memory_bytes=16 * MEBIBYTE, timeout_ns=50_000_000).status, ""
    except BootError as error:
        status, text = error.status, str(error)
    assert 0 <= status <= 255
    assert not text or status in (125, 126, 127)
    assert "\n" not in text


@settings(max_examples=150, deadline=None, suppress_health_check=QUIET)
@given(data=FILES)
def test_made_up_headers(data: bytes, tmp_path: Path) -> None:
    boots_or_not(data, tmp_path / "program")


@settings(max_examples=150, deadline=None, suppress_health_check=QUIET)
@given(changes=BITS)
def test_changed_bytes(changes: list[tuple[int, int]], tmp_path: Path) -> None:
    data = bytearray(GOOD)
    for at, value in changes:
        data[at] = value
    boots_or_not(bytes(data), tmp_path / "program")


@pytest.mark.slow
@settings(max_examples=20000, deadline=None, suppress_health_check=QUIET)
@given(data=FILES)
def test_made_up_headers_long(data: bytes, tmp_path: Path) -> None:
    boots_or_not(data, tmp_path / "program")


