"""Random control messages, reads, writes and offsets on solproc: no Python exception, nothing left behind, no hang."""

from __future__ import annotations

import struct

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from rvsim.guest_os.proc.solproc.control import MESSAGES
from rvsim.tests.guest import musl_program, run

OPEN, WRITE, PREAD, PWRITE, KILL, GETDENTS, POLL, SEEK = range(8)
NUMBERS = (0, 1, 2, 3, 4, 8, 15, 16, 31, 64, 65, 93, 172, 220, 221, 1000, 4096, 0x10000, 0x100F000, 0x1010000, 1 << 31,
           (1 << 38) - 4096, (1 << 38) - 1, 1 << 38, (1 << 63) - 1, 1 << 63, (1 << 64) - 1, (1 << 64) - 4096)
FLAGS = (0, 1, 2, 0o200, 0o201, 0o202, 0o1001, 0o1002, 0o2001, 0o200000, 0o100 | 1, 0o300 | 2, 0o10000000)
words = st.sampled_from(NUMBERS) | st.integers(0, 40) | st.integers(0, (1 << 64) - 1)


@st.composite
def messages(draw: st.DrawFn) -> bytes:
    """A control message, now and then of the wrong length."""
    code = draw(st.sampled_from(sorted(MESSAGES)) | st.sampled_from((1, 2, 4, 5, 5, 14, 15, 23, 24)) | words)
    size = MESSAGES.get(code, (16, None))[0]
    if draw(st.integers(0, 9)) == 0:
        size = draw(st.integers(0, 300))
    kind = draw(st.integers(0, 3))
    if kind == 0:
        operand = b"\xff" * size
    elif kind == 1:
        operand = draw(st.binary(min_size=size, max_size=size))
    else:
        count = -(-size // 8)
        numbers = draw(st.lists(words, min_size=min(count, 4), max_size=min(count, 4)))
        operand = struct.pack(f"<{len(numbers)}Q", *numbers).ljust(size, b"\0")[:size]
    return struct.pack("<Q", code & (1 << 64) - 1) + operand


@st.composite
def operations(draw: st.DrawFn) -> bytes:
    """A record of the script."""
    kind = draw(st.sampled_from((OPEN, OPEN, WRITE, WRITE, WRITE, PREAD, PWRITE, KILL, GETDENTS, POLL, SEEK)))
    target, name = draw(st.integers(0, 4)), draw(st.integers(0, 40))
    number, data = draw(words), b""
    if kind == OPEN:
        number = draw(st.sampled_from(FLAGS))
    elif kind == WRITE:
        name = draw(st.sampled_from((1, 1, 1, 6, 11)))          # where ctl, lwpctl and the agent's are opened
        data = b"".join(draw(st.lists(messages(), min_size=1, max_size=4)))
    elif kind == KILL:
        number = draw(st.sampled_from((0, 9, 10, 10, 15, 18, 19, 20, 64)))
    elif kind in (PREAD, PWRITE, GETDENTS):
        data = draw(st.binary(max_size=64))
    elif kind == SEEK:
        data = bytes(draw(st.integers(0, 4)))
    return struct.pack("<4iQ", kind, target, name, len(data), number) + data


SETUP = b"".join(struct.pack("<4iQ", OPEN, target, name, 0, flags) for target, name, flags in
                 ((0, 1, 1), (1, 22, 1), (1, 0, 2), (2, 4, 2)))


def survives(script: bytes) -> None:
    result = run(musl_program("solproc_script.c"), "script", files={b"/script": (SETUP + script)[:60_000]},
                 process_limit=200, timeout_ns=20 * 10**9)
    assert (result.output, result.status) == (b"passed\n", 0)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(operations(), max_size=50).map(b"".join))
def test_random_operations(script: bytes) -> None:
    survives(script)


@pytest.mark.slow
@settings(max_examples=900, deadline=None, suppress_health_check=list(HealthCheck),
          phases=(Phase.explicit, Phase.reuse, Phase.generate))      # to make a script that hangs shorter takes hours
@given(st.lists(operations(), max_size=80).map(b"".join))
def test_many_random_operations(script: bytes) -> None:
    survives(script)


def test_each_message_with_every_bit_set() -> None:
    whole = [struct.pack("<Q", code) + b"\xff" * -(-size // 8 * 8) for code, (size, _) in MESSAGES.items()]
    script = b"".join(struct.pack("<4iQ", WRITE, 0, 1, len(message), 0) + message for message in whole)
    survives(script)
