"""Mounts as a person makes them, with Debian's busybox, and what no guest may do by them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from guest_tree import install_file, make_dirs, make_machine, run_guest

from rvsim.guest_os.boot import Share
from rvsim.tests import guest
from rvsim.tests.guest import musl_program
from rvsim.tools import corpus


@pytest.fixture(scope="module")
def busybox() -> Path:
    """Debian's static busybox for riscv64."""
    try:
        return corpus.fetch(("busybox-static", "base-passwd")) / "usr/bin/busybox"
    except corpus.CorpusError as error:
        pytest.skip(str(error))


def shell(busybox: Path, script: str) -> list[str]:
    """What the script prints, by line."""
    machine = make_machine(memory=64 << 20)
    make_dirs(machine, b"/bb")
    install_file(machine, busybox, b"/bb/busybox")
    ended = run_guest(machine, "/bb/busybox", ["busybox", "sh", "-c", f"exec 2>&1; cd /tmp; {script}"])
    return ended.output.splitlines()


def test_bind(busybox: Path) -> None:
    assert shell(busybox, """
        mkdir a b a/sub; echo text > a/f; mount -t tmpfs inner a/sub; echo in > a/sub/g
        mount -o bind a b; cat b/f; ls b/sub; umount b
        mount -o rbind a b; cat b/sub/g; mount | grep /b
        mount -o remount,bind,ro b; echo x > b/f; echo y > a/f; cat b/f
    """) == [
        "text", "in", "tmpfs on /tmp/b type tmpfs (rw,relatime,mode=755)",
        "inner on /tmp/b/sub type tmpfs (rw,relatime)", "sh: can't create b/f: Read-only file system", "y",
    ]  # fmt: skip


def test_move(busybox: Path) -> None:
    assert shell(busybox, """
        mkdir a b; mount -t tmpfs -o size=1m moved a; echo text > a/f
        mount --move a b; cat b/f; ls a; mount | grep moved; mount --move a b; mount --move b b/f
    """) == [
        "text", "moved on /tmp/b type tmpfs (rw,relatime,size=1024k)",
        "mount: mounting a on b failed: Invalid argument", "mount: mounting b on b/f failed: Invalid argument",
    ]  # fmt: skip


def test_busy(busybox: Path) -> None:
    assert shell(busybox, """
        mkdir a; mount -t tmpfs none a; cd a; umount /tmp/a; cd ..
        sleep 100 > a/f & umount a; kill $!; wait; umount a; umount a
        mount -t tmpfs none a; exec 3> a/f; umount -l a; echo kept >&3; ls a; mount | grep /a
    """) == [
        *["umount: can't unmount /tmp/a: Device or resource busy"] * 2,
        "umount: can't unmount a: Invalid argument",
    ]  # fmt: skip


def test_propagation_is_refused(busybox: Path) -> None:
    assert shell(busybox, """
        mount --make-rprivate / && echo private; mount --make-rslave / && echo slave
        mount --make-shared /; grep -c shared /proc/self/mountinfo
    """) == ["private", "slave", "mount: /: Invalid argument", "0"]


def test_a_share_given_read_only_stays_so(busybox: Path, tmp_path: Path) -> None:
    (tmp_path / "f").write_text("theirs")
    result = guest.run(busybox, "sh", "-c", """
        for options in remount,rw remount,bind,rw; do mount -o $options /share; echo mine > /share/f; done
        mkdir /other; mount -o bind /share /other; mount -o remount,rw /other; echo mine > /other/f
    """, shares=(Share(os.fsencode(tmp_path), b"/share", readonly=True),))
    assert (tmp_path / "f").read_text() == "theirs"
    assert result.output == b""
    assert result.errors.count(b"ead-only file system") == 5


def test_many_mounts_one_on_another(busybox: Path) -> None:
    """The mounts of one place are a long chain; a bind of it that doubles its mounts each time ends in ENOSPC."""
    assert shell(busybox, """
        mkdir a b; i=0; while [ $i -lt 1200 ]; do mount -t tmpfs none a; i=$((i+1)); done
        mount | grep -c /tmp/a; mount -o rbind . b; mount | grep -c /tmp/b; umount -l b; mount | grep -c /tmp/b
        i=0; while mount -o rbind . b 2> /dev/null; do i=$((i+1)); done; echo $i
    """)[:3] == ["1200", "1201", "0"]


def test_memory_of_the_host_is_not_for_the_taking() -> None:
    """However many trees without a limit there are, they hold no more than the machine's memory."""
    result = guest.run(musl_program("many_trees.c"), memory_bytes=64 << 20)
    assert (result.output, result.status) == (b"passed\n", 0)
