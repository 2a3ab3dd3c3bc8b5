"""What tests of images share."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from rvsim.tools import cli


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cache of its own, an empty folder, no date of the surroundings."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")


@pytest.fixture
def rvsim(capsys: pytest.CaptureFixture[str]) -> Any:
    """Runs `rvsim image …`; returns (status, standard output, standard error)."""

    def run(*words: object) -> tuple[int, str, str]:
        status = cli.main(["image", *map(str, words)])
        return status, *capsys.readouterr()

    return run
