"""How the files of /proc behave, beside the host's own: errors, reads that go on, the dead."""

from __future__ import annotations

from pathlib import Path

import pytest

from rvsim.tests.guest import cases, host_program, musl_program, passes, passes_on_the_host

SOURCE = "proc_rules.c"


@pytest.mark.parametrize("case", cases(SOURCE))
def test_on_the_host(case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    passes_on_the_host(host_program(SOURCE), case)


@pytest.mark.parametrize("case", cases(SOURCE))
def test_in_rvsim(case: str) -> None:
    passes(musl_program(SOURCE), case)
