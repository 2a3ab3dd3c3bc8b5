"""Random plans against guest programs: no Python exception, nothing left behind, and the same each time."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rvsim.guest_os.faults import FaultPlan
from rvsim.tests.guest import cases, musl_program, own_program, rcore_program
from rvsim.tests.guest_os.faults.fault_plans import PLANS, survives

SHELL = ("echo a | cat | wc > /tmp/x; cat /tmp/x /tmp/x | wc; sleep 1; ls /proc | wc", "cat; echo $?; kill 1",
         "cat /etc/motd /proc/self/status | wc; mkdir /tmp/d; echo a > /tmp/d/b; rm -r /tmp/d; sh -c 'sh -c pwd'",
         "sleep 9 & sleep 1; jobs; kill %1; wait; ps")
QUICK = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None)
Program = tuple[Path | str, tuple[str, ...]]


def programs() -> list[Program]:
    """What the plans meet: shells and pipes, threads, processes and memory, in both ABIs."""
    found: list[Program] = [("sh", ("-c", script)) for script in SHELL]
    careless = musl_program("faults/careless.c")
    found += [(careless, (mode,)) for mode in ("short_write", "interrupted", "careful", "race")]
    for name in ("linux_threads.c", "linux_life.c"):
        found += [(musl_program(name), (case,)) for case in cases(name) if not case.startswith("helper")]
    for name in ("rcore_threads.c", "rcore_life.c"):
        found += [(rcore_program(name), (case,)) for case in cases(name) if not case.startswith("helper")]
    found += [(own_program("linux_streams.c"), ()), ("usertests", ()), ("forktest", ())]
    return found


@pytest.fixture(scope="module")
def all_programs() -> list[Program]:
    return programs()


@QUICK
@given(PLANS, st.integers(0, 10**6))
def test_whatever_goes_wrong_the_machine_goes_on(all_programs: list[Program], plan: FaultPlan, at: int) -> None:
    small = [one for one in all_programs if one[0] != "usertests"]
    program, args = small[at % len(small)]
    survives(plan, program, *args)


@settings(QUICK, max_examples=4)
@given(PLANS, st.integers(0, 10**6))
def test_the_same_plan_does_the_same(all_programs: list[Program], plan: FaultPlan, at: int) -> None:
    small = [one for one in all_programs if one[0] != "usertests"]
    program, args = small[at % len(small)]
    first = survives(plan, program, *args), tuple(plan.log)
    assert (survives(plan, program, *args), tuple(plan.log)) == first


@pytest.mark.slow
@settings(QUICK, max_examples=400)
@given(PLANS, st.integers(0, 10**6))
def test_many_plans(all_programs: list[Program], plan: FaultPlan, at: int) -> None:
    program, args = all_programs[at % len(all_programs)]
    survives(plan, program, *args)


def test_each_allocation_fails_once() -> None:
    """Every place where a small program gets memory, one after the other."""
    from rvsim.guest_os.faults import parse_fault

    program = musl_program("faults/careless.c")
    for number in range(1, 200):
        plan = FaultPlan((parse_fault(f"alloc:{number}=fail"),))
        survives(plan, program, "careful")
        if not plan.log:
            break
    assert number > 10
    assert not plan.log
