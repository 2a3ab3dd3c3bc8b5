"""Writes the pages of `docs/` that come from the sources: `python -m rvsim.tools.reference`.

docs/syscalls.md comes from the table of the ABI `linux`; the end of docs/differences.md from every `Differs:` in the
sources. A test tells when one of them is not what this would write.
"""

from __future__ import annotations

import re
from pathlib import Path

from rvsim.guest_os.abi.syscall_names import NAMES
from rvsim.guest_os.syscalls.linux_table import ROWS

ROOT = Path(__file__).resolve().parent.parent
SYSCALLS = ROOT / "docs" / "syscalls.md"
DIFFERENCES = ROOT / "docs" / "differences.md"
LIST_HEAD = "## In the sources\n"
_DIFFERS = re.compile(r"(?:^|(?<=\s))(?:# )?Differs: (?P<text>.+?)(?=\n\s*\n|\n\s*\"\"\"|\"\"\"|\Z)", re.DOTALL)
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


def main() -> None:
    """Write both pages."""
    SYSCALLS.write_text(syscalls_page(), encoding="utf-8")
    DIFFERENCES.write_text(differences_page(DIFFERENCES.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
