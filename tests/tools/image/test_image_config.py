"""What an image says of its programs is obeyed: OCI image specification, "Image Configuration", "config"."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from rvsim.guest_os.abi.stat import S_IFREG
from rvsim.guest_os.boot import BootError, MachineConfig
from rvsim.tests import guest
from rvsim.tests.guest_os.fs.archives import Member, tar_bytes
from rvsim.tests.tools.image.images import RISCV, Files, docker, folder, in_tar, oci, opened
from rvsim.tools import cli, guest_build
from rvsim.tools.errors import CliError
from rvsim.tools.image import ImageError
from rvsim.tools.image.config import config_from
from rvsim.tools.image.option import with_image
from rvsim.tools.image.start import start_of

PASSWD = """\
root:x:0:0:root:/root:/bin/sh
# no user
nobody:x:65534:65534::/:/
app:x:1000:1001::/home/app:/bin/sh
broken:x:abc:1::/:
short:x:5
app:x:7:7::/late:/
2000:x:3000:3000::/named/by/number:/
"""
GROUP = "root:x:0:\nstaff:x:50:app,other\naudio:x:63:root,app\napp:x:1001:\nbad:x:x:app\n1005:x:77:\n"


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture(scope="module")
def facts() -> bytes:
    """A program that prints how it was started."""
    return guest.musl_program("started.c").read_bytes()


def files_of(program: bytes, form: Any = oci, **config: Any) -> Files:
    files: Files = form(tar_bytes(
        folder("bin"), Member("bin/app", S_IFREG | 0o755, data=program), folder("etc"),
        Member("etc/passwd", data=PASSWD.encode()), Member("etc/group", data=GROUP.encode()), folder("home"),
    ), config=config)
    return files


def started(path: Path, *words: str, entrypoint: str | None = None, cwd: str | None = None,
            env: Mapping[bytes, bytes] = {}) -> dict[str, str]:
    """What the program prints, started as `rvsim run --image PATH WORDS` does it."""
    config, argv = with_image(MachineConfig(env=dict(env)), [os.fsencode(word) for word in words], str(path),
                              None if entrypoint is None else os.fsencode(entrypoint),
                              None if cwd is None else os.fsencode(cwd), None, restoring=False)
    result = guest.run(argv[0].decode(), *argv[1:], root=config.root, env=config.env,
                       cwd=config.cwd if cwd is None else os.fsencode(cwd), abi=config.abi, image=config.image)
    assert result.status == 0, result.errors
    found: dict[str, str] = {}
    for line in result.output.decode().splitlines():
        key, _, value = line.partition("=")
        found[key] = value
    return found


def image(tmp_path: Path, program: bytes, form: Any = oci, **config: Any) -> Path:
    return in_tar(tmp_path / "image.tar", files_of(program, form, **config))


@pytest.mark.parametrize(("entrypoint", "cmd", "words", "option", "argv"), [
    (["/bin/app", "a"], ["b", "c"], (), None, "/bin/app a b c"),
    (["/bin/app", "a"], ["b", "c"], ("d",), None, "/bin/app a d"),
    (["/bin/app", "a"], ["b", "c"], (), "app", "app"),
    (["/none"], ["b"], ("d",), "/bin/app", "/bin/app d"),
    (None, ["app", ""], (), None, "app "),
    (["app"], None, (), None, "app"),
    (None, None, ("app", "x y"), None, "app x y"),
    (None, ["/none"], ("app",), None, "app"),
])  # fmt: skip
def test_entrypoint_and_cmd(entrypoint: Any, cmd: Any, words: tuple[str, ...], option: str | None, argv: str,
                            tmp_path: Path, facts: bytes) -> None:
    """"Cmd: default arguments to the entrypoint"; without one, "the first entry … SHOULD be interpreted as the
    executable". What the command line says goes before, as for `docker run`."""
    path = image(tmp_path, facts, Entrypoint=entrypoint, Cmd=cmd)
    assert started(path, *words, entrypoint=option)["argv"] == argv


