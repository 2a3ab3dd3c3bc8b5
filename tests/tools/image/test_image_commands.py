"""`rvsim image inspect`, `ls`, `extract`, `diff` and `prune`; and what they do about images that mean harm."""

from __future__ import annotations

import gc
import io
import json
import os
import stat
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import pytest

from rvsim.guest_os.abi.stat import S_IFBLK, S_IFCHR, S_IFDIR, S_IFIFO, S_IFLNK, S_IFREG, makedev
from rvsim.guest_os.fs.archive_entry import Entry
from rvsim.tools.errors import OUTPUT_CLOSED, OWN_ERROR
from rvsim.tools.image.tar_writer import TarWriter
from rvsim.tools.image.writing import new_layout

START = "import sys; from rvsim.tools.cli import main; sys.exit(main())"


pytestmark = pytest.mark.usefixtures("elsewhere")


def layer(*entries: tuple[Entry, bytes]) -> bytes:
    out = io.BytesIO()
    writer = TarWriter(out)
    for entry, data in entries:
        entry.size = entry.size or len(data)
        writer.add(entry, [data])
    writer.end()
    return out.getvalue()


def make(name: str, *layers: bytes, **settings: Any) -> None:
    """An image of these layers, whatever is in them."""
    import hashlib

    with new_layout(Path(name)) as (layout, keep):
        blobs = [layout.add([one]) for one in layers]
        ids = [f"sha256:{hashlib.sha256(one).hexdigest()}" for one in layers]
        layout.finish({"architecture": settings.pop("architecture", "riscv64"), "os": "linux", "config": settings,
                       "rootfs": {"type": "layers", "diff_ids": ids}}, blobs, "x")
        keep()


def file(name: bytes, data: bytes = b"", mode: int = 0o644, **facts: Any) -> tuple[Entry, bytes]:
    return Entry(name, S_IFREG | mode, **facts), data


def folder(name: bytes, mode: int = 0o755, **facts: Any) -> tuple[Entry, bytes]:
    return Entry(name, S_IFDIR | mode, **facts), b""


def link(name: bytes, target: bytes) -> tuple[Entry, bytes]:
    return Entry(name, S_IFLNK | 0o777, target=target), b""


SYSTEM = (
    folder(b"bin"), file(b"bin/tool", b"12345", 0o4755, uid=7, gid=8, mtime_ns=10**18), link(b"sh", b"/bin/tool"),
    (Entry(b"bin/other", S_IFREG | 0o4755, link=b"bin/tool"), b""),
    (Entry(b"null", S_IFCHR | 0o666, rdev=makedev(1, 3)), b""), (Entry(b"fifo", S_IFIFO | 0o600), b""),
    (Entry(b"disk", S_IFBLK | 0o660, rdev=makedev(254, 300)), b""),
    folder(b"private", 0o500), file(b"private/x", b"", xattrs={b"user.note": b"hi", b"trusted.x": b"1"}),
)


def make_system() -> None:
    make("system", layer(*SYSTEM), Entrypoint=["/bin/tool", "a b"], Env=["A=1", "B=2"], User="7",
         Labels={"org.rvsim.abi": "rcore"})


def test_inspect(rvsim: Any) -> None:
    make_system()
    status, out, err = rvsim("inspect", "system")
    shown = json.loads(rvsim("inspect", "--json", "system")[1])
    own = shown["layers"][0]
    assert (status, err) == (0, "")
    assert out == (
        f"image      system\nkind       an OCI image\ndigest     {shown['digest']}\nplatform   linux/riscv64\n"
        "abi        rcore\n"
        "entrypoint /bin/tool 'a b'\ncmd        (none)\nenv        A=1\n           B=2\nworkdir    /\n"
        "user       7\nlabel      org.rvsim.abi=rcore\nlayers     1, 7.0 KiB, the lowest first\n"
        f"           {own['digest']}  7.0 KiB  application/vnd.oci.image.layer.v1.tar\n"
    )
    assert own["digest"] == own["diff_id"]
    assert (own["size"], shown["env"], shown["abi"]) == (7168, ["A=1", "B=2"], "rcore")


