"""The builder of guest programs: which compiler, what it makes, and that it makes nothing twice."""

import os
import struct
import subprocess
import sys
from io import BytesIO
from pathlib import Path

import pytest
from elftools.elf.elffile import ELFFile

from rvsim.tools import guest_build
from rvsim.tools.guest_build import BuildError, Compiler

HELLO = '#include <stdio.h>\nint main(void) { puts("hello"); return 0; }\n'
TREE = (
    "src/linux/one.c", "src/linux/two/a.c", "src/linux/two/b.c", "src/rcore/three.c", "src/bench/four.c",
    "src/proc/five.c",
    "lib/common/x.c", "lib/linux/l.c", "lib/rcore/r.c", "lib/program.ld", "include/x.h",
)  # fmt: skip


def compilers() -> list[Compiler]:
    """Every compiler of this host: the one that would be taken, and ziglang."""
    found = {compiler.command: compiler for compiler in (guest_build.find_compiler(), guest_build.zig_compiler())}
    return list(found.values())


@pytest.fixture
def fake_compiler(tmp_path: Path) -> Path:
    """A compiler that notes how it was called and writes a word as the output."""
    path = tmp_path / "fake-cc"
    path.write_text(
        f"#!{sys.executable}\n"
        "import sys\n"
        "if sys.argv[-1] == '--version':\n    print('fake 1.0')\n    sys.exit()\n"
        f"open({str(tmp_path / 'calls')!r}, 'a').write(' '.join(sys.argv[1:]) + '\\n')\n"
        "open(sys.argv[sys.argv.index('-o') + 1], 'w').write('fake')\n"
    )
    path.chmod(0o755)
    return path


def calls(tmp_path: Path) -> list[str]:
    """How the fake compiler was called since the last time somebody asked."""
    path = tmp_path / "calls"
    made = path.read_text().splitlines() if path.exists() else []
    path.unlink(missing_ok=True)
    return made


def test_riscv_cc_wins(fake_compiler: Path) -> None:
    compiler = guest_build.find_compiler({"RISCV_CC": f"{fake_compiler} -extra", "PATH": os.environ["PATH"]})
    assert compiler.command[:2] == (str(fake_compiler), "-extra")


@pytest.mark.parametrize("name", guest_build.GCC_NAMES)
def test_gcc_on_the_path_comes_next(name: str, fake_compiler: Path) -> None:
    fake_compiler.rename(fake_compiler.with_name(name))
    compiler = guest_build.find_compiler({"PATH": str(fake_compiler.parent)})
    assert compiler.command[0] == str(fake_compiler.with_name(name))


def test_ziglang_is_the_last_resort() -> None:
    assert "ziglang" in guest_build.find_compiler({"PATH": ""}).command


def test_no_compiler_is_one_clear_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(BuildError, match=r"^no RISC-V compiler: set RISCV_CC, or install .*$") as raised:
        guest_build.find_compiler({"PATH": ""})
    assert "\n" not in str(raised.value)


def test_a_compiler_that_does_not_start() -> None:
    with pytest.raises(BuildError, match="does not start: /no/such/cc"):
        guest_build.find_compiler({"RISCV_CC": "/no/such/cc"})


