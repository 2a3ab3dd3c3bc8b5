"""Faults are part of a run: two runs with one plan are the same, and snapshots, recordings and going back keep them."""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
from pathlib import Path

import pytest

from rvsim.emu.console import CapturedConsole
from rvsim.guest_os.faults import BadFault, FaultPlan, parse_fault
from rvsim.guest_os.faults.injector import Injector
from rvsim.guest_os.snapshot import SnapshotError, load, restore, save
from rvsim.tests.guest import TIMEOUT_S, make, musl_program, nothing_left
from rvsim.tests.recorded import TrapDigest, again
from rvsim.tests.resumed import go_on, goes_on_alike, started
from rvsim.tests.terminal import START

SCRIPT = "echo a | cat | cat; ls / | wc; sleep 1; cat /etc/motd"
PLAN = FaultPlan(tuple(map(parse_fault, (
    "read:2+=short(1)", "write:3+2=delay(3ms)", "all:40=signal(SIGURG)", "alloc:150=fail", "wait4:4=EINTR"))))
CHAOS = FaultPlan((), 11, "legal", 2)
HARD = FaultPlan((parse_fault("write:3=short(1)"),), 3, "hard", 4)
PLANS = (PLAN, CHAOS, HARD)


def traps_of(plan: FaultPlan) -> tuple[object, ...]:
    """Everything that can be seen of a run with a plan."""
    console = CapturedConsole(b"input\n")
    machine = make(console, faults=plan)
    digest = TrapDigest()
    machine.kernel.observe(digest)
    status = machine.run(b"sh", [b"sh", b"-c", SCRIPT.encode()])
    nothing_left(machine)
    return status, bytes(console.transcript), machine.hart.ticks, digest.told(), plan.log


@pytest.mark.parametrize("plan", PLANS)
def test_a_run_is_the_same_again(plan: FaultPlan) -> None:
    first = traps_of(plan)
    assert first[-1]
    assert traps_of(plan) == first


def test_an_observer_changes_nothing() -> None:
    console = CapturedConsole(b"input\n")
    machine = make(console, faults=CHAOS)
    status = machine.run(b"sh", [b"sh", b"-c", SCRIPT.encode()])
    assert (status, bytes(console.transcript), machine.hart.ticks) == traps_of(CHAOS)[:3]


@pytest.mark.parametrize("plan", PLANS)
def test_a_snapshot_goes_on_counting(plan: FaultPlan, tmp_path: Path) -> None:
    console = CapturedConsole(b"input\n")
    run = go_on(started(console, "sh", "-c", SCRIPT, faults=plan), console, lambda number: number % 5 == 2)
    assert len(run.points) > 2
    assert len(plan.log) > 5
    goes_on_alike(run)
    goes_on_alike(run, run.points[::3], through=tmp_path / "a.snap")


def test_what_a_snapshot_holds_of_a_plan(tmp_path: Path) -> None:
    console = CapturedConsole()
    plan = FaultPlan((parse_fault("write:2=delay(5ms)"), parse_fault("read:path=/etc/*=EIO")), 5, "hard", 5)
    run = go_on(started(console, "sh", "-c", SCRIPT, faults=plan), console, lambda number: number == 4)
    save(run.points[0].snapshot, tmp_path / "a.snap")
    machine = restore(load(tmp_path / "a.snap"), CapturedConsole())
    injector = machine.kernel.injector
    assert isinstance(injector, Injector)
    assert injector.plan == plan
    assert machine.kernel.faults == plan
    assert injector.plan is not plan
    assert injector.injected == len(injector.log) > 0
    assert injector.log == plan.log[:injector.injected]
    assert injector.plan.log is injector.log
    machine.close()


def test_a_plan_that_somebody_made_up() -> None:
    machine = make(faults=CHAOS)
    injector = machine.kernel.injector
    assert isinstance(injector, Injector)
    for change in ({"counts": [1]}, {"calls": "x"}, {"chaos": None}, {"plan": FaultPlan(chaos_seed=11, chaos_rate=3)}):
        other = make(faults=CHAOS).kernel.injector
        assert isinstance(other, Injector)
        for name, value in change.items():
            setattr(other, name, value)
        with pytest.raises(BadFault):
            other.arm()
    assert issubclass(BadFault, ValueError)
    assert not issubclass(BadFault, SnapshotError)


