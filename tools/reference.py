"""Writes what comes from the sources, pages of `docs/`, headers and a schema: `python -m rvsim.tools.reference`.

docs/syscalls.md comes from the table of the ABI `linux`; the end of docs/differences.md from every `Differs:` in the
sources; user_apps/include/procfs.h from the layouts of the Solaris-style procfs; user_apps/lib/linux/name_tables.h from
the kernel's numbers of calls, signals and errors; guest_os/snapshot/schema.py from the kernel's classes; truss's
tables from strace's. A test tells when one of them is not what this would write.
"""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

from rvsim.guest_os.abi import signals, solproc
from rvsim.guest_os.abi.errno import Errno
from rvsim.guest_os.abi.layouts import c_header
from rvsim.guest_os.abi.syscall_names import NAMES
from rvsim.guest_os.syscalls.linux_table import ROWS
from rvsim.tools import snapshot_fields
from rvsim.tools.truss_tables import call_header, call_tables

ROOT = Path(__file__).resolve().parent.parent
SYSCALLS = ROOT / "docs" / "syscalls.md"
DIFFERENCES = ROOT / "docs" / "differences.md"
PROCFS_HEADER = ROOT / "user_apps" / "include" / "procfs.h"
SNAPSHOT_SCHEMA = ROOT / "guest_os" / "snapshot" / "schema.py"
CALL_TABLES = ROOT / "user_apps" / "src" / "proc" / "truss"
NAME_TABLES = ROOT / "user_apps" / "lib" / "linux" / "name_tables.h"
LIST_HEAD = "## In the sources\n"
_DIFFERS = re.compile(r"(?:^|(?<=\s))(?:# )?Differs: (?P<text>.+?)(?=\n\s*(?:\n|Differs: |\"\"\")|\"\"\"|\Z)", re.S)
_COMMENT = re.compile(r"# Differs: (?P<text>[^\n]*(?:\n\s*#[^\n]*)*)")
_SOURCES = ("*.py", "*.pyx", "*.pxi")


def syscalls_page() -> str:
    """docs/syscalls.md: each call of riscv64, and how far it goes here."""
    lines = []
    counts = {"full": 0, "partial": 0, "ENOSYS": 0}
    for number, name in sorted(NAMES.items()):
        row = ROWS.get(number)
        support = "ENOSYS" if row is None else "partial" if row.missing else "full"
        counts[support] += 1
        lines.append(f"| {number} | `{name}` | {support} | {row.missing if row is not None else ''} |")
    head = (
        "# System calls of the ABI `linux`\n\n"
        "Made by `python -m rvsim.tools.reference` from `guest_os/syscalls/linux_table.py`; do not edit.\n\n"
        f"{counts['full']} calls are full, {counts['partial']} partial (the last column says what acts or what is "
        f"missing), {counts['ENOSYS']} give ENOSYS.\n\n"
        "| number | call | support | note |\n|---:|---|---|---|\n"
    )
    return head + "\n".join(lines) + "\n"


def differences() -> list[tuple[str, str]]:
    """(file, text) of each `Differs:` in the kernel and the machine, in the order of the files."""
    found = []
    for room in ("emu", "guest_os"):
        for path in sorted(file for pattern in _SOURCES for file in (ROOT / room).rglob(pattern)):
            source = path.read_text(encoding="utf-8")
            where = path.relative_to(ROOT).as_posix()
            for match in re.finditer("Differs: ", source):
                in_comment = source[:match.start()].endswith("# ")
                pattern = _COMMENT if in_comment else _DIFFERS
                whole = pattern.match(source, match.start() - (2 if in_comment else 0))
                if whole is not None:
                    text = re.sub(r"\s*\n\s*#?\s*", " ", whole["text"])
                    found.append((where, text.strip()))
    return found


def differences_page(page: str) -> str:
    """docs/differences.md, with the list at its end brought up to date."""
    written = page.partition(LIST_HEAD)[0].rstrip()
    items = "\n".join(f"- `{where}`: {text}" for where, text in differences())
    note = "Every `Differs:` that stands beside the code, collected by `python -m rvsim.tools.reference`."
    return f"{written}\n\n{LIST_HEAD}\n{note}\n\n{items}\n"


def procfs_header() -> str:
    """user_apps/include/procfs.h: the structures and numbers of solproc, each place asserted."""
    groups: dict[str, list[tuple[str, int]]] = {
        "pr_flags": [(f"PR_{flag.name}", flag.value) for flag in solproc.Flag],
        "pr_why": [(f"PR_{why.name}", why.value) for why in solproc.Why],
        "faults": [(f"FLT{fault.name}", fault.value) for fault in solproc.Fault],
        "psi_code of a watchpoint": [(f"TRAP_{trap.name}", trap.value) for trap in solproc.Trap],
        "control messages": [(f"PC{message.name}", message.value) for message in solproc.Control],
        "operand of PCRUN": [(f"PR{flag.name}", flag.value) for flag in solproc.Run],
        "pr_wflags": [(f"WA_{flag.name}", flag.value) for flag in solproc.Watch],
        "pr_mflags": [(f"MA_{flag.name}", flag.value) for flag in solproc.MapFlag],
        "bytes of pagedata": [(f"PG_{flag.name}", flag.value) for flag in solproc.Page],
        "pr_state": [(f"S{state.name}", state.value) for state in solproc.LwpState],
        "places in prgregset_t": [(f"R_{name.upper()}", at) for at, name in enumerate(solproc.REGISTER_NAMES)],
        "other": [("PR_MODEL_LP64", solproc.DMODEL_LP64), ("PRFNSZ", solproc.FNAME_BYTES),
                  ("PRARGSZ", solproc.PSARGS_BYTES), ("PRMAPSZ", solproc.MAPNAME_BYTES)],
    }
    about = "Solaris-style procfs (/system/proc): made by `python -m rvsim.tools.reference`, do not edit."
    return c_header("RVSIM_PROCFS_H", about, groups, solproc.LAYOUTS)


def name_tables() -> str:
    """user_apps/lib/linux/name_tables.h: arrays of names, indexed by number."""
    tables = {
        "call_names": dict(sorted(NAMES.items())),
        "error_names": {error.number: error.__name__ for error in Errno.__subclasses__()},
        "signal_names": {number: name.removeprefix("SIG") for number, name in signals.NAMES.items()},
        "fault_names": {fault.value: f"FLT{fault.name}" for fault in solproc.Fault},
    }
    parts = ["/* Names by number: made by `python -m rvsim.tools.reference`, do not edit. */"]
    for table, names in tables.items():
        entries = " ".join(f'[{number}]="{name}",' for number, name in sorted(names.items()))
        lines = textwrap.wrap(entries, 110, break_long_words=False)
        parts += ["", f"static const char *const {table}[] = {{", *(f"    {line}" for line in lines), "};"]
    return "\n".join(parts) + "\n"


def main() -> None:
    """Write all of them."""
    SNAPSHOT_SCHEMA.write_text(snapshot_fields.source(), encoding="utf-8")
    NAME_TABLES.write_text(name_tables(), encoding="utf-8")
    (CALL_TABLES / "tables.h").write_text(call_header(), encoding="utf-8")
    (CALL_TABLES / "tables.c").write_text(call_tables(), encoding="utf-8")
    PROCFS_HEADER.write_text(procfs_header(), encoding="utf-8")
    SYSCALLS.write_text(syscalls_page(), encoding="utf-8")
    DIFFERENCES.write_text(differences_page(DIFFERENCES.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
