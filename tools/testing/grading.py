"""Partial credit: what each test is worth, what was earned, and the sum, as a table and as JSON: `--grade FILE`."""

from __future__ import annotations

import json
from typing import Any

import pytest

from rvsim.tools.errors import reason

VERSION = 1
PROPERTY = "points"
"""Under this name the points of a test are in its report, and so in JUnit XML."""
NOT_RUN = "not run"


def points_of(item: pytest.Item) -> int | None:
    """What a test is worth: a case's `points`, or the mark `points(n)` of a Python test; None: it is not graded.

    Raises UsageError.
    """
    points = getattr(item, "points", None)
    if points is not None:
        return int(points)
    # a tag may have the same name; it has no arguments
    mark = next((mark for mark in item.iter_markers("points") if mark.args or mark.kwargs or not _is_case(item)), None)
    if mark is None:
        return None
    if mark.kwargs or len(mark.args) != 1 or type(mark.args[0]) is not int or mark.args[0] < 0:
        raise pytest.UsageError(f"{item.nodeid}: pytest.mark.points takes a whole number from 0, such as points(3)")
    return mark.args[0]


def _is_case(item: pytest.Item) -> bool:
    return not isinstance(item, pytest.Function)


class Grader:
    """Listens to a test run, and writes its grade in the end.

    Attributes:
        possible: points of each test that was chosen, by its name.
        results: passed, failed, error or skipped, of those that have run.
        broken: files that could not be collected; with one of them there is no grade.
    """

    def __init__(self, config: pytest.Config, name: str) -> None:
        if not name.endswith(".json"):
            raise pytest.UsageError(f"--grade {name}: the file's name must end in .json")
        self.config = config
        self.path = config.invocation_params.dir / name
        self.possible: dict[str, int] = {}
        self.results: dict[str, str] = {}
        self.broken: list[str] = []
        self.worker = hasattr(config, "workerinput")
        if not self.worker:
            self._remove_old()

    def _remove_old(self) -> None:
        """A run that is broken off must not leave the grade of another."""
        try:
            self.path.unlink(missing_ok=True)
            self.path.touch()
            self.path.unlink()
        except OSError as error:
            raise pytest.UsageError(f"--grade {self.path}: {reason(error)}") from None

    # ---- listening

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.broken.append(report.nodeid)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        for item in session.items:
            points = points_of(item)
            if points is not None:
                self.possible[item.nodeid] = points
                item.user_properties.append((PROPERTY, points))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        points = dict(report.user_properties).get(PROPERTY)
        if points is not None:
            self.possible.setdefault(report.nodeid, int(str(points)))
        if report.when == "setup":
            self.results.pop(report.nodeid, None)
        before = self.results.get(report.nodeid)
        if report.failed:
            self.results[report.nodeid] = "error" if report.when in ("setup", "teardown") else "failed"
        elif report.skipped:
            self.results[report.nodeid] = "failed" if hasattr(report, "wasxfail") else "skipped"
        elif report.when == "call" and before is None:
            self.results[report.nodeid] = "passed"

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any, error: object) -> None:
        """A worker of pytest-xdist knows of tests that have not run, too, and their order."""
        self.possible = getattr(node, "workeroutput", {}).get("rvsim_points", {}) | self.possible

    def pytest_sessionfinish(self) -> None:
        if self.worker:
            vars(self.config)["workeroutput"]["rvsim_points"] = self.possible
        elif not self.broken:
            try:
                self.path.write_text(self.to_json(), encoding="utf-8")
            except OSError as error:
                raise pytest.UsageError(f"--grade {self.path}: {reason(error)}") from None

    # ---- telling

    def rows(self) -> list[dict[str, Any]]:
        """Each graded test: `test`, `result`, `earned`, `possible`."""
        return [{"test": name, "result": (result := self.results.get(name, NOT_RUN)),
                 "earned": points if result == "passed" else 0, "possible": points}
                for name, points in self.possible.items()]

    def total(self) -> tuple[int, int]:
        """Points earned, and points that there are."""
        rows = self.rows()
        return sum(row["earned"] for row in rows), sum(row["possible"] for row in rows)

    def to_json(self) -> str:
        """The grade as it is written."""
        earned, possible = self.total()
        return json.dumps({"version": VERSION, "earned": earned, "possible": possible, "tests": self.rows()},
                          indent=2, ensure_ascii=False) + "\n"

    def table(self) -> str:
        """The grade for people."""
        if self.broken:
            return f"no grade: {', '.join(self.broken)} cannot be read\n"
        if not self.possible:
            return "no test has points; `points = 1` in a case gives it one\n"
        rows, (earned, possible) = self.rows(), self.total()
        width = len(str(possible))
        lines = [f"{row['earned']:{width}} of {row['possible']:{width}}  {row['test']}"
                 + ("" if row["result"] == "passed" else f"  {row['result']}") for row in rows]
        return "\n".join([*lines, f"{earned:{width}} of {possible:{width}}  in all", ""])

    def markdown(self) -> str:
        """The grade in the summary of a job on GitHub."""
        if self.broken or not self.possible:
            return self.table()
        earned, possible = self.total()
        rows = [f"| {_cell(row['test'])} | {row['result']} | {row['earned']} | {row['possible']} |"
                for row in self.rows()]
        return "\n".join([f"## Grade: {earned} of {possible}", "", "| test | result | earned | possible |",
                          "|---|---|---:|---:|", *rows, "", ""])


def _cell(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace("|", "\\|")


def grader_of(config: pytest.Config) -> Grader | None:
    """The one that listens, if a grade is wanted."""
    found: Grader | None = config.pluginmanager.get_plugin("rvsim-grader")
    return found


def begin(config: pytest.Config) -> None:
    """Listen from now on. Raises UsageError."""
    config.pluginmanager.register(Grader(config, str(config.getoption("rvsim_grade"))), "rvsim-grader")
