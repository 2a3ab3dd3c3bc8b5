"""`rvsim image build`: what goes in, that it is the same everywhere, and what is said where it cannot be."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import lzma
import os
import stat
import tarfile
from pathlib import Path
from typing import Any

import pytest

from rvsim.tools import cli
from rvsim.tools.errors import OWN_ERROR
from rvsim.tools.image import open_image
from rvsim.tools.image.merged import Merged
from rvsim.tools.image.recipe import reference

DOCS = Path(__file__).resolve().parents[3] / "docs"

EXPECTED = "sha256:eaa808d3c9076376f25f3ac475f9b9faa281db68ca4f9e01b0261d8caddd2d26"
"""Of what `fill` makes, as its own layer, with an entry point."""


pytestmark = pytest.mark.usefixtures("elsewhere")


def built(rvsim: Any, *words: object) -> str:
    """The digest of what is built."""
    status, out, err = rvsim("build", *words)
    assert (status, err) == (0, "")
    return out.removesuffix("\n")


def facts(image: str) -> dict[str, tuple[str, str]]:
    """(mode as ls shows it, owner) of everything in an image, by path."""
    merged = Merged(open_image(Path(image)))
    return {path.decode(): (stat.filemode(node.mode), f"{node.uid}:{node.gid}")
            for path, node in merged.walk(merged.top, b"/")}


def content(image: str, path: str) -> bytes:
    node: Any = Merged(open_image(Path(image))).find(path.encode())
    data: bytes = node.read_raw(0, node.size)
    return data


def config(image: str) -> dict[str, Any]:
    """The whole config of a layout, as it stands."""
    found = open_image(Path(image))
    digest = json.loads(found.manifest)["config"]["digest"].removeprefix("sha256:")
    loaded: dict[str, Any] = json.loads((Path(image) / "blobs" / "sha256" / digest).read_bytes())
    return loaded


def fill(folder: Path, *, umask: int, backwards: bool, time_s: int) -> None:
    """The same tree, made in another way."""
    saved = os.umask(umask)
    try:
        files = {"etc/motd": b"welcome\n", "etc/hosts": b"", "bin/run": b"#!/bin/sh\n", "a-b": b"1", "a/b": b"2",
                 "é": b"3", "etc/" + "n" * 120: b"long"}
        for name, data in sorted(files.items(), reverse=backwards):
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        (folder / "bin/run").chmod(0o777 & ~umask)
        (folder / "tmp").mkdir()
        (folder / "tmp").chmod(0o1777)
        (folder / "sh").symlink_to("bin/run")
        os.link(folder / "etc/motd", folder / "etc/copy")
        for path in folder.rglob("*"):
            os.utime(path, (time_s, time_s), follow_symlinks=False)
    finally:
        os.umask(saved)


def test_the_digest_is_the_same_everywhere(rvsim: Any) -> None:
    fill(Path("one"), umask=0o022, backwards=False, time_s=1_600_000_000)
    fill(Path("other"), umask=0o077, backwards=True, time_s=1_700_000_000)
    words = ("--entrypoint", "/bin/run -x")
    digests = {built(rvsim, "one", *words, "-o", "1.tar"), built(rvsim, "other", "-o", "2.tar", *words),
               built(rvsim, "other", "-o", "3", *words)}
    assert digests == {EXPECTED}
    assert Path("1.tar").read_bytes() == Path("2.tar").read_bytes()


def test_the_time_is_that_of_the_surroundings(rvsim: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(Path("one"), umask=0o022, backwards=False, time_s=1_600_000_000)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1000000000")
    built(rvsim, "one", "-o", "1")
    merged = Merged(open_image(Path("1")))
    assert {node.mtime_ns for _, node in merged.walk(merged.top, b"/")} == {10**18}
    assert "created" not in config("1")


def test_what_files_are_like(rvsim: Any) -> None:
    fill(Path("one"), umask=0o077, backwards=False, time_s=0)
    Path("one/suid").write_bytes(b"")
    Path("one/suid").chmod(0o4711)
    built(rvsim, "one", "-o", "1", "--owner", "5:6")
    found = facts("1")
    assert {path: mode for path, (mode, _) in found.items()} == {
        "/a": "drwxr-xr-x", "/a-b": "-rw-r--r--", "/a/b": "-rw-r--r--", "/bin": "drwxr-xr-x", "/bin/run": "-rwxr-xr-x",
        "/etc": "drwxr-xr-x", "/etc/copy": "-rw-r--r--", "/etc/hosts": "-rw-r--r--", "/etc/motd": "-rw-r--r--",
        "/etc/" + "n" * 120: "-rw-r--r--", "/sh": "lrwxrwxrwx", "/suid": "-rwsr-xr-x", "/tmp": "drwxrwxrwt",
        "/é": "-rw-r--r--",
    }  # fmt: skip
    assert {owner for _, owner in found.values()} == {"5:6"}
    merged = Merged(open_image(Path("1")))
    assert merged.find(b"/etc/copy") is merged.find(b"/etc/motd")


def test_what_is_kept_is_as_the_host_has_it(rvsim: Any) -> None:
    Path("one").mkdir()
    Path("one/secret").write_bytes(b"x")
    Path("one/secret").chmod(0o640)
    os.utime("one/secret", (7, 7))
    built(rvsim, "one", "-o", "1", "--keep", "modes", "--keep", "times", "--keep", "owners")
    assert facts("1") == {"/secret": ("-rw-r-----", f"{os.geteuid()}:{os.getegid()}")}
    assert Merged(open_image(Path("1"))).find(b"/secret").mtime_ns == 7 * 10**9


def test_programs_run(capfd: pytest.CaptureFixture[str]) -> None:
    words = ("--program", "hello", "--entrypoint", "/bin/hello", "-o", "hello.tar")
    assert cli.main(["image", "build", *words]) == 0
    capfd.readouterr()
    assert cli.main(["run", "--image", "hello.tar"]) == 0
    assert capfd.readouterr().out == "Hello, world!\n"


RECIPE = """
base = "base"
entrypoint = "/bin/app --serve"
env = { B = "2", A = "1" }
workdir = "/srv"
user = "7:8"
abi = "rcore:7"
labels = { "org.example.what" = "a test" }
name = "app"
output = "out"
owner = "1:1"

