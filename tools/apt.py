"""Debian's packages for riscv64, by name, through the machine's own APT and from the machine's own mirror.

APT runs here with a configuration, a state and a cache of its own: it needs no root, sees an empty dpkg status and
touches nothing of the machine's. What it takes over is the mirror's address, the keyring, and how the network is
reached (`Acquire::http…`); APT itself reads `auth.conf.d`. sources.list(5), apt.conf(5), apt-get(8)
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

ETC_APT = Path("/etc/apt")
KEYRINGS = Path("/usr/share/keyrings")
ARCHITECTURE = "riscv64"
LISTS_FRESH_SECONDS = 24 * 3600
NETWORK_TIMEOUT_SECONDS = 20

_ONE_LINE = re.compile(r"deb\s+(?:\[(?P<options>[^\]]*)\]\s*)?(?P<uri>\S+)\s+(?P<suite>\S+)\s*(?P<components>.*)")
_DEBIAN_PATH = re.compile(r"/debian/*$")
_TAKEN_OVER = re.compile(r"Acquire::(https?|ftp|Retries|ForceIPv|Check-Valid-Until|Check-Date|Proxy)", re.IGNORECASE)
_INSTALLED = re.compile(r"Inst (?P<name>\S+) \((?P<version>\S+) .*\[(?P<architecture>\w+)\]\)")


class AptError(Exception):
    """Packages cannot be had; one line that says why and what to do."""


@dataclass(frozen=True)
class Source:
    """One archive of the machine's: where it is, one of its suites, and the keyring it is signed with, if named."""

    uri: str
    suite: str
    signed_by: str = ""


@dataclass(frozen=True)
class Package:
    """One version of a binary package."""

    name: str
    version: str
    architecture: str

    @property
    def file_name(self) -> str:
        """As APT names it in its cache: the epoch's colon is escaped."""
        return f"{self.name}_{self.version.replace(':', '%3a')}_{self.architecture}.deb"


def one_line_sources(text: str) -> Iterator[Source]:
    """The binary archives of a `sources.list`. sources.list(5), "One-Line-Style Format"."""
    for line in text.splitlines():
        found = _ONE_LINE.match(line.split("#")[0].strip())
        if found:
            options = dict(word.split("=", 1) for word in (found["options"] or "").split() if "=" in word)
            yield Source(found["uri"], found["suite"], options.get("signed-by", ""))


def deb822_sources(text: str) -> Iterator[Source]:
    """The enabled binary archives of a `.sources` file. sources.list(5), "Deb822-Style Format"."""
    for stanza in re.split(r"\n[ \t]*\n", "\n".join(line for line in text.splitlines() if not line.startswith("#"))):
        fields: dict[str, str] = {}
        name = ""
        for line in stanza.splitlines():
            if line[:1] in (" ", "\t"):
                fields[name] = f"{fields.get(name, '')}\n{line.strip()}"
            else:
                name, _, value = line.partition(":")
                name = name.strip().lower()
                fields[name] = value.strip()
        if "deb" not in fields.get("types", "").split() or fields.get("enabled", "yes").lower() in ("no", "false", "0"):
            continue
        signed_by = fields.get("signed-by", "")
        for uri in fields.get("uris", "").split():
            for suite in fields.get("suites", "").split():
                yield Source(uri, suite, signed_by if signed_by.startswith("/") else "")


def machine_sources(etc: Path = ETC_APT) -> list[Source]:
    """Every archive that the machine's APT uses, in the order APT reads them."""
    paths = [etc / "sources.list"]
    parts = etc / "sources.list.d"
    if parts.is_dir():
        paths += sorted(path for path in parts.iterdir() if path.suffix in (".list", ".sources"))
    found: list[Source] = []
    for path in paths:
        try:
            text = path.read_text(errors="replace")
        except OSError:
            continue
        found += deb822_sources(text) if path.suffix == ".sources" else one_line_sources(text)
    return found


def debian_mirror(sources: Sequence[Source]) -> Source:
    """The one that is Debian's main archive.

    Raises:
        AptError: there is none.
    """
    for source in sources:
        if _DEBIAN_PATH.search(source.uri) and not source.suite.endswith(("-security", "/updates")):
            return source
    raise AptError("the machine's APT sources name no Debian archive; add one to /etc/apt/sources.list.d")


