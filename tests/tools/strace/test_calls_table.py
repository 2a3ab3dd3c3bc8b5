"""The tables of calls: every call that is served has a row of the right shape, and rows name real calls."""

from __future__ import annotations

import pytest

from rvsim.guest_os.abi.syscall_names import NAMES
from rvsim.guest_os.syscalls import linux_table, rcore_table
from rvsim.guest_os.syscalls.args import parameters
from rvsim.guest_os.syscalls.table import Row
from rvsim.tools.strace.linux_calls import LINUX_CALLS
from rvsim.tools.strace.rcore_calls import RCORE_CALLS
from rvsim.tools.strace.tracer import call_name

# Calls with an argument that Linux takes and strace leaves out: a high half, a size that is always the same.
FEWER = {"preadv", "pwritev", "preadv2", "pwritev2", "getcpu"}
NO_ARGUMENTS = {"rt_sigreturn"}


@pytest.mark.parametrize("row", linux_table.ROWS.values(), ids=lambda row: row.name)
def test_linux_calls_have_a_row(row: Row) -> None:
    signature = LINUX_CALLS[row.name]
    if isinstance(signature.args, tuple) and row.name not in FEWER | NO_ARGUMENTS:
        assert len(signature.args) == len(parameters(row.handler))


@pytest.mark.parametrize("row", {**rcore_table.ROWS, **rcore_table.ROWS_CHAPTER_8}.values(), ids=lambda row: row.name)
def test_rcore_calls_have_a_row(row: Row) -> None:
    signature = RCORE_CALLS[row.name]
    assert isinstance(signature.args, tuple)
    assert len(signature.args) == len(parameters(row.handler))


def test_names_are_the_kernels() -> None:
    assert set(LINUX_CALLS) <= set(NAMES.values()) | {"renameat"}
    assert {number: row.name for number, row in linux_table.ROWS.items()}.items() <= NAMES.items()


def test_names_by_abi() -> None:
    assert call_name("linux", 198) == "socket"
    assert call_name("linux", 900) is None
    assert call_name("rcore", 129) == "kill"
    assert call_name("rcore:8", 129) == "kill_flags"
