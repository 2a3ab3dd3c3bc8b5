"""Tracefiles, the table, and the command line."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rvsim.tests.guest import GLIBC_CC, compiled
from rvsim.tools.cli import main
from rvsim.tools.coverage.lcov import TracefileError, from_lcov, to_lcov
from rvsim.tools.coverage.ranges import Ranges
from rvsim.tools.coverage.report import Plain, Report, Source
from rvsim.tools.coverage.summary import missing, percent, summary

LCOV = shutil.which("lcov")
TEXT = """TN:
SF:/src/a.c
FN:1,main
FN:7,unused
FNDA:1,main
FNDA:0,unused
FNF:2
FNH:1
DA:2,1
DA:3,0
DA:5,1
DA:8,0
DA:9,0
LF:5
LH:2
end_of_record
"""


def report() -> Report:
    made = Report()
    made.sources["/src/a.c"] = Source({2: 1, 3: 0, 5: 1, 8: 0, 9: 0}, {"main": (1, 1), "unused": (7, 0)})
    return made


def test_a_tracefile() -> None:
    assert to_lcov(report()) == TEXT
    assert to_lcov(from_lcov(TEXT)) == TEXT


def test_what_other_tools_write_is_read() -> None:
    """lcov 2 has a function's last line, checksums and branches; sections of one file add up."""
    read = from_lcov("TN:x\nSF:/a\nVER:1\nFN:1,4,main\nFNDA:2,main\nBRDA:1,0,0,1\nDA:2,3,abc\nend_of_record\n"
                     "TN:y\nSF:/a\nFN:1,main\nFNDA:5,main\nDA:2,4\nDA:3,0\nend_of_record\n")
    assert read.sources == {"/a": Source({2: 7, 3: 0}, {"main": (1, 7)})}


@pytest.mark.parametrize("text", ["\x7fELF\n", "DA:1,1\n", "SF:/a\nDA:x,1\nend_of_record\n", "SF:/a\nDA:1\n",
                                  "SF:/a\nDA:1,1\n", "end_of_record\n", "SF:/a\nFN:\nend_of_record\n"])
def test_what_is_no_tracefile(text: str) -> None:
    with pytest.raises(TracefileError):
        from_lcov(text)


def test_the_table() -> None:
    made = report()
    made.plain["/bin/sh"] = Plain({"main": True, "other": False})
    assert summary(made) == """\
           functions  lines  cover  missing
/src/a.c         1/2    2/5    40%  3, 8-9
  main                  2/3    66%  3
  unused  not called    0/2     0%
all              1/2    2/5    40%
/bin/sh: 1 of 2 functions, by its symbols; it has no line tables (compile with -g), so it is not in the lcov file
"""


def test_ranges_of_missing_lines_go_over_lines_without_code() -> None:
    assert missing(Source({1: 0, 4: 0, 5: 1, 6: 0, 9: 1, 10: 0, 30: 0})) == "1-4, 6, 10-30"
    assert (percent(999, 1000), percent(3, 3), percent(0, 0)) == ("99%", "100%", "-")


def test_prefixes_and_substitutions() -> None:
    made = report()
    made.sources["/srcs/b.c"] = Source({1: 1})
    assert list(made.only(["/src/"]).sources) == ["/src/a.c"]
    assert list(made.moved([("/src", "lab"), ("/srcs", "/x")]).sources) == ["lab/a.c", "/x/b.c"]
    assert made.moved([("/srcs/b.c", "/src/a.c")]).sources["/src/a.c"].lines[1] == 1


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40))), st.integers(0, 40), st.integers(0, 40))
def test_ranges(ranges: list[tuple[int, int]], start: int, end: int) -> None:
    inside = {at for low, high in ranges for at in range(low, high)}
    assert Ranges(ranges).overlap(start, end) == any(at in inside for at in range(start, end))
    assert (start in Ranges(ranges)) == (start in inside)


@pytest.mark.skipif(GLIBC_CC is None, reason="needs gcc for riscv64")
def test_the_command_line(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    program = compiled("coverage/branches.c", str(GLIBC_CC), "-O0", "-g", "-static", "-pthread", "-w")
    source, out, sum_of = Path(__file__).parents[2] / "guests" / "coverage", tmp_path / "a.info", tmp_path / "b.info"
    options = ["--cov", str(out), "--cov-source", "lab", "--cov-path", f"{source.resolve()}=lab"]
    assert main(["run", *options, str(program)]) == 7
    shown = capfd.readouterr()
    assert "hello" not in shown.err
    assert shown.out.startswith("0 one some\n")
    assert "lab/branches.c  " in shown.err
    assert "  never_called" in shown.err

    assert main(["coverage", str(out), str(out), "-o", str(sum_of), "--no-functions", "--fail-under", "99"]) == 1
    table = capfd.readouterr().out
    assert table.splitlines()[1].startswith("lab/branches.c")
    assert "never_called" not in table
    assert main(["coverage", str(sum_of), "--fail-under", "50"]) == 0
    counts = from_lcov(sum_of.read_text()).sources["lab/branches.c"].lines.values()
    assert set(counts) == {0, 2}


def test_errors_are_one_line(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "bad").write_text("hello\n")
    for arguments in (["coverage", str(tmp_path / "bad")], ["coverage", str(tmp_path / "none")],
                      ["coverage", "--path", "x", str(tmp_path / "bad")],
                      ["run", "--cov", str(tmp_path / "no" / "file"), "hello"], ["run", "--cov-source", "x", "hello"],
                      ["run", "--cov", str(tmp_path / "x"), "--record", str(tmp_path / "y"), "hello"]):
        assert main(arguments) == 125
        assert capfd.readouterr().err.count("\n") == 1


@pytest.mark.skipif(LCOV is None, reason="needs lcov")
def test_lcov_reads_it(tmp_path: Path) -> None:
    """The oracle of the format is lcov(1) itself."""
    (tmp_path / "a.c").write_text("\n" * 12)
    made = Report()
    made.sources[str(tmp_path / "a.c")] = report().sources["/src/a.c"]
    (tmp_path / "a.info").write_text(to_lcov(made))
    done = subprocess.run([str(LCOV), "--summary", "a.info"], cwd=tmp_path, capture_output=True, text=True, check=True)
    shown = done.stdout + done.stderr
    assert "40.0% (2 of 5 lines)" in shown
    assert "50.0% (1 of 2 functions)" in shown
    subprocess.run([str(LCOV), "-a", "a.info", "-a", "a.info", "-o", "b.info"], cwd=tmp_path, capture_output=True,
                   check=True)
    assert from_lcov((tmp_path / "b.info").read_text()).sources[str(tmp_path / "a.c")].lines == {
        2: 2, 3: 0, 5: 2, 8: 0, 9: 0}
    subprocess.run(["genhtml", "a.info", "-o", "html"], cwd=tmp_path, capture_output=True, check=True)
    assert (tmp_path / "html" / "index.html").exists()