def test_ls(rvsim: Any) -> None:
    make_system()
    assert rvsim("ls", "system") == (0, "bin\ndisk\nfifo\nnull\nprivate\nsh\n", "")
    assert rvsim("ls", "system", "/bin/") == (0, "other\ntool\n", "")
    assert rvsim("ls", "system", "sh") == (0, "/sh\n", "")
    assert rvsim("ls", "-R", "system", "bin") == (0, "/bin\n/bin/other\n/bin/tool\n", "")
    assert rvsim("ls", "-l", "system")[1] == (
        "drwxr-xr-x 2 0 0     4096 1970-01-01 00:00 bin\n"
        "brw-rw---- 1 0 0 254, 300 1970-01-01 00:00 disk\n"
        "prw------- 1 0 0        0 1970-01-01 00:00 fifo\n"
        "crw-rw-rw- 1 0 0     1, 3 1970-01-01 00:00 null\n"
        "dr-x------ 2 0 0     4096 1970-01-01 00:00 private\n"
        "lrwxrwxrwx 1 0 0        9 1970-01-01 00:00 sh -> /bin/tool\n"
    )
    assert rvsim("ls", "-l", "system", "/sh")[1] == "-rwsr-xr-x 2 7 8 5 2001-09-09 01:46 /sh\n"
    assert json.loads(rvsim("ls", "--json", "system", "/bin")[1]) == [
        {"path": f"/bin/{name}", "type": "file", "mode": "4755", "uid": 7, "gid": 8, "size": 5, "mtime": 10**9,
         "links": 2}
        for name in ("other", "tool")
    ]


def test_another_platform_can_be_looked_at(rvsim: Any) -> None:
    make("theirs", layer(file(b"a")), architecture="amd64")
    assert rvsim("ls", "theirs") == (0, "a\n", "")
    assert "linux/amd64" in rvsim("inspect", "theirs")[1]
    assert rvsim("ls", "theirs", "--platform", "linux/riscv64")[0] == OWN_ERROR


def extracted(top: Path) -> dict[str, tuple[str, object]]:
    """(mode, content) of all below, by path."""
    found: dict[str, tuple[str, object]] = {}
    for path in sorted(top.rglob("*")):
        st = path.lstat()
        what = os.readlink(path) if path.is_symlink() else path.read_bytes() if path.is_file() else None
        found[str(path.relative_to(top))] = (stat.filemode(st.st_mode), what)
    return found


def test_extract(rvsim: Any) -> None:
    make_system()
    status, out, err = rvsim("extract", "system", "-C", "new/tree")
    assert (status, out) == (0, "")
    assert err == (
        "rvsim: image: devices and sockets left out: 2; --same-owner makes them, as root\n"
        "rvsim: image: extended attributes left out: 1; --same-owner makes them, as root\n"
        "rvsim: image: owners left out: 1; --same-owner makes them, as root\n"
        "rvsim: image: set-user-ID and set-group-ID bits left out: 1; --same-owner makes them, as root\n"
    )
    top = Path("new/tree")
    assert extracted(top) == {
        "bin": ("drwxr-xr-x", None), "bin/other": ("-rwxr-xr-x", b"12345"), "bin/tool": ("-rwxr-xr-x", b"12345"),
        "fifo": ("prw-------", None), "private": ("drwx------", None), "private/x": ("-rw-r--r--", b""),
        "sh": ("lrwxrwxrwx", "/bin/tool"),
    }  # fmt: skip
    assert (top / "bin/tool").samefile(top / "bin/other")
    assert (top / "bin/tool").stat().st_mtime == 10**9
    assert (top / "bin/tool").stat().st_uid == os.geteuid()


