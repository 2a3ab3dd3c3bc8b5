"""`rvsim step` with scripts: what is shown is what the program's ELF file, the specification and strace say."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from elftools.elf.elffile import ELFFile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rvsim.tests.guest import GUESTS, musl_program
from rvsim.tools.cli import main
from rvsim.tools.step.prompt import FileInput, completions
from rvsim.tools.step.registry import Command
from rvsim.tools.step.shell import COMMANDS, Shell
from rvsim.tools.step.style import Style

Step = Callable[..., tuple[int, str, str]]


@pytest.fixture
def step(capfd: pytest.CaptureFixture[str]) -> Step:
    """Runs a script on a program: (exit status, standard output, standard error)."""
    def run(script: str, program: Path | str = "", *args: str, options: Sequence[str] = ()) -> tuple[int, str, str]:
        program = program or musl_program("debugged.c")
        status = main(["step", *options, "-x", script, str(program), *args])
        out, err = capfd.readouterr()
        assert "Traceback" not in out + err
        return status, out, err

    return run


def symbol(name: str) -> int:
    with open(musl_program("debugged.c"), "rb") as stream:
        found: int = ELFFile(stream).get_section_by_name(".symtab").get_symbol_by_name(name)[0]["st_value"]
    return found


def line_of(text: str) -> int:
    lines = (GUESTS / "debugged.c").read_text().splitlines()
    return next(number for number, line in enumerate(lines, 1) if text in line)


def test_traps_of_echo(step: Step) -> None:
    status, out, err = step("t; t; r; until call write; r; c", "echo", "hello")
    assert (status, err) == (0, "")
    assert "#1 pid 1 (echo): instruction page fault (tick 0, 0.000000000 s)" in out
    assert "  it wanted to execute 0x10000 <_start>" in out
    assert "    denied: the entry of level 2 is not valid" in out
    assert "  -> #1 file page: mapped from the page cache at 0x8" in out
    assert ": store/AMO page fault" in out
    assert "  -> #2 demand-zero: a page of zeros at 0x8" in out
    assert ": environment call from U-mode" in out
    assert '  write(1, "hello\\n", 6)\n' in out
    assert 'hello\n  -> #' in out
    assert '-> #6 write(1, "hello\\n", 6) = 6' in out
    assert "  a0=0x6\n" in out
    assert "the machine has ended with status 0" in out


def test_of_many_events_the_last_ones_are_shown(step: Step) -> None:
    status, out, _ = step("until call reboot", "bench_forkwait")
    shown = out.split("not shown)\n")[1].splitlines()
    assert (status, len(shown)) == (0, 101)
    assert re.search(r"\n  \(19\d\d events before these are not", out)
    assert shown[-2] == "  pid 1 (bench_forkwait): exited with 0"
    assert shown[-4:-2] == ["  pid 1 (bench_forkwait): made a process, pid 1001 (bench_forkwait)",
                            "  pid 1001 (bench_forkwait): exited with 0"]


def test_breakpoints(step: Step) -> None:
    line = line_of("counter += n")
    status, out, _ = step(f"break innermost if $a0 == 4; c; assert $pc == innermost; bt; assert *(long*)counter == 11;"
                          f"finish; assert $a0 == 15; d; break debugged.c:{line}; c; list; info; d; c")
    assert status == 22
    assert f"breakpoint 1 at {symbol('innermost'):#x} <innermost> debugged.c:" in out
    assert re.search(rf"#0  {symbol('innermost'):#x} in innermost at debugged\.c:\d+\n#1  0x[0-9a-f]+ in main at", out)
    assert f"=> {line:5}      counter += n;" in out
    assert "sum 215\ndeep 156 handled 10 child 3\n" in out


def test_a_watch_sees_program_and_old_value(step: Step) -> None:
    status, out, _ = step("watch counter 8 w; c; c; c; assert *(long*)counter == 8; quit 9")
    assert status == 9
    assert f"write of {symbol('counter'):#x} by 0x" in out
    assert "  0x5 -> 0x6\n" in out
    assert "  0x6 -> 0x8\n" in out


def test_a_watch_sees_what_the_kernel_stores(step: Step) -> None:
    _, out, _ = step("until call wait4; p/x $a1; watch $a1 4 w; c; c; q")
    assert "the kernel stored at 0x" in out
    assert "  0x0 -> 0x300\n" in out


def test_fault_that_kills(step: Step) -> None:
    status, out, _ = step("until signal SEGV; back fault; walk $stval; assert $stval == 8; assert $scause == 15; c",
                          musl_program("debugged.c"), "crash")
    assert status == 128 + 11
    assert "it wanted to write 0x8\n" in out
    assert "  area: none\n" in out
    assert "signal SIGSEGV" in out
    assert "-> #" in out


def test_copy_on_write(step: Step) -> None:
    _, out, _ = step("until fork; until pid 2 fault; until pid 2 trap 15; until pid 2 trap 15; c")
    assert "valid, read, user, accessed, dirty, copy-on-write" in out
    assert "denied: the page does not allow write" in out
    assert "copy-on-write: copied to 0x8" in out


def test_events(step: Step) -> None:
    status, out, _ = step("catch signal; catch fork; catch exit; info; c; sched; c; ps; c; c; c")
    assert status == 22
    for text in ("catch 1: signal", "): signal SIGUSR1 from pid 1 (tick",
                 "): made a process, pid 2 (debugged-musl-", "): exited with 3 (tick",
                 "): exited with 22 (tick"):
        assert text in out


def test_who_waits(step: Step) -> None:
    _, out, _ = step("until switch; sched; ps; q")
    assert "leaves, it waits in wait4(2, 0x" in out
    assert re.search(r"\nwaits   pid 1 \(debugged-musl-.\): waits in wait4\(2, 0x", out)


def test_the_time_of_who_runs_is_up_to_now(step: Step) -> None:
    _, out, _ = step("break main; c; ps; q")
    ticks = re.search(r"breakpoint 1 \(tick (\d+)", out)
    assert ticks is not None
    assert re.search(rf"\n +1 +1 +0 R +{ticks[1]} debugged", out) is not None


def test_back(step: Step) -> None:
    status, out, _ = step("""c; assert $traps > 30; back call clone; save here; t; back call kill; back 3; goto 2;
        assert $traps == 2; back; assert $traps == 1; load here; back start; assert $ticks == 0; c""")
    assert status == 22
    assert out.count("sum 215") == 1
    assert out.count("deep 156") == 1


def test_back_to_the_last_write(step: Step) -> None:
    _, out, _ = step("until call kill; rwatch counter; assert *(long*)counter == 150; rwatch counter;"
                     "assert *(long*)counter == 50; back step; assert *(long*)counter == 41")
    assert "nothing of that kind" not in out


def test_changes(step: Step) -> None:
    status, out, _ = step("until main; set *(long*)counter = 6; break innermost; c; set $a0 = 10; d; "
                          "until call kill; inject EPERM; c")
    assert status == (6 + 10 + 45 + 100) & 0x7F
    assert "handled 0" in out


def test_the_next_call_that_is_not_made_is_told(step: Step) -> None:
    _, out, _ = step("until call write; r; inject EIO; until call clone", "sh", "-c", "cat /etc/none")
    assert re.search(r"\n  pid \d+ \(\w+\): \w+\(.*\) was not made; its result is -5\n", out) is not None


def test_injected_results_show(step: Step) -> None:
    _, out, _ = step("until call clone; inject -11; r; assert $a0 == -11; back; t; r")
    assert "the call is not made; its result is -11" in out
    assert re.search(r"-> #\d+ not made; its result is -11\n", out)


def test_input(step: Step) -> None:
    status, out, _ = step("c; input four; c", musl_program("debugged.c"), "read")
    assert "the guest waits for input" in out
    assert "read 5\n" in out
    assert status == 22


def test_input_from_a_file(step: Step, tmp_path: Path) -> None:
    (tmp_path / "words").write_text("one two\n")
    _, out, _ = step("c", musl_program("debugged.c"), "read", options=["--stdin", str(tmp_path / "words")])
    assert "read 8\n" in out


def test_examining(step: Step) -> None:
    _, out, _ = step("break innermost; c; x/2i $pc; x/s **(u64*)($sp+8)", "echo")
    assert out
    _, out, _ = step("until call writev; x/1dw counter; x/2xb counter; p/t 5; p 'a'; x/1a $sp; u main 3; regs a7; csrs;"
                     "maps; fds; floats; where")
    assert f"{symbol('counter'):#x}: 50\n" in out
    assert f"{symbol('counter'):#x}: 0x32  0x00\n" in out
    assert "\n101\n" in out
    assert "97 = 0x61\n" in out
    assert "a7    0x0000000000000042  66\n" in out
    assert "[stack]" in out
    assert "   1  pipe:[" in out


def test_a_saved_machine_comes_back(step: Step, tmp_path: Path) -> None:
    file = tmp_path / "machine.snap"
    status, out, err = step(f"until call wait4; save {file}; until signal; load {file}; c")
    assert (status, err) == (22, "")
    assert f"{file}: the machine, at tick" in out


def test_a_machine_that_ends_before_it_is_saved(step: Step, tmp_path: Path) -> None:
    file = tmp_path / "late.snap"
    status, _, err = step(f"until pid 1 call exit_group; save {file}; ps")
    assert status == 125
    assert err == (f"rvsim: save: the run was over before the turn was, and {file} is not written; "
                   "go back and save earlier\n")
    assert not file.exists()


def test_commands_in_a_file(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    script = tmp_path / "session.rv"
    script.write_text("# a session\nt; t\n\nassert $traps == 2   \nc\n")
    assert main(["step", "--commands", str(script), "echo", "x"]) == 0
    assert capfd.readouterr().out.endswith("after 7 traps (tick 1614, 0.000001614 s)\n")


@pytest.mark.parametrize(("script", "problem", "code"), [
    ("assert 1 == 2", "it is not so", 1), ("nonsense", "there is no command", 125), ("break", "say where", 125),
    ("break nowhere", "there is no symbol 'nowhere'", 125), ("break 0x10001", "no instruction can be there", 125),
    ("break none.c:3", "there is no code of none.c", 125), ("t 0", "is not between", 125),
    ("t x", "wants a number", 125),
    ("x/99999999xg $sp", "is no format", 125), ("x/3q $sp", "is no format", 125), ("x/4xg 8", "cannot be read", 125),
    ("x/65536xg $sp", "cannot be read", 125), ("watch $sp 0", "is not between", 125),
    ("watch -8 8", "no program has memory there", 125), ("until call frok", "there is no call", 125),
    ("until signal NOPE", "there is no signal", 125), ("set $zz = 1", "there is no register", 125),
    ("set *(u8*)8 = 1", "cannot be changed", 125), ("back 0", "is not between", 125), ("goto 5", "so far", 125),
    ("load nothing", "there is no place", 125), ("load ./nothing.snap", "nothing.snap", 125),
    ("inject EWHAT", "no symbol", 125), ("delete 7", "there is no number 7", 125), ("task 99", "there is no task", 125),
    ("c; t", "the machine has ended", 125), ("c; regs", "the task has ended", 125), ("quit 256", "between", 125),
    ("p 1/0", "division by zero", 125), ("watch 0x1000 99999999", "is not between", 125), ("wa 1", "which of", 125),
    ("list 5:5", "there is no code", 125), ("catch nothing", "say what", 125), ("help nothing", "no command", 125),
])
def test_mistakes_are_one_line(step: Step, script: str, problem: str, code: int) -> None:
    status, _, err = step(script, "echo")
    assert status == code
    assert problem in err
    assert err.count("\n") == 1
    assert err.startswith("rvsim: ")


def test_every_command_has_help(step: Step) -> None:
    _, out, _ = step("help", "true")
    letters = [command.letter for command in COMMANDS]
    assert len(set(letters)) == len(letters)
    assert all(len(letter) == 1 for letter in letters)
    for command in COMMANDS:
        assert f"{command.letter} {command.name}" in out
        _, text, _ = step(f"help {command.name}", "true")
        assert command.usage in text
        assert command.examples


WORDS = [command.name for command in COMMANDS if command.name not in ("save", "load")] + [
    "$a0", "0", "7", "-1", "99999999999999999999", "main", "fork", "call", "pid", "*", "(", "0x10000", "if", "=",
    "/4xg", "'", '"', "é", "\\", "signal", "fault"]


@settings(max_examples=40, deadline=None,
          suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.lists(st.lists(st.sampled_from(WORDS), max_size=5).map(" ".join), max_size=6))
def test_any_words(step: Step, lines: list[str]) -> None:
    status, _, err = step("\n".join(lines).replace("\n", ";"), "true")
    assert err.count("\n") <= 1
    assert 0 <= status <= 255
    assert "a bug in rvsim" not in err


def test_commands_from_a_pipe_and_no_colour() -> None:
    code = "import sys; from rvsim.tools.cli import main; sys.exit(main())"
    done = subprocess.run([sys.executable, "-c", code, "step", "echo", "hi"], input=b"t\nc\n", capture_output=True,
                          check=False, timeout=60)
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"\nhi\n" in done.stdout
    assert b"\x1b" not in done.stdout


def test_errors_of_the_command_line(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    for arguments, problem in (
            (["step"], "no PROGRAM given"), (["step", "--commands", "/nonexistent", "true"], "no such file"),
            (["step", "--commands", str(tmp_path / "binary"), "true"], "it is no text"),
            (["step", "--stdin", "/nonexistent", "true"], "no such file"),
            (["step", "--stdin", "-", "true"], "standard input has the commands"),
            (["step", "nosuchprogram"], "nosuchprogram")):
        assert main(arguments) in (125, 126, 127)
        error = capfd.readouterr().err
        assert problem in error
        assert error.count("\n") == 1


def test_words_of_a_guest_do_nothing_to_a_terminal(step: Step, tmp_path: Path) -> None:
    """The name of a program becomes the name of its process."""
    program = tmp_path / "\x1b]0;t\x07\x9b2Jx"
    program.write_bytes(musl_program("debugged.c").read_bytes())
    program.chmod(0o755)
    _, out, _ = step("t; ps; sched; q", program)
    assert "pid 1 (\ufffd]0;t\ufffd\ufffd2Jx): " in out
    assert not {"\x1b", "\x07", "\x9b"} & set(out)
    style = Style(True)
    painted = style.paint("error", "\x1b[2Jred\x9b")
    assert style.shown(f"a\tb\n{painted}") == "a\tb\n\x1b[31m\ufffd[2Jred\ufffd\x1b[0m"


def test_waiting_for_a_pipe_can_be_ended() -> None:
    reading, writing = os.pipe()
    asked: list[bool] = []

    def ended() -> bool:
        asked.append(True)
        return len(asked) == 2

    with os.fdopen(reading, "rb") as stream, os.fdopen(writing, "wb", buffering=0) as pipe:
        source = FileInput(stream, ended)
        assert source.read(10) is None
        assert not source.wait()
        assert len(asked) == 2
        pipe.write(b"four\n")
        assert source.wait()
        assert source.read(10) == b"four\n"
    assert len(asked) == 2


def test_a_task_that_waited_is_not_said_to_have_had_its_turn(step: Step) -> None:
    """Who waits may be woken before the next stop: what is said is how it was when it left."""
    _, out, _ = step("catch exit; c; catch call write; c; t; back call clone; q")
    leaving = [line for line in out.splitlines() if " leaves, " in line]
    assert len(leaving) == 2, "going back is no switch"
    assert "leaves, it waits in wait4(2, 0x" in leaving[0]
    assert "leaves, it has ended" in leaving[1]


def test_a_turn_that_is_over(step: Step) -> None:
    _, out, _ = step("until switch; until switch; q", "race_adder_hidden", options=["--seed", "1"])
    assert out.count(" leaves, its turn is over; pid 1") >= 1


def test_how_the_last_task_ended(step: Step) -> None:
    _, out, _ = step("c; sched; q", musl_program("debugged.c"), "crash")
    assert "zombie, killed by SIGSEGV" in out
    _, out, _ = step("c; sched; q")
    assert "zombie, exited with 22" in out


def test_words_of_gdb(step: Step) -> None:
    _, out, _ = step("si; next; nexti; stepi; backtrace; break main; info breakpoints; c; p *(int*)counter; exit 0")
    for text in ("#0  0x", "  1  break main at 0x", "5 = 0x5"):
        assert text in out
    assert step("info registers")[2] == ("rvsim: info registers: it lists breakpoints, watches and catches; `regs`, "
                                         "`maps`, `ps` and others show the rest, and 'registers' was given\n")


def test_a_seed(step: Step) -> None:
    """The run is that of `rvsim run --seed`, and another one than without it."""
    said = [step("c", "race_adder_hidden", options=["--seed", seed]) for seed in ("0", "1", "1")]
    assert "counted 8000 of 8000" in said[0][1]
    assert "counted 6000 of 8000" in said[1][1]
    assert said[1] == said[2]
    assert step("c", "race_adder_hidden", options=["--seed", "-1"])[0] == 125


def test_what_a_word_can_become(step: Step, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[list[str]] = []

    def look(shell: Shell, text: str) -> None:
        seen.extend(completions(shell, begun) for begun in (
            "unt", "reg", "ma", "catch ", "until signal SEG", "catch call opena", "break innerm", "back st", "p $sp"))

    monkeypatch.setattr("rvsim.tools.step.shell.COMMANDS", (*COMMANDS, Command("look", "?", "look", "", look)))
    step("look")
    assert seen == [["until "], ["regs "], ["maps"], ["call", "exec", "exit", "fault", "fork", "signal"], ["SEGV"],
                    ["openat", "openat2"], ["innermost"], ["start", "step"], ["$sp"]]
