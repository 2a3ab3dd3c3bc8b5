"""A built wheel works by itself: no checkout, no compiler."""

from __future__ import annotations

import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel in `dist/` if there is one (`make wheel`), else one built now."""
    made = sorted((CHECKOUT / "dist").glob("rvsim-*.whl"))
    if made:
        return made[-1]
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", folder, CHECKOUT],
        check=True,
    )
    return next(folder.glob("rvsim-*.whl"))


@pytest.mark.slow
def test_the_wheel_carries_programs_and_no_sources(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    for expected in ("user_apps/bin/initproc", "user_apps/bin/hello", "py.typed", "tools/cli.py",
                     "tools/trace/page.html"):
        assert f"rvsim/{expected}" in names
    assert any(name.startswith("rvsim/emu/_gate.") and name.endswith(".so") for name in names)
    assert not [name for name in names if name.startswith("rvsim/tests") or name.endswith((".c", ".pyx", ".o"))]


@pytest.mark.slow
def test_the_wheel_runs_where_there_is_no_compiler(wheel: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    environment = tmp_path / "venv"
    venv.create(environment, with_pip=True)
    subprocess.run([environment / "bin" / "python", "-m", "pip", "install", "-q", wheel], check=True)
    done = subprocess.run(
        [environment / "bin" / "rvsim", "run", "initproc"],
        cwd=home,
        env={"PATH": str(environment / "bin"), "HOME": str(home)},
        input=b"ls /bin\nexit\n",
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"usertests" in done.stdout