def test_extract_some_over_what_is_there(rvsim: Any) -> None:
    make_system()
    Path("bin").mkdir()
    Path("bin/tool").symlink_to("../precious")
    Path("precious").write_bytes(b"mine")
    assert rvsim("extract", "system", "bin/tool", "/private")[0] == 0
    assert Path("bin/tool").read_bytes() == b"12345"
    assert not Path("bin/tool").is_symlink()
    assert not Path("bin/other").exists()
    assert Path("private/x").exists()
    assert Path("precious").read_bytes() == b"mine"


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
def test_extract_as_root(rvsim: Any) -> None:
    make("owned", layer(file(b"tool", b"", 0o4755, uid=7, gid=8), folder(b"d", 0o2770, uid=9)))
    assert rvsim("extract", "--same-owner", "owned", "-C", "tree") == (0, "", "")
    tool, d = Path("tree/tool").stat(), Path("tree/d").stat()
    assert (tool.st_uid, tool.st_gid, tool.st_mode & 0o7777) == (7, 8, 0o4755)
    assert (d.st_uid, d.st_mode & 0o7777) == (9, 0o2770)


def test_sparse_files_take_no_room(rvsim: Any) -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as archive:
        member = tarfile.TarInfo("GNUSparseFile.0/big")
        data = b"1\n4096\n3\n".ljust(512, b"\0") + b"end"
        member.pax_headers = {"GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.name": "big",
                              "GNU.sparse.realsize": str(1 << 40)}
        member.size = len(data)
        archive.addfile(member, io.BytesIO(data))
    for name in ("one", "other"):
        make(name, out.getvalue(), Cmd=[name])
    assert rvsim("extract", "one", "-C", "tree")[0] == 0
    st = Path("tree/big").stat()
    assert st.st_size == 1 << 40
    assert st.st_blocks * 512 < 1 << 20
    assert rvsim("diff", "one", "other") == (1, "config   cmd  ['one'] -> ['other']\n", "")


def test_diff(rvsim: Any) -> None:
    make("old", layer(folder(b"d"), file(b"d/gone"), file(b"same", b"x"), file(b"bytes", b"1"), file(b"grown", b"1"),
                      file(b"mode"), file(b"owner"), link(b"link", b"a"), file(b"kind"), file(b"note"),
                      (Entry(b"dev", S_IFCHR, rdev=makedev(1, 2)), b""), folder(b"was"), file(b"was/inside")),
         Cmd=["a"], Env=["A=1", "B=2"])
    make("new", layer(file(b"same", b"x", mtime_ns=10**18), file(b"bytes", b"2"), file(b"grown", b"12")),
         layer(file(b"mode", mode=0o755), file(b"owner", uid=1), link(b"link", b"b"), folder(b"kind"), file(b"kind/x"),
               file(b"note", xattrs={b"user.a": b""}), (Entry(b"dev", S_IFCHR, rdev=makedev(1, 3)), b""), file(b"was")),
         Cmd=["b"], Env=["A=2"], Labels={"l": "v"})
    status, out, err = rvsim("diff", "old", "new")
    assert (status, err) == (1, "")
    assert out.splitlines() == [
        "config   cmd  ['a'] -> ['b']",
        "config   env A  1 -> 2",
        "config   env B  2 -> (none)",
        "config   label l  (none) -> v",
        "removed  /d",
        "removed  /d/gone",
        "changed  /bytes  content",
        "changed  /dev  device 1:2 -> 1:3",
        "changed  /grown  size 1 -> 2",
        "changed  /kind  type file -> directory",
        "added    /kind/x",
        "changed  /link  link a -> b",
        "changed  /mode  mode 0644 -> 0755",
        "changed  /note  xattrs",
        "changed  /owner  owner 0:0 -> 1:0",
        "changed  /was  type directory -> file",
        "removed  /was/inside",
    ]
    assert rvsim("diff", "old", "old") == (0, "", "")
    assert json.loads(rvsim("diff", "--json", "old", "new")[1])[8] == {
        "what": "changed", "name": "/grown", "changes": {"size": [1, 2]}}


def test_the_same_tree_in_other_layers_does_not_differ(rvsim: Any) -> None:
    make("one", layer(file(b"a", b"1" * 600_000), file(b"b", b"2")))
    make("two", layer(file(b"b", b"2")), layer(file(b"a", b"1" * 600_000)))
    make("three", layer(file(b"b", b"2")), layer(file(b"a", b"1" * 599_999 + b"2")))
    assert rvsim("diff", "one", "two") == (0, "", "")
    assert rvsim("diff", "one", "three") == (1, "changed  /a  content\n", "")


