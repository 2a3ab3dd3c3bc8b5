"""Compile the guest programs: `user_apps/src` and the library in `user_apps/lib` into `user_apps/bin`.

Any public RISC-V toolchain will do. Only what changed is compiled: an object's name carries the digest of everything
that went into it, and each program has a stamp beside it in `bin/.build`.

A program's ABI is the folder it lives in: `src/rcore` is `rcore`; `src/linux`, `src/proc` and `src/bench` are `linux`.
A folder inside those is one program of several files.

The command line is `python -m rvsim.tools.guest_build [--out DIR] [--jobs N]`.
"""

import hashlib
import importlib.util
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import click

Abi = Literal["linux", "rcore"]

USER_APPS = Path(__file__).resolve().parent.parent / "user_apps"
DEFAULT_OUT = USER_APPS / "bin"
ABI_OF_FOLDER: dict[str, Abi] = {"rcore": "rcore", "linux": "linux", "proc": "linux", "bench": "linux"}
GCC_NAMES = ("riscv64-unknown-elf-gcc", "riscv64-linux-gnu-gcc")

COMPILE_FLAGS = (
    "-std=c11", "-O2", "-g", "-Wall", "-Wextra", "-Werror", "-ffreestanding", "-fno-pic", "-fno-pie",
    "-mcmodel=medany", "-mabi=lp64d", "-ffunction-sections", "-fdata-sections", "-fno-stack-protector",
    "-fno-asynchronous-unwind-tables", "-fno-common",
)  # fmt: skip
LINK_FLAGS = (
    "-nostdlib", "-static", "-Wl,--gc-sections", "-Wl,--build-id=none", "-Wl,-z,norelro", "-Wl,-T,lib/program.ld",
)  # fmt: skip
GCC_FLAGS = ("-march=rv64gc",)
ZIG_FLAGS = ("-target", "riscv64-freestanding-none", "-mcpu=baseline_rv64", "-fno-sanitize=undefined")


class BuildError(Exception):
    """The programs cannot be built; the message is one line for the user, then what the compiler said."""


@dataclass(frozen=True)
class Compiler:
    """A C compiler for bare RV64GC: the words to start it with, and what tells one version from another."""

    command: tuple[str, ...]
    identity: str


@dataclass(frozen=True)
class Program:
    """One guest program: its files relative to `user_apps`, the first of which has its opening comment."""

    name: str
    abi: Abi
    sources: tuple[Path, ...]


def find_compiler(environ: Mapping[str, str] = os.environ) -> Compiler:
    """The compiler: `RISCV_CC` if set, else a RISC-V gcc on the PATH, else the Python package ziglang.

    Raises:
        BuildError: there is none, or it does not start.
    """
    chosen = environ.get("RISCV_CC", "").strip()
    if chosen:
        return _identify((*shlex.split(chosen), *GCC_FLAGS))
    for name in GCC_NAMES:
        found = shutil.which(name, path=environ.get("PATH"))
        if found:
            return _identify((found, *GCC_FLAGS))
    if importlib.util.find_spec("ziglang"):
        return _identify((*_zig(), "cc", *ZIG_FLAGS))
    raise BuildError(
        "no RISC-V compiler: set RISCV_CC, or install gcc-riscv64-unknown-elf, gcc-riscv64-linux-gnu or "
        "the Python package ziglang"
    )


def zig_compiler() -> Compiler:
    """ziglang as the compiler, whatever else there is.

    Raises:
        BuildError: it is not installed.
    """
    return _identify((*_zig(), "cc", *ZIG_FLAGS))


def programs() -> list[Program]:
    """The programs in `user_apps/src`, in the order of their names.

    Raises:
        BuildError: two programs have the same name.
    """
    found: dict[str, Program] = {}
    for folder, abi in ABI_OF_FOLDER.items():
        for entry in sorted((USER_APPS / "src" / folder).iterdir()):
            if entry.is_dir():
                sources = tuple(path.relative_to(USER_APPS) for path in sorted(entry.glob("*.c")))
            elif entry.suffix == ".c":
                sources = (entry.relative_to(USER_APPS),)
            else:
                continue
            if entry.stem in found:
                raise BuildError(f"two programs are called {entry.stem}: {found[entry.stem].sources[0]}, {sources[0]}")
            found[entry.stem] = Program(entry.stem, abi, sources)
    return [found[name] for name in sorted(found)]


def build_apps(out_dir: Path = DEFAULT_OUT, jobs: int = 2, compiler: Compiler | None = None) -> list[Path]:
    """Bring every program in `out_dir` up to date; returns their paths. Programs without a source are removed.

    Raises:
        BuildError: no compiler, or it refused a file.
    """
    compiler = compiler or find_compiler()
    work = out_dir.resolve() / ".build"
    work.mkdir(parents=True, exist_ok=True)
    wanted = programs()
    with ThreadPoolExecutor(jobs) as pool:
        library = {abi: _library(abi, work, compiler, pool) for abi in sorted(set(ABI_OF_FOLDER.values()))}
        built = pool.map(lambda program: _build_program(program, library[program.abi], work, compiler), wanted)
        paths = list(built)
    _remove_orphans(work, {program.name for program in wanted})
    return paths


def compile_program(
    sources: Sequence[Path],
    out: Path,
    abi: Abi = "linux",
    extra_flags: Sequence[str] = (),
    compiler: Compiler | None = None,
) -> Path:
    """Compile `sources` with our library into the program `out`, as `build_apps` does for its own.

    Raises:
        BuildError: no compiler, or it refused a file.
    """
    compiler = compiler or find_compiler()
    work = DEFAULT_OUT / ".build"
    work.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(2) as pool:
        library = _library(abi, work, compiler, pool)
    files = [str(source.resolve()) for source in sources]
    _link(compiler, [*extra_flags, *files], library, out.resolve())
    return out


