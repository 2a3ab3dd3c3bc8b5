"""What a recorder writes: everything, in order, at no change of what it watches."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path

import pytest
from recorded import SUBJECT, Run, run

from rvsim.guest_os.abi.signals import SIGALRM, SIGCHLD, SIGCONT, SIGSEGV, SIGSTOP, SIGTERM, SIGUSR1
from rvsim.guest_os.boot import Machine
from rvsim.guest_os.faults import FaultPlan, parse_fault
from rvsim.guest_os.task.control import Controller, Stop
from rvsim.guest_os.task.observer import Observer
from rvsim.guest_os.task.task import Task
from rvsim.tests.guest import musl_program
from rvsim.tools.errors import CliError
from rvsim.tools.trace import format as f
from rvsim.tools.trace.format import ECALL, Action, Kind, Outcome, Over, Record, Taken, Woken
from rvsim.tools.trace.lives import Lives
from rvsim.tools.trace.reader import TraceFile

CLONE, EXECVE, EXIT_GROUP, GETPPID, NANOSLEEP, OPENAT, PAUSE, READ, WAIT4 = 220, 221, 94, 173, 101, 56, 73, 63, 260


@pytest.fixture(scope="module")
def subject() -> Path:
    return musl_program(SUBJECT)


@pytest.fixture(scope="module")
def traced(subject: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    return run(subject, trace=tmp_path_factory.mktemp("trace") / "t")


@pytest.fixture(scope="module")
def records(traced: Run) -> list[Record]:
    return traced.records


def calls(records: list[Record], number: int, pid: int | None = None) -> list[Record]:
    return [record for record in records if record.kind == Kind.CALL and record.number == number
            and pid in (None, record.pid)]


def without_answerer(records: list[Record]) -> list[Record]:
    """The records but for whether the gate answered."""
    return [record._replace(flags=record.flags & ~f.BY_GATE) for record in records]


RVSIM = [sys.executable, "-c", "import sys; from rvsim.tools.cli import main; sys.exit(main())"]


# ---- watching changes nothing


PROGRAMS: list[tuple[str, bytes]] = [
    ("ls", b""), ("initproc", b"forktest_simple\nls / | wc\nsig_simple\nexit\n"), ("threads", b""), ("sync_sem", b""),
    ("phil_din_mutex", b""), ("stack_overflow", b""), ("yield", b"")]


@pytest.mark.parametrize("stacks", [0, 1000, 33_333])
@pytest.mark.parametrize(("program", "stdin"), PROGRAMS, ids=[name for name, _ in PROGRAMS])
def test_the_same_ticks_and_output(program: str, stdin: bytes, stacks: int, tmp_path: Path) -> None:
    alone = run(program, stdin=stdin)
    watched = run(program, stdin=stdin, trace=tmp_path / "t", stacks=stacks)
    assert (watched.ticks, watched.ns, watched.output, watched.status, watched.traps) == (
        alone.ticks, alone.ns, alone.output, alone.status, alone.traps)


def test_the_same_of_the_subject_with_all_observers(subject: Path, traced: Run, tmp_path: Path) -> None:
    """An observer that sees calls takes them away from the gate: the trace is the same but for who answered."""
    class Everything(Observer):
        sees_pages = True

    alone = run(subject)
    other = run(subject, trace=tmp_path / "t", others=(Everything(),))
    assert (traced.ticks, traced.output, traced.status) == (alone.ticks, b"done\n", 0)
    assert (other.ticks, other.output, other.status) == (alone.ticks, b"done\n", 0)
    assert without_answerer(other.records) == without_answerer(traced.records)
    assert any(record.flags & f.BY_GATE for record in traced.records)
    assert not [record for record in other.of(Kind.CALL) if record.flags & f.BY_GATE]


def test_two_runs_give_the_same_records(subject: Path, traced: Run, tmp_path: Path) -> None:
    assert run(subject, trace=tmp_path / "t").records == traced.records


# ---- everything is there


def test_every_trap_is_there(traced: Run, records: list[Record]) -> None:
    assert sum(record.kind in (Kind.CALL, Kind.TRAP) for record in records) == traced.traps
    assert len(calls(records, GETPPID)) == 100


def test_times_never_go_back_and_ticks_add_up(traced: Run, records: list[Record]) -> None:
    for before, after in pairwise(records):
        assert (before.ticks, before.ns) <= (after.ticks, after.ns)
    assert sum(record.result for record in records if record.kind == Kind.TURN_OVER) == traced.ticks
    assert {record.kind for record in records} >= set(Kind) - {Kind.STACK, Kind.INJECTED}


def test_a_call_has_arguments_result_place_and_cost(records: list[Record]) -> None:
    call, = calls(records, OPENAT)
    assert call.result == -2
    assert (call.a0 & 0xFFFF_FFFF, call.cause, call.pid, call.tid) == (0xFFFF_FF9C, ECALL, 1, 1)
    assert call.cost_ns == 4
    assert 0x10000 <= call.epc < 0x200_0000
    first, second = calls(records, GETPPID)[:2]
    assert second.ticks - first.ticks == second.ns - first.ns > 4


def test_what_faults_led_to(records: list[Record]) -> None:
    led = {outcome: [record for record in records if record.kind == Kind.TRAP and record.outcome == outcome]
           for outcome in Outcome}
    assert len(led[Outcome.STACK_GROWTH]) == 13
    assert {record.cause for record in led[Outcome.FILE_PAGE]} >= {12, 13}
    assert led[Outcome.COPY_ON_WRITE][0].cause == 15
    assert any(record.flags & f.BY_GATE for record in led[Outcome.DEMAND_ZERO])
    crash, = led[Outcome.SIGNAL]
    assert (crash.cause, crash.tval, crash.pid) == (15, 16, 3)
    after = records[records.index(crash) + 1]
    assert (after.kind, after.number, after.outcome) == (Kind.SIGNAL, SIGSEGV, Taken.DEFAULT)
    assert not led[Outcome.NOTHING]
    assert not led[Outcome.KILL]


def test_a_call_that_waits_is_closed_by_a_return(records: list[Record]) -> None:
    wait = calls(records, WAIT4, 1)[0]
    assert wait.flags & f.OPEN
    mine = [record for record in records[records.index(wait) + 1:] if record.tid == 1]
    assert [record.kind for record in mine[:5]] == [Kind.SLEEP, Kind.TURN_OVER, Kind.WAKE, Kind.TURN, Kind.RETURN]
    sleep, over, wake, _, back = mine[:5]
    assert (sleep.number, sleep.a0) == (WAIT4, 2**64 - 1)
    assert over.outcome == Over.WAITS
    assert (wake.outcome, wake.a0, wake.a1) == (Woken.EVENT, 2, 2)
    assert (back.number, back.result) == (WAIT4, 2)
    nap = next(record for record in records if record.kind == Kind.SLEEP and record.a0 != 2**64 - 1)
    awake = next(record for record in records[records.index(nap):] if record.kind == Kind.WAKE and record.tid == 1)
    assert (awake.outcome, awake.a0, awake.ns) == (Woken.DEADLINE, 0, nap.a0)


def test_a_wait_that_a_signal_cuts_short(records: list[Record]) -> None:
    taken = next(record for record in records if record.kind == Kind.SIGNAL and record.number == SIGALRM)
    assert taken.outcome == Taken.HANDLER
    at = records.index(taken)
    back = records[at + 1]
    assert (back.kind, back.result) == (Kind.RETURN, -4)
    woken = [record for record in records[:at] if record.kind == Kind.WAKE and record.tid == 1][-1]
    assert woken.outcome == Woken.SIGNAL


def test_processes_threads_and_programs(traced: Run, records: list[Record]) -> None:
    forks = [record for record in records if record.kind == Kind.FORK]
    assert [(record.a0, bool(record.flags & f.THREAD)) for record in forks] == [
        (2, False), (3, False), (4, False), (5, False), (1, True)]
    exits = {record.tid: record for record in records if record.kind == Kind.EXIT}
    assert [exits[tid].result for tid in (2, 3, 4, 5)] == [3 << 8, SIGSEGV | 0x80, SIGTERM, 0]
    assert not exits[forks[4].a1].flags & f.GROUP
    assert exits[1].flags & f.GROUP
    with TraceFile(str(traced.path)) as trace:
        execs = [record for record in trace.records() if record.kind == Kind.EXEC]
        assert [record.pid for record in execs] == [1, 2]
        assert trace.text(execs[0].number).startswith("/trace_subject")
        assert trace.text(execs[0].a0) == "linux"
        assert trace.text(execs[1].a1) == "</script><b>\udcff\0run\0"
        mapped = [record for record in records if record.kind == Kind.MAPPED]
        main = next(module for module in trace.modules if module.path.startswith("/trace_subject"))
        assert {name for _, _, name in main.symbols} >= {"main", "deep", "_start"}
        assert {record.pid for record in mapped} == {1, 2}
        assert [module.path for module in trace.modules][1:] == ["[vdso]"]


def test_signals_sent_and_taken(records: list[Record]) -> None:
    sent = [(record.number, record.pid, record.a4, record.outcome) for record in records if record.kind == Kind.SENT]
    assert (SIGUSR1, 2, 2, Taken.UNKNOWN) in sent
    assert (SIGTERM, 1, 4, Taken.UNKNOWN) in sent
    assert (SIGCHLD, 2, 1, Taken.DROPPED) in sent
    assert (SIGALRM, 0, 1, Taken.UNKNOWN) in sent


def test_stopped_by_job_control(records: list[Record]) -> None:
    stop, = [record for record in records if record.kind == Kind.STOPPED]
    assert (stop.number, stop.pid) == (SIGSTOP, 5)
    over = next(record for record in records[records.index(stop):] if record.kind == Kind.TURN_OVER)
    assert (over.pid, over.outcome) == (5, Over.STOPPED)
    sent = next(record for record in records[records.index(stop):] if record.kind == Kind.SENT and record.a4 == 5)
    assert sent.number == SIGCONT


def test_the_head_and_the_end(traced: Run) -> None:
    with TraceFile(str(traced.path)) as trace:
        assert trace.header["argv"] == [trace.header["program"]]
        assert (trace.header["clock"], trace.header["seed"], trace.header["stacks"]) == ("virtual", 0, 0)
        count = sum(1 for _ in trace.records())
        assert trace.done == {"records": count, "ticks": traced.ticks, "ns": traced.ns, "status": 0}


def test_code_that_a_program_maps_later(tmp_path: Path) -> None:
    """A shared object mapped for execution is told at that moment."""
    traced = run(musl_program("trace_maps.c"), trace=tmp_path / "t")
    assert traced.status == 0
    first, = [record for record in traced.of(Kind.MAPPED) if record.ns]
    assert first.a1 - first.a0 == 4096


# ---- stacks


@pytest.mark.parametrize("every", [1000, 20_000])
def test_samples_weigh_what_ran(subject: Path, every: int, tmp_path: Path) -> None:
    traced = run(subject, trace=tmp_path / "t", stacks=every)
    stacks = traced.of(Kind.STACK)
    assert sum(record.result for record in stacks) == traced.ticks
    assert len(stacks) > traced.ticks // every // 4
    with TraceFile(str(traced.path)) as trace:
        assert sum(1 for _ in trace.records()) == len(traced.records)
        assert len(trace.stacks) == 1 + max(record.number for record in stacks)


# ---- files


@pytest.mark.parametrize("path", ["/nonexistent/t", "/"])
def test_a_file_that_cannot_be_written(path: str) -> None:
    with pytest.raises(CliError, match=f"--trace {path}: .*; give a file that can be written"):
        run("hello", trace=Path(path))


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="the host has no /dev/full")
def test_a_disk_that_is_full() -> None:
    with pytest.raises(CliError, match="--trace /dev/full: no space left on device; give a file that can be written"):
        run("hello", trace=Path("/dev/full"))


def test_a_run_that_is_killed_leaves_a_trace(tmp_path: Path) -> None:
    path = tmp_path / "t"
    process = subprocess.Popen([*RVSIM, "run", "--clock", "virtual", "--trace", str(path), "infloop"],
                               stdin=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            if path.exists() and path.stat().st_size > 1500:
                break
            time.sleep(0.05)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    with TraceFile(str(path)) as trace:
        found = list(trace.records())
        assert trace.cut
        assert trace.done is None
    assert found[0].kind == Kind.EXEC


# ---- together with others


def test_the_same_trace_under_a_debugger(subject: Path, traced: Run, records: list[Record], tmp_path: Path) -> None:
    """Stopping the program at a breakpoint a hundred times changes no record but for who answered."""
    epc = calls(records, GETPPID)[0].epc
    stops: list[int] = []

    class Stopping(Controller):
        def stopped(self, task: Task, stop: Stop) -> None:
            stops.append(stop.pc)

    def attach(machine: Machine) -> None:
        machine.kernel.controller = Stopping(machine.kernel)
        machine.kernel.controller.set_breakpoints([epc])

    other = run(subject, trace=tmp_path / "t", prepare=attach)
    assert stops.count(epc) >= 100
    assert without_answerer(other.records) == without_answerer(records)
    assert other.ticks == traced.ticks


def test_samples_under_a_debugger(subject: Path, tmp_path: Path) -> None:
    def attach(machine: Machine) -> None:
        machine.kernel.controller = Controller(machine.kernel)

    plain = run(subject, trace=tmp_path / "a", stacks=5000)
    other = run(subject, trace=tmp_path / "b", stacks=5000, prepare=attach)
    assert without_answerer(other.records) == without_answerer(plain.records)


def test_a_machine_that_goes_on_from_a_snapshot(subject: Path, traced: Run, records: list[Record],
                                                tmp_path: Path) -> None:
    """Its tasks are introduced; from then on its trace is that of the whole run, stacks too."""
    saving = ["--save", str(tmp_path / "s"), "--save-at", "700us", "--clock", "virtual", str(subject)]
    for name, words in (("a", saving), ("b", ["--restore", str(tmp_path / "s")])):
        recording = ["--trace", str(tmp_path / name), "--trace-stacks", "5000"]
        done = subprocess.run([*RVSIM, "run", *recording, *words], stdin=subprocess.DEVNULL, capture_output=True,
                              check=True)
        assert (done.stdout, done.stderr) == (b"done\n", b"")
    with TraceFile(str(tmp_path / "b")) as trace:
        found = list(trace.records())
        lives = Lives(trace)
        for record in found[:20]:
            lives.feed(record)
        assert lives.of(1).name.startswith("trace_subject")
    start_ns = found[0].ns
    introduced = [record for record in found if record.flags & f.BEFORE]
    assert [(record.kind, record.pid) for record in introduced] == [
        (Kind.EXEC, 1), (Kind.FORK, 1), (Kind.EXEC, 4)]
    for record in introduced:
        assert record.ns == start_ns
    later = [record for record in found if record.kind in (Kind.CALL, Kind.TRAP, Kind.RETURN) and record.ns > start_ns]
    assert len(later) > 20
    assert later == [record for record in records if record.kind in (Kind.CALL, Kind.TRAP, Kind.RETURN)
                     and record.ns > start_ns]
    ran = sum(record.result for record in found if record.kind == Kind.TURN_OVER)
    assert sum(record.result for record in found if record.kind == Kind.STACK) == ran


# ---- faults on purpose


def test_injected_faults(tmp_path: Path) -> None:
    """Each is told of between its call's beginning and its end, and changes are the plan's alone."""
    faults = ("write:1=short(2)", "wait4:1=delay(5ms)", "openat:1=ENOENT", "clone:1=signal(SIGURG)", "alloc:60=fail")
    plan = FaultPlan(tuple(map(parse_fault, faults)))
    words = ("-c", "echo hallo | cat; cat /etc/motd | wc; ls | wc")
    plain = run("sh", *words, faults=plan)
    seen = run("sh", *words, faults=plan, trace=tmp_path / "t")
    assert (plain.output, plain.status, plain.ticks) == (seen.output, seen.status, seen.ticks)
    injected = [record for record in seen.records if record.kind == Kind.INJECTED]
    assert [(one.ticks, one.pid, one.a1) for one in injected] == [(one.tick, one.pid, one.n) for one in plan.log]
    assert sorted(Action(one.outcome) for one in injected) == list(Action)
    for at, record in enumerate(seen.records):
        if record.kind == Kind.INJECTED and not record.flags & f.PAGE:
            before = next(one for one in reversed(seen.records[:at]) if one.kind == Kind.CALL)
            assert (before.number, before.tid, before.ticks) == (record.number, record.tid, record.ticks)
    shown = subprocess.run([*RVSIM, "trace", "--event", "injected", tmp_path / "t"], capture_output=True, text=True,
                           check=True).stdout
    for text in ("write 1: short(2)", "wait4 1: delay(5ms)", "openat 1: ENOENT", "clone 1: signal(SIGURG)",
                 "page 60: fail"):
        assert f"*** injected into {text} ***\n" in shown
    whole = subprocess.run([*RVSIM, "trace", tmp_path / "t"], capture_output=True, text=True, check=True).stdout
    assert set(shown.splitlines()) <= set(whole.splitlines())
    for kind in ("html", "chrome"):
        subprocess.run([*RVSIM, "trace", "--export", kind, tmp_path / "out", tmp_path / "t"], check=True)
        assert "injected: delay(5ms)" in (tmp_path / "out").read_text()