def test_prune(rvsim: Any, tmp_path: Path) -> None:
    make_system()
    home = tmp_path / "cache" / "rvsim" / "images"
    assert rvsim("ls", "system")[0] == 0
    size = sum(path.stat().st_size for path in home.rglob("*") if path.is_file())
    gc.collect()        # a tree that the process still has is in use
    status, out, _ = rvsim("prune", "--keep", "1G")
    assert (status, out.startswith("removed 0 files, 0 bytes; 2 files, ")) == (0, True)
    status, out, _ = rvsim("prune")
    assert (status, out) == (0, f"removed 2 files, {size / 1024:.1f} KiB; 0 files, 0 bytes stay in {home}\n")
    assert rvsim("ls", "system")[0] == 0


NASTY = "\x1b[2J\u202e\ny"


def test_nothing_acts_on_the_terminal(rvsim: Any) -> None:
    name = NASTY.encode()
    make("nasty", layer(file(name), link(b"l", name)), Entrypoint=[NASTY], Env=[f"A={NASTY}"], Labels={NASTY: NASTY})
    make("plain", layer(file(b"a")))
    for words in (("inspect", "nasty"), ("ls", "-l", "nasty"), ("ls", "-R", "nasty"), ("diff", "plain", "nasty"),
                  ("ls", "nasty", NASTY + "x"), ("inspect", "--json", "nasty"), ("ls", "--json", "nasty")):
        _, out, err = rvsim(*words)
        assert all(line.isprintable() for line in (out + err).split("\n")), words


def deep() -> bytes:
    """Directories in directories, further than one name reaches, by a link to the deepest so far."""
    entries = []
    for depth in (120, 240, 360):
        entries.append(folder((b"end/" if depth > 120 else b"") + b"/".join([b"a"] * 120)))
        entries.append(link(b"end", b"/" + b"/".join([b"a"] * depth)))
    return layer(*entries)


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (layer(file(b"../up")), "leads upwards"),
        (layer((Entry(b"x", S_IFREG, link=b"../../etc/passwd"), b"")), "leads upwards"),
        (layer(file(b"a/../../b")), "leads upwards"),
        (layer(file(b"x"), file(b"x/y")), "leads through what is no directory"),
        (layer((Entry(b"x", S_IFREG, link=b"nothing"), b"")), "which is not in it"),
        (layer(file(b"a", b"12345"))[:514], "damaged"),
        (b"no archive at all".ljust(1024, b"!"), "it is no tar archive"),
    ],
)
def test_what_means_harm_gets_one_line_and_changes_nothing(rvsim: Any, data: bytes, line: str) -> None:
    make("bad", data)
    make("good", layer(file(b"a")))
    before = sorted(str(path) for path in Path().rglob("*"))
    for words in (("ls", "bad"), ("extract", "bad", "-C", "tree"), ("diff", "good", "bad"), ("diff", "bad", "good"),
                  ("build", "--base", "bad", "-o", "out")):
        status, out, err = rvsim(*words)
        assert (status, out, err.count("\n")) == (OWN_ERROR, "", 1)
        assert line in err
        assert err.startswith("rvsim: image: bad: ")
    assert sorted(str(path) for path in Path().rglob("*")) == before


def test_a_link_of_the_image_leads_nowhere(rvsim: Any, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "file").write_bytes(b"mine")
    target = os.fsencode(outside)
    # A member's path through a link stays inside the tree; and so it is made, below the link's text.
    make("bad", layer(link(b"l", target), link(b"f", target + b"/file"), file(b"l/made", b"evil")),
         layer(file(b"f", b"evil"), file(b"l/file", b"evil")))
    assert rvsim("extract", "bad", "-C", "tree")[0] == 0
    assert sorted(outside.iterdir()) == [outside / "file"]
    assert (outside / "file").read_bytes() == b"mine"
    assert Path("tree" + str(outside) + "/made").read_bytes() == b"evil"


