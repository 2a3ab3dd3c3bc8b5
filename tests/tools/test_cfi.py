"""Call frame information: each row as pyelftools has it, and nothing bad from sections that are damaged."""

from __future__ import annotations

import random
import shutil
import subprocess
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from elftools.dwarf.callframe import FDE
from elftools.elf.elffile import ELFFile

from rvsim.tests.guest import GLIBC_CC, glibc_program, musl_program
from rvsim.tools import guest_build
from rvsim.tools.guest_build import USER_APPS
from rvsim.tools.procs.cfi import RA, FrameTable, Rules


def built_in(_name: str) -> Path:
    """A program of the built-in system: it has .debug_frame alone."""
    return guest_build.DEFAULT_OUT / "sh"


PROGRAMS = [musl_program, built_in, *([glibc_program] if GLIBC_CC else [])]
FP = 8
DRIVER = Path(__file__).with_name("cfi_driver.c")


def sections(program: Path) -> list[tuple[bytes, int, bool]]:
    """Content and address of the sections with frames; True: .eh_frame."""
    elf = ELFFile(BytesIO(program.read_bytes()))
    found = [(elf.get_section_by_name(name), name == ".eh_frame") for name in (".eh_frame", ".debug_frame")]
    return [(section.data(), section["sh_addr"], eh) for section, eh in found if section is not None]


@pytest.mark.parametrize("make", PROGRAMS, ids=lambda make: make.__name__)
def test_every_row_is_pyelftools_row(make: Any) -> None:
    program = make("proc_subject.c")
    dwarf = ELFFile(BytesIO(program.read_bytes())).get_dwarf_info()
    rows = 0
    for data, address, eh in sections(program):
        table = FrameTable(data, address, eh)
        for entry in dwarf.EH_CFI_entries() if eh else dwarf.CFI_entries():
            if not isinstance(entry, FDE):
                continue
            begin, end = entry["initial_location"], entry["initial_location"] + entry["address_range"]
            decoded = entry.get_decoded().table
            starts = [row["pc"] for row in decoded] + [end]
            for row, after in zip(decoded, starts[1:], strict=True):
                registers = {number: rule for number, rule in row.items() if isinstance(number, int)}
                if not begin <= row["pc"] < after <= end or row["cfa"].expr is not None or any(
                        rule.type not in ("OFFSET", "UNDEFINED", "SAME_VALUE") for rule in registers.values()):
                    continue
                expected = Rules(row["cfa"].reg, row["cfa"].offset,
                                 {number: rule.arg for number, rule in registers.items() if rule.type == "OFFSET"},
                                 {number for number, rule in registers.items() if rule.type == "UNDEFINED"})
                assert table.rules(row["pc"]) == table.rules(after - 1) == expected
                rows += 1
    assert rows > 30


def damaged(chance: random.Random, data: bytes) -> bytes:
    """Bytes changed, and the end cut off now and then."""
    broken = bytearray(data)
    for _ in range(chance.randrange(1, 40)):
        broken[chance.randrange(len(broken))] = chance.choice((0, 0xFF, 0x80, chance.randrange(256)))
    return bytes(broken[:chance.randrange(len(broken) + 1)] if chance.random() < 0.3 else broken)


def line_of(rules: Rules | None) -> str:
    """As the driver prints it."""
    if rules is None or rules.return_register != RA:
        return "none"
    saved = [str(rules.saved[number]) if number in rules.saved else "-:0" for number in (RA, FP)]
    return f"{rules.cfa_register} {rules.cfa_offset} {' '.join(saved)} {int(RA in rules.lost)} {int(rules.signal)}"


@pytest.fixture(scope="module")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The guest program's reader for the host, with every bad access an error."""
    place = USER_APPS / "src/proc/pstack"
    flags = ["-O1", "-g", f"-I{place}", str(place / "cfi.c"), "-fsanitize=address,undefined",
             "-fno-sanitize-recover=all"]
    if not shutil.which("cc"):
        pytest.skip("no host compiler")
    try:
        return guest_build.compile_host(DRIVER, tmp_path_factory.mktemp("cfi") / "driver", flags)
    except guest_build.BuildError:
        pytest.skip("the host's compiler has no sanitizers")


@pytest.mark.parametrize("make", PROGRAMS, ids=lambda make: make.__name__)
def test_the_guest_program_reads_the_same(make: Any, driver: Path, tmp_path: Path) -> None:
    """Of whole sections. Damaged ones make an answer or none (entries may overlap), and nothing is read too far."""
    chance = random.Random(7)
    whole = sections(make("proc_subject.c"))
    cases = whole + [(damaged(chance, data), address, eh) for data, address, eh in whole for _ in range(40)]
    program = ELFFile(BytesIO(make("proc_subject.c").read_bytes())).get_section_by_name(".text")
    start, size = program["sh_addr"], program["sh_size"]
    wanted = [chance.randrange(start, start + size) for _ in range(60)] + [0, 1 << 63, (1 << 64) - 1]
    words = []
    for number, (data, address, eh) in enumerate(cases):
        (tmp_path / str(number)).write_bytes(data)
        words.append(f"{address:x}:{int(eh)}:{tmp_path / str(number)}")
    done = subprocess.run([driver, *words], input="\n".join(f"{address:x}" for address in wanted), text=True,
                          capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    answers = done.stdout.splitlines()
    assert len(answers) == len(cases) * len(wanted)
    tables = [FrameTable(*case) for case in cases]
    read = [line_of(table.rules(address)) for table in tables for address in wanted]
    assert answers[:len(whole) * len(wanted)] == read[:len(whole) * len(wanted)]
    assert len(set(answers[:60])) > 5


@pytest.mark.parametrize("data", [
    b"", b"\0" * 3, b"\0" * 64, b"\xff" * 64, b"\4\0\0\0\0\0\0\0" * 8, b"\4\0\0\0\4\0\0\0" * 8,
    b"\x0c\0\0\0\0\0\0\0\1zR\0\1\x78\1\1",
])  # fmt: skip
def test_what_is_no_section(data: bytes) -> None:
    for eh in (True, False):
        assert FrameTable(data, 0, eh).rules(0) is None
