"""The files of docs/adding-a-procfs-file.md work as the page says."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from rvsim.guest_os.proc import procfs
from rvsim.tests.guest import run

PAGE = Path(__file__).resolve().parents[2] / "docs" / "adding-a-procfs-file.md"


@pytest.fixture(autouse=True)
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The page's rows, in the kernel's tables."""
    if not PAGE.exists():
        pytest.skip("docs/ is not installed")
    found = re.search(r"^```python\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    assert found is not None
    names: dict[str, Any] = {}
    exec(compile(found[1], str(PAGE), "exec"), names)
    for name, entry in names["PID_FILES"].items():
        monkeypatch.setitem(procfs.PID_DIR, name, entry)
    for name, entry in names["ROOT_FILES"].items():
        monkeypatch.setitem(procfs.ROOT_TABLE, name, entry)


def shell(script: str) -> str:
    """What the built-in shell prints for a script."""
    return run("sh", stdin=script.encode() + b"\nexit\n").output.decode()


def test_a_file_of_each_process() -> None:
    assert shell("cat /proc/self/descriptors\ncat /proc/1/descriptors") == "4\n3\n"     # cat has this one open


def test_a_directory_with_a_link_and_a_file_to_write() -> None:
    said = shell("ls /proc/lab\ncat /proc/lab/host\necho lab-7 > /proc/lab/host\ncat /proc/lab/host\n"
                 "cat /proc/lab/me/comm")
    assert re.search(r"\bhost\b", said)
    assert said.index("rvsim\n") < said.index("lab-7\n")
    assert "cat\n" in said
