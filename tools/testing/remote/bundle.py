"""What travels: the files of this host that the chosen cases need, each named by its digest.

On a worker they stand in a directory as they stand here, from the lowest directory up that has them all in it; so every
relative path leads to the same file. Nothing is sent here: a job is a list of names, and `Bundle.data` has the bytes.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rvsim.tools.testing.remote.store import digest_of

if TYPE_CHECKING:
    from rvsim.tools.testing.reading import Test
    from rvsim.tools.testing.suite import Match, Suite

MOST_FILES = 50_000
IMAGE_BYTES = 1 << 20
"""Other files from this size on are images to a worker, and not copied for each run."""
_PASSED_OVER = ("__pycache__", "node_modules")


class TooMuch(Exception):
    """More files than anybody means to send: one line."""


@dataclass
class Bundle:
    """The files. `left_out`: a directory that never travels; `base`: the lowest that has all in it, once it is asked.

    Attributes:
        kinds: by absolute path: `file`, which is copied; `image`, which a worker takes as it lies in its store; `link`;
            `folder`.
        data: by digest, what has these bytes: a path, or the bytes themselves.
    """

    left_out: Path
    kinds: dict[Path, str] = field(default_factory=dict)
    data: dict[str, Path | bytes] = field(default_factory=dict)
    _walked: set[Path] = field(default_factory=set)

    # ---- what is in it

    def add(self, path: Path, *, image: bool = False) -> None:
        """A file, if it is there; of a directory, all that is in it. `image`: of a file, it is one."""
        path = Path(os.path.abspath(path))
        if path.is_dir():
            self.add_all(path)
        elif path.is_file():
            self.kinds.setdefault(path, "image" if image else "file")

    def add_all(self, folder: Path) -> None:
        """A directory as it is, with links, modes and empty directories."""
        folder = Path(os.path.abspath(folder))
        self.kinds[folder] = "folder"
        for place, folders, files in os.walk(folder):
            for name in (*folders, *files):
                path = Path(place) / name
                mode = os.lstat(path).st_mode
                if stat.S_ISLNK(mode) or stat.S_ISREG(mode) or stat.S_ISDIR(mode):
                    self.kinds[path] = "link" if stat.S_ISLNK(mode) else "file" if stat.S_ISREG(mode) else "folder"
            self._count(folder)

    def add_sources(self, folder: Path) -> None:
        """What tests in a directory may want of it and of those below: all but what is hidden, made by Python, a
        virtual environment, or what failed tests have left."""
        folder = Path(os.path.abspath(folder))
        for place, folders, files in os.walk(folder):
            here = Path(place)
            folders[:] = sorted(name for name in folders if not name.startswith(".") and name not in _PASSED_OVER
                                and not (here / name / "pyvenv.cfg").exists() and here / name != self.left_out
                                and here / name not in self._walked)
            self._walked.add(here)
            for name in files:
                path = here / name
                if not name.startswith(".") and not name.endswith(".pyc") and path.is_file():
                    self.kinds.setdefault(path, "image" if path.stat().st_size >= IMAGE_BYTES else "file")
            self._count(folder)

    def _count(self, folder: Path) -> None:
        if len(self.kinds) > MOST_FILES:
            raise TooMuch(f"the tests need more than {MOST_FILES:,} files, most of them below {folder}; move the "
                          "tests to a directory of their own")

    def add_above(self, folder: Path, root: Path) -> None:
        """What pytest reads above a test, up to `root`: conftest.py with the modules beside it, and packages."""
        for above in (folder, *folder.parents):
            conftest = above / "conftest.py"
            self.add(above / "__init__.py")
            if conftest.is_file():
                for path in above.glob("*.py"):
                    self.add(path)
            if above == root or root not in above.parents:
                break

    # ---- what it comes to

    def base(self, *places: Path) -> Path:
        """The lowest directory that has everything in it, and `places`."""
        return Path(os.path.commonpath([*(path.parent for path in self.kinds), *places]))

    def job(self, base: Path, facts: dict[str, Any]) -> str:
        """Make the job, and give its digest. `facts`: what else a worker must know. Raises OSError: a file is gone."""
        files = [self._entry(path, kind, base) for path, kind in sorted(self.kinds.items())]
        text = json.dumps({**facts, "files": files}, sort_keys=True).encode()
        digest = hashlib.sha256(text).hexdigest()
        self.data[digest] = text
        return digest

    def _entry(self, path: Path, kind: str, base: Path) -> dict[str, Any]:
        entry: dict[str, Any] = {"path": str(path.relative_to(base)), "kind": kind}
        if kind == "link":
            return entry | {"target": os.readlink(path)}
        st = os.stat(path)
        entry |= {"mode": stat.S_IMODE(st.st_mode), "mtime_ns": st.st_mtime_ns}
        if kind == "folder":
            return entry
        digest = digest_of(path)
        self.data.setdefault(digest, path)
        return entry | {"digest": digest}


def add_suite(bundle: Bundle, suite: Suite, tests: Iterable[Test], folder: Path) -> None:
    """What a test file names, as far as it is there. What an absolute path names must be on the workers."""
    from rvsim.tools.testing.image import programs_of

    for pattern in _relative(suite.programs):
        try:
            found = programs_of([pattern], folder)
        except ValueError:
            continue                    # said where it is run
        for path in found:
            bundle.add(path)
    for name in _relative([suite.image, suite.root]):
        bundle.add(_without_name(folder / name), image=True)
    for name in _relative(suite.shares.values()):
        bundle.add(folder / name)
    for test in tests:
        for name in _relative(_named(test)):
            bundle.add(folder / name)


def _relative(names: Iterable[str | None]) -> Iterator[str]:
    return (name for name in names if name and not os.path.isabs(name))


def _named(test: Test) -> Iterator[str | None]:
    case = test.case
    if case.argv and case.argv[0].startswith(("./", "../")):
        yield case.argv[0]
    for put_in in case.files.values():
        yield put_in.host
    matches: Sequence[Match | None] = (case.expect.output, case.expect.errors, *case.expect.files.values())
    for match in matches:
        yield None if match is None else match.golden


def _without_name(path: Path) -> Path:
    """Of `images.tar:debian:13`, the file."""
    text = str(path)
    at = len(text)
    while at > 0 and not os.path.lexists(text[:at]):
        at = text.rfind(":", 0, at)
    return Path(text[:at]) if at > 0 else path
