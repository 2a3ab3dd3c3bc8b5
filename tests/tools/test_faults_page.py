"""docs/faults.md: what stands there behind `$ rvsim` is what one gets; `...` stands for lines that are left out."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

from rvsim.guest_os.faults import parse_fault
from rvsim.tests.guest import TIMEOUT_S
from rvsim.tests.terminal import START
from rvsim.tools import guest_build

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "faults.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def test_transcripts(tmp_path: Path) -> None:
    source = next(text for kind, text in BLOCKS if kind == "c")
    (tmp_path / "pass.c").write_text(source)
    guest_build.compile_musl(tmp_path / "pass.c", tmp_path / "pass", ("-O1",))
    lines = 0
    for kind, text in BLOCKS:
        if kind or not text.startswith("$ "):
            continue
        for piece in re.split(r"^\$ rvsim ", text, flags=re.MULTILINE)[1:]:
            command, _, expected = piece.partition("\n")
            done = subprocess.run([sys.executable, "-c", START, *shlex.split(command)], cwd=tmp_path,
                                  stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                  check=False, timeout=TIMEOUT_S)
            pattern = re.escape(expected).replace(re.escape("...\n"), "(?:.*\n)*")
            assert re.fullmatch(pattern, done.stdout), f"$ rvsim {command}\n{done.stdout}"
            lines += 1
    assert lines > 7


def test_what_is_said_of_texts() -> None:
    """Each word of the table of actions and each WHEN is one."""
    actions = re.findall(r"^\| `(\w+|\w+\(\w+\))`(?:, `EINTR`, …)? \|", PAGE, re.MULTILINE)
    found = [text for text in actions if text not in ("all", "alloc")]
    assert len(found) >= 5
    for text in found:
        if text != "3":
            assert parse_fault(f"read:1={text}")
    for when in ("every", "3", "3+", "3+2", "3..5", "3..9+2"):
        assert f"`{when}`" in PAGE
        assert parse_fault(f"read:{when}=EIO")
