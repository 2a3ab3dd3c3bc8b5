"""`rvsim trace` as a person uses it: lines, filters, sums, comparisons, and what it says of a wrong command line."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from recorded import SUBJECT, made, run, write

from rvsim.tests.guest import musl_program
from rvsim.tools.cli import main
from rvsim.tools.trace import format as f
from rvsim.tools.trace.format import Kind, Outcome


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("trace") / "t"
    run(musl_program(SUBJECT), trace=path)
    return str(path)


Output = pytest.CaptureFixture[str]


def shown(capsys: Output, *words: str, status: int = 0) -> list[str]:
    """The lines of `rvsim trace …`, which ends well and complains of nothing."""
    assert main(["trace", *words]) == status
    out, errors = capsys.readouterr()
    assert errors == ""
    return out.splitlines()


def complaint(capsys: Output, *words: str) -> str:
    """The one line on standard error of a command that cannot do what it is asked."""
    assert main(["trace", *words]) == 125
    _, errors = capsys.readouterr()
    line, = errors.splitlines()
    assert line.startswith("rvsim: ")
    return line.removeprefix("rvsim: ")


# ---- lines


def test_lines_read_like_strace(path: str, capsys: Output) -> None:
    lines = shown(capsys, path)
    assert re.fullmatch(r"0\.000000000    1 \*\*\* runs /trace_subject\S+: \S+ \*\*\*", lines[0])
    texts = [line.split(maxsplit=2)[2] for line in lines]
    assert "getppid()                               = 0 <4>" in texts
    assert any(re.fullmatch(r"openat\(AT_FDCWD, 0x\w+, O_RDONLY\|O_LARGEFILE\|O_CLOEXEC\) "
                            r"= -1 ENOENT \(No such file or directory\) <4>", text) for text in texts)
    assert any(re.fullmatch(r"mmap\(NULL, 8192, PROT_READ\|PROT_WRITE, MAP_PRIVATE\|MAP_ANONYMOUS, -1, 0\) "
                            r"= 0x\w+ <4>", text) for text in texts)
    assert any(re.fullmatch(r"store/AMO page fault at 0x10, pc 0x\w+ in main\+0x\w+: signal <0>", text)
               for text in texts)
    assert any(re.fullmatch(r"--- SIGSEGV \(SEGV_MAPERR at 0x10\) ---", text) for text in texts)
    assert "+++ killed by SIGSEGV (core dumped) +++" in texts
    assert "--- stopped by SIGSTOP ---" in texts
    assert "*** child 2 ***" in texts
    assert any(text.startswith("*** thread ") for text in texts)
    assert "+++ process exited with 0 +++" not in texts
    assert "<... wait4 resumed>                     = 2" in texts
    assert any(text.endswith("<unfinished ...>") for text in texts)
    assert any(text.startswith("rt_sigreturn() ") and text.endswith("= ? <0>") for text in texts)


def test_names_of_guests_do_nothing_to_a_terminal(path: str, capsys: Output) -> None:
    lines = shown(capsys, path, "--event", "exec", "--pid", "2")
    assert [line.split("***")[1] for line in lines] == [f" runs {lines[0].split()[4][:-1]}: </script><b>\\xff run "]


def test_the_function_that_a_call_comes_from(path: str, capsys: Output) -> None:
    lines = shown(capsys, path, "--where", "--call", "getppid")
    assert len(lines) == 100
    assert all(re.search(r"= 0 <4> in \w+\+0x\w+$", line) for line in lines)


# ---- filters


def kinds(lines: list[str]) -> set[str]:
    return {re.split(r"[( ]", line.split(maxsplit=2)[2])[0] for line in lines}


def test_calls(path: str, capsys: Output) -> None:
    assert len(shown(capsys, path, "--call", "getppid")) == 100
    some = shown(capsys, path, "--call", "openat,wait4")
    assert kinds(some) == {"openat", "wait4", "<..."}
    assert some == sorted(some)
    every = shown(capsys, path, "--call", "any")
    assert len(every) > 150
    assert not any("***" in line or "---" in line or "page fault" in line for line in every)


def test_faults_and_causes(path: str, capsys: Output) -> None:
    assert {line.split(": ")[-1] for line in shown(capsys, path, "--fault", "stack-growth,copy-on-write")} == {
        "stack-growth <0>", "copy-on-write <0>"}
    every = shown(capsys, path, "--fault", "any")
    by_cause = shown(capsys, path, "--cause", "12", "--cause", "load page", "--cause", "store/amo page")
    assert every == by_cause
    assert kinds(every) == {"instruction", "load", "store/AMO"}
    assert kinds(shown(capsys, path, "--cause", "environment call from U")) > {"getppid", "clone"}


def test_signals_and_events(path: str, capsys: Output) -> None:
    lines = shown(capsys, path, "--signal", "USR1")
    assert [line.split(maxsplit=2)[2] for line in lines] == [
        "--- sends SIGUSR1 (SI_TKILL from 2) to 2 ---", "--- SIGUSR1 (SI_TKILL from 2): handler ---"]
    assert shown(capsys, path, "--signal", "10") == lines
    assert len(shown(capsys, path, "--signal", "any")) > 12
    assert len(shown(capsys, path, "--event", "fork,exit")) == 5 + 6
    assert kinds(shown(capsys, path, "--event", "turn")) == {"==="}
    waits = [line.split("===")[1] for line in shown(capsys, path, "--event", "wait,wake")]
    assert " waits in wait4 " in waits
    assert " woken by 2 " in waits
    assert " woken by its deadline " in waits
    assert any(re.fullmatch(r" waits in nanosleep until 0\.00\d+ ", text) for text in waits)


def test_pids_and_times(path: str, capsys: Output) -> None:
    lines = shown(capsys, path, "--pid", "3,4")
    assert {line.split()[1] for line in lines} == {"3", "4"}
    whole = shown(capsys, path)
    assert shown(capsys, path, "--from", "0") == whole
    first, second = shown(capsys, path, "--to", "400us"), shown(capsys, path, "--from", "0.4ms")
    assert first + second == whole
    assert first[-1] < "0.0004" <= second[0]
    thread = next(line for line in whole if "*** thread" in line).split()[-2]
    assert {line.split()[1] for line in shown(capsys, path, "--pid", thread)} == {f"1/{thread}"}


# ---- sums


def test_the_summary_counts_right(path: str, capsys: Output) -> None:
    text = "\n".join(shown(capsys, path, "--summary"))
    rows = {row.split()[-1]: row.split() for row in text.split("\n\n")[0].splitlines()}
    assert rows["getppid"] == ["100", "400", "4", "getppid"]
    assert rows["openat"] == ["1", "1", "4", "4", "openat"]
    assert rows["nanosleep"][:3] == ["1", "1", "1000004"]
    assert rows["wait4"][:2] == ["5", "5"]
    assert rows["ppoll"][:3] == ["2", "1", "2"]
    assert re.search(r"^ +13  +\d+  store/AMO page fault: stack-growth$", text, re.MULTILINE)
    assert re.search(r"^ +1  SIGSEGV$", text, re.MULTILINE)
    processes = [row.split() for row in text.split("\n\n")[3].splitlines()]
    assert processes[0] == ["pid", "calls", "faults", "signals", "turns", "ticks", "from", "to", "program"]
    assert [row[0] for row in processes[1:]] == ["1", "2", "3", "4", "5"]
    assert {row[8].partition("-")[0] for row in processes[1:]} == {"trace_subject"}
    assert [row[3] for row in processes[2:]] == ["1", "1", "1", "2"]
    traps = sum(int(row.split()[0]) for table in text.split("\n\n")[:2] for row in table.splitlines()[1:])
    assert traps == len(shown(capsys, path, "--call", "any", "--fault", "any", "--cause", "2")) - text_returns(path)


def text_returns(path: str) -> int:
    from rvsim.tools.trace.reader import TraceFile

    with TraceFile(path) as trace:
        return sum(record.kind == Kind.RETURN for record in trace.records())


def test_a_summary_of_what_was_chosen(path: str, capsys: Output) -> None:
    lines = shown(capsys, path, "--summary", "--call", "getppid,openat", "--pid", "1")
    assert [line.split()[-1] for line in lines[1:3]] == ["getppid", "openat"]
    assert lines[3:5] == ["", "pid  calls  faults  signals  turns  " + lines[4].split("turns  ")[1]]
    assert lines[-1].startswith("101 records, ")


def test_tables_stay_small_whatever_a_trace_says(tmp_path: Path, capsys: Output,
                                                 monkeypatch: pytest.MonkeyPatch) -> None:
    from rvsim.tools.trace import summary

    monkeypatch.setattr(summary, "MOST_ROWS", 3)
    path = write(tmp_path / "t", [made(number=0x1000 + number, pid=number, tid=number) for number in range(10)])
    assert main(["trace", str(path), "--summary"]) == 0
    out = capsys.readouterr().out
    assert re.search(r"^ +7 .*\(others\)$", out, re.MULTILINE)


# ---- two traces


def test_the_same_run_agrees_with_itself(path: str, tmp_path: Path, capsys: Output) -> None:
    run(musl_program(SUBJECT), trace=tmp_path / "t")
    assert shown(capsys, path, "--compare", str(tmp_path / "t")) == []


def test_where_two_runs_part(tmp_path: Path, capsys: Output) -> None:
    common = [made(ns=10 * number, number=172, result=1, cost_ns=4, a0=number) for number in range(20)]
    first = write(tmp_path / "a", [*common, made(ns=200, number=63, result=5, cost_ns=4)])
    second = write(tmp_path / "b", [*common, made(ns=200, number=63, result=6, cost_ns=4), made(ns=300, number=172)])
    lines = shown(capsys, str(first), "--compare", str(second), status=1)
    assert lines[:3] == [f"--- {first}", f"+++ {second}", "the first 20 records agree, then:"]
    assert [line[:2] for line in lines[3:]] == ["  "] * 5 + ["- ", "- ", "+ ", "+ "]
    assert lines[8].endswith("= 5 <4>")
    assert lines[9] == "- (the end)"
    assert lines[10].endswith("= 6 <4>")
    assert shown(capsys, str(first), "--compare", str(second), "--call", "getpid", "--to", "250ns") == []


def test_one_that_ends_early(tmp_path: Path, capsys: Output) -> None:
    records = [made(ns=10 * number) for number in range(3)]
    first, second = write(tmp_path / "a", records), write(tmp_path / "b", records[:2])
    lines = shown(capsys, str(first), "--compare", str(second), status=1)
    assert lines[2] == "the first 2 records agree, then:"
    assert lines[-1] == "+ (the end)"


def test_one_that_is_cut_off(tmp_path: Path, capsys: Output) -> None:
    path = write(tmp_path / "t", [made()], ends=False)
    assert main(["trace", str(path)]) == 0
    out, errors = capsys.readouterr()
    assert len(out.splitlines()) == 1
    assert errors == f"rvsim: {path}: the trace is cut off: its run was ended from outside\n"


def test_numbers_of_texts_are_compared_by_what_they_name(tmp_path: Path, capsys: Output) -> None:
    made_exec = made(Kind.EXEC, number=0, a0=1, a1=2)
    paths = [str(write(tmp_path / name, (f.TEXTS, texts), [record])) for name, texts, record in (
        ("a", ["/bin/x", "linux", ""], made_exec),
        ("b", ["", "linux", "/bin/x"], made_exec._replace(number=2, a1=0)),
        ("c", ["/bin/y", "linux", ""], made_exec))]
    assert shown(capsys, paths[0], "--compare", paths[1]) == []
    assert "runs /bin/y" in shown(capsys, paths[0], "--compare", paths[2], status=1)[-1]


# ---- what cannot be


@pytest.mark.parametrize(("words", "expected"), [
    (["--call", "frobnicate"], "--call: 'frobnicate' is no call of any ABI"),
    (["--fault", "odd"], "--fault: 'odd' is no kind of fault; there are any, demand-zero"),
    (["--signal", "SIGODD"], "--signal: 'SIGODD' is no signal"),
    (["--cause", "fault"], "--cause: 'fault' could be"),
    (["--cause", "odd"], "--cause: 'odd' is no cause"),
    (["--event", "party"], "--event: 'party' is no event; there are fork, exec"),
    (["--pid", "x"], "--pid: 'x' is no number of a process"),
    (["--pid", "-1"], "--pid: '-1' is no number of a process"),
    (["--from", "soon"], "--from: 'soon' is not a duration"),
    (["--summary", "--compare", "x"], "give one of --summary, --compare, --export and --flame"),
    (["--export", "svg", "x"], "--export svg: there are chrome and html"),
    (["--export", "html", "/nonexistent/x"], "/nonexistent/x: no such file or directory; give a file"),
    (["--flame", "x.png"], "--flame x.png: give a name that ends in .svg or .folded"),
    (["--flame", "/tmp/x.svg"], "it has no stacks; record it with `rvsim run --trace FILE --trace-stacks 10000"),
    (["--compare", "/nonexistent"], "/nonexistent: no such file or directory"),
])
def test_one_line_for_what_cannot_be(path: str, words: list[str], expected: str, capsys: Output) -> None:
    assert expected in complaint(capsys, path, *words)


def test_a_trace_is_not_written_over(path: str, tmp_path: Path, capsys: Output) -> None:
    before = Path(path).read_bytes()
    link = tmp_path / "link.svg"
    link.symlink_to(path)
    for words in ["--export", "html", path], ["--export", "chrome", str(link)]:
        assert "this is the trace itself; give another file" in complaint(capsys, path, *words)
    assert Path(path).read_bytes() == before


def test_stacks_without_a_trace(capsys: Output) -> None:
    assert main(["run", "--trace-stacks", "10000", "hello"]) == 125
    assert capsys.readouterr().err == (
        "rvsim: --trace-stacks needs a trace to put them in; give --trace FILE too\n")


def test_a_reader_that_goes_away(path: str) -> None:
    import subprocess
    import sys

    code = "import sys; from rvsim.tools.cli import main; sys.exit(main())"
    done = subprocess.run(f"'{sys.executable}' -c '{code}' trace {path} | head -1", shell=True, capture_output=True,
                          text=True, check=True)
    assert done.stdout.startswith("0.000000000")
    assert done.stderr == ""


def test_demand_zero_is_a_fault_and_a_counter_is_none() -> None:
    from rvsim.tools.trace.choice import FAULTS

    assert FAULTS["demand-zero"] is Outcome.DEMAND_ZERO
    assert "counter" not in FAULTS
