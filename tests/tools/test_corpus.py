"""APT's source lists, package files and the trees they are unpacked into."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest

from rvsim.tools import apt, cli, corpus
from rvsim.tools.apt import AptError, Source
from rvsim.tools.deb import BadPackage, Deb, record, unpacked

MIRROR = "http://mirror.test/debian"


def test_one_line_sources() -> None:
    text = f"# deb http://no.test/debian x main\ndeb-src {MIRROR} trixie main\n" \
           f"deb [arch=amd64 signed-by=/k.gpg] {MIRROR} trixie main contrib # why\n"
    assert list(apt.one_line_sources(text)) == [Source(MIRROR, "trixie", "/k.gpg")]


def test_deb822_sources() -> None:
    text = (f"Types: deb deb-src\n# a comment\nURIs: {MIRROR}\nSuites: trixie\n trixie-updates\nSigned-By: /k.gpg\n\n"
            "Enabled: no\nTypes: deb\nURIs: http://off.test/debian\nSuites: x\n\n"
            "Types: deb-src\nURIs: http://src.test/debian\nSuites: x\n")
    assert list(apt.deb822_sources(text)) == [Source(MIRROR, "trixie", "/k.gpg"),
                                              Source(MIRROR, "trixie-updates", "/k.gpg")]


def test_the_main_archive_is_chosen(tmp_path: Path) -> None:
    (tmp_path / "sources.list.d").mkdir()
    (tmp_path / "sources.list").write_text("deb http://other.test/tool stable main\n")
    (tmp_path / "sources.list.d/b.sources").write_text(f"Types: deb\nURIs: {MIRROR}-security\nSuites: x-security\n\n"
                                                       f"Types: deb\nURIs: {MIRROR}/\nSuites: x\n")
    (tmp_path / "sources.list.d/c.sources.off").write_text("Types: deb\nURIs: http://off.test/debian\nSuites: x\n")
    assert apt.debian_mirror(apt.machine_sources(tmp_path)) == Source(f"{MIRROR}/", "x")


def test_no_debian_archive(tmp_path: Path) -> None:
    with pytest.raises(AptError, match="name no Debian archive"):
        apt.debian_mirror(apt.machine_sources(tmp_path))


def make_deb(path: Path, members: list[tuple[tarfile.TarInfo, bytes]]) -> Path:
    """A package with the given files."""
    control = b"Package: thing\nVersion: 1:2-3\nArchitecture: riscv64\nDescription: a thing\n more: of it\n"
    info = tarfile.TarInfo("./control")
    info.size = len(control)
    data = b"!<arch>\n"
    contents = {"debian-binary": b"2.0\n", "control.tar.xz": tar([(info, control)]), "data.tar.xz": tar(members)}
    for name, content in contents.items():
        data += b"%-16s%-12d%-6d%-6d%-8o%-10d`\n" % (name.encode(), 0, 0, 0, 0o644, len(content)) + content
        data += b"\n" * (len(content) % 2)
    path.write_bytes(data)
    return path


def tar(members: list[tuple[tarfile.TarInfo, bytes]]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:xz") as archive:
        for info, content in members:
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return out.getvalue()


def member(name: str, content: bytes = b"", *, kind: bytes = tarfile.REGTYPE, link: str = "",
           mode: int = 0o644) -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.mode = kind, link, mode
    return info, content


def test_unpacking(tmp_path: Path) -> None:
    root = tmp_path / "root"
    corpus.prepare(root)
    deb = Deb(make_deb(tmp_path / "a.deb", [
        member("./", kind=tarfile.DIRTYPE, mode=0o755), member("./lib", kind=tarfile.DIRTYPE, mode=0o755),
        member("./lib/x.so", b"so", mode=0o4755), member("./usr/lib/y", kind=tarfile.SYMTYPE, link="x.so"),
        member("./usr/lib/z", kind=tarfile.LNKTYPE, link="./lib/x.so"),
    ]))
    names = deb.unpack(root)
    record(root, deb, names)
    assert (root / "usr/lib/x.so").read_bytes() == (root / "usr/lib/y").read_bytes() == b"so"
    assert (root / "lib").is_symlink()
    assert (root / "usr/lib/x.so").stat().st_mode & 0o7777 == 0o4755
    assert (root / "usr/lib/z").stat().st_nlink == 2
    assert unpacked(root) == {"thing": "1:2-3"}
    record(root, deb, names)
    assert (root / "var/lib/dpkg/status").read_text().count("Package: thing") == 1


@pytest.mark.parametrize("members", [
    [member("../out", b"x")], [member("./usr/../../out", b"x")],
    [member("./l", kind=tarfile.SYMTYPE, link="../.."), member("./l/out", b"x")],
    [member("./h", kind=tarfile.LNKTYPE, link="../secret")],
], ids=["dots", "inner dots", "through a link", "hard link"])
def test_nothing_leaves_the_tree(members: list[tuple[tarfile.TarInfo, bytes]], tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("s")
    root = tmp_path / "root"
    corpus.prepare(root)
    with pytest.raises(BadPackage, match="outside the tree"):
        Deb(make_deb(tmp_path / "a.deb", members)).unpack(root)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("data", [b"", b"!<arch>\n", b"!<arch>\n" + b"x" * 60, b"no package"])
def test_a_bad_file(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.deb").write_bytes(data)
    with pytest.raises(BadPackage):
        Deb(tmp_path / "a.deb")


def test_no_apt_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
                            capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert cli.main(["corpus", "fetch"]) == 125
    reason = "there is no apt-get here; the packages come through Debian's APT"
    assert capsys.readouterr().err == f"rvsim: corpus: {reason}\n"