def test_only_what_changed_is_compiled(
    tmp_path: Path, fake_compiler: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    apps = tmp_path / "user_apps"
    for name in TREE:
        path = apps / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    monkeypatch.setattr(guest_build, "USER_APPS", apps)
    compiler = guest_build.find_compiler({"RISCV_CC": str(fake_compiler)})
    out = tmp_path / "bin"

    built = guest_build.build_apps(out, 2, compiler)
    assert [path.name for path in built] == ["five", "four", "one", "three", "two"]
    assert len(calls(tmp_path)) == 4 + 5  # objects: x for each ABI, l, r; programs

    guest_build.build_apps(out, 2, compiler)
    assert calls(tmp_path) == []

    (apps / "src/linux/two/b.c").write_text("changed")
    guest_build.build_apps(out, 2, compiler)
    assert [line.count("src/linux/two/") for line in calls(tmp_path)] == [2]

    (apps / "lib/linux/l.c").write_text("changed")
    guest_build.build_apps(out, 2, compiler)
    assert len(calls(tmp_path)) == 1 + 4  # the object, and every program of its ABI

    (out / "one").unlink()
    (apps / "src/rcore/three.c").unlink()
    guest_build.build_apps(out, 2, compiler)
    assert len(calls(tmp_path)) == 1
    assert sorted(path.name for path in out.iterdir()) == [".build", "five", "four", "one", "two"]


def test_two_programs_of_one_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for folder in guest_build.ABI_OF_FOLDER:
        (tmp_path / "src" / folder).mkdir(parents=True)
        (tmp_path / "src" / folder / "same.c").touch()
    monkeypatch.setattr(guest_build, "USER_APPS", tmp_path)
    with pytest.raises(BuildError, match="two programs are called same"):
        guest_build.programs()


def hello(compiler: Compiler, abi: guest_build.Abi, folder: Path, source: Path | None = None) -> bytes:
    """A compiled hello; `source` is the folder of its C file, if not `folder`."""
    path = (source or folder) / "hello.c"
    path.write_text(HELLO)
    return guest_build.compile_program([path], folder / "hello", abi, compiler=compiler).read_bytes()


@pytest.mark.parametrize("compiler", compilers(), ids=lambda compiler: Path(compiler.command[0]).name)
class TestElf:
    """What comes out, with every compiler of this host."""

    @pytest.mark.parametrize(("abi", "number"), [("linux", 1), ("rcore", 2)])
    def test_states_its_abi(self, compiler: Compiler, abi: guest_build.Abi, number: int, tmp_path: Path) -> None:
        image = ELFFile(BytesIO(hello(compiler, abi, tmp_path)))
        notes = [segment.data() for segment in image.iter_segments("PT_NOTE")]
        assert notes == [struct.pack("<3I8sII", 6, 8, 1, b"rvsim", number, 0)]

    def test_segments(self, compiler: Compiler, tmp_path: Path) -> None:
        """Code, constants and data apart: nothing is both writable and executable."""
        image = ELFFile(BytesIO(hello(compiler, "linux", tmp_path)))
        assert (image["e_machine"], image["e_type"], image.elfclass) == ("EM_RISCV", "ET_EXEC", 64)
        loaded = list(image.iter_segments("PT_LOAD"))
        assert [segment["p_flags"] for segment in loaded] == [5, 4, 6]
        assert all(segment["p_vaddr"] % 4096 == 0 for segment in loaded)
        assert not list(image.iter_segments("PT_INTERP"))
        assert image.has_dwarf_info()

    def test_reproducible(self, compiler: Compiler, tmp_path: Path) -> None:
        first, second = tmp_path / "a", tmp_path / "b"
        first.mkdir()
        second.mkdir()
        image = hello(compiler, "linux", first)
        assert str(guest_build.USER_APPS).encode() not in image
        assert image == hello(compiler, "linux", second, source=first)

    def test_refused_source(self, compiler: Compiler, tmp_path: Path) -> None:
        source = tmp_path / "bad.c"
        source.write_text("int main(void) { return nothing; }\n")
        with pytest.raises(BuildError, match="nothing"):
            guest_build.compile_program([source], tmp_path / "bad", compiler=compiler)
        assert not (tmp_path / "bad").exists()


def test_musl(tmp_path: Path) -> None:
    source = tmp_path / "hello.c"
    source.write_text('#include <stdio.h>\nint main(void) { printf("%.2f\\n", 3.14); return 0; }\n')
    image = ELFFile(BytesIO(guest_build.compile_musl(source, tmp_path / "hello").read_bytes()))
    assert image["e_machine"] == "EM_RISCV"
    assert not list(image.iter_segments("PT_INTERP"))


def test_command_line_without_a_compiler(tmp_path: Path) -> None:
    environ = os.environ | {"RISCV_CC": "/no/such/cc"}
    command = [sys.executable, "-m", "rvsim.tools.guest_build", "--out", str(tmp_path)]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr == "Error: the RISC-V compiler does not start: /no/such/cc: No such file or directory\n"
