"""Points: `--grade`, and a course's lab that is graded with it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from rvsim.tests.guest import GLIBC_CC
from rvsim.tools.testing.command import is_installed

pytest_plugins = ["pytester"]
PLUGIN = (*(() if is_installed() else ("-p", "rvsim.tools.testing.plugin")), "-p", "no:cacheprovider")
RVSIM = [sys.executable, "-c", "from rvsim.tools.entry import console_script; console_script()"]
LAB = Path(__file__).resolve().parents[3] / "docs/examples/lab"

CASES = """\
points = 2
[[case]]
name = "three"
argv = "true"
points = 3
[[case]]
name = "fails"
argv = "false"
[[case]]
name = "skipped"
argv = "true"
skip = "not now"
[[case]]
name = "many"
argv = ["sh", "-c", "exit ${n}"]
matrix.n = [0, 1]
tags = ["points"]
[[case]]
name = "for nothing"
argv = "true"
points = 0
"""
PYTHON = """
import pytest

@pytest.mark.points(4)
def test_four(rvsim):
    assert rvsim.spawn("true").wait() == 0

@pytest.mark.points(5)
def test_torn_down_badly(request):
    request.addfinalizer(lambda: 1 / 0)

@pytest.mark.points(6)
@pytest.mark.xfail
def test_expected_to_fail():
    assert False

def test_without():
    assert True
