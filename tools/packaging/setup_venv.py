"""Make `.venv/` in the checkout: `python3 tools/packaging/setup_venv.py install|gate`, as the Makefile calls it.

`install` makes the environment and installs rvsim into it, editable, with the extra `dev`; `gate` recompiles the trap
gate in place. Standard library only; everything printed goes to standard error, what pip says to `.venv/setup.log`.
Needs no root: where Debian has split Python's headers or venv module off into packages that are not installed, these
packages are downloaded and unpacked under `.venv/`, not installed.
"""

from __future__ import annotations

import glob
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile

if sys.version_info < (3, 11):
    have = ".".join(map(str, sys.version_info[:3]))
    sys.exit(f"rvsim: Python {have} is too old: install Python 3.11 or newer, or name one with `make PYTHON=… …`")

import importlib.util
import tomllib
from pathlib import Path
from typing import NoReturn

import host_compiler

CHECKOUT = Path(__file__).resolve().parent.parent.parent
VENV = CHECKOUT / ".venv"
PYTHON = VENV / "bin" / "python"
LOG = VENV / "setup.log"
UNPACKED = VENV / "debian"


def say(words: str) -> None:
    print(f"rvsim: {words}", file=sys.stderr, flush=True)


def fail(words: str) -> NoReturn:
    sys.exit(f"rvsim: {words}")


def works(*command: str | Path) -> bool:
    try:
        return subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL, check=False).returncode == 0
    except OSError:
        return False


def logged(what: str, *command: str | Path, env: dict[str, str] | None = None) -> None:
    """Run `command` with its output in the log; end with the log's last words if it fails."""
    with LOG.open("ab") as log:
        log.write(f"\n$ {' '.join(map(str, command))}\n".encode())
        log.flush()
        start = log.tell()
        status = subprocess.run(
            command, cwd=CHECKOUT, env=env, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, check=False
        ).returncode
    if status:
        text = LOG.read_bytes()[start:].decode(errors="replace")
        print("".join(f"  {line}\n" for line in text.splitlines()[-12:]), end="", file=sys.stderr)
        fail(f"{what} failed; all that was said is in {LOG.relative_to(CHECKOUT)}")


def unpack_debian(package: str) -> bool:
    """Download a Debian package and unpack it under `.venv/debian`; False where there is no APT or no such package."""
    if not (shutil.which("apt-get") and shutil.which("dpkg-deb")):
        return False
    UNPACKED.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(
            ["apt-get", "download", package], cwd=folder, capture_output=True, stdin=subprocess.DEVNULL, check=False
        )
        return any(works("dpkg-deb", "-x", deb, UNPACKED) for deb in glob.glob(f"{folder}/*.deb"))


def make_venv() -> None:
    """Make the environment, unless a working one is there."""
    if works(PYTHON, "-m", "pip", "--version"):
        return
    say("making .venv")
    if importlib.util.find_spec("ensurepip") and works(sys.executable, "-m", "venv", "--clear", VENV):
        return
    # Debian without python3-venv: the same environment, with pip from the package that python3-venv would bring.
    if works(sys.executable, "-m", "venv", "--clear", "--without-pip", VENV) and unpack_debian("python3-pip-whl"):
        for wheel in glob.glob(f"{UNPACKED}/usr/share/python-wheels/pip-*.whl"):
            if works(PYTHON, f"{wheel}/pip", "install", "--no-index", wheel):
                return
    shutil.rmtree(VENV, ignore_errors=True)
    fail(f"{sys.executable} cannot make a virtual environment: install its venv module (Debian: python3-venv)")


def header_flags() -> str:
    """Compiler flags for Python's headers where they are not installed, else an empty string."""
    include = sysconfig.get_path("include")
    if os.path.exists(f"{include}/Python.h"):
        return ""
    name = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    root = UNPACKED / "usr" / "include"
    if (root / name / "Python.h").exists() or (unpack_debian(f"lib{name}-dev") and (root / name / "Python.h").exists()):
        return f"-I{root / name} -I{root}"
    fail(f"{include}/Python.h is missing: install Python's headers (Debian: python3-dev), then try again")


def build_environment() -> dict[str, str]:
    """The environment to compile the trap gate in."""
    flags = header_flags()
    if not flags:
        return dict(os.environ)
    return {**os.environ, "CPPFLAGS": f"{flags} {os.environ.get('CPPFLAGS', '')}".strip()}


def build_requirements() -> list[str]:
    """What the build needs: as pyproject.toml says, and a C compiler where the machine has none."""
    with (CHECKOUT / "pyproject.toml").open("rb") as file:
        requires: list[str] = tomllib.load(file)["build-system"]["requires"]
    return requires if host_compiler.compiler_environment() is not None else [*requires, host_compiler.ZIG]


def install() -> None:
    """Make the environment and install rvsim into it, editable, with the extra `dev`."""
    make_venv()
    LOG.unlink(missing_ok=True)
    environment = build_environment()
    pip = (PYTHON, "-m", "pip", "--disable-pip-version-check", "--no-input", "install")
    say("installing the build tools")
    logged("pip", *pip, *build_requirements())
    say("compiling the trap gate and installing what rvsim uses")
    logged("the installation", *pip, "--no-build-isolation", "-e", ".[dev]", env=environment)
    (VENV / ".installed").touch()


def gate() -> None:
    """Compile the trap gate in place, unless what is there is newer than its source."""
    sources = list(CHECKOUT.glob("emu/*.px[idy]"))
    modules = [*CHECKOUT.glob("emu/_gate.*.so")]
    newest = max((source.stat().st_mtime for source in sources), default=0)
    if not modules or min(module.stat().st_mtime for module in modules) < newest:
        say("compiling the trap gate")
        script = CHECKOUT / "tools" / "packaging" / "rvsim_build.py"
        logged("the compiler", PYTHON, script, env=build_environment())
    (VENV / ".gate").touch()


if __name__ == "__main__":
    if sys.argv[1:] == ["install"]:
        install()
    elif sys.argv[1:] == ["gate"]:
        gate()
    else:
        fail("usage: setup_venv.py install|gate")
