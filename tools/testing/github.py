"""What GitHub Actions is told: an annotation at the line of each case that failed, and a summary of the job."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from rvsim.tools.errors import reason

MOST_ANNOTATIONS = 50
MOST_SUMMARY = 900_000
"""Bytes; GitHub takes a MiB."""


def escaped(text: str, *, whole: bool = False) -> str:
    """Text for a workflow command; `whole`: for the value of one of its properties."""
    text = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return text.replace(":", "%3A").replace(",", "%2C") if whole else text


def annotation(path: str, line: int, title: str, message: str) -> str:
    """The command that marks a line of a file."""
    place = f"file={escaped(path, whole=True)},line={line},title={escaped(title, whole=True)}"
    return f"::error {place}::{escaped(message)}"


def summary(counts: dict[str, int], failed: list[tuple[str, str]]) -> str:
    """The job's summary, in Markdown: how many there were, and the failures."""
    rows = [f"| {name} | {count} |" for name, count in counts.items() if count]
    lines = ["## rvsim", "", "| result | tests |", "|---|---:|", *rows, ""]
    for name, text in failed:
        fence = "`" * max(3, _longest_ticks(text) + 1)
        lines += [f"<details><summary>{_html(name)}</summary>", "", fence, text, fence, "", "</details>", ""]
        if sum(map(len, lines)) > MOST_SUMMARY:
            lines.append("and more")
            break
    return "\n".join(lines)[:MOST_SUMMARY] + "\n"


def _longest_ticks(text: str) -> int:
    longest = run = 0
    for letter in text:
        run = run + 1 if letter == "`" else 0
        longest = max(longest, run)
    return longest


def _html(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def tell(reporter: Any, config: pytest.Config) -> None:
    """Write annotations to the log, and the summary where the environment says."""
    failed = [report for kind in ("failed", "error") for report in reporter.stats.get(kind, ())]
    if os.environ.get("GITHUB_ACTIONS") == "true":
        for report in failed[:MOST_ANNOTATIONS]:
            path, line, name = report.location if getattr(report, "location", None) else (report.nodeid, 0, "")
            reporter.write_line("")
            reporter.write_line(annotation(_from_checkout(config.rootpath / path), (line or 0) + 1,
                                           name or report.nodeid, report.longreprtext))
    place = os.environ.get("GITHUB_STEP_SUMMARY")
    if place:
        counts = {kind: len(reporter.stats.get(kind, ())) for kind in ("passed", "failed", "error", "skipped")}
        texts = [(report.nodeid, _with_sections(report)) for report in failed]
        try:
            with open(place, "a", encoding="utf-8") as file:
                file.write(summary(counts, texts))
                file.write(graded(config))
        except OSError as error:
            reporter.write_line(f"rvsim: GITHUB_STEP_SUMMARY: {reason(error)}")


def graded(config: pytest.Config) -> str:
    """The grade, if one is wanted."""
    from rvsim.tools.testing.grading import grader_of

    grader = grader_of(config)
    return "" if grader is None else grader.markdown()


def _with_sections(report: Any) -> str:
    return "\n".join([report.longreprtext, *(f"---- {title}\n{text}" for title, text in report.sections)])


def _from_checkout(path: Path) -> str:
    """A path as GitHub knows it."""
    workspace = os.environ.get("GITHUB_WORKSPACE")
    try:
        return str(path.relative_to(workspace)) if workspace else os.path.relpath(path)
    except ValueError:
        return str(path)