def compile_musl(source: Path, out: Path, flags: Sequence[str] = ("-O2",)) -> Path:
    """Compile a program against musl, as one static riscv64 Linux executable; needs ziglang.

    Raises:
        BuildError: ziglang is missing, or it refused the file.
    """
    target = ("-target", "riscv64-linux-musl", "-static")
    _run([*_zig(), "cc", *target, *flags, str(source), "-o", str(out)], source.parent)
    return out


def compile_zig(source: Path, out: Path) -> Path:
    """Compile a Zig program without a C library, as one static riscv64 Linux executable; needs ziglang.

    Raises:
        BuildError: ziglang is missing, or it refused the file.
    """
    flags = ("-target", "riscv64-linux", "-O", "ReleaseSmall", "-fno-single-threaded", f"-femit-bin={out}")
    _run([*_zig(), "build-exe", *flags, str(source)], source.parent)
    return out


def compile_host(source: Path, out: Path, flags: Sequence[str] = ("-O2",)) -> Path:
    """Compile a program for this host, with its own C library: `cc`, `gcc` or `clang`, else ziglang.

    Raises:
        BuildError: no compiler, or it refused the file.
    """
    found = next(filter(None, map(shutil.which, ("cc", "gcc", "clang"))), None)
    command = [found] if found else [*_zig(), "cc"]
    _run([*command, *flags, str(source), "-o", str(out)], source.parent)
    return out


def _zig() -> tuple[str, ...]:
    if not importlib.util.find_spec("ziglang"):
        raise BuildError("the Python package ziglang is not installed: pip install ziglang")
    return (sys.executable, "-m", "ziglang")


def _identify(command: tuple[str, ...]) -> Compiler:
    """A compiler with its version, which takes part in every digest."""
    try:
        version = subprocess.run([*command, "--version"], capture_output=True, check=False)
    except OSError as error:
        raise BuildError(f"the RISC-V compiler does not start: {command[0]}: {error.strerror}") from None
    return Compiler(command, " ".join(command[1:]) + version.stdout.decode(errors="replace"))


def _run(command: Sequence[str], cwd: Path) -> None:
    done = subprocess.run(command, cwd=cwd, capture_output=True, check=False)
    if done.returncode != 0:
        said = (done.stderr or done.stdout).decode(errors="replace").strip()
        raise BuildError(f"{shlex.join(command[:1])} failed with status {done.returncode}:\n{said}")


def _digest(compiler: Compiler, files: Sequence[Path], *words: str) -> str:
    state = hashlib.sha256(repr((compiler.identity, COMPILE_FLAGS, LINK_FLAGS, words)).encode())
    for path in files:
        state.update(f"{path.name}\0".encode() + path.read_bytes() + b"\0")
    return state.hexdigest()[:24]


def _compile_flags() -> list[str]:
    """The flags of every compilation, which runs in `user_apps`: no path of this machine reaches the output."""
    return [*COMPILE_FLAGS, f"-ffile-prefix-map={USER_APPS}=user_apps", "-Iinclude"]


def _library(abi: Abi, work: Path, compiler: Compiler, pool: ThreadPoolExecutor) -> list[Path]:
    """The library's objects for one ABI, compiled where needed. A name states its content, so none is ever stale."""
    headers = sorted((*USER_APPS.glob("include/**/*.h"), *USER_APPS.glob("lib/**/*.h")))
    sources = [
        path for folder in (abi, "common") for path in sorted((USER_APPS / "lib" / folder).iterdir())
        if path.suffix in (".c", ".S")
    ]  # fmt: skip

    def compile_one(source: Path) -> Path:
        out = work / f"{source.stem}-{_digest(compiler, [source, *headers], abi)}.o"
        if not out.exists():
            name = str(source.relative_to(USER_APPS))
            _write(out, [*compiler.command, *_compile_flags(), "-c", name])
        return out

    return list(pool.map(compile_one, sources))


def _build_program(program: Program, library: list[Path], work: Path, compiler: Compiler) -> Path:
    out = work.parent / program.name
    stamp = work / f"{program.name}.stamp"
    files = [USER_APPS / source for source in program.sources]
    headers = [*sorted(files[0].parent.glob("*.h")), USER_APPS / "lib/program.ld"]
    digest = _digest(compiler, [*files, *headers], *(path.name for path in library))
    if not (out.exists() and stamp.exists() and stamp.read_text() == digest):
        _link(compiler, [str(source) for source in program.sources], library, out)
        stamp.write_text(digest)
    return out


def _link(compiler: Compiler, inputs: list[str], library: list[Path], out: Path) -> None:
    _write(out, [*compiler.command, *_compile_flags(), *LINK_FLAGS, *inputs, *map(str, library)])


def _write(out: Path, command: list[str]) -> None:
    """Run the compiler into a file beside `out` and move it there, so that `out` is never half a file."""
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=".new-") as folder:
        new = Path(folder) / out.name
        _run([*command, "-o", str(new)], USER_APPS)
        new.replace(out)


def _remove_orphans(work: Path, names: set[str]) -> None:
    for stamp in work.glob("*.stamp"):
        if stamp.stem not in names:
            (work.parent / stamp.stem).unlink(missing_ok=True)
            stamp.unlink()


@click.command()
@click.option("--out", type=click.Path(path_type=Path), default=DEFAULT_OUT, help="Where the programs go.")
@click.option("--jobs", type=click.IntRange(1), default=2, help="How many compilers run at once.")
def main(out: Path, jobs: int) -> None:
    """Compile the guest programs."""
    try:
        built = build_apps(out, jobs)
    except BuildError as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"{len(built)} programs in {out}", err=True)


if __name__ == "__main__":
    main()
