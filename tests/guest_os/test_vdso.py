"""The vDSO: a well-formed library whose functions agree with the system calls, and which unwinders walk through."""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from elftools.dwarf.callframe import CIE, FDE
from elftools.elf.elffile import ELFFile

from rvsim.emu.console import CapturedConsole
from rvsim.guest_os.abi.signal_frame import OFF_FPREGS, OFF_GREGS
from rvsim.guest_os.boot import Share
from rvsim.guest_os.mm import vdso_image
from rvsim.guest_os.mm.layout import PAGE_SIZE
from rvsim.tests.guest import GLIBC_CC, Result, cases, compiled, musl_program, passes, run
from rvsim.tools import corpus

FUNCTIONS = ("__vdso_rt_sigreturn", "__vdso_clock_gettime", "__vdso_gettimeofday", "__vdso_clock_getres",
             "__vdso_getcpu", "__vdso_flush_icache", "__vdso_riscv_hwprobe")
SIGRETURN = bytes.fromhex("9308b008 73000000")
"""`li a7, 139; ecall`, the bytes by which libgcc and gdb know a signal frame."""


def image() -> Any:
    return ELFFile(io.BytesIO(vdso_image.build().data))


def test_the_same_bytes_every_time() -> None:
    first = vdso_image.build.__wrapped__()
    assert first.data == vdso_image.build.__wrapped__().data
    assert len(first.data) == PAGE_SIZE


def test_header_and_segments() -> None:
    elf = image()
    assert (elf["e_type"], elf["e_machine"], elf["e_flags"]) == ("ET_DYN", "EM_RISCV", 4)
    kinds = {segment["p_type"]: segment for segment in elf.iter_segments()}
    assert set(kinds) == {"PT_LOAD", "PT_DYNAMIC", "PT_NOTE", "PT_GNU_EH_FRAME"}
    load = kinds["PT_LOAD"]
    assert (load["p_offset"], load["p_vaddr"], load["p_flags"]) == (0, 0, 5)
    for segment in kinds.values():
        assert segment["p_vaddr"] + segment["p_memsz"] <= load["p_memsz"]
    tags = {tag.entry.d_tag: tag for tag in kinds["PT_DYNAMIC"].iter_tags()}
    assert tags["DT_SONAME"].soname == "linux-vdso.so.1"
    notes = {note["n_name"]: note for note in kinds["PT_NOTE"].iter_notes()}
    assert notes["GNU"]["n_type"] == "NT_GNU_BUILD_ID"
    assert set(notes) == {"GNU", "Linux"}


def test_both_hash_tables_find_every_symbol_with_its_version() -> None:
    elf = image()
    sections = {section.name: section for section in elf.iter_sections()}
    versions = {entry["vd_ndx"]: next(names).name
                for entry, names in sections[".gnu.version_d"].iter_versions()}
    assert versions == {1: "linux-vdso.so.1", 2: "LINUX_4.15"}
    numbers = {symbol.name: number for number, symbol in enumerate(sections[".dynsym"].iter_symbols())}
    assert set(numbers) == {"", "LINUX_4.15", *FUNCTIONS}
    text = sections[".text"]
    for name in FUNCTIONS:
        for table in (".hash", ".gnu.hash"):
            symbol = sections[table].get_symbol(name)
            assert symbol is not None
            assert symbol.name == name
            assert symbol["st_info"] == {"bind": "STB_GLOBAL", "type": "STT_FUNC"}
            assert text["sh_addr"] <= symbol["st_value"] < symbol["st_value"] + symbol["st_size"] <= (
                text["sh_addr"] + text["sh_size"])
        assert sections[".gnu.version"].get_symbol(numbers[name])["ndx"] == 2
    assert sections[".hash"].get_symbol("__vdso_time") is None
    assert sections[".gnu.hash"].get_symbol("__vdso_time") is None


def test_the_return_from_a_handler_has_the_known_bytes() -> None:
    built = vdso_image.build()
    at = built.symbols["__vdso_rt_sigreturn"]
    assert built.data[at:at + 8] == SIGRETURN


def frames() -> list[Any]:
    return [entry for entry in image().get_dwarf_info(relocate_dwarf_sections=False).EH_CFI_entries()
            if isinstance(entry, CIE | FDE)]


def test_every_function_has_one_unwind_entry() -> None:
    built = vdso_image.build()
    entries = {entry["initial_location"]: entry for entry in frames() if isinstance(entry, FDE)}
    assert len(entries) == len(FUNCTIONS)
    for name in FUNCTIONS:
        # A return address is looked up one less: the handler's is the first instruction.
        start = built.symbols[name] - (4 if name == "__vdso_rt_sigreturn" else 0)
        signal = b"S" in entries[start].cie["augmentation"]
        assert signal == (name == "__vdso_rt_sigreturn")
        assert entries[start].cie["return_address_register"] == (64 if signal else 1)


def sleb(data: list[int]) -> int:
    value = shift = 0
    for byte in data:
        value |= (byte & 0x7F) << shift
        shift += 7
    return value - (1 << shift) if data[-1] & 0x40 else value


