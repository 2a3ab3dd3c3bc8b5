"""What has come back of a case, told to pytest as if it had been run here."""

from __future__ import annotations

import builtins
import warnings
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from rvsim.tools.testing.options import results_folder


def replay(session: pytest.Session, item: pytest.Item, answer: dict[str, Any]) -> None:
    """Tell pytest of a case."""
    config, hook = session.config, item.ihook
    hook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    if "broken" in answer:
        reports = [_report(item, answer["broken"]), _report(item, None)]
    else:
        try:
            keep(results_folder(config).folder, answer["kept"], item)
        except OSError as error:
            warn(config, {"text": f"a failed run cannot be kept: {error}", "category": "UserWarning", "when": "runtest",
                          "file": str(item.path), "line": 1, "nodeid": item.nodeid})
        if answer["coverage"] is not None:
            from rvsim.tools.testing.covering import merge

            merge(answer["coverage"])
        for one in answer["warnings"]:
            warn(config, one)
        reports = [config.hook.pytest_report_from_serializable(config=config, data=data) for data in answer["reports"]]
    for report in reports:
        hook.pytest_runtest_logreport(report=report)
    hook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    if answer.get("stop"):
        session.shouldstop = answer["stop"]


def _report(item: pytest.Item, why: str | None) -> pytest.TestReport:
    """Of a case that could not be run; with None, its end."""
    return pytest.TestReport(item.nodeid, item.location, dict.fromkeys(item.keywords, 1),
                             "passed" if why is None else "failed", why, "teardown" if why is None else "setup")


def keep(folder: Path, files: dict[str, bytes], item: pytest.Item) -> None:
    """Write what a failure has left on its worker, and have the image here that its replay needs."""
    for name, data in files.items():
        path = folder / name
        if ".." not in path.relative_to(folder).parts:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
            if path.suffix == ".rec":
                unpack_image(path, item)


def unpack_image(recording: Path, item: pytest.Item) -> None:
    """Have the tree of the image in the cache that a recording began with, if it is one; its replay finds it there."""
    from rvsim.guest_os.recording.file import BadRecording, read_recording
    from rvsim.tools.image import ImageError, open_image

    with suppress(BadRecording, ImageError, OSError):
        image = read_recording(str(recording)).header.get("image")
        suite = getattr(item, "suite", None)
        if image is not None:
            path = Path(image[0]) if suite is None or suite.image is None else item.path.parent / suite.image
            _ = open_image(path).root


def warn(config: pytest.Config, one: dict[str, Any]) -> None:
    """Tell pytest of a warning that a worker has seen."""
    kind = getattr(builtins, one["category"], UserWarning)
    category = kind if isinstance(kind, type) and issubclass(kind, Warning) else UserWarning
    message = warnings.WarningMessage(category(one["text"]), category, one["file"], one["line"])
    config.hook.pytest_warning_recorded.call_historic(kwargs={
        "warning_message": message, "when": one["when"], "nodeid": one["nodeid"], "location": None})