@pytest.mark.parametrize("path", ["d/made", "d", "d/e/made"])
def test_a_link_that_is_there_already_leads_nowhere(rvsim: Any, tmp_path: Path, path: str) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    make("image", layer(folder(b"d"), file(b"d/made", b"evil"), folder(b"d/e"), file(b"d/e/made", b"evil")))
    Path("tree").mkdir()
    Path("tree/d").symlink_to(outside)
    status, _, err = rvsim("extract", "image", path, "-C", "tree")
    assert (status, err) == (OWN_ERROR, "rvsim: image: tree/d: there is something else already; give -C an empty "
                                        "directory\n")
    assert list(outside.iterdir()) == []


def test_the_first_name_of_a_file_may_have_been_replaced(rvsim: Any, tmp_path: Path) -> None:
    """Linking the second name follows nothing either."""
    outside = tmp_path / "outside"
    outside.write_bytes(b"mine")
    make("image", layer(file(b"a", b"1"), (Entry(b"b", S_IFREG, link=b"a"), b"")))
    Path("tree").mkdir()
    Path("tree/b").symlink_to(outside)
    assert rvsim("extract", "image", "-C", "tree")[0] == 0
    assert Path("tree/b").samefile("tree/a")
    assert outside.read_bytes() == b"mine"


def test_very_deep_directories(rvsim: Any) -> None:
    make("deep", deep())
    make("other", deep(), layer(file(b"end/x")))
    for words in (("ls", "-R", "deep"), ("extract", "deep", "-C", "tree"), ("diff", "deep", "other")):
        status, _, err = rvsim(*words)
        assert (status, err.count("\n")) == (OWN_ERROR, 1)
        assert err.endswith("it is more than 200 directories deep\n")


@pytest.mark.parametrize("words", [["ls", "-R", "many"], ["inspect", "many"], ["diff", "many", "none"]])
def test_output_that_nobody_reads(words: list[str]) -> None:
    make("many", layer(*(file(b"f%05d" % number) for number in range(3000))))
    make("none", layer())
    with subprocess.Popen([sys.executable, "-c", START, "image", *words], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == OUTPUT_CLOSED


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ("ls", "no IMAGE given; see `rvsim image ls --help`"),
        ("ls nowhere", "image: nowhere: no such file or directory; give an image: an OCI layout, what `docker save` "
                       "writes, or a root file system in a tar archive"),
        ("ls image no", "image: image: /no: no such file in the image"),
        ("ls image a/b", "image: image: /a/b: a part of this path is no directory"),
        ("ls image loop", "image: image: /loop: too many symbolic links"),
        ("extract image no", "image: image: /no: no such file in the image"),
        ("extract image ../a", "image: ../a: give a path without .."),
        ("extract image -C there", "image: there: file exists; give -C a directory"),
        ("extract image a -C full", "image: full/a: is a directory"),
        ("diff image", "no NEW given; see `rvsim image diff --help`"),
        ("prune --keep much", "--keep: 'much' is not a size; write 64K, 256M or 1G; see `rvsim image prune --help`"),
        ("nothing", "no such command 'nothing'; see `rvsim image --help`"),
    ],
)
def test_one_line_for_each_mistake(rvsim: Any, words: str, line: str) -> None:
    make("image", layer(file(b"a"), link(b"loop", b"loop")))
    Path("there").touch()
    Path("full/a").mkdir(parents=True)
    assert rvsim(*words.split()) == (OWN_ERROR, "", f"rvsim: {line}\n")


def test_the_limit_of_what_is_unpacked(rvsim: Any) -> None:
    make("image", layer(file(b"a", b"1" * 5000)))
    for words in (("ls",), ("extract", "-C", "tree"), ("diff", "image"), ("build", "-o", "out", "--base")):
        status, out, err = rvsim(*words, "image", "--image-limit", "4K")
        assert (status, out, err.count("\n")) == (OWN_ERROR, "", 1)
        assert err.endswith("--image-limit allows more\n")
    assert rvsim("inspect", "image", "--image-limit", "4K")[0] == 0
    assert os.listdir() == ["image"]


def test_help_has_examples(rvsim: Any) -> None:
    assert "Examples:" in rvsim()[1]
    for command in ("build", "inspect", "ls", "extract", "diff", "prune"):
        status, out, _ = rvsim(command, "--help")
        assert (status, f"rvsim image {command}" in out.partition("Examples:")[2]) == (0, True)