[[layer]]
dir = "rootfs"
to = "/opt"
exclude = ["*.o", "/src/*"]

[[layer]]
programs = ["true"]
owner = "0:0"
remove = ["/etc/old", "/gone"]
[layer.files]
"/bin/app" = "app"
"/etc/motd" = { text = "hi\\n", mode = "600", owner = "3:4" }
"/bin/yes" = { link = "app" }
"/bin/no" = { program = "false" }
"""


def make_base(rvsim: Any) -> str:
    """A system with /bin as a link, as many have it."""
    for name, data in {"usr/bin/sh": "#!x", "etc/old/file": "", "gone": "", "etc/keep": ""}.items():
        path = Path("system") / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(data)
    Path("system/bin").symlink_to("usr/bin")
    Path("system/tmp").mkdir()
    Path("system/tmp").chmod(0o1777)
    return built(rvsim, "system", "-o", "base", "--cmd", "/bin/sh", "--env", "PATH=/bin", "--env", "B=1",
                 "--label", "x=y")


def test_a_recipe_on_a_base(rvsim: Any) -> None:
    make_base(rvsim)
    Path("rvsim.toml").write_text(RECIPE)
    for name in ("rootfs/lib/x.o", "rootfs/lib/x.so", "rootfs/src/deep/x.c"):
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(name)
    Path("app").write_text("#!/bin/sh\n")
    Path("app").chmod(0o755)
    digest = built(rvsim)
    image = open_image(Path("out:app"))
    assert image.digest == digest
    assert image.layers[0] == open_image(Path("base")).layers[0]
    assert len(image.layers) == 3
    assert facts("out") == {
        "/bin": ("lrwxrwxrwx", "0:0"), "/etc": ("drwxr-xr-x", "0:0"), "/etc/keep": ("-rw-r--r--", "0:0"),
        "/etc/motd": ("-rw-------", "3:4"), "/opt": ("drwxr-xr-x", "1:1"), "/opt/lib": ("drwxr-xr-x", "1:1"),
        "/opt/lib/x.so": ("-rw-r--r--", "1:1"), "/opt/src": ("drwxr-xr-x", "1:1"), "/tmp": ("drwxrwxrwt", "0:0"),
        "/usr": ("drwxr-xr-x", "0:0"), "/usr/bin": ("drwxr-xr-x", "0:0"), "/usr/bin/app": ("-rwxr-xr-x", "0:0"),
        "/usr/bin/no": ("-rwxr-xr-x", "0:0"), "/usr/bin/sh": ("-rw-r--r--", "0:0"),
        "/usr/bin/true": ("-rwxr-xr-x", "0:0"), "/usr/bin/yes": ("lrwxrwxrwx", "0:0"),
    }  # fmt: skip
    assert content("out", "/bin/yes") == b"#!/bin/sh\n"
    assert content("out", "/etc/motd") == b"hi\n"
    assert config("out") == {
        "architecture": "riscv64", "os": "linux",
        "config": {"Entrypoint": ["/bin/app", "--serve"], "Env": ["B=2", "PATH=/bin", "A=1"], "WorkingDir": "/srv",
                   "User": "7:8", "Labels": {"x": "y", "org.example.what": "a test", "org.rvsim.abi": "rcore:7"}},
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{layer.diff_id}" for layer in image.layers]},
    }  # fmt: skip
    assert image.config.abi == "rcore:7"
    assert built(rvsim, "-f", "rvsim.toml") == digest
    assert built(rvsim, "-f", "rvsim.toml", "--entrypoint", "/bin/no", "-o", "2") != digest
    assert open_image(Path("2")).config.entrypoint == ("/bin/no",)


def test_what_the_base_says_stays(rvsim: Any) -> None:
    make_base(rvsim)
    built(rvsim, "--base", "base", "-o", "out", "--env", "C=3")
    assert open_image(Path("out")).config.cmd == ("/bin/sh",)
    assert open_image(Path("out")).config.env == ("B=1", "PATH=/bin", "C=3")


def test_what_the_base_says_and_rvsim_does_not_know_stays(rvsim: Any) -> None:
    make_base(rvsim)
    ports: dict[str, Any] = {"80/tcp": {}}
    archive = plain_tar({"a": b"x"})
    diff_id = hashlib.sha256(archive).hexdigest()
    data = json.dumps({"architecture": "riscv64", "os": "linux", "config": {"ExposedPorts": ports, "Cmd": ["a"]},
                       "rootfs": {"type": "layers", "diff_ids": [f"sha256:{diff_id}"]}}).encode()
    name = hashlib.sha256(data).hexdigest() + ".json"
    manifest = json.dumps([{"Config": name, "RepoTags": ["x:1"], "Layers": ["l/layer.tar"]}]).encode()
    Path("saved.tar").write_bytes(plain_tar({name: data, "l/layer.tar": archive, "manifest.json": manifest}))
    built(rvsim, "--base", "saved.tar:x:1", "-o", "out", "--user", "1")
    assert config("out")["config"] == {"ExposedPorts": ports, "Cmd": ["a"], "User": "1"}
    built(rvsim, "--base", "out", "-o", "again")
    assert config("again")["config"] == {"ExposedPorts": ports, "Cmd": ["a"], "User": "1"}


def plain_tar(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return out.getvalue()


@pytest.mark.parametrize(("pack", "kind"), [(bytes, ""), (gzip.compress, "+gzip"), (lzma.compress, "")],
                         ids=["plain", "gzip", "xz"])
def test_a_plain_tree_as_a_base(rvsim: Any, pack: Any, kind: str) -> None:
    archive = plain_tar({"etc/motd": b"hello"})
    Path("elsewhere").mkdir()
    Path("elsewhere/tree").write_bytes(pack(archive))
    Path("tree").symlink_to("elsewhere/tree")
    built(rvsim, "--base", "tree", "-o", "out", "--program", "true")
    first = open_image(Path("out")).layers[0]
    assert (first.diff_id, first.media_type) == (hashlib.sha256(archive).hexdigest(),
                                                 f"application/vnd.oci.image.layer.v1.tar{kind}")
    assert content("out", "/etc/motd") == b"hello"
    assert json.loads(rvsim("inspect", "--json", "tree")[1])["layers"][0]["size"] == Path("tree").stat().st_size


@pytest.mark.parametrize("how", ["gzip", "zstd"])
def test_compressed_layers_have_the_same_tree(rvsim: Any, how: str) -> None:
    if how == "zstd":
        pytest.importorskip("backports.zstd")
    fill(Path("one"), umask=0o022, backwards=False, time_s=0)
    built(rvsim, "one", "-o", "plain")
    built(rvsim, "one", "-o", "packed", "--compress", how)
    plain, packed = open_image(Path("plain")), open_image(Path("packed"))
    assert packed.layers[0].media_type.endswith(f"tar+{how}")
    assert packed.layers[0].diff_id == plain.layers[0].diff_id
    assert packed.layers[0].blob_digest != plain.layers[0].blob_digest
    assert rvsim("diff", "plain", "packed") == (0, "", "")


def test_a_link_of_the_tree_itself_is_followed(rvsim: Any) -> None:
    Path("one/usr/bin").mkdir(parents=True)
    Path("one/bin").symlink_to("usr/bin")
    built(rvsim, "one", "--program", "true", "-o", "out")
    assert set(facts("out")) == {"/bin", "/usr", "/usr/bin", "/usr/bin/true"}


def test_a_removed_directory_may_come_again(rvsim: Any) -> None:
    make_base(rvsim)
    Path("r.toml").write_text('base = "base"\noutput = "out"\n[[layer]]\nremove = "/etc"\n'
                              'files = { "/etc/new" = { text = "" } }\n')
    built(rvsim, "-f", "r.toml")
    assert {path for path in facts("out") if path.startswith("/etc")} == {"/etc", "/etc/new"}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs FIFOs")
def test_sockets_are_left_out(rvsim: Any) -> None:
    import socket

    Path("one").mkdir()
    os.mkfifo("one/fifo")
    with socket.socket(socket.AF_UNIX) as own:
        own.bind("one/socket")
        status, _, err = rvsim("build", "one", "-o", "out")
    assert (status, err) == (0, "rvsim: image: one: 1 socket left out: an image cannot have any\n")
    assert facts("out") == {"/fifo": ("prw-r--r--", "0:0")}


def test_an_image_is_replaced_and_nothing_else(rvsim: Any) -> None:
    built(rvsim, "--program", "true", "-o", "out")
    second = built(rvsim, "--program", "false", "-o", "out")
    assert open_image(Path("out")).digest == second
    assert built(rvsim, "--base", "out", "-o", "out") == second
    assert sorted(os.listdir()) == ["out"]
    status, _, err = rvsim("build", "--program", "no-such", "-o", "out")
    assert (status, open_image(Path("out")).digest, sorted(os.listdir())) == (OWN_ERROR, second, ["out"])
    assert err.count("\n") == 1


def two_images(folder: Path) -> None:
    index = json.loads((folder / "index.json").read_bytes())
    index["manifests"] *= 2
    (folder / "index.json").write_text(json.dumps(index))


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ("", "nothing to build: give a DIR, --program, --file or --base, or write a rvsim.toml; see `rvsim image build "
             "--help`"),
        ("nowhere", "nowhere: no such directory"),
        ("note", "note: it is no directory; put files in with --file or `files`"),
        ("tree -o tree/x.tar", "tree/x.tar: it would lie inside tree, which goes into it; write it elsewhere"),
        ("tree -o tree", "tree: it is a directory that is no image, and stays as it is; give another name"),
        ("tree -o note", "note: it is a file; a name that ends in .tar makes an archive, any other a directory"),
        ("tree -o no/x", "no: no such directory; make it first"),
        ("tree -o x.tar.gz", "x.tar.gz: an image is written as a directory or, where the name ends in .tar, as an "
                             "archive; --compress packs its layers"),
        ("tree -o many", "many: it has other images in it, and stays as it is; give another name"),
        ("--program note", "note: it is no RISC-V program; other files go in with --file or `files`"),
        ("--program *.elf", "*.elf: no file is called that"),
        ("--program tree", "tree: it is no file; give a RISC-V program"),
        ("--program no-such", "no-such: no such file, nor a program of the built-in system"),
        ("--program ../no-such", "../no-such: no such file"),
        ("--file missing:/x", "missing: no such file or directory"),
        ("--file note:/a/../b", "files: '/a/../b' is no path in an image; leave out .."),
        ("--file note:/", "files: the root itself cannot be put in; give dir"),
        ("tree --file note:/sub", "/sub is a directory in the layers below; to have something else there, `remove` it"),
        ("--program true --file tree:/sub --file note:/bin", "/bin is a directory, and then something else"),
        ("--file note:/.wh.x", "'.wh.x': in images, names that begin with .wh. mean something else; leave it out with "
                               "`exclude`"),
        ("tree --file note:/bin/true/x --program true",
         "/bin/true/x leads through what is no directory, /bin/true"),
        ("-f no.toml", "no.toml: no such file or directory; write one as docs/images.md describes it"),
    ],
)
def test_one_line_for_what_cannot_be(rvsim: Any, words: str, line: str) -> None:
    Path("tree/sub").mkdir(parents=True)
    Path("note").write_text("no program")
    built(rvsim, "--program", "true", "-o", "many")
    two_images(Path("many"))
    before = sorted(str(path) for path in Path().rglob("*"))
    assert rvsim("build", *words.split()) == (OWN_ERROR, "", f"rvsim: image: {line}\n")
    assert sorted(str(path) for path in Path().rglob("*")) == before


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("x = 1", "1: x: there is no such key; the keys are base, layer, entrypoint, cmd, env, workdir, user, "
                      "abi, labels, name, output, compress, owner, keep"),
        ("\n[[layer]]\nprogram = []", "3: layer[0].program: there is no such key; do you mean programs?"),
        ("[[layer]]", "1: layer[0]: the layer is empty; give dir, programs, files or remove"),
        ("abi = 'bsd'", "1: abi: must be one of linux, rcore, rcore:5, rcore:6, rcore:7, rcore:8, not 'bsd'"),
        ("user = 1", "1: user: must be text without zero bytes, not 1"),
        ("owner = 'root'", '1: owner: must be an owner such as "0:0", by numbers'),
        ("[env]\n'A=B' = ''", "2: env.A=B: the name of a variable has no = in it"),
        ("[[layer]]\n[layer.files]\n'/x' = {}",
         "3: layer[0].files./x: exactly one of host, text, program and link must be given"),
        ("[[layer]]\nfiles = { '/x' = { text = '', mode = '9' } }",
         '2: layer[0].files./x.mode: must be permissions in octal such as "755"'),
        ("a = ", "1: invalid value"),
        ("[[layer]]\nremove = '/x'", None),
    ],
)
def test_one_line_for_a_recipe_that_makes_no_sense(rvsim: Any, text: str, line: str | None) -> None:
    Path("r.toml").write_text(text)
    said = "remove: /x is not in the layers below" if line is None else f"r.toml:{line}"
    assert rvsim("build", "-f", "r.toml") == (OWN_ERROR, "", f"rvsim: image: {said}\n")
    assert os.listdir() == ["r.toml"]


@pytest.mark.parametrize("text", ["x", "-1", "1.5", "9" * 30])
def test_a_time_that_is_none(rvsim: Any, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", text)
    status, out, err = rvsim("build", "--program", "true")
    assert (status, out, err.count("\n")) == (OWN_ERROR, "", 1)
    assert "SOURCE_DATE_EPOCH" in err


def test_the_keys_are_documented() -> None:
    assert reference() in (DOCS / "images.md").read_text(encoding="utf-8")


def test_the_example_of_the_documentation(rvsim: Any) -> None:
    page = (DOCS / "images.md").read_text(encoding="utf-8")
    Path("rvsim.toml").write_text(page.partition("```toml\n")[2].partition("```")[0])
    for name in ("rootfs/x.orig", "rootfs/.git/x", "rootfs/etc/passwd", "notes.txt"):
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(name)
    Path("greet").write_text("#!/bin/sh\n")
    built(rvsim)
    assert set(facts("morning.tar")) == {"/bin", "/bin/greet", "/bin/hello", "/bin/ls", "/bin/sh", "/etc", "/etc/issue",
                                         "/etc/passwd", "/srv", "/srv/notes"}


def test_a_directory_among_files(rvsim: Any) -> None:
    Path("data/in").mkdir(parents=True)
    Path("data/in/x").write_text("x")
    Path("r.toml").write_text('output = "out"\nkeep = "modes"\n[[layer]]\nkeep = []\n'
                              '[layer.files]\n"/srv/data" = { host = "data", mode = "700", owner = "3:3" }\n')
    built(rvsim, "-f", "r.toml")
    assert facts("out") == {"/srv": ("drwxr-xr-x", "0:0"), "/srv/data": ("drwx------", "3:3"),
                            "/srv/data/in": ("drwxr-xr-x", "3:3"), "/srv/data/in/x": ("-rw-r--r--", "3:3")}


def test_what_is_above_takes_the_place_of_what_is_below(rvsim: Any) -> None:
    make_base(rvsim)
    Path("one/etc/old").mkdir(parents=True)
    Path("one/etc/old/file").write_text("new")
    Path("one/tmp").mkdir()
    Path("one/gone").mkdir()
    Path("one/usr/bin").mkdir(parents=True)
    Path("one/usr/bin/sh").symlink_to("file")
    built(rvsim, "--base", "base", "one", "-o", "out", "--owner", "9:9")
    found = facts("out")
    assert content("out", "/etc/old/file") == b"new"
    assert found["/etc/old/file"] == ("-rw-r--r--", "9:9")
    assert found["/etc/old"] == ("drwxr-xr-x", "0:0")          # it was there
    assert found["/tmp"] == ("drwxrwxrwt", "0:0")
    assert found["/gone"] == ("drwxr-xr-x", "9:9")             # it was a file
    assert found["/usr/bin/sh"] == ("lrwxrwxrwx", "9:9")


def test_extended_attributes_can_be_kept(rvsim: Any) -> None:
    Path("one").mkdir()
    Path("one/x").write_text("x")
    try:
        os.setxattr("one/x", "user.note", b"a\0b")
    except OSError:
        pytest.skip("no extended attributes here")
    built(rvsim, "one", "-o", "with", "--keep", "xattrs")
    built(rvsim, "one", "-o", "without")
    assert Merged(open_image(Path("with"))).find(b"/x").xattrs == {b"user.note": b"a\0b"}
    assert rvsim("diff", "with", "without") == (1, "changed  /x  xattrs\n", "")
    assert rvsim("extract", "with", "-C", "tree") == (0, "", "")
    assert os.getxattr("tree/x", "user.note") == b"a\0b"


def test_an_empty_entrypoint_takes_the_bases_away(rvsim: Any) -> None:
    built(rvsim, "--program", "true", "--entrypoint", "/bin/true", "--cmd", "x", "-o", "one")
    built(rvsim, "--base", "one", "--entrypoint", "", "-o", "two")
    assert (open_image(Path("two")).config.entrypoint, open_image(Path("two")).config.cmd) == ((), ())


@pytest.mark.parametrize("words", ["--env A", "--label =x", "--file a:b", "--file :/b", "--owner root", "--owner 1:-1",
                                   "--compress xz", "--keep all", "--abi x", "--image-limit x", "--entrypoint 'x"])
def test_options_that_make_no_sense(rvsim: Any, words: str) -> None:
    status, out, err = rvsim("build", "--program", "true", *words.split())
    assert (status, out, err.count("\n"), os.listdir()) == (OWN_ERROR, "", 1, [])
    assert err.startswith(f"rvsim: {words.split()[0]}: ")
    assert err.endswith("; see `rvsim image build --help`\n")
