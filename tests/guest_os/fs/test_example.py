"""The file system of docs/adding-a-file-system.md works as the page says."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from rvsim.emu.console import CapturedConsole
from rvsim.guest_os.abi.errno import EACCES, EINVAL, EISDIR, ENOENT, ENOTDIR, EPERM
from rvsim.guest_os.abi.fcntl import O_CREAT, O_WRONLY
from rvsim.guest_os.vfs.namei import lookup
from rvsim.tests import guest
from rvsim.tests.guest_os.conftest import World

PAGE = Path(__file__).resolve().parents[3] / "docs" / "adding-a-file-system.md"


@pytest.fixture(scope="module")
def square_fs() -> Any:
    """The class that the page defines."""
    if not PAGE.exists():
        pytest.skip("docs/ is not installed")
    found = re.search(r"^```python\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    assert found is not None
    names: dict[str, Any] = {}
    exec(compile(found[1], str(PAGE), "exec"), names)
    return names["SquareFs"]


def test_it_does_what_the_page_says(square_fs: Any, world: World) -> None:
    world.table.register(square_fs(world.clock))
    world.mkdir(b"/squares")
    place = world.path(b"/squares")
    world.table.mount_type(b"squarefs", b"none", place, 0, b"max=1000")
    assert world.read(b"/squares/12") == b"144\n"
    assert world.names(b"/squares")[:3] == [b"0", b"1", b"2"]
    assert len(world.names(b"/squares")) == 1000
    stat = world.stat(b"/squares/31")
    assert (stat.size, stat.ino) == (4, 33)
    for name in (b"1000", b"01", b"x", b"1" * 99):
        assert world.error(world.stat, b"/squares/" + name) is ENOENT
    assert world.error(world.stat, b"/squares/1/2") is ENOTDIR
    assert world.error(world.mkdir, b"/squares/new") is EPERM
    assert world.error(world.open, b"/squares/new", O_CREAT | O_WRONLY) is EACCES
    assert world.error(world.unlink, b"/squares/1") is EPERM
    assert world.error(world.path(b"/squares").inode.read_at, 0, 1) is EISDIR
    assert world.error(world.table.mount_type, b"squarefs", b"none", place, 0, b"size=3") is EINVAL


def test_programs_read_it(square_fs: Any) -> None:
    console = CapturedConsole(b"")
    machine = guest.make(console)
    table = machine.kernel.mounts
    table.register(square_fs(machine.clock))
    table.mount_type(b"squarefs", b"none", lookup(machine.context, machine.cred, b"/tmp"), 0, b"max=5")
    assert machine.run(b"cat", [b"cat", b"/tmp/2", b"/tmp/4", b"/proc/filesystems"]) == 0
    assert bytes(console.output).startswith(b"4\n16\n")
    assert b"nodev\tsquarefs\n" in console.output
