"""/proc with many processes, and with processes that come and go while it is read."""

from __future__ import annotations

import re

from rvsim.tests.guest import MEBIBYTE, musl_program, run


def test_a_storm_of_births_and_deaths_among_readers() -> None:
    result = run(musl_program("proc_load.c"), "40", "storm", memory_bytes=128 * MEBIBYTE)
    assert result.output == b"passed\n"


def test_every_one_of_five_thousand_shows_once() -> None:
    result = run(musl_program("proc_load.c"), "5000", memory_bytes=1024 * MEBIBYTE, process_limit=6000,
                 timeout_ns=300 * 10**9)
    assert re.fullmatch(rb"5000 processes in \d+ us\npassed\n", result.output), result.output