def test_environment_and_folder(tmp_path: Path, facts: bytes) -> None:
    path = image(tmp_path, facts, docker, Entrypoint=["app"], WorkingDir="/made/for it",
                 Env=["A=1", "B=x=y", "PATH=/none:/bin", "EMPTY=", "Ä=ö"])
    found = started(path, env={b"A": b"from the command line"})
    assert found["cwd"] == "/made/for it"
    assert {name: found[f"env {name}"] for name in ("A", "B", "PATH", "EMPTY", "Ä")} == {
        "A": "from the command line", "B": "x=y", "PATH": "/none:/bin", "EMPTY": "", "Ä": "ö"}
    assert started(path, cwd="/bin")["cwd"] == "/bin"
    with pytest.raises(BootError, match="--cwd /none: no such file or directory"):
        started(path, cwd="/none")


@pytest.mark.parametrize(("working_dir", "cwd"), [("", "/"), ("home", "/home"), ("/home/./x/../y/", "/home/y")])
def test_working_directories(working_dir: str, cwd: str, tmp_path: Path, facts: bytes) -> None:
    assert started(image(tmp_path, facts, Entrypoint=["app"], WorkingDir=working_dir))["cwd"] == cwd


@pytest.mark.parametrize(("user", "uid", "gid", "groups", "home"), [
    ("", 0, 0, "63", "/root"), ("root", 0, 0, "63", "/root"), ("0", 0, 0, "63", "/root"),
    ("app", 1000, 1001, "50 63", "/home/app"), ("1000", 1000, 1001, "50 63", "/home/app"),
    ("1234", 1234, 0, "", "/"), ("1234:5678", 1234, 5678, "", "/"), ("1000:5", 1000, 5, "", "/home/app"),
    ("app:staff", 1000, 50, "", "/home/app"), ("app:5", 1000, 5, "", "/home/app"), ("1234:audio", 1234, 63, "", "/"),
    ("app:", 1000, 1001, "50 63", "/home/app"), (":staff", 0, 50, "", "/root"), ("nobody", 65534, 65534, "", "/"),
    ("2000", 3000, 3000, "", "/named/by/number"), ("1:1005", 1, 77, "", "/"),
])  # fmt: skip
def test_users(user: str, uid: int, gid: int, groups: str, home: str, tmp_path: Path, facts: bytes) -> None:
    """"If group/GID is not specified, the default group and supplementary groups of the given user/UID in /etc/passwd
    and /etc/group from the container are applied." """
    found = started(image(tmp_path, facts, Entrypoint=["/bin/app"], User=user))
    assert (found["uid"], found["gid"], found["groups"]) == (f"{uid} {uid}", f"{gid} {gid}", groups)
    assert found["env HOME"] == home


@pytest.mark.parametrize(("user", "message"), [
    ("who", "the image's user 'who' is not in its /etc/passwd"), ("short", "'short' is not in"),
    ("broken", "'broken' is not in"), ("app:none", "the image's group 'none' is not in its /etc/group"),
    ("-1", "'-1' is not in"), ("4294967296", "'4294967296' is not in"), ("1:-1", "the image's group '-1'"),
    ("\x1b[2J\n" + "x" * 99, r"the image's user '\\x1b\[2J\\n"), ("1:2:3", "the image's group '2:3'"), ("²", "user '"),
])  # fmt: skip
def test_users_that_are_not_there(user: str, message: str, tmp_path: Path, facts: bytes) -> None:
    with pytest.raises(BootError, match=message) as caught:
        started(image(tmp_path, facts, Entrypoint=["/bin/app"], User=user))
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 250


def test_users_without_files(tmp_path: Path, facts: bytes) -> None:
    layer = tar_bytes(Member("app", S_IFREG | 0o755, data=facts), folder("etc"), folder("etc/passwd"))
    path = in_tar(tmp_path / "i", oci(layer, config={"Entrypoint": ["/app"], "User": "5:6"}))
    assert started(path)["uid"] == "5 5"
    path = in_tar(tmp_path / "j", oci(layer, config={"Entrypoint": ["/app"], "User": "app"}))
    with pytest.raises(BootError, match="the image's user 'app' is not in its /etc/passwd"):
        started(path)


