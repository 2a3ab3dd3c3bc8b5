"""Packets by hand: what gdb 13 does not send for RISC-V, clients that break off, and clients that send anything."""

from __future__ import annotations

import contextlib
import random
import socket
import subprocess
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rvsim.tests.guest import debug_program
from rvsim.tests.tools.gdb.client import FEATURES, PROGRAM, Client, client, introduced
from rvsim.tests.tools.gdb.driven import start
from rvsim.tools.cli import main
from rvsim.tools.gdb.packets import escaped, framed
from rvsim.tools.options.gdb_address import Address, parse_address


def symbol(name: str) -> int:
    from elftools.elf.elffile import ELFFile

    with debug_program(PROGRAM).open("rb") as stream:
        table = ELFFile(stream).get_section_by_name(".symtab")
        return int(table.get_symbol_by_name(name)[0]["st_value"])


def test_catch_syscalls() -> None:
    with client("calls") as (gdb, process):
        assert gdb.ask(b"QCatchSyscalls:1;42") == b"OK"     # writev
        entry = gdb.ask(b"vCont;c:p1.-1")
        assert entry.startswith(b"T05")
        assert b"syscall_entry:42;" in entry
        back = gdb.ask(b"vCont;c:p1.-1")
        assert b"syscall_return:42;" in back
        assert gdb.ask(b"QCatchSyscalls:0") == b"OK"
        assert gdb.ask(b"vCont;c:p1.-1") == b"W00;process:1"
        gdb.socket.close()
        assert process.communicate(timeout=30)[0] == "125 2.5 before\n"