def test_a_signal_frame_says_where_every_register_is() -> None:
    entry = next(entry for entry in frames() if isinstance(entry, FDE) and b"S" in entry.cie["augmentation"])
    rules = {}
    for instruction in entry.cie.instructions:
        if instruction.opcode == 0x0F:              # DW_CFA_def_cfa_expression: breg2 offset, deref
            breg, *offset, deref = instruction.args[0]
            assert (breg, deref, sleb(offset)) == (0x72, 0x06, OFF_GREGS + 16)
        elif instruction.opcode == 0x10:            # DW_CFA_expression: breg2 offset
            column, (breg, *offset) = instruction.args
            assert breg == 0x72
            rules[column] = sleb(offset)
    expected = {number: OFF_GREGS + 8 * number for number in range(1, 32)}
    expected |= {32 + number: OFF_FPREGS + 8 * number for number in range(32)}
    assert rules == expected | {64: OFF_GREGS}


def test_the_search_table_is_sorted_and_right() -> None:
    elf = image()
    header = elf.get_section_by_name(".eh_frame_hdr")
    at, data = header["sh_addr"], header.data()
    assert data[:4] == bytes([1, 0x1B, 3, 0x3B])
    words = [int.from_bytes(data[place:place + 4], "little", signed=True) for place in range(4, len(data), 4)]
    assert at + 4 + words[0] == elf.get_section_by_name(".eh_frame")["sh_addr"]
    pairs = list(zip(words[2::2], words[3::2], strict=True))
    assert len(pairs) == words[1]
    assert pairs == sorted(pairs)
    offset = elf.get_section_by_name(".eh_frame")["sh_addr"]
    by_start = {entry["initial_location"]: offset + entry.offset for entry in frames() if isinstance(entry, FDE)}
    assert {at + start: at + place for start, place in pairs} == by_start


@pytest.mark.parametrize("clock", ["virtual", "host"])
@pytest.mark.parametrize("case", cases("vdso.c"))
def test_functions(case: str, clock: str) -> None:
    passes(musl_program("vdso.c"), case, clock=clock)


@pytest.fixture(scope="module")
def debian() -> Path:
    """A root with Debian's shared C library."""
    try:
        return corpus.fetch(("libc6", "libgcc-s1"))
    except corpus.CorpusError as error:
        pytest.skip(str(error))


def glibc(name: str, *flags: str) -> Path:
    """`guests/NAME` with glibc and unwind tables."""
    if GLIBC_CC is None:
        pytest.skip("riscv64-linux-gnu-gcc is not installed")
    return compiled(name, GLIBC_CC, "-O1", "-fasynchronous-unwind-tables", *flags)


def in_debian(program: Path, root: Path, *args: str) -> Result:
    """Run a dynamic program with Debian's tree as the root."""
    share = Share(os.fsencode(program.parent), b"/mnt", readonly=True)
    return run(f"/mnt/{program.name}", *args, root=os.fsencode(root), shares=(share,))


def walked_through(result: Result) -> None:
    """The handler's frame, the kernel's, the one that was interrupted, and its caller."""
    plain, exact = result.output.decode().split("again\n")
    assert plain.splitlines()[:4] == ["handler", "-", "crash", "main"]
    assert exact.splitlines()[:4] == ["handler", "-", "crash interrupted", "main"]


@pytest.mark.parametrize("way", [(), ("altstack",)], ids=["same stack", "other stack"])
def test_unwinding_out_of_a_handler(way: tuple[str, ...]) -> None:
    walked_through(run(glibc("backtrace.c", "-static"), *way))


def test_unwinding_with_the_shared_libgcc(debian: Path) -> None:
    walked_through(in_debian(glibc("backtrace.c"), debian))


def answered(result: Result) -> set[int]:
    """The calls that reached the kernel."""
    return set(result.machine.kernel.abis["linux"].calls.counts())


def test_glibc_reads_the_clock_without_a_call(debian: Path) -> None:
    for result in (run(glibc("clock_reads.c", "-static")), in_debian(glibc("clock_reads.c"), debian)):
        assert (result.output, result.status) == (b"passed\n", 0)
        assert not answered(result) & {113, 169}        # clock_gettime, gettimeofday


def test_musl_which_always_calls_reads_the_same_clock() -> None:
    result = run(musl_program("clock_reads.c"))
    assert (result.output, result.status) == (b"passed\n", 0)


def test_the_host_s_clock_is_set_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    console = CapturedConsole()
    real = time.time_ns
    monkeypatch.setattr(time, "time_ns", lambda: real() + 3600 * 10**9 * console.output.startswith(b"begun\n"))
    assert run(glibc("clock_set.c", "-static"), clock="host", console=console).output == b"begun\n1 1\n"


def test_programs_start_without_asking_for_the_hardware(debian: Path) -> None:
    assert 258 not in answered(in_debian(glibc("clock_reads.c"), debian))


def test_gdb_reads_its_symbols(tmp_path: Path) -> None:
    gdb = shutil.which("gdb-multiarch")
    if gdb is None:
        pytest.skip("gdb-multiarch is not installed")
    dumped = run(musl_program("dump_vdso.c"))
    (tmp_path / "vdso.so").write_bytes(dumped.output)
    done = subprocess.run([gdb, "-nx", "-batch", "-ex", "info functions __vdso", "-ex", "x/2i __vdso_rt_sigreturn",
                           tmp_path / "vdso.so"], capture_output=True, text=True, check=True)
    assert set(FUNCTIONS) == set(re.findall(r"__vdso_\w+$", done.stdout.partition("=>")[0], re.MULTILINE))
    assert re.search(r"<__vdso_rt_sigreturn>:\s+li\s+a7,139\n.*ecall", done.stdout)
