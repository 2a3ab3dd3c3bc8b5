"""gdb at recorded runs: forth and back, nothing can be changed, and the end is that of the recording."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from rvsim.guest_os.recording.file import BadRecording, read_recording
from rvsim.guest_os.recording.log import contents
from rvsim.tests.guest import debug_program
from rvsim.tests.tools.gdb.driven import drive_replay, needs_gdb
from rvsim.tools.cli import main

pytestmark = needs_gdb
PROGRAM = "gdb/gdb.c"


@pytest.fixture
def record(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Callable[..., Path]:
    """Records a part of the program, or another run: the file."""

    def make(*words: str, status: int = 0, options: tuple[str, ...] = ()) -> Path:
        file = tmp_path / "run.rec"
        arguments = words if options else (str(debug_program(PROGRAM)), *words)
        assert main(["run", "--record", str(file), "--clock", "virtual", *options, *arguments]) == status
        capfd.readouterr()
        return file

    return make


def test_a_crash_backwards(record: Callable[..., Path]) -> None:
    seen = drive_replay(["continue", "backtrace", "reverse-stepi", "break main", "reverse-continue", "print argc",
                         "print counter = 3", "print $a1 = 3", "print $a1", "call add(1, 2)",
                         "remote put /etc/passwd /tmp/x", "reverse-continue", "delete", "continue", "signal 0"],
                        record("fault", status=139), status=139)
    seen.in_order("SIGSEGV", r"#0 .*in fault", r"#1 .*in main", "Breakpoint 1, main", r"\$1 = 2",
                  "Cannot access memory", "[Cc]ould not write", "Read-only|read-only|Remote I/O error",
                  "No more reverse", "SIGSEGV", "terminated with signal SIGSEGV")
    assert seen.errors == "rvsim: gdb wants to change something; a replay goes on as it was recorded\n"


def test_threads_and_processes_go_on_as_they_did(record: Callable[..., Path]) -> None:
    seen = drive_replay(["break add", "continue", "set scheduler-locking on", "watch counter", "continue", "continue",
                         "reverse-continue", "reverse-continue", "set scheduler-locking off", "delete", "continue"],
                        record("threads"))
    seen.in_order("Breakpoint 1, add", "watchpoint 2: counter", "watchpoint 2: counter", "watchpoint 2: counter",
                  "exited normally")
    assert seen.output == "6\n"
    seen = drive_replay(["set detach-on-fork off", "set schedule-multiple on", "break add", "continue", "print left",
                         "reverse-finish", "delete", "continue", "inferior 1", "continue"], record("forks"))
    seen.in_order("New inferior 2", "Breakpoint 1.*add", r"\$1 = 3", "exited with code 07", "exited normally")
    assert seen.output == "child 7\n"


def test_what_was_typed_and_what_was_sent(record: Callable[..., Path], tmp_path: Path) -> None:
    words = tmp_path / "words"
    words.write_text("hello\n")
    kept = os.dup(0)
    with words.open("rb") as stream:
        os.dup2(stream.fileno(), 0)
    try:
        file = record("reads")
    finally:
        os.dup2(kept, 0)
        os.close(kept)
    words.unlink()
    seen = drive_replay(["break printf", "continue", "up", "print line", "reverse-continue", "continue", "up",
                         "print line", "kill"], file, status=137)
    seen.in_order(r"\$1 = \"hello", "No more reverse", r"\$2 = \"hello")
    assert not seen.output
    seen = drive_replay(["continue", "signal 0", "continue"], record("signals"))
    seen.in_order("SIGUSR1", "exited normally")
    assert seen.output == "caught 1005\n"           # it got its signal, whatever gdb says


def test_again_from_the_beginning(record: Callable[..., Path]) -> None:
    seen = drive_replay(["set confirm off", "break half", "continue", "run", "backtrace 1", "kill", "run", "delete",
                         "run with others"], record("calls"), target="extended-remote", status=137)
    seen.in_order("Breakpoint 1, half", "Breakpoint 1, half", "#0 .*half", "killed", "Breakpoint 1, half", "failed")


def has_begun(recording: Path) -> bool:
    """Whether there is something of the program's turns in it."""
    try:
        return contents(read_recording(str(recording))).ticks > 0
    except (OSError, BadRecording):
        return False


@pytest.mark.parametrize(("how", "said", "status"), [
    pytest.param(signal.SIGINT, "interrupted", 130, marks=pytest.mark.slow),
    (signal.SIGKILL, "was cut off", 125),
])
def test_a_recording_that_ends_in_its_middle(how: signal.Signals, said: str, status: int, tmp_path: Path) -> None:
    """Somebody has left, or its writer was killed: gdb is told that there is no more, and can go back from there."""
    file = tmp_path / "run.rec"
    process = subprocess.Popen(
        [sys.executable, "-c", "import sys; from rvsim.tools.cli import main; sys.exit(main())", "run", "--record",
         str(file), str(debug_program(PROGRAM)), "spins"], stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        env={"PYTHONPATH": ":".join(filter(None, sys.path)), "PATH": "/usr/bin:/bin"})
    while not has_begun(file):
        assert process.poll() is None
    process.send_signal(how)
    process.wait()
    seen = drive_replay(["continue", "backtrace", "reverse-stepi", "reverse-stepi", "stepi", "break main",
                         "reverse-continue", "delete", "continue", "detach"], file, status=status)
    seen.in_order("No more reverse-execution history", "#0 .*in spins", r"#1 .*in main", "Breakpoint 1, main",
                  "No more reverse-execution history", "detached")
    assert said in seen.errors


def test_files_of_the_host_are_gone(record: Callable[..., Path], tmp_path: Path) -> None:
    """What the guest has read is in the recording; gdb gets nothing else, and the run does not notice that it asks."""
    root = tmp_path / "root"
    root.mkdir()
    (root / "text").write_text("words\n")
    (root / "prog").write_bytes(debug_program(PROGRAM).read_bytes())
    (root / "prog").chmod(0o755)
    file = record("sh", "-c", "/mnt/prog calls", options=("-v", f"{root}:/mnt"))
    for path in root.iterdir():
        path.unlink()
    root.rmdir()
    seen = drive_replay(["set follow-fork-mode child", "catch exec", "continue", "info proc mappings", "stepi",
                         "reverse-stepi", f"remote get /mnt/text {tmp_path / 'got'}",
                         f"remote get /mnt/nothing {tmp_path / 'got'}", f"file {debug_program(PROGRAM)}", "break half",
                         "continue", "backtrace 1", "monitor bt", "reverse-stepi", "delete", "continue"], file)
    seen.in_order("exec'd /mnt/prog", r"r-xp +/mnt/prog *$", "Breakpoint 2, half", "#0 .*half", "exited normally")
    assert seen.output == "125 2.5 before\n"
    assert not seen.errors
