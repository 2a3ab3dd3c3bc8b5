"""`rvsim corpus fetch`: Debian's riscv64 packages, unpacked into a tree that programs run from."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click

from rvsim.tools.apt import Apt, AptError
from rvsim.tools.deb import BadPackage, Deb, record, unpacked
from rvsim.tools.errors import CliError

SUITE = "trixie"
PACKAGES = (
    "base-files", "base-passwd", "busybox-static", "bash", "dash", "coreutils", "grep", "sed", "gawk", "findutils",
    "diffutils", "tar", "gzip", "xz-utils", "bzip2", "lua5.4", "sqlite3", "less", "ncurses-base",
    "procps", "psmisc", "lsof", "sysvinit-utils",
)
"""What the tests run."""

_MERGED = ("bin", "sbin", "lib")
_FOLDERS = {"dev": 0o755, "proc": 0o555, "sys": 0o555, "run": 0o755, "tmp": 0o1777, "root": 0o700, "var/tmp": 0o1777}
_ALTERNATIVES = {
    "usr/bin/awk": ("gawk", "mawk"), "usr/bin/lua": ("lua5.4",), "usr/bin/cc": ("gcc",), "usr/bin/vi": ("vim.tiny",),
    "usr/bin/pager": ("less", "more"), "usr/bin/nc": ("nc.traditional", "nc.openbsd"),
}
"""Names that update-alternatives(1) makes when a package is configured: the first target that is there."""


class CorpusError(Exception):
    """The packages cannot be had; one line."""


def corpus_home() -> Path:
    """Where packages are kept: `rvsim/corpus` in the user's cache directory."""
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return Path(base) / "rvsim" / "corpus"


def default_root(suite: str = SUITE) -> Path:
    """The tree that the tests run from."""
    return corpus_home() / f"{suite}-root"


def fetch(packages: Sequence[str] = PACKAGES, into: Path | None = None, suite: str = SUITE) -> Path:
    """Bring `packages` and what they depend on into a tree; returns it. What is there already costs nothing.

    Raises:
        CorpusError: there is no APT, no network, no such package, or no room.
    """
    root = into or default_root(suite)
    try:
        with _locked(corpus_home()):
            wanted = [name for name in packages if name not in unpacked(root)]
            if wanted:
                _bring(wanted, root, suite)
    except (AptError, BadPackage) as error:
        raise CorpusError(str(error)) from None
    except OSError as error:
        raise CorpusError(f"{error.filename or root}: {error.strerror}") from None
    return root


def _bring(names: Sequence[str], root: Path, suite: str) -> None:
    apt = Apt(corpus_home() / f"apt-{suite}", suite)
    apt.update()
    try:
        files = apt.download(names)
    except AptError:                               # the mirror may have moved on since the lists were read
        apt.update(force=True)
        files = apt.download(names)
    prepare(root)
    there = unpacked(root)
    for path in files:
        deb = Deb(path)
        if there.get(deb.name) != deb.version:
            record(root, deb, deb.unpack(root))
    finish(root)


def prepare(root: Path) -> None:
    """Make an empty tree: the folders of a Debian system, with `/bin`, `/sbin` and `/lib` merged into `/usr`."""
    for name in _MERGED:
        (root / "usr" / name).mkdir(parents=True, exist_ok=True)
        if not (root / name).is_symlink():
            (root / name).symlink_to(f"usr/{name}")
    for name, mode in _FOLDERS.items():
        (root / name).mkdir(parents=True, exist_ok=True)
        (root / name).chmod(mode)


def finish(root: Path) -> None:
    """What the packages' maintainer scripts would have made, as far as programs need it."""
    for name in ("passwd", "group"):
        target = root / "etc" / name
        master = root / "usr/share/base-passwd" / f"{name}.master"
        if not target.exists() and master.exists():
            target.parent.mkdir(exist_ok=True)
            target.write_text(master.read_text().replace(":*:", "::"))
    for name, choices in _ALTERNATIVES.items():
        link = root / name
        found = next((choice for choice in choices if (link.parent / choice).exists()), None)
        if found and not link.exists():
            link.symlink_to(found)


@contextmanager
def _locked(home: Path) -> Iterator[None]:
    """Keep two runs from filling one cache at the same time."""
    home.mkdir(parents=True, exist_ok=True)
    with open(home / "lock", "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@click.group(invoke_without_command=True)
@click.pass_context
def corpus(ctx: click.Context) -> None:
    """Real programs to run: Debian's packages for riscv64."""
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


@corpus.command(name="fetch", epilog="""\b
Examples:
  rvsim corpus fetch                     what the tests run, into the cache
  rvsim corpus fetch python3 --into py   python3 and all it needs, into py/
""")
@click.option("--into", type=click.Path(file_okay=False, path_type=Path), metavar="DIR",
              help="The tree to unpack into [default: one in the user's cache].")
@click.option("--suite", default=SUITE, show_default=True, help="Debian's release.")
@click.argument("packages", nargs=-1, metavar="[PACKAGE]...")
def fetch_command(into: Path | None, suite: str, packages: tuple[str, ...]) -> None:
    """Bring PACKAGEs and what they depend on from the machine's own APT mirror and unpack them; needs no root.

    Prints where the tree is.
    """
    for name in packages:
        if name.startswith("-"):
            raise CliError(f"{name!r} is no package's name")
    try:
        root = fetch(packages or PACKAGES, into, suite)
    except CorpusError as error:
        raise CliError(f"corpus: {error}") from None
    click.echo(root)