def test_every_call() -> None:
    with client("ends") as (gdb, _):
        assert gdb.ask(b"QCatchSyscalls:1") == b"OK"
        seen = []
        while not (stop := gdb.ask(b"vCont;c")).startswith(b"W"):
            seen.append(b"syscall_entry" in stop)
        assert stop == b"W16;process:1"
        assert seen[:2] == [True, False]
        assert seen[2::2] == [True] * (len(seen) // 2)          # the last does not come back


def test_threads_begin_and_end() -> None:
    with client("threads") as (gdb, _):
        assert gdb.ask(b"QThreadEvents:1") == b"OK"
        stops = []
        while not (stop := gdb.ask(b"vCont;c")).startswith(b"W"):
            stops.append(stop)
        assert sum(b"create:" in stop for stop in stops) == 3
        assert sorted(stop for stop in stops if stop.startswith(b"w")) == [b"w00;p1.2", b"w00;p1.3", b"w00;p1.4"]


def test_a_range_step_and_breakpoint_types() -> None:
    with client("calls") as (gdb, _):
        start_of = symbol("add")
        assert gdb.ask(b"Z1,%x,4" % start_of) == b"OK"
        assert b"hwbreak:;" in gdb.ask(b"vCont;c")
        assert gdb.ask(b"Z0,%x,4" % start_of) == gdb.ask(b"z1,%x,4" % start_of) == b"OK"
        stop = gdb.ask(b"vCont;r%x,%x:p1.1" % (start_of, start_of + 12))
        pc = int.from_bytes(bytes.fromhex(stop.partition(b"20:")[2][:16].decode()), "little")
        assert start_of + 12 <= pc <= start_of + 16
        assert gdb.ask(b"Z5,0,0") == b""
        assert gdb.ask(b"Z0,1,2") == b"E01"
        assert gdb.ask(b"Z2,0,%x" % (1 << 40)).startswith(b"E")


def test_memory_and_registers() -> None:
    with client("calls") as (gdb, _):
        text = symbol("text")
        assert gdb.ask(b"m%x,6" % text) == b"before".hex().encode()
        assert gdb.ask(b"X%x,3:" % text + escaped(b"}#$")) == b"OK"
        assert gdb.ask(b"M%x,1:2a" % (text + 3)) == b"OK"
        assert gdb.ask(b"m%x,6" % text) == b"}#$*re".hex().encode()
        assert gdb.ask(b"qSearch:memory:%x;100;re" % text) == b"1,%x" % (text + 4)
        assert gdb.ask(b"m10,4") == b"E01"
        assert gdb.ask(b"M10,1:00") == b"E01"
        everything = gdb.ask(b"g")
        assert len(everything) == 2 * (33 * 8 + 32 * 8 + 3 * 4 + 3 * 8)
        assert gdb.ask(b"P5=0807060504030201") == b"OK"
        assert gdb.ask(b"p5") == b"0807060504030201"
        assert gdb.ask(b"P44=0807060504030201") == b"E01"
        assert gdb.ask(b"p47").startswith(b"E")
        assert gdb.ask(b"G" + everything) == b"OK"
        assert gdb.ask(b"p5") == everything[80:96]


def test_files_of_the_guest() -> None:
    with client("calls") as (gdb, _):
        name = b"/" + debug_program(PROGRAM).name.encode()
        assert gdb.ask(b"vFile:setfs:0") == b"F0"
        assert gdb.ask(b"vFile:open:%s,0,0" % name.hex().encode()) == b"F0"
        gdb.send(b"vFile:pread:0,4,0")
        assert gdb.answer().startswith(b"F4;\x7fELF")
        stat = gdb.ask(b"vFile:fstat:0")
        assert stat.startswith(b"F40;")
        assert gdb.ask(b"vFile:close:0") == b"F0"
        assert gdb.ask(b"vFile:close:0") == b"F-1,9"
        assert gdb.ask(b"vFile:open:%s,0,0" % b"/no".hex().encode()) == b"F-1,2"
        assert gdb.ask(b"vFile:open:%s,1,0" % name.hex().encode()) == b"F-1,270f"       # ETXTBSY: it runs
        assert gdb.ask(b"vFile:open:%s,0,0" % b"/dev".hex().encode()) == b"F-1,15"
        assert gdb.ask(b"vFile:readlink:%s" % b"/proc/1/exe".hex().encode()) == b"F%x;" % len(name) + name
        assert gdb.ask(b"vFile:unlink:%s" % b"/no".hex().encode()) == b"F-1,2"
        assert gdb.ask(b"vFile:nonsense:0") == b""
        assert gdb.ask(b"vMustReplyEmpty") == b""
        assert gdb.ask(b"qXfer:exec-file:read:1:0,fff") == b"l" + name


def test_a_client_that_breaks_off() -> None:
    with client("calls") as (gdb, process):
        gdb.socket.sendall(b"$vCont;c")
        gdb.socket.close()
        output, errors = process.communicate(timeout=30)
        assert output == "125 2.5 before\n"
        assert "rvsim: gdb is gone, the run goes on" in errors


@pytest.mark.parametrize(("part", "options"), [("reads", ()), ("reads", ("--clock", "host")),
                                              ("sleeps", ("--clock", "host"))])
def test_an_interrupt_that_comes_together_with_going_on(part: str, options: tuple[str, ...]) -> None:
    """On a busy host both are there before rvsim looks; the guest goes on into a wait, and does not stay in it."""
    process, port = start(debug_program(PROGRAM), part, options=options, stdin=subprocess.PIPE)
    try:
        with introduced(port) as gdb:
            assert gdb.ask(b"QCatchSyscalls:1;3f;41;65;73") == b"OK"        # read, readv, nanosleep, clock_nanosleep
            assert b"syscall_entry:" in gdb.ask(b"vCont;c")
            assert gdb.ask(b"QCatchSyscalls:0") == b"OK"
            gdb.socket.sendall(framed(b"vCont;c") + b"\x03")
            assert gdb.answer().startswith(b"T02")
            gdb.send(b"k")
            process.communicate(timeout=60)
        assert process.returncode == 137
    finally:
        process.kill()


def test_gdb_comes_back() -> None:
    process, port = start(debug_program(PROGRAM), "spins")
    try:
        with introduced(port) as first:
            first.send(b"vCont;c")
            time.sleep(0.5)
        with introduced(port) as second:
            assert second.ask(b"?").startswith(b"T05")
            assert second.ask(b"qC") == b"QCp1.1"
            second.send(b"vCont;c")
            time.sleep(0.3)
            second.socket.sendall(b"\x03")
            assert second.answer().startswith(b"T02")
            assert second.ask(b"D;1") == b"OK"
        with introduced(port) as third:
            third.send(b"k")
            _, errors = process.communicate(timeout=30)
        assert process.returncode == 137
        assert errors.count("gdb is gone, the run goes on") == 1
    finally:
        process.kill()


@pytest.mark.parametrize("text", ["x", "70000", "host:", ":", "-1", "1:2:3", ""])
def test_addresses_that_are_none(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ValueError, match="is not PORT or HOST:PORT"):
        parse_address(text)
    assert main(["run", f"--gdb={text}", "initproc"]) == 125
    assert capsys.readouterr().err.count("\n") == 1


def test_addresses() -> None:
    assert parse_address("1234") == parse_address(":1234") == Address("127.0.0.1", 1234)
    assert parse_address("0.0.0.0:1") == Address("0.0.0.0", 1)
    assert parse_address("[::1]:65535") == Address("::1", 65535)


def test_a_port_that_is_taken(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        assert main(["run", "--gdb", str(taken.getsockname()[1]), "initproc"]) == 125
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "in use; give another port, or 0" in error


def test_options_that_do_not_go_together(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "--gdb", "0", "--record", "file", "initproc"]) == 125
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "cannot go with --record" in error
    assert main(["run", "--gdb", "0", "--save", "file", "--clock", "host", "initproc"]) == 125
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "only with --clock virtual" in error
    assert main(["replay", "--gdb", "0", "file"]) == 125
    assert capsys.readouterr().err.count("\n") == 1


KNOWN = (b"?", b"!", b"g", b"G", b"p", b"P", b"m", b"M", b"X", b"x", b"H", b"T", b"Z", b"z", b"c", b"s", b"C", b"S",
         b"bc", b"bs", b"vCont", b"vFile:", b"vKill;", b"vAttach;", b"vRun;", b"qXfer:", b"qSupported", b"qRcmd,",
         b"qSearch:memory:", b"qGetTLSAddr:", b"qThreadExtraInfo,", b"vFile:pwrite:", b"vFile:unlink:",
         b"vFile:open:2f746d702f78,", b"Z0,1016cf0,4;X", b"vCtrlC", b"QCatchSyscalls:", b"QPassSignals:", b"QNonStop:",
         b"QThreadEvents:", b"R", b"t", b"A", b"d")
PIECES = (b"p1.1", b"p-1.-1", b"p2.2", b"0", b"-1", b":", b";", b",", b"=", b"c", b"s", b"r", b"t", b"1",
          b"ffffffffffffffff",
          b"7fffffffffffffff", b"1016c88", b"00", b"read", b"write", b"features", b"target.xml", b"auxv", b"siginfo",
          b"threads", b"osdata", b"libraries-svr4", b"exec-file", b"open", b"pread", b"setfs", b"readlink", b"2f", b"4",
          b"6870", b"77616c6b2030", b"e9", b"\xff", b"}", b"*", b"C0b", b"S05")


def some_packet(random_: random.Random) -> bytes:
    return random_.choice(KNOWN) + b"".join(random_.choice(PIECES) for _ in range(random_.randrange(6)))


# What one of them meets depends on how fast the host is; what is asked of it does not.
@pytest.mark.parametrize(("seed", "packets"), [(0, 40), (1, 40), *(
    pytest.param(seed, 250, marks=pytest.mark.slow) for seed in range(6))])
def test_a_client_that_sends_anything(seed: int, packets: int) -> None:
    """Whatever comes, there is an answer or the machine runs; rvsim ends in order when the client has gone."""
    random_ = random.Random(seed)
    part = ("calls", "forks", "threads", "signals", "fault", "vforks")[seed]
    process, port = start(debug_program(PROGRAM), part)
    try:
        gdb = Client(port)
        gdb.ask(FEATURES)
        with contextlib.suppress(OSError, EOFError):
            for _ in range(packets):
                match random_.randrange(12):
                    case 0:
                        gdb.socket.sendall(random_.randbytes(random_.randrange(1, 200)).replace(b"-", b""))
                    case 1:
                        gdb.socket.sendall(b"\x03")
                    case 2:
                        gdb.socket.sendall(b"$" + b"x" * random_.choice((1, 20_000, 100_000)) + b"#00")
                    case 3 | 4:
                        gdb.send(random_.choice((b"vCont;c", b"vCont;s:p1.1", b"bs", b"bc", b"vCont;c:p2.-1")))
                        time.sleep(0.01)
                    case _:
                        gdb.send(escaped(some_packet(random_)))
                gdb.socket.setblocking(False)
                with contextlib.suppress(BlockingIOError):
                    if not gdb.socket.recv(1 << 20):
                        break
                gdb.socket.settimeout(20)
        gdb.socket.close()
        _, errors = process.communicate(timeout=60)
        assert "Traceback" not in errors
        assert process.returncode in (0, 124) or 128 < process.returncode <= 192, errors
    finally:
        process.kill()


@settings(deadline=None, max_examples=60,
          suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.lists(st.builds(lambda head, rest: head + b"".join(rest), st.sampled_from(KNOWN),
                          st.lists(st.sampled_from(PIECES), max_size=6)), max_size=12))
def test_packets_that_do_not_run_the_machine(packets: list[bytes]) -> None:
    """Every packet is answered, refused or unknown, and none raises anything else."""
    from rvsim.tests.tools.gdb.stopped import stopped_stub

    stub = stopped_stub()
    for packet in packets:
        stub.try_packet(packet)
