"""Hostile guests: what one process does, the machine and its first process survive; and what faults say."""

from __future__ import annotations

from typing import Any

import pytest

from rvsim.guest_os.boot import TIMED_OUT, BootError
from rvsim.tests.guest import MEBIBYTE, cases, musl_program, rcore_program, run

SMALL: dict[str, Any] = {"memory_bytes": 32 * MEBIBYTE, "process_limit": 100}


@pytest.mark.parametrize("case", [case for case in cases("rcore_hostile.c") if case != "fault"])
def test_rcore(case: str) -> None:
    result = run(rcore_program("rcore_hostile.c"), case, **SMALL)
    assert (result.output.splitlines()[-1:], result.status) == ([b"passed"], 0)


@pytest.mark.parametrize("case", cases("linux_hostile.c"))
def test_linux(case: str) -> None:
    result = run(musl_program("linux_hostile.c"), case, **SMALL)
    assert (result.output.splitlines()[-1:], result.status) == ([b"passed"], 0)


FAULTS = [
    ("load", "LoadPageFault", "0x8", -2, -11), ("store", "StorePageFault", "0x2000000000", -2, -11),
    ("jump", "InstructionPageFault", "0x2000000000", -2, -11), ("store_code", "StorePageFault", "", -2, -11),
    ("jump_data", "InstructionPageFault", "", -2, -11), ("illegal", "IllegalInstruction", "", -3, -4),
    ("privileged", "IllegalInstruction", "", -3, -4), ("csr", "IllegalInstruction", "", -3, -4),
    ("wfi", "IllegalInstruction", "", -3, -4), ("breakpoint", "Breakpoint", "", -3, -5),
    ("kernel_half", "LoadPageFault", "0xfffffffffffffff8", -2, -11),
]


@pytest.mark.parametrize(("fault", "cause", "address", "code", "signal_code"), FAULTS)
def test_faults(fault: str, cause: str, address: str, code: int, signal_code: int) -> None:
    """Each ends the process with the exit code of its chapter, and the kernel says which it was, where and on what."""
    program = rcore_program("rcore_hostile.c")
    lines = run(program, "fault", fault).output.decode().splitlines()
    assert lines[-2:] == [f"code {code}", "passed"]
    assert cause in lines[0]
    assert f"bad addr = {address}" in lines[0]
    assert "bad instruction = 0x" in lines[0]
    for chapter in ("rcore:7", "rcore:8"):
        lines = run(program, "fault", fault, abi=chapter).output.decode().splitlines()
        assert lines[-2:] == [f"code {signal_code}", "passed"], chapter


def test_an_endless_loop_is_timed_out() -> None:
    assert run("infloop", timeout_ns=300_000_000).status == TIMED_OUT


def test_endless_sleep_and_endless_wait() -> None:
    """Guest time is virtual: a long sleep takes none. What can never end is said to be so."""
    assert run("sleep", "1000000").status == 0
    with pytest.raises(BootError, match="nothing can run any more"):
        run(musl_program("linux_waits.c"))
