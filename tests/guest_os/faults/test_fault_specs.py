"""The texts of faults: what is written is read as the same; whatever else gives one line that says what to write."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rvsim.guest_os.abi import errno, signals
from rvsim.guest_os.faults import BadFault, Fault, FaultPlan, format_fault, parse_fault
from rvsim.guest_os.faults.fault import ACTIONS, MAX_DELAY_NS, call_names, calls_with_path
from rvsim.guest_os.faults.paths import PATHS, descriptors
from rvsim.guest_os.faults.transfers import TRANSFERS
from rvsim.guest_os.syscalls import linux_table, rcore_table
from rvsim.guest_os.syscalls.args import parameters
from rvsim.tests.recorded import complaint

READ = {
    "read:3=EIO": Fault("read", "errno", 3, value="EIO"),
    "read=EIO": Fault("read", "errno", 1, True, value=5),
    "read:every=EIO": Fault("read", "errno", 1, True, value=5),
    "write:2+=short(1)": Fault("write", "short", 2, True, value=1),
    "write:2+=short": Fault("write", "short", 2, True, value=1),
    "write:3+2=ENOSPC": Fault("write", "errno", 3, value="ENOSPC", step=2),
    "write:3..5=ENOSPC": Fault("write", "errno", 3, True, value="ENOSPC", last=5),
    "write:3..9+2=ENOSPC": Fault("write", "errno", 3, value="ENOSPC", last=9, step=2),
    "all:every=delay(5ms)": Fault("all", "delay", 1, True, value=5_000_000),
    "read:1=delay(1s)": Fault("read", "delay", value=10**9),
    "read:1=delay(7ns)": Fault("read", "delay", value=7),
    "read:1=signal(SIGINT)": Fault("read", "signal", value="SIGINT"),
    "read:1=signal(INT)": Fault("read", "signal", value=2),
    "read:1=signal(40)": Fault("read", "signal", value=40),
    "alloc:7=fail": Fault("alloc", "nomem", 7),
    "mmap,brk:pid=3:comm=s?:2=fail": Fault("mmap,brk", "nomem", 2, pid=3, comm="s?"),
    "openat:path=/etc/*=EACCES": Fault("openat", "errno", 1, True, value="EACCES", path="/etc/*"),
    "openat:path=a=b=EACCES": Fault("openat", "errno", 1, True, value="EACCES", path="a=b"),
    "read:error=EIO:when=3": Fault("read", "errno", 3, value="EIO"),
    "read:when=3+:error=5": Fault("read", "errno", 3, True, value="EIO"),
    "read:signal=SIGUSR1:when=2..4": Fault("read", "signal", 2, True, value="SIGUSR1", last=4),
    "read:delay_enter=900": Fault("read", "delay", 1, True, value=900_000),
    "read:delay_enter=900ms:pid=1": Fault("read", "delay", 1, True, 1, 900_000_000),
}
WRONG = {
    "": "does not say what happens", "read": "does not say what happens", "read=": "does not say what happens",
    "=EIO": "no call ''", "raed=EIO": "did you mean read?", "read,=EIO": "no call ''", "read:0=EIO": "nth is 0",
    "read:x=EIO": "is no WHEN", "read:3+0=EIO": "is no WHEN", "read:5..3=EIO": "comes before the first",
    "read:1=EFOO": "'EFOO' is no error", "read:1=eio": "is no action", "read:1=Errno": "is no error",
    "read:1=short(0)": "would be the end of the file", "read:1=short(-1)": "is no action",
    "getpid:1=short(3)": "moves no bytes", "read:1=delay": "is no action", "read:1=delay(5)": "is no time",
    "read:1=delay(0ms)": "is no time", "read:1=delay(99999999999999s)": "is no number of nanoseconds",
    "read:1=signal(SIGFOO)": "is no signal", "read:1=signal(65)": "is no signal", "read:1=signal(0)": "is no signal",
    "all:1=EIO": "all stands alone", "all,read:1=delay(1ms)": "all stands alone", "alloc:1=EIO": "alloc stands alone",
    "exit_group:1=EIO": "cannot fail", "read:pid=0=EIO": "pid is 0", "read:pid=x=EIO": "is no condition",
    "read:comm==EIO": "is no condition", "read:when=:error=EIO": "is no WHEN", "read:colour=red=EIO": "is no condition",
    "getpid:path=/x=EIO": "neither a path nor a file", "read:1=fail(3)": "is no action", "read:1=EIO()": "is no action",
    "read:٣=EIO": "is no WHEN", "read:1\n=EIO": "is no WHEN", "read:1=signal(٣)": "is no signal",
}


@pytest.mark.parametrize("text", READ)
def test_read(text: str) -> None:
    fault = parse_fault(text)
    assert fault == READ[text]
    assert parse_fault(format_fault(fault)) == fault


@pytest.mark.parametrize("text", WRONG)
def test_wrong(text: str) -> None:
    with pytest.raises(BadFault) as found:
        parse_fault(text)
    assert WRONG[text] in str(found.value)
    status, said = complaint("run", "--fault", text, "true")
    assert status == 125
    assert said.startswith("rvsim: --fault ")
    assert said.count("\n") == 1


def test_a_plan_that_makes_no_sense() -> None:
    for given_ in ({"chaos_seed": -1}, {"chaos_seed": True}, {"chaos_seed": 1 << 63}, {"chaos_level": "soft"},
                   {"chaos_rate": 0}, {"chaos_rate": 1.5}):
        with pytest.raises(BadFault):
            FaultPlan((), **given_)


COUNTS = st.integers(1, 10**9)
NAMES = st.sampled_from(sorted(call_names()))
TEXTS = st.text(st.characters(exclude_characters=":"), min_size=1, max_size=8)


@st.composite
def faults(draw: st.DrawFn) -> Fault:
    """Any fault that makes sense."""
    action = draw(st.sampled_from(ACTIONS))
    calls = draw(st.lists(st.sampled_from(sorted(TRANSFERS)) if action == "short" else NAMES, min_size=1, max_size=3))
    if action in ("errno", "nomem"):
        calls = [name for name in calls if "exit" not in name and "sigreturn" not in name] or ["read"]
    value: int | str = {
        "errno": draw(st.sampled_from(sorted(errno.BY_NUMBER))), "short": draw(COUNTS),
        "delay": draw(st.integers(1, MAX_DELAY_NS)), "signal": draw(st.integers(1, signals.NSIG)), "nomem": 0}[action]
    nth = draw(COUNTS)
    last = nth + draw(COUNTS) if draw(st.booleans()) else 0
    path = draw(TEXTS) if set(calls) <= calls_with_path() and draw(st.booleans()) else ""
    return Fault(",".join(calls), action, nth, draw(st.booleans()), draw(st.none() | COUNTS), value,
                 draw(st.just(0) | COUNTS), last, draw(st.just("") | TEXTS), path)


@given(faults())
def test_a_fault_is_read_as_it_is_written(fault: Fault) -> None:
    assert parse_fault(format_fault(fault)) == fault


PIECES = st.sampled_from(["read", "write", "openat", "all", "alloc", ":", "=", ",", "+", "..", "1", "0", "99", "EIO",
                          "short", "(", ")", "5ms", "delay", "signal", "SIGINT", "fail", "pid=", "comm=", "path=",
                          "when=", "error=", "delay_enter=", "every", "\n", "٣", "\udcff", "\0"])


@given(st.lists(PIECES, max_size=12).map("".join) | st.text(max_size=20))
def test_any_text_is_a_fault_or_one_line(text: str) -> None:
    said = ""
    try:
        fault = parse_fault(text)
    except BadFault as error:
        said = str(error)
    else:
        assert parse_fault(format_fault(fault)) == fault
    assert "\n" not in said


@given(faults(), st.integers(1, 50))
def test_which_calls_are_hit(fault: Fault, count: int) -> None:
    """By the words of the documentation, one by one."""
    expected = count >= fault.nth and (not fault.last or count <= fault.last)
    if expected and fault.step:
        expected = count in range(fault.nth, count + 1, fault.step)
    elif expected and not fault.every:
        expected = count == fault.nth
    assert fault.hits(count) == expected


def test_every_call_with_a_path_is_known() -> None:
    for rows in (linux_table.ROWS, rcore_table.ROWS):
        for row in rows.values():
            kinds = [(name, kind) for name, kind in parameters(row.handler)]
            given_ = {at for at, (name, kind) in enumerate(kinds) if kind == "path" or (
                kind == "ptr" and name in ("path", "pathname", "target", "new_root", "put_old"))}
            assert given_ <= set(PATHS.get(row.name, ())), row.name
            assert all(at < len(kinds) for at in PATHS.get(row.name, ()))
    assert "read" in calls_with_path()
    assert "getpid" not in calls_with_path()
    assert descriptors(linux_table.ROWS[56].handler) == ()
