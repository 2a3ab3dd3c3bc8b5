"""The option: where it may stand, where the trace goes, what happens when it cannot go there."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

CLI = "import sys; from rvsim.tools.cli import main; sys.exit(main())"


def rvsim(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", CLI, *words], capture_output=True, text=True, check=False,
                          stdin=subprocess.DEVNULL, timeout=120)


def test_to_standard_error() -> None:
    done = rvsim("run", "--strace", "--memory", "64M", "echo", "--strace")
    assert done.stdout == "--strace\n"
    assert done.stderr.startswith('execve("/bin/echo", ["echo", "--strace"], ')
    assert done.stderr.endswith("+++ exited with 0 +++\n")


def test_to_a_file(tmp_path: Path) -> None:
    file = tmp_path / "trace"
    done = rvsim("run", f"--strace={file}", "false")
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "")
    assert file.read_text().endswith("+++ exited with 1 +++\n")


def test_a_file_that_cannot_be_made(tmp_path: Path) -> None:
    done = rvsim("run", f"--strace={tmp_path}/no/file", "true")
    assert done.returncode == 125
    assert done.stderr == (f"rvsim: --strace={tmp_path}/no/file: No such file or directory; give a file that can be "
                           "written\n")


def test_a_full_disk() -> None:
    if not Path("/dev/full").exists():
        return
    done = rvsim("run", "--strace=/dev/full", "true")
    assert done.returncode == 125
    assert done.stderr == "rvsim: --strace=/dev/full: No space left on device; give a file that can be written\n"


def test_stats_name_calls() -> None:
    done = rvsim("run", "--stats", "echo", "x")
    assert "call linux:64: 1 (write)" in done.stderr
