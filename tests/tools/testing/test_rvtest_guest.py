"""A machine in the hand of a test: dialogue, limits, files, and that no case sees another."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from rvsim.guest_os.boot_error import BootError
from rvsim.tools.cli import rvsim
from rvsim.tools.testing.factory import Guests
from rvsim.tools.testing.guest import EOF, TIMEOUT, Guest, GuestFailure
from rvsim.tools.testing.rerun import last_traps


@pytest.fixture
def guests(tmp_path: Path) -> Iterator[Guests]:
    made = Guests(tmp_path)
    yield made
    made.close()


def test_a_shell_is_talked_to_and_ends(guests: Guests) -> None:
    sh = guests.spawn("/bin/sh")
    sh.sendline("forktest")
    assert sh.expect("forktest pass") == 0
    assert "I am child 29." in sh.before
    assert sh.after == "forktest pass"
    sh.sendline("exit 3")
    assert sh.wait() == 3
    assert sh.status == 3
    assert sh.signal == 0


def test_the_earliest_of_several_patterns_counts(guests: Guests) -> None:
    echo = guests.spawn("echo", "one", "two", terminal=False, stdin="")
    assert echo.expect(["two", re.compile("o(n)e")]) == 1
    assert echo.match is not None
    assert echo.match[1] == b"n"
    assert echo.expect([EOF, "two"]) == 1
    assert echo.expect([TIMEOUT, EOF]) == 1
    assert echo.wait() == 0


def test_what_never_comes_is_said_at_once(guests: Guests) -> None:
    sh = guests.spawn("sh")
    with pytest.raises(GuestFailure, match=r"expected 'never'.* waits for input that the test does not give"):
        sh.expect("never")
    assert sh.expect(["never", TIMEOUT]) == 1


def test_control_c_ends_a_loop_that_reads_nothing(guests: Guests) -> None:
    sh = guests.spawn("sh")
    sh.sendline("infloop")
    sh.expect("Looping")
    sh.sendcontrol("c")
    sh.sendline("echo a''live")
    sh.expect("alive")


def test_pipes_are_apart_and_end(guests: Guests) -> None:
    cat = guests.spawn("cat", terminal=False)
    cat.sendline("hello")
    cat.expect("hello\n")
    cat.sendeof()
    assert cat.wait() == 0
    assert (cat.output, cat.errors) == ("hello\n", "")
    wc = guests.spawn("wc", "/nowhere", terminal=False, stdin="")
    assert wc.wait() != 0
    assert wc.errors
    assert not wc.output


@pytest.mark.parametrize(("limits", "message"), [
    ({"ticks": 50_000_000}, r"the limit of 50,000,000 ticks was passed"),
    ({"traps": 100}, r"the limit of 100 traps was passed: \d+ so far"),
    ({"time": "20ms"}, r"the limit of 0\.02 s of guest time was passed"),
])
def test_a_guest_that_never_ends_is_stopped_by_a_limit(guests: Guests, limits: dict[str, Any], message: str) -> None:
    loop = guests.spawn("forktest" if "traps" in limits else "infloop", **limits)
    with pytest.raises(GuestFailure, match=message):
        loop.wait()


def test_a_sleep_takes_guest_time_and_nobody_waits_for_it(guests: Guests) -> None:
    sleeps = guests.spawn("sleep", "1000000", time="1h")
    with pytest.raises(GuestFailure, match="the limit of 3600 s of guest time"):
        sleeps.wait()


def test_too_many_processes_are_a_failure(guests: Guests) -> None:
    tree = guests.spawn("forktest", processes=5)
    with pytest.raises(GuestFailure, match="the limit of 5 processes was passed"):
        tree.wait()
    assert len(tree.processes()) > 5
    assert guests.spawn("forktest", processes=64).wait() == 0


def test_too_much_memory_is_a_failure(guests: Guests) -> None:
    hold = guests.spawn("bench_hold", "16", memory="8M", terminal=False)
    with pytest.raises(GuestFailure, match="the limit of 8M of memory was passed"):
        hold.wait()


def test_a_timeout_of_one_wait_is_guest_time(guests: Guests) -> None:
    sh = guests.spawn("sh")
    sh.sendline("infloop")
    with pytest.raises(GuestFailure, match="the time to wait for it is over"):
        sh.expect("never", timeout="30ms")
    with pytest.raises(GuestFailure, match="the time to wait for it is over"):
        sh.expect("never", ticks=1000)


def test_files_go_in_and_come_out(guests: Guests) -> None:
    sh = guests.spawn("sh", files={"/data/in": "a b c\n"})
    sh.write_file("/tmp/late", b"\x00\xff")
    sh.sendline("wc < /data/in > /tmp/out; exit")
    sh.wait()
    assert sh.read_file("/tmp/out").split() == [b"1", b"3", b"6"]
    assert sh.read_file("/tmp/late") == b"\x00\xff"
    with pytest.raises(FileNotFoundError):
        sh.read_file("/nowhere")
    with pytest.raises(IsADirectoryError):
        sh.read_file("/tmp")


def test_the_hosts_programs_are_not_the_guests(guests: Guests) -> None:
    with pytest.raises(BootError, match="the built-in system has no such program"):
        guests.spawn("/usr/bin/env")


def _facts(sh: Guest) -> tuple[object, ...]:
    clock = sh.machine.clock
    return (sh.machine.hart.ticks, sh.machine.hart.traps, clock.monotonic_ns(), clock.realtime_ns(),
            [process["pid"] for process in sh.processes()])


def test_cases_cannot_see_each_other(guests: Guests) -> None:
    point = guests.snapshot("sh", ready=r"\$ ")
    first = point.spawn()
    begins = _facts(first)
    first.sendline("echo secret > /tmp/secret; sleep 3; forktest; sleep 5 &")
    first.expect("passed")
    assert _facts(first) != begins
    while_it_lives = point.spawn()
    assert _facts(while_it_lives) == begins
    first.close()
    after = point.spawn()       # in the first one's memory
    assert after.machine.hart is first.machine.hart
    assert _facts(after) == begins
    with pytest.raises(FileNotFoundError):
        after.read_file("/tmp/secret")
    assert not after.output
    after.sendline("ls /tmp; exit")
    after.wait()
    assert "secret" not in after.output


def test_the_same_dialogue_is_the_same_run(guests: Guests) -> None:
    runs = []
    for _ in range(2):
        sh = guests.spawn("sh")
        sh.sendline("forktest | wc")
        sh.expect("61 272")
        sh.sendline("exit")
        sh.wait()
        runs.append((sh.ticks, sh.traps(), sh.output))
        sh.close()
    assert runs[0] == runs[1]


def test_the_run_is_had_again_with_its_calls(guests: Guests) -> None:
    sh = guests.spawn("sh")
    sh.expect("[$] ")
    sh.sendline("echo one")
    sh.expect("one\r\n")
    sh.write_file("/tmp/x", "two")
    sh.sendline("cat /tmp/x")
    sh.expect("two")
    found = last_traps(sh, None)
    assert found.same
    assert any('write(1, "two"' in line for _, line in found.lines)


def test_a_closed_guest_says_so(guests: Guests) -> None:
    sh = guests.spawn("sh")
    sh.close()
    sh.close()
    with pytest.raises(ValueError, match="is closed"):
        sh.send("x")


def test_unknown_options_are_named(guests: Guests) -> None:
    with pytest.raises(TypeError, match="spawn has no option 'tickz'"):
        guests.spawn("sh", tickz=3)


def test_an_image_file_is_run_as_it_says(guests: Guests, tmp_path: Path) -> None:
    done = CliRunner().invoke(rvsim, ["image", "build", "--program", "echo", "--entrypoint", "echo said",
                                      "--cmd", "here", "-o", str(tmp_path / "a.tar")])
    assert done.exit_code == 0, done.output
    image = guests.image("a.tar")
    for guest, output in ((image.spawn(terminal=False), "said here\n"),
                          (image.spawn("echo", "there", terminal=False), "there\n")):
        assert guest.wait() == 0
        assert guest.output == output
    assert image.snapshot(ready="here").shown.startswith("said here")
    with pytest.raises(TypeError, match="only an image file says by itself what to run"):
        guests.image().spawn()


def test_points_with_other_files_put_in_are_other_points(guests: Guests) -> None:
    def seen(**options: Any) -> bytes:
        return guests.snapshot("sh", ready=r"\$ ", **options).spawn().read_file("/etc/word")

    assert seen(files={"/etc/word": "one"}) == b"one"
    assert seen(files={"/etc/word": "two"}) == b"two"
