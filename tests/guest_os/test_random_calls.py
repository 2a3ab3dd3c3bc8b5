"""Random system calls, in both ABIs: no Python exception, nothing left behind, and the machine goes on.

A guest runs a script of calls in a child; whatever that does, the first process then ends what is left of it and runs
a good program.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rvsim.guest_os.boot import BootError
from rvsim.guest_os.syscalls import linux_table, rcore_table
from rvsim.tests.guest import own_program, rcore_program, run

LITERAL, BUFFER, READ_ONLY, EDGE, CLOSED, LAST_RESULT, STACK, CODE = range(8)
EXIT, EXIT_GROUP, KILL, REBOOT = 93, 94, 129, 142
Argument = tuple[int, int]
Call = tuple[int, Sequence[Argument]]

TOP = 1 << 38
LITERALS = (
    0, 1, 2, 3, 4, 5, 8, 11, 15, 16, 17, 24, 64, 100, 128, 1000, 1 << 12, (1 << 12) - 1, 1 << 16, 1 << 20, 1 << 30,
    (1 << 31) - 1, 1 << 31, (1 << 32) - 1, 1 << 32, TOP - 1, TOP, TOP - 4096, 1 << 39, (1 << 63) - 1, 1 << 63,
    -1, -2, -8, -100, -4096, -(1 << 31), 0x11, 0x22, 0x32, 0x100, 0x4111, 0x50F00, 0x80000, 0x01200011,
)
OFFSETS = (0, 1, 4, 8, 64, 128, 192, 256, 640, 4095, 4096, 4160, 4224, 4352, 4416, 8192, 12288, 16384, 20480)
EDGES = (-4096, -128, -64, -8, -4, -1, 0, 1)

literals = st.tuples(st.just(LITERAL), st.sampled_from(LITERALS) | st.integers(0, 40))
pointers = st.one_of(
    st.tuples(st.just(BUFFER), st.sampled_from(OFFSETS)), st.tuples(st.just(READ_ONLY), st.sampled_from((0, 8, 4090))),
    st.tuples(st.sampled_from((EDGE, CLOSED)), st.sampled_from(EDGES)), st.tuples(st.just(STACK), st.just(0)),
    st.tuples(st.just(CODE), st.sampled_from((0, 2, -4096))))
arguments = st.one_of(literals, pointers, st.tuples(st.just(LAST_RESULT), st.sampled_from((0, 1, 4096))))
UNKNOWN = (0, 1, 5, 31, 244, 424, 999, 1003, 2047, 2048, 1 << 31, (1 << 64) - 1)


def calls_of(numbers: Sequence[int]) -> st.SearchStrategy[list[Call]]:
    """Scripts of calls, most of which have a number of the table."""
    number = st.sampled_from(numbers) | st.sampled_from(numbers) | st.sampled_from(UNKNOWN)
    return st.lists(st.tuples(number, st.tuples(*[arguments] * 6)), min_size=1, max_size=60)


LINUX = sorted(set(linux_table.ROWS) - {EXIT, EXIT_GROUP, REBOOT})
RCORE = sorted(set(rcore_table.ROWS) - {EXIT})


def encode(calls: Sequence[Call], flags: int) -> bytes:
    """The file /script."""
    words = [flags, len(calls)]
    for number, args in calls:
        kinds = sum(kind << 8 * at for at, (kind, _) in enumerate(args))
        words += [number, kinds, *(value & (1 << 64) - 1 for _, value in args)]
    return struct.pack(f"<{len(words)}Q", *words)


def survives(program: str, calls: Sequence[Call], unprivileged: bool) -> None:
    """Run a script. Where the child has no right to harm it, the first process must be well afterwards."""
    path = rcore_program(program) if program.startswith("rcore") else own_program(program)
    try:
        result = run(path, files={b"/script": encode(calls, int(unprivileged))}, process_limit=100)
    except BootError:
        if unprivileged:
            raise
        return                   # the first process was stopped, say
    if unprivileged:
        assert (result.output.splitlines()[-1:], result.status) == ([b"alive"], 0)


FAST = settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
LONG = settings(max_examples=6000, deadline=None, suppress_health_check=list(HealthCheck))


@FAST
@given(calls=calls_of(LINUX), unprivileged=st.booleans())
def test_linux(calls: list[Call], unprivileged: bool) -> None:
    survives("linux_script.c", calls, unprivileged)


@FAST
@given(calls=calls_of(RCORE))
def test_rcore(calls: list[Call]) -> None:
    survives("rcore_script.c", calls, all(number != KILL for number, _ in calls))


@pytest.mark.slow
@LONG
@given(calls=calls_of(LINUX), unprivileged=st.booleans())
def test_linux_long(calls: list[Call], unprivileged: bool) -> None:
    survives("linux_script.c", calls, unprivileged)


@pytest.mark.slow
@LONG
@given(calls=calls_of(RCORE))
def test_rcore_long(calls: list[Call]) -> None:
    survives("rcore_script.c", calls, all(number != KILL for number, _ in calls))