def test_plans_come_and_go_while_calls_wait() -> None:
    """A call that waits is none that a new plan counts; a plan that is taken away leaves a call as it was."""
    console = CapturedConsole(ended=False)
    machine = started(console, "cat")
    rest: list[FaultPlan | None] = [
        FaultPlan((parse_fault("read:2=EIO"), parse_fault("write=short(1)"))), None,
        FaultPlan((parse_fault("read=delay(5ms)"),)), None, FaultPlan((parse_fault("read:4=ENXIO"),))]

    counts: list[int | None] = []

    def change() -> None:
        init = machine.kernel.init
        if rest and init is not None and init.in_call and not init.queued:
            injector = machine.kernel.injector
            counts.append(injector.counts[0] if isinstance(injector, Injector) else None)
            machine.kernel.faults = rest.pop(0)
            console.feed(b"line\n")
            if not rest:
                console.feed_end()

    machine.kernel.scheduler.at_rest = change
    machine.world.next_poll_ns = 1 << 62
    status = machine.finish()
    nothing_left(machine)
    assert not rest
    assert bytes(console.output).count(b"line\n") == 5
    assert (status, counts) == (0, [None, 1, None, 1, None])


def test_a_recording_has_the_same_faults(tmp_path: Path) -> None:
    path = tmp_path / "run.rec"
    faults = ["--fault", "write:2+=short(3)", "--fault", "wait4:2=delay(1ms)", "--fault", "openat:path=/etc/*=EACCES"]
    words = ["run", "--record", str(path), *faults, "--chaos", "5", "--chaos-rate", "3", "sh", "-c", SCRIPT]
    done = subprocess.run([sys.executable, "-c", START, *words], stdin=subprocess.DEVNULL, capture_output=True,
                          check=False, timeout=TIMEOUT_S)
    outcome = again(path)
    assert (outcome.status, outcome.output) == (done.returncode, done.stdout)
    assert outcome == again(path)
    shown = subprocess.run([sys.executable, "-c", START, "replay", "--info", str(path)], capture_output=True, text=True,
                           check=False, timeout=TIMEOUT_S).stdout
    for line in (r"fault: +write:2\+=short\(3\)", r"fault: +openat:path=/etc/\*=EACCES",
                 "chaos: +seed 5, legal, one of 3 calls"):
        assert re.search(line, shown)


def test_restored_machines_take_new_faults(tmp_path: Path) -> None:
    path = tmp_path / "a.snap"

    def rvsim(*words: str) -> tuple[int, bytes, bytes]:
        done = subprocess.run([sys.executable, "-c", START, "run", *words], stdin=subprocess.DEVNULL,
                              capture_output=True, check=False, timeout=TIMEOUT_S)
        return done.returncode, done.stdout, done.stderr

    assert rvsim("--save", str(path), "--save-at", "1ms", "sh", "-c", "sleep 1; echo end") == (0, b"end\n", b"")
    assert rvsim("--restore", str(path), "--fault", "write=EIO")[1] == b""
    assert rvsim("--restore", str(path), "--fault", "write=short(1)") == (0, b"end\n", b"")


def test_the_stepper_goes_back_over_faults(capfd: pytest.CaptureFixture[str]) -> None:
    from rvsim.tools.cli import main

    program = str(musl_program("faults/careless.c"))
    script = "until call write; until call writev; s; back 2; until call writev; s; c"
    texts = []
    for _ in range(2):
        assert main(["step", "--fault", "writev=short(2)", "--fault", "all:9=delay(5ms)", "-x", script, program,
                     "careful"]) in (0, 1)
        texts.append(capfd.readouterr().out)
    assert texts[0] == texts[1]
    assert texts[0].count("= 2 (INJECTED)") >= 2


def test_the_log_ends_but_the_faults_do_not(monkeypatch: pytest.MonkeyPatch) -> None:
    from rvsim.guest_os.faults import injector

    monkeypatch.setattr(injector, "MAX_LOGGED", 3)
    plan = FaultPlan((parse_fault("write=short(1)"),))
    console = CapturedConsole()
    machine = make(console, faults=plan)
    assert machine.run(b"echo", [b"echo", b"0123456789"]) == 0
    assert bytes(console.output) == b"0123456789\n"
    assert len(plan.log) == 3
    assert machine.kernel.injector is not None
    assert machine.kernel.injector.injected == 10
    assert hashlib.sha256(repr(plan.log).encode()).hexdigest()
    assert plan.log[2][2:] == ("write", 3, "short(1)")