class Apt:
    """An APT of our own in `home`, for one suite of the machine's Debian mirror."""

    def __init__(self, home: Path, suite: str, etc: Path = ETC_APT) -> None:
        """Raises AptError: there is no apt-get, or no Debian mirror."""
        if shutil.which("apt-get") is None:
            raise AptError("there is no apt-get here; the packages come through Debian's APT")
        self.home, self.suite = home, suite
        self.mirror = debian_mirror(machine_sources(etc))
        self.archives = home / "cache" / "archives"
        for folder in (self.archives / "partial", home / "state" / "lists" / "partial"):
            folder.mkdir(parents=True, exist_ok=True)
        (home / "status").touch()
        (home / "sources.list").write_text(self._source_line())
        (home / "apt.conf").write_text(self._configuration())

    def _source_line(self) -> str:
        keyring = KEYRINGS / "debian-archive-keyring.gpg"
        signed_by = str(keyring) if keyring.exists() else self.mirror.signed_by
        options = f"arch={ARCHITECTURE}" + (f" signed-by={signed_by}" if signed_by else "")
        return f"deb [{options}] {self.mirror.uri} {self.suite} main\n"

    def _configuration(self) -> str:
        home = self.home
        settings = {
            "APT::Architecture": ARCHITECTURE, "APT::Architectures": ARCHITECTURE,
            "APT::Install-Recommends": "false", "APT::Sandbox::User": "root",
            "Acquire::Languages": "none", "Acquire::http::Timeout": str(NETWORK_TIMEOUT_SECONDS),
            "Acquire::https::Timeout": str(NETWORK_TIMEOUT_SECONDS), "Acquire::Retries": "2",
            "Dir::State": f"{home}/state", "Dir::State::status": f"{home}/status", "Dir::Cache": f"{home}/cache",
            "Dir::Etc::SourceList": f"{home}/sources.list", "Dir::Etc::SourceParts": "/dev/null",
            "Dir::Etc::Main": "/dev/null", "Dir::Etc::Parts": "/dev/null", "Dir::Etc::Preferences": "/dev/null",
            "Dir::Etc::PreferencesParts": "/dev/null",
        }
        lines = [f'{name} "{value}";' for name, value in settings.items()]
        dump = subprocess.run(["apt-config", "dump"], capture_output=True, text=True, check=False)
        lines += [line for line in dump.stdout.splitlines() if _TAKEN_OVER.match(line)]
        return "\n".join(lines) + "\n"

    def _run(self, *words: str) -> str:
        """Run apt-get; returns what it printed.

        Raises:
            AptError: it failed.
        """
        env = os.environ | {"APT_CONFIG": str(self.home / "apt.conf"), "LC_ALL": "C"}
        done = subprocess.run(["apt-get", "-q", *words], capture_output=True, text=True, check=False, env=env,
                              stdin=subprocess.DEVNULL)
        if done.returncode:
            raise AptError(self._reason(words[0], done.stderr + done.stdout))
        return done.stdout

    def _reason(self, action: str, said: str) -> str:
        lines = [line.strip() for line in said.splitlines()]
        error = next((line[2:].strip() for line in lines if line.startswith("E:")), "it failed")
        if "Unable to locate package" in error:
            return f"{error} in {self.suite} for {ARCHITECTURE}; check its name"
        if any(sign in said for sign in ("Could not resolve", "Could not connect", "Failed to fetch")):
            return f"apt-get {action} does not reach the machine's mirror; check the network"
        return f"apt-get {action}: {error}"

    def update(self, force: bool = False) -> None:
        """Bring the lists of packages up to date, at most once a day unless forced.

        Raises:
            AptError: the mirror cannot be reached, or has no such suite.
        """
        stamp = self.home / "updated"
        key = f"{self.mirror.uri} {self.suite}"
        if not force and stamp.exists() and stamp.read_text() == key and (
                time.time() - stamp.stat().st_mtime < LISTS_FRESH_SECONDS):
            return
        self._run("update", "-o", "APT::Update::Error-Mode=any")
        stamp.write_text(key)

    def resolve(self, names: Sequence[str]) -> list[Package]:
        """The packages `names` and all they depend on.

        Raises:
            AptError: a name is unknown, or a dependency cannot be met.
        """
        said = self._run("install", "--simulate", "--yes", *names)
        return [Package(found["name"].split(":")[0], found["version"], found["architecture"])
                for found in map(_INSTALLED.match, said.splitlines()) if found]

    def download(self, names: Sequence[str]) -> list[Path]:
        """Bring `names` and all they depend on into the cache; returns the `.deb` files.

        Raises:
            AptError: as `resolve`, or the network fails.
        """
        packages = self.resolve(names)
        files = [self.archives / package.file_name for package in packages]
        if not all(path.exists() for path in files):
            self._run("install", "--download-only", "--yes", *names)
        missing = [path.name for path in files if not path.exists()]
        if missing:
            raise AptError(f"APT did not leave {missing[0]} in its cache; remove {self.home} and try again")
        return files
