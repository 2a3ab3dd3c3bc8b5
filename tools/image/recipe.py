"""`rvsim.toml`: what an image is made of. What reads the file is also where its documentation comes from."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rvsim.tools.errors import reason
from rvsim.tools.image.errors import ImageError
from rvsim.tools.toml.kinds import (
    Choice,
    Guestly,
    Kind,
    ListOf,
    Record,
    TableOf,
    Text,
    Where,
    Words,
    Wrong,
    key,
    name_of,
)
from rvsim.tools.toml.reading import MOST_BYTES, read_toml

FILE_NAME = "rvsim.toml"
ABIS = ("linux", "rcore", "rcore:5", "rcore:6", "rcore:7", "rcore:8")
COMPRESSIONS = ("none", "gzip", "zstd")
KEEPABLE = ("modes", "owners", "times", "xattrs")
_OWNER = re.compile(r"(\d{1,10}):(\d{1,10})", re.ASCII)
_MODE = re.compile(r"[0-7]{1,4}")
_ID_LIMIT = (1 << 32) - 1


class Owner:
    """UID:GID."""

    says = 'an owner such as "0:0", by numbers'

    def read(self, value: Any, where: Where) -> tuple[int, int]:
        """Raises Wrong."""
        try:
            return parse_owner(value if isinstance(value, str) else "")
        except ValueError:
            raise Wrong(where, f"must be {self.says}") from None

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "pattern": "^[0-9]+:[0-9]+$"}


def parse_owner(text: str) -> tuple[int, int]:
    """`UID:GID`. Raises ValueError: it is none."""
    found = _OWNER.fullmatch(text)
    if found is None or max(int(found[1]), int(found[2])) >= _ID_LIMIT:
        raise ValueError(f"{text!r} is no owner; write UID:GID in numbers, such as 0:0")
    return int(found[1]), int(found[2])


class Mode:
    """Permissions."""

    says = 'permissions in octal such as "755"'

    def read(self, value: Any, where: Where) -> int:
        """Raises Wrong."""
        if not isinstance(value, str) or not _MODE.fullmatch(value):
            raise Wrong(where, f"must be {self.says}")
        return int(value, 8)

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "pattern": "^[0-7]{1,4}$"}


@dataclass(frozen=True)
class PutFile:
    """One file of a layer: exactly one of `host`, `text`, `program` and `link`."""

    host: str | None = key(Guestly(), "This file of the host, with all in it if it is a directory.", None)
    text: str | None = key(Text(), "A file with this in it.", None)
    program: str | None = key(Guestly(), "The program of the built-in system that has this name.", None)
    link: str | None = key(Guestly(), "A symbolic link to this.", None)
    mode: int | None = key(Mode(), 'Its permissions, in octal, such as "755"; without it, as those of a layer.', None)
    owner: tuple[int, int] | None = key(Owner(), 'Its owner, "UID:GID"; without it, as those of a layer.', None)

    def check(self, where: Where) -> None:
        """Raises Wrong."""
        if sum(one is not None for one in (self.host, self.text, self.program, self.link)) != 1:
            raise Wrong(where, "exactly one of host, text, program and link must be given")
        if self.link == "":
            raise Wrong((*where, "link"), "must name something")


PUT_FILE = Record(PutFile, "with one of host, text, program, link")


class Put:
    """A path of the host, or what a record says."""

    says = f"a path of the host, or {PUT_FILE.says}"

    def read(self, value: Any, where: Where) -> PutFile:
        """Raises Wrong."""
        return PUT_FILE.read({"host": value} if isinstance(value, str) else value, where)

    def schema(self) -> dict[str, Any]:
        return {"oneOf": [{"type": "string"}, PUT_FILE.schema()]}


_KEEP: Kind = ListOf(Choice(*KEEPABLE), single=True)
_KEEP_DOC = "What is taken as the host has it, instead of being made the same everywhere."


@dataclass(frozen=True)
class LayerKeys:
    """One layer."""

    dir: str | None = key(Guestly(), "All that is in this directory of the host.", None)
    to: str = key(Guestly(), "Where in the image it goes.", "/")
    exclude: tuple[str, ...] = key(ListOf(Guestly(), single=True), 'Patterns of what is left out of `dir`, such as '
                                   '"*.o" (a name anywhere) or "/src/*" (a path from `dir` on).', ())
    programs: tuple[str, ...] = key(ListOf(Guestly(), single=True), "Programs for /bin: files of the host, patterns of "
                                    "files, or names of programs of the built-in system.", ())
    files: dict[str, PutFile] = key(TableOf(Put()), "Files by their paths in the image.", {})
    remove: tuple[str, ...] = key(ListOf(Guestly(), single=True), "Paths of the layers below that are no longer to be "
                                  "seen.", ())
    owner: tuple[int, int] | None = key(Owner(), 'Who owns all of it, "UID:GID".', None)
    keep: tuple[str, ...] | None = key(_KEEP, _KEEP_DOC, None)

    def check(self, where: Where) -> None:
        """Raises Wrong."""
        if self.dir is None and not (self.programs or self.files or self.remove):
            raise Wrong(where, "the layer is empty; give dir, programs, files or remove")


LAYER = Record(LayerKeys, "with dir, programs, files or remove")


@dataclass(frozen=True)
class Recipe:
    """A whole image. Paths of the host are relative to the folder of the file."""

    base: str | None = key(Guestly(), "An image whose layers lie below, and whose settings count where none are given "
                           "here: whatever `rvsim run --image` takes, `PATH:NAME` too.", None)
    layer: tuple[LayerKeys, ...] = key(ListOf(LAYER), "The layers, from the lowest up, as `[[layer]]`.", ())
    entrypoint: tuple[str, ...] | None = key(Words(), "The program that runs, and the arguments it always has.", None)
    cmd: tuple[str, ...] | None = key(Words(), "Arguments that come behind, unless others are given when it is run; "
                                      "without an entrypoint, the whole command.", None)
    env: dict[str, str] = key(TableOf(Guestly()), "Variables.", {})
    workdir: str | None = key(Guestly(), "The directory in which it begins.", None)
    user: str | None = key(Guestly(), "USER or USER:GROUP that it runs as, by names of the image's /etc/passwd or by "
                           "numbers.", None)
    abi: str | None = key(Choice(*ABIS), "The system calls of its programs, for `rvsim run`; without it, the programs "
                          "say.", None)
    labels: dict[str, str] = key(TableOf(Guestly()), "Labels.", {})
    name: str | None = key(Guestly(), 'What the image is called in the file; "latest" without it.', None)
    output: str | None = key(Guestly(), "Where it is written, unless -o says: a file that ends in .tar, else a "
                             "directory. `image.tar` without it.", None)
    compress: str = key(Choice(*COMPRESSIONS), "How new layers are compressed.", "none")
    owner: tuple[int, int] = key(Owner(), 'Who owns what is new, "UID:GID".', (0, 0))
    keep: tuple[str, ...] = key(_KEEP, _KEEP_DOC, ())

    def check(self, where: Where) -> None:
        """Raises Wrong."""
        for name in self.env:
            if "=" in name:
                raise Wrong((*where, "env", name), "the name of a variable has no = in it")


RECIPE = Record(Recipe, "with what the image is made of")
RECORDS: tuple[tuple[str, Record[Any]], ...] = (
    ("The file", RECIPE), ("`[[layer]]`", LAYER), ("A file in `files`", PUT_FILE),
)


def read_recipe(path: Path) -> Recipe:
    """The recipe in a file. Raises ImageError: it cannot be read, or says what makes no sense."""
    try:
        with open(path, "rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise ImageError(f"{path}: {reason(error)}; write one as docs/images.md describes it") from None
    return read_toml(data, str(path), lambda raw, _places: RECIPE.read(raw, ()), ImageError)


def reference() -> str:
    """The keys as Markdown, a table for each record."""
    lines = []
    for heading, record in RECORDS:
        lines += [f"### {heading}", "", "| key | value | meaning |", "|---|---|---|"]
        for field in record.fields().values():
            says = field.metadata["kind"].says.replace("|", "\\|")
            lines.append(f"| `{name_of(field)}` | {says} | {field.metadata['doc']} |")
        lines.append("")
    return "\n".join(lines)

