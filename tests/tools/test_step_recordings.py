"""`rvsim step --replay` and `--restore`: recorded runs and saved machines, forth and back."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from rvsim.guest_os.recording.file import read_recording
from rvsim.guest_os.recording.log import contents
from rvsim.tests.guest import musl_program
from rvsim.tests.terminal import CTRL_C, ENTER, START, Terminal
from rvsim.tools.cli import main

Step = Callable[..., tuple[int, str, str]]
SCRIPT = b"echo one\ncat /etc/none\ncat\nhello\nworld\n"


@pytest.fixture
def step(capfd: pytest.CaptureFixture[str]) -> Step:
    """Runs the stepper with options, and a script last: (exit status, standard output, standard error)."""
    def run(*arguments: str) -> tuple[int, str, str]:
        *options, script = arguments
        capfd.readouterr()
        status = main(["step", *options, "-x", script])
        out, err = capfd.readouterr()
        assert "Traceback" not in out + err
        return status, out, err

    return run


def rvsim(*arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([sys.executable, "-c", START, *arguments], input=stdin, capture_output=True, check=False,
                          timeout=60)


def own_lines(out: str, path: Path) -> list[str]:
    """What was said of the recording."""
    return [line.removeprefix(f"{path}: ") for line in out.splitlines() if line.startswith(f"{path}: ")]


@pytest.fixture
def piped(tmp_path: Path) -> Path:
    path = tmp_path / "piped.rec"
    assert rvsim("run", "--record", str(path), "sh", stdin=SCRIPT).stdout == b"one\nhello\nworld\n"
    return path


def test_a_recorded_run_forth_and_back(step: Step, piped: Path) -> None:
    status, out, err = step("--replay", str(piped), "until call fork; t; back; goto 5; assert $traps == 5; c;"
                            "back call write; back call read; back start; assert $ticks == 0; until call wait4; c")
    assert (status, err) == (0, "")
    assert out.count("hello\nworld\n") == 1
    assert len(set(re.findall(r"the machine has ended .*", out))) == 1
    assert own_lines(out, piped) == []


def test_to_a_trap(step: Step, piped: Path) -> None:
    _, out, _ = step("--replay", str(piped), "--at", "30", "assert $traps == 30; back; assert $traps == 29")
    assert own_lines(out, piped) == []


def test_a_change_is_said_once_and_the_input_comes_all_the_same(step: Step, piped: Path) -> None:
    status, out, err = step("--replay", str(piped), "until call read; set $t0 = 4; c; back call write; set $t0 = 5; c;"
                            "back start; c")
    assert (status, err) == (0, "")
    assert own_lines(out, piped) == [f"the run is not the recorded one from here on (tick {tick_of(out, 'read')})"]
    assert "hello\nworld\n" in out


def tick_of(out: str, call: str) -> str:
    found = re.search(rf"\(tick (\d+), [0-9.]+ s\)\n.*\n  {call}\(", out)
    assert found
    return found[1]


def test_input_instead_of_the_recorded(step: Step, piped: Path) -> None:
    _, out, _ = step("--replay", str(piped), "until call read; input echo typed; input; c")
    assert own_lines(out, piped) == [f"the run is not the recorded one from here on (tick {tick_of(out, 'read')})"]
    assert "\ntyped\n" in out
    assert "hello" not in out


def test_files_of_the_host_are_not_needed(step: Step, tmp_path: Path) -> None:
    share, path = tmp_path / "share", tmp_path / "run.rec"
    (share / "d").mkdir(parents=True)
    for number in range(5):
        (share / "d" / f"f{number}").write_text(f"file {number}\n")
    assert main(["run", "--record", str(path), "-v", f"{share}:/mnt", "sh", "-c",
                 "cat /mnt/d/f1; ls /mnt/d; echo new > /mnt/new; cat /mnt/new /mnt/d/f4"]) == 0
    (share / "new").unlink()
    share.rename(tmp_path / "gone")
    status, out, err = step("--replay", str(path), "c; back call write; back call openat; back call openat; back; t; c;"
                            "back start; until call getdents64; back 5; c")
    assert (status, err) == (0, "")
    assert own_lines(out, path) == []
    assert out.count("file 4\n") == 1
    assert not share.exists()
    _, out, _ = step("--replay", str(path), "until call openat; set $t0 = 1; c; back call openat; c")
    assert own_lines(out, path) == [
        f"the run is not the recorded one from here on (tick {tick_of(out, 'openat')})",
        "the run asks for files of the host that are not in the recording; it finds them gone"]
    assert "ESTALE" in out


def test_a_recording_that_was_cut_off_goes_on(step: Step, tmp_path: Path) -> None:
    path = tmp_path / "cut.rec"
    with closing(Terminal("--record", str(path), "sh", start=START)) as terminal:
        terminal.expect(b"$ ")
        terminal.enter(b"echo one", b"one\r\n")
        while contents(read_recording(str(path))).input_bytes < len(b"echo one" + ENTER):
            terminal.read(0.01)
    status, out, err = step("--replay", str(path), "c; input exit 5; c; back start; c")
    assert (status, err) == (5, "")
    said, = own_lines(out, path)
    assert re.fullmatch(r"the recording ends at tick \d+: it was cut off; what comes now is new", said)


def test_a_session_at_a_terminal(step: Step, tmp_path: Path) -> None:
    path = tmp_path / "terminal.rec"
    with closing(Terminal("--record", str(path), "sh", start=START)) as terminal:
        terminal.expect(b"$ ")
        terminal.enter(b"cat", b"cat\r\n")
        terminal.enter(b"typed", b"typed\r\ntyped\r\n")
        terminal.hit(CTRL_C, b"$ ")
        terminal.type(b"exit 3" + ENTER)
        assert terminal.wait() == 3
    status, out, err = step("--replay", str(path), "until signal INT; back call read; c; back signal; back start; c")
    assert (status, err) == (3, "")
    assert own_lines(out, path) == []
    assert out.count("^C") == 1


def test_a_tracer_is_no_part_of_a_recording(tmp_path: Path) -> None:
    """The program's strings are in pages of a host's file that it has not touched itself."""
    share, path = tmp_path / "share", tmp_path / "run.rec"
    share.mkdir()
    program = share / "program"
    program.write_bytes(musl_program("far_string.c").read_bytes())
    program.chmod(0o755)
    run = ("-v", f"{share}:/mnt:ro", "/mnt/program")
    traces = [tmp_path / name for name in ("live", "again", "later")]
    assert main(["run", "--record", str(path), f"--strace={traces[0]}", *run]) == 0
    assert main(["replay", str(path)]) == 0
    assert main(["replay", f"--strace={traces[1]}", str(path)]) == 0
    assert main(["run", "--record", str(path), *run]) == 0
    assert main(["replay", f"--strace={traces[2]}", str(path)]) == 0
    live, again, later = (trace.read_text() for trace in traces)
    assert live == again == later
    assert '"/none/there"' in live


def test_a_saved_machine(step: Step, tmp_path: Path) -> None:
    file = tmp_path / "saved.snap"
    main(["step", "-x", f"until call fork; save {file}; until switch; q", "sh", "-c", "echo a; cat; ls /etc | wc"])
    status, out, err = step("--restore", str(file), "until call read; back 3; t; input hello; input; c; back start;"
                            "until call wait4; c")
    assert (status, err) == (0, "")
    assert out.count("hello\n") == 1
    words = tmp_path / "words"
    words.write_text("one\ntwo\n")
    _, out, _ = step("--restore", str(file), "--stdin", str(words),
                     "c; back start; until call read; set $t0 = 1; c; back start; c")
    assert out.count("one\ntwo\n") == 2               # it was changed before it wrote, so it wrote again


def test_a_saved_terminal_goes_on_in_virtual_time(
        step: Step, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "saved.snap"
    with closing(Terminal("--save", str(file), "sh", start=START)) as terminal:
        terminal.expect(b"$ ")
        terminal.await_file(file)
        terminal.type(b"exit" + ENTER)
        assert terminal.wait() == 0
    status, out, err = step("--restore", str(file), "c; input echo two; c; back call write; assert $traps > 1;"
                            "back start; input exit 5; c; back call read; c")
    assert (status, err) == (5, "")
    assert "the guest waits for input" in out
    capfd.readouterr()
    assert main(["step", "-x", f"load {file}", "true"]) == 125
    error = capfd.readouterr().err
    assert error.count("\n") == 1
    assert "`rvsim step --restore` takes it" in error


@pytest.mark.parametrize(("options", "problem"), [
    (["--restore", "FILE", "--replay", "FILE"], "leave --replay away"), (["--restore", "FILE", "ls"], "leave PROGRAM"),
    (["--restore", "FILE", "--cwd", "/"], "--cwd cannot be changed with --restore"),
    (["--replay", "FILE", "--memory", "8M"], "--memory cannot be changed with --replay"),
    (["--replay", "FILE"], "it is no recording of rvsim"), (["--restore", "FILE"], "it is no snapshot"),
    (["--replay", "/nonexistent"], "no such file"), (["--restore", "/nonexistent"], "no such file"),
    (["--restore", "FILE", "--at", "3"], "--at goes with --replay"),
])
def test_mistakes(options: list[str], problem: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"nothing")
    assert main(["step", *(str(file) if word == "FILE" else word for word in options)]) == 125
    error = capfd.readouterr().err
    assert problem in error
    assert error.count("\n") == 1


def test_a_saved_machine_is_granted_what_it_had(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    file, share = tmp_path / "saved.snap", tmp_path / "share"
    share.mkdir()
    granted = ["-v", f"{share}:/mnt"]
    main(["step", *granted, "-x", f"save {file}; until switch", "sh", "-c", "true; true"])
    capfd.readouterr()
    assert main(["step", "-x", f"load {file}", "true"]) == 125
    assert "allow it again with -v" in capfd.readouterr().err
    assert main(["step", *granted, "-x", f"load {file}; c", "true"]) == 0
    assert main(["step", *granted, "--restore", str(file), "-x", "c"]) == 0
