"""A real gdb puts files into the guest, takes them out and away, and by no other rights than the guest's."""

from __future__ import annotations

from pathlib import Path

from rvsim.tests.guest import debug_program
from rvsim.tests.tools.gdb.client import client
from rvsim.tests.tools.gdb.driven import drive, needs_gdb

pytestmark = needs_gdb
PROGRAM = "gdb/gdb.c"


def test_put_get_and_delete(tmp_path: Path) -> None:
    given, got, after = tmp_path / "given", tmp_path / "got", tmp_path / "after"
    given.write_bytes(bytes(range(256)) * 200)
    seen = drive([f"remote put {given} /tmp/x", "break add", "continue", f"remote get /tmp/x {got}",
                  "remote delete /tmp/x", f"remote get /tmp/x {after}", "remote delete /tmp", "continue"],
                 debug_program(PROGRAM), "calls")
    assert got.read_bytes() == given.read_bytes()
    assert not after.exists() or not after.read_bytes()
    seen.in_order("No such file", "Is a directory", "exited normally")


def test_what_was_put_is_put_again_on_the_way_back(tmp_path: Path) -> None:
    first, second, got, early = (tmp_path / name for name in ("first", "second", "got", "early"))
    first.write_text("first")
    second.write_text("second")
    seen = drive(["break add", "continue", f"remote put {first} /tmp/x", "break half", "continue",
                  f"remote put {second} /tmp/x", "break factorial if number == 1", "reverse-continue",
                  f"remote get /tmp/x {got}", "delete", "reverse-continue", f"remote get /tmp/x {early}", "kill"],
                 debug_program(PROGRAM), "calls", status=137)
    seen.in_order("Breakpoint 2, half", "Breakpoint 3, factorial", "No more reverse", "No such file")
    assert got.read_text() == "first"
    assert not early.exists()


def test_mounted_files_of_the_host(tmp_path: Path) -> None:
    """Written below what is mounted for writing, refused below what is mounted for reading, and nowhere else."""
    given, writable, readable, own = (tmp_path / name for name in ("given", "writable", "readable", "own"))
    given.write_text("new")
    for one in (writable, readable, own):
        one.mkdir()
        (one / "old").write_text("old")
    (writable / "link").symlink_to(own / "old")
    (writable / "made").write_text("")
    seen = drive([f"remote put {given} /w/made", f"remote put {given} /w/another", f"remote put {given} /r/old",
                  "remote delete /r/old", "remote delete /w/old", f"remote put {given} /w/link",
                  f"remote put {given} {own}/old", f"remote delete {own}/old", "continue"],
                 debug_program(PROGRAM), "calls", options=("-v", f"{writable}:/w", "-v", f"{readable}:/r:ro"))
    assert seen.count("Read-only file system") == 2
    assert (writable / "made").read_text() == (writable / "another").read_text() == "new"
    assert not (writable / "old").exists()
    assert (readable / "old").read_text() == (own / "old").read_text() == "old"


def open_packet(name: str, flags: int, mode: int = 0o644) -> bytes:
    return b"vFile:open:%s,%x,%x" % (name.encode().hex().encode(), flags, mode)


def test_every_answer() -> None:
    with client("calls") as (gdb, _):
        assert gdb.ask(open_packet("/tmp/x", 0x201)) == b"F0"
        assert gdb.ask(b"vFile:pwrite:0,0,a,b}]#"[:-1]) == b"F4"         # `}]` stands for `}`
        assert gdb.ask(b"vFile:pwrite:0,6,z") == b"F1"
        assert gdb.ask(b"vFile:pread:0,10,0") == b"F-1,9"               # only for writing
        assert gdb.ask(open_packet("/tmp/x", 0)) == b"F1"
        assert gdb.ask(b"vFile:pread:1,10,0") == b"F7;a,b}\0\0z"
        assert gdb.ask(b"vFile:pwrite:1,0,x") == b"F-1,9"
        assert gdb.ask(open_packet("/tmp/x", 0xA01)) == b"F-1,11"       # O_EXCL
        assert gdb.ask(open_packet("/tmp/y", 0x1)) == b"F-1,2"
        assert gdb.ask(open_packet("/tmp", 0x1)) == b"F-1,15"
        assert gdb.ask(open_packet("/dev/null", 0x1)) == b"F-1,d"
        assert gdb.ask(open_packet("/proc/1/comm", 0x1)) == b"F-1,d"
        assert gdb.ask(open_packet("/tmp/x", 0x3)) == b"F-1,16"
        assert gdb.ask(open_packet("/tmp/x", 0x10)) == b"F-1,16"
        assert gdb.ask(open_packet("/tmp/x", 0x402)) == b"F2"           # emptied
        assert gdb.ask(b"vFile:pread:1,10,0") == b"F0;"
        assert gdb.ask(b"vFile:unlink:%s" % b"/tmp/x".hex().encode()) == b"F0"
        assert gdb.ask(b"vFile:pwrite:0,0,a") == b"F-1,2"
        assert gdb.ask(open_packet("/tmp/x", 0x201)) == b"F3"
        assert gdb.ask(b"vFile:pwrite:0,0,a") == b"F-1,270f"            # another file's name by now
        assert gdb.ask(b"vFile:unlink:%s" % b"/proc/1/comm".hex().encode()) == b"F-1,1e"
        assert gdb.ask(b"vFile:pwrite:9,0,a") == b"F-1,9"
        assert gdb.ask(b"vFile:pwrite:0,0") == b"E01"
