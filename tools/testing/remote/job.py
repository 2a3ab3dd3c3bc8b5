"""What a run needs on the workers: which files, and how pytest is to be called."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from rvsim.tools.testing.options import results_folder
from rvsim.tools.testing.remote.bundle import Bundle, add_suite

_OWN = ("--rvsim-dist", "--rvsim-dist-files")


def bundle_of(config: pytest.Config, items: list[pytest.Item]) -> tuple[Bundle, Path]:
    """What the items need, and the directory that has it all in it. Raises OSError, TooMuch."""
    from rvsim.tools.testing.collect import RvtestItem

    root, here = Path(os.path.abspath(config.rootpath)), Path(os.path.abspath(config.invocation_params.dir))
    bundle = Bundle(Path(os.path.abspath(results_folder(config).folder)))
    by_file: dict[Path, list[pytest.Item]] = {}
    for item in items:
        by_file.setdefault(Path(os.path.abspath(item.path)), []).append(item)
    for file, found in by_file.items():
        bundle.add(file)
        bundle.add_above(file.parent, root)
        cases = [item for item in found if isinstance(item, RvtestItem)]
        if cases:
            add_suite(bundle, cases[0].suite, [item.test for item in cases], file.parent)
        if len(cases) < len(found):
            bundle.add_sources(file.parent)
    for folder in config.getini("pythonpath") if any(file.suffix == ".py" for file in by_file) else ():
        bundle.add_sources(Path(folder))
    for pattern in config.getoption("rvsim_dist_files"):
        paths = sorted(root.glob(pattern)) if not os.path.isabs(pattern) else []
        if not paths:
            raise pytest.UsageError(f"--dist-files: {pattern!r} is no file below {root}")
        for path in paths:
            (bundle.add_sources if path.is_dir() else bundle.add)(path)
    if config.inipath is not None:
        bundle.add(config.inipath)
    return bundle, bundle.base(root, here)


def job_facts(config: pytest.Config, items: list[pytest.Item], base: Path) -> dict[str, Any]:
    """What a worker must know to run pytest as it would be run here."""
    here = Path(os.path.abspath(config.invocation_params.dir))
    files = dict.fromkeys(os.path.relpath(os.path.abspath(item.path), base) for item in items)
    return {
        "tests": list(files), "base": str(base), "cwd": os.path.relpath(here, base),
        "root": os.path.relpath(os.path.abspath(config.rootpath), base),
        "ini": None if config.inipath is None else os.path.relpath(os.path.abspath(config.inipath), base),
        "addopts": os.environ.get("PYTEST_ADDOPTS", ""), "results": str(results_folder(config).folder),
        "arguments": worker_arguments([str(word) for word in config.invocation_params.args], here, base)}


def worker_arguments(words: list[str], here: Path, base: Path) -> list[str]:
    """A command line as a worker is to have it: without what is about the cluster, and with paths that are the same in
    its copy of the files."""
    found: list[str] = []
    skip = False
    for word in words:
        name = word.partition("=")[0]
        if skip:
            skip = False
        elif name in _OWN:
            skip = "=" not in word
        else:
            path = word.partition("::")[0]
            if os.path.isabs(path) and Path(os.path.abspath(path)).is_relative_to(base):
                word = os.path.relpath(path, here) + word[len(path):]
            found.append(word)
    return found