"""
ROWS = [
    ("a.rvtest.toml::three", "passed", 3, 3), ("a.rvtest.toml::fails", "failed", 0, 2),
    ("a.rvtest.toml::skipped", "skipped", 0, 2), ("a.rvtest.toml::many[0]", "passed", 2, 2),
    ("a.rvtest.toml::many[1]", "failed", 0, 2), ("a.rvtest.toml::for nothing", "passed", 0, 0),
    ("test_b.py::test_four", "passed", 4, 4), ("test_b.py::test_torn_down_badly", "error", 0, 5),
    ("test_b.py::test_expected_to_fail", "failed", 0, 6),
]  # fmt: skip


@pytest.fixture
def course(pytester: pytest.Pytester) -> pytest.Pytester:
    (pytester.path / "a.rvtest.toml").write_text(CASES)
    (pytester.path / "test_b.py").write_text(PYTHON)
    return pytester


def rows(path: Path) -> list[tuple[Any, ...]]:
    grade = json.loads(path.read_text())
    assert set(grade) == {"version", "earned", "possible", "tests"}
    assert grade["earned"] == sum(test["earned"] for test in grade["tests"])
    assert grade["possible"] == sum(test["possible"] for test in grade["tests"])
    return [(test["test"], test["result"], test["earned"], test["possible"]) for test in grade["tests"]]


def test_points_are_added_up(course: pytest.Pytester) -> None:
    done = course.runpytest(*PLUGIN, "--rvsim-grade", "g.json", "--strict-markers")
    assert rows(course.path / "g.json") == ROWS
    done.stdout.fnmatch_lines(["* grade *", " 3 of  3  a.rvtest.toml::three", " 0 of  2  a.rvtest.toml::fails  failed",
                               " 0 of  2  a.rvtest.toml::skipped  skipped", " 9 of 26  in all"])


def test_two_workers_give_the_same_grade(course: pytest.Pytester) -> None:
    ran = subprocess.run([*RVSIM, "test", "--grade", "g.json", "-n", "2", "-p", "no:cacheprovider"], cwd=course.path,
                         capture_output=True, text=True, check=False, timeout=120)
    assert ran.returncode == 1, ran.stderr
    assert rows(course.path / "g.json") == ROWS
    assert " 9 of 26  in all" in ran.stdout


def test_what_does_not_run_is_worth_nothing(course: pytest.Pytester) -> None:
    course.runpytest(*PLUGIN, "--rvsim-grade", "g.json", "-x")
    found = rows(course.path / "g.json")
    assert [row[0] for row in found] == [row[0] for row in ROWS]
    assert [row[1] for row in found] == ["passed", "failed", *["not run"] * 7]
    course.runpytest(*PLUGIN, "--rvsim-grade", "g.json", "-k", "three or many")
    assert rows(course.path / "g.json") == [ROWS[0], ROWS[3], ROWS[4]]


def test_a_file_that_cannot_be_read_is_no_grade(course: pytest.Pytester) -> None:
    grade = course.path / "g.json"
    grade.write_text("that of another run")
    (course.path / "c.rvtest.toml").write_text('[[case]]\nname = "x"\nargv = "true"\npoints = -1\n')
    done = course.runpytest(*PLUGIN, "--rvsim-grade", "g.json")
    assert done.ret == pytest.ExitCode.INTERRUPTED
    done.stdout.fnmatch_lines(["c.rvtest.toml:4: case?0?.points: must be a whole number from 0, not -1",
                               "no grade: c.rvtest.toml cannot be read"])
    assert not grade.exists()


@pytest.mark.parametrize(("name", "message"), [
    ("g.txt", "--grade g.txt: the file's name must end in .json"),
    ("no/g.json", "--grade */no/g.json: no such file or directory"),
])
def test_a_grade_that_cannot_be_written(course: pytest.Pytester, name: str, message: str) -> None:
    done = course.runpytest(*PLUGIN, "--rvsim-grade", name)
    assert done.ret == pytest.ExitCode.USAGE_ERROR
    done.stderr.fnmatch_lines([f"ERROR: {message}"])


def test_points_that_are_none(course: pytest.Pytester) -> None:
    (course.path / "test_b.py").write_text("import pytest\n@pytest.mark.points(1.5)\ndef test_x():\n    pass\n")
    done = course.runpytest(*PLUGIN, "--rvsim-grade", "g.json")
    done.stderr.fnmatch_lines([
        "ERROR: test_b.py::test_x: pytest.mark.points takes a whole number from 0, such as points(3)"])


def test_a_job_on_github_shows_the_grade(course: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    note = course.path / "summary.md"
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(note))
    course.runpytest(*PLUGIN, "--rvsim-grade", "g.json")
    text = note.read_text()
    assert "## Grade: 9 of 26" in text
    assert "| a.rvtest.toml::three | passed | 3 | 3 |" in text


def built(folder: Path, source: str) -> None:
    """The lab in `folder`, made as its students make it."""
    options = [] if GLIBC_CC else [f"CC={sys.executable} -m ziglang cc -target riscv64-linux-musl"]
    subprocess.run(["make", "-s", f"SRC={source}", *options], cwd=folder, check=True, timeout=300)


def test_the_lab_gives_partial_credit(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of nothing written yet, of one exercise, of a solution whose threads spin, and of the whole solution."""
    if not GLIBC_CC:
        pytest.importorskip("ziglang")
    lab = pytester.path / "lab"
    shutil.copytree(LAB, lab, ignore=shutil.ignore_patterns("build", "rvsim-results"))
    monkeypatch.chdir(lab)
    shutil.copytree(lab / "src", lab / "one")
    shutil.copy(lab / "solution/lock.c", lab / "one/lock.c")
    shutil.copytree(lab / "solution", lab / "busy")
    text = (lab / "solution/lock.c").read_text()
    (lab / "busy/lock.c").write_text(text.replace("        sched_yield();", "        ;"))
    earned = {}
    for source in ("src", "one", "busy", "solution"):
        built(lab, source)
        done = pytester.runpytest(*PLUGIN, "--rvsim-grade", "grade.json", "--tb=no")
        grade = json.loads((lab / "grade.json").read_text())
        assert grade["possible"] == 20
        assert f"{grade['earned']:2} of 20  in all" in done.outlines
        earned[source] = grade["earned"]
    assert earned == {"src": 2, "one": 9, "busy": 18, "solution": 20}
    readme = (lab / "README.md").read_text()
    assert "must give 20 of 20" in readme
    assert "gives 2 of 20" in readme
