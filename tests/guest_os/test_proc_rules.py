"""How the files of /proc behave, beside the host's own: errors, reads that go on, the dead, what is counted."""

from __future__ import annotations

from pathlib import Path

import pytest

from rvsim.tests.guest import cases, host_program, musl_program, passes, passes_on_the_host

CASES = [(source, case) for source in ("proc_rules.c", "proc_counts.c") for case in cases(source)]


@pytest.mark.parametrize(("source", "case"), CASES, ids=[case for _, case in CASES])
def test_on_the_host(source: str, case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    passes_on_the_host(host_program(source), case)


@pytest.mark.parametrize(("source", "case"), CASES, ids=[case for _, case in CASES])
def test_in_rvsim(source: str, case: str) -> None:
    passes(musl_program(source), case)
