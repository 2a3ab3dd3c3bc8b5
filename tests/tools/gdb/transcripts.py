"""The sessions in docs/gdb.md: what was typed, and what gdb is said to have answered."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import rvsim
from rvsim.tests.tools.gdb.driven import GDB, TIMEOUT_S, start

DOCUMENT = Path(rvsim.__path__[0]) / "docs" / "gdb.md"
PROMPT = "(gdb) "
_NOISE = re.compile(r"Reading (?!symbols).*|warning: .*|\+.*|")
"""What gdb says of its own work and of files' dates, and blank lines."""


def sessions() -> list[list[str]]:
    """The blocks of the document that are sessions, as lines."""
    blocks = re.findall(r"^```\n(.*?)^```$", DOCUMENT.read_text(), re.MULTILINE | re.DOTALL)
    return [block.splitlines() for block in blocks if PROMPT in block]


def plain(line: str) -> str:
    """A line of gdb without what differs from host to host and from compiler to compiler."""
    line = re.sub(r"target extended-remote :\d+|target remote :\d+", lambda found: found[0].rpartition(":")[0], line)
    line = re.sub(r"remote :\d+\)", "remote :1234)", line)
    line = re.sub(r"\S*/(\w+\.c)\b", r"\1", line)
    return re.sub(r"0x[0-9a-f]+|\b[0-9a-f]+-[0-9a-f]+\b|entry +\d+", "ADDRESS", line).rstrip()


def typed(lines: list[str]) -> list[tuple[str, list[str]]]:
    """Each command, and what stands behind it."""
    found: list[tuple[str, list[str]]] = []
    for line in lines:
        if line.startswith(PROMPT):
            found.append((line.removeprefix(PROMPT), []))
        elif line:
            found[-1][1].append(line)
    return found


def played(commands: list[str], program: Path, tmp_path: Path, options: tuple[str, ...] = ()) -> list[list[str]]:
    """What a real gdb answers to each of the commands, the first of which connects to port 1234."""
    process, port = start(program, options=options)
    script = tmp_path / "commands"
    words = [f"echo @@@{number}\\n\n{command.replace(':1234', f':{port}')}\n"
             for number, command in enumerate(commands)]
    script.write_text("".join(words))
    try:
        shown = subprocess.run([GDB or "", "-nx", "-batch", "-iex", "set debuginfod enabled off", "-iex",
                                "set width 0", "-x", script], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                               text=True, timeout=TIMEOUT_S, cwd=tmp_path, stdin=subprocess.DEVNULL, check=False).stdout
        process.communicate(timeout=TIMEOUT_S)
    finally:
        process.kill()
    parts = re.split(r"@@@\d+\n", shown)[1:]
    return [[plain(line) for line in part.splitlines() if not _NOISE.fullmatch(line)] for part in parts]
