"""What each kind of fault does: the cases of guest programs, each with the plan that stands before it."""

from __future__ import annotations

import re

import pytest

from rvsim.guest_os.faults import FaultPlan, parse_fault
from rvsim.guest_os.faults.injector import Injector
from rvsim.tests.guest import GUESTS, musl_program, rcore_program, run

LINUX = ("errno", "short", "delay", "signal", "counting", "memory")
RCORE = ("rcore",)
ENDS_BY_SIGKILL = ("never_again",)
_CASE = re.compile(r"^FAULTS\((.+)\)\nCASE\((\w+)\)", re.MULTILINE)


def plans(program: str) -> dict[str, FaultPlan]:
    """The plans of a program's cases, by the names of the cases."""
    source = (GUESTS / "faults" / f"{program}.c").read_text()
    found = {case: FaultPlan(tuple(map(parse_fault, re.findall(r'"([^"]+)"', texts))))
             for texts, case in _CASE.findall(source)}
    assert len(found) == source.count("\nCASE(")
    return found


CASES = [(program, case) for program in (*LINUX, *RCORE) for case in plans(program)]


@pytest.mark.parametrize(("program", "case"), CASES)
def test_case(program: str, case: str) -> None:
    plan = plans(program)[case]
    make = rcore_program if program in RCORE else musl_program
    result = run(make(f"faults/{program}.c"), case, faults=plan)
    if case in ENDS_BY_SIGKILL:
        assert (result.output, result.status) == (b"", 137)
    else:
        assert (result.output.decode(errors="replace"), result.status) == ("passed\n", 0)
    injector = result.machine.kernel.injector
    assert isinstance(injector, Injector)
    assert injector.injected == len(plan.log)