def test_labels_and_the_abi(tmp_path: Path) -> None:
    programs = {name: (guest_build.DEFAULT_OUT / name).read_bytes() for name in ("hello_world",)}
    layer = tar_bytes(*(Member(name, S_IFREG | 0o755, data=data) for name, data in programs.items()))
    labels = {"org.rvsim.abi": "rcore", "other": "ä"}
    path = in_tar(tmp_path / "i", oci(layer, config={"Cmd": ["/hello_world"], "Labels": labels}))
    found = opened(path, tmp_path / "cache")
    assert (found.config.labels, found.config.abi) == (labels, "rcore")
    assert start_of(found).abi == "rcore"
    assert start_of(found, abi="linux").abi == "linux"


@pytest.mark.parametrize("label", ["windows", "RCORE", "rcore ", "\x1b[2J"])
def test_an_abi_that_there_is_not(label: str, tmp_path: Path, facts: bytes, capsys: pytest.CaptureFixture[str]) -> None:
    path = image(tmp_path, facts, Entrypoint=["app"], Labels={"org.rvsim.abi": label})
    with pytest.raises(CliError, match=r"label org.rvsim.abi says .*; rvsim knows linux and rcore") as caught:
        started(path)
    assert label == "windows" or "windows" not in str(caught.value)
    assert cli.main(["run", "--image", str(path)]) == 125
    shown = capsys.readouterr().err
    assert (shown.count("\n"), "\x1b" in shown) == (1, False)
    assert start_of(opened(path, tmp_path / "cache"), abi="linux").abi == "linux"


@pytest.mark.parametrize(("config", "message"), [
    ({}, "it does not say what to run; give a program, as in `rvsim run --image"),
    ({"Cmd": [""]}, "the name of its program is empty"), ({"Cmd": ["a"], "Env": ["X"]}, "'X' is not NAME=VALUE"),
    ({"Cmd": ["a"], "Env": ["=x"]}, "'=x' is not NAME=VALUE"), ({"Cmd": ["a\0b"]}, "a text in it has a NUL"),
])  # fmt: skip
def test_configs_that_say_too_little(config: dict[str, Any], message: str, tmp_path: Path) -> None:
    with pytest.raises(ImageError, match=message):
        start_of(opened(in_tar(tmp_path / "i", oci(config=config)), tmp_path / "cache"))


@pytest.mark.parametrize("config", [
    {"Entrypoint": "text"}, {"Cmd": [1]}, {"Env": {"a": "b"}}, {"User": 5}, {"WorkingDir": []}, {"Labels": ["a"]},
    {"Labels": {"a": 1}}, {"Cmd": ["\ud800"]}, {"Cmd": ["a"] * 5000},
])  # fmt: skip
def test_values_of_the_wrong_type(config: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(ImageError, match=r"its config (is damaged|has 5000 entries)") as caught:
        opened(in_tar(tmp_path / "i", oci(config=config)), tmp_path / "cache")
    assert "\n" not in str(caught.value)


def test_what_is_null_or_missing() -> None:
    """Docker writes null for what is empty."""
    nothing = dict.fromkeys(("Entrypoint", "Cmd", "Env", "User", "WorkingDir", "Labels"))
    assert config_from({**RISCV, "config": nothing, "rootfs": None}) == config_from(RISCV)
    assert config_from({"config": None}).platform == "linux/riscv64"


def test_programs_that_the_image_has_not(tmp_path: Path, facts: bytes, capsys: pytest.CaptureFixture[str]) -> None:
    for word, status in (("none", 127), ("/none", 127), ("/etc", 126), ("/etc/passwd", 126), ("\x1b[2J\nx", 127)):
        path = image(tmp_path, facts, Cmd=[word])
        assert cli.main(["run", "--image", str(path)]) == status
        shown = capsys.readouterr().err
        assert (shown.count("\n"), "\x1b" in shown) == (1, False)
