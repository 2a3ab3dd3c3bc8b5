"""Where the members of a new layer go, given the layers below: links are followed, parents that are missing are made.

Many systems have `/bin` as a symbolic link to `usr/bin`. A layer with a directory `bin` in it would take the place of
that link, and what is behind it away. So a directory that lands on a link goes where the link leads, as it would if
it were copied into the running system. A directory that is there already stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterable

from rvsim.guest_os.abi.stat import S_IFDIR, S_IFLNK, S_IFMT, S_IFREG
from rvsim.guest_os.fs.archive import ArchiveDir, ArchiveNode
from rvsim.tools.image.contents import Facts, Member
from rvsim.tools.image.errors import ImageError

_LINKS_LIMIT = 40
Names = tuple[bytes, ...]


class Placing:
    """The members of one layer by their places: paths with no link in them, as names from the root on."""

    def __init__(self, below: ArchiveDir, facts: Facts) -> None:
        """`facts`: of directories that are made."""
        self.below = below
        self.facts = facts
        self.members: dict[Names, Member] = {}
        self.removed: set[Names] = set()

    def remove(self, path: bytes) -> None:
        """Take a path of the layers below away. Raises ImageError: it is not there."""
        names = tuple(path.split(b"/"))
        place = (*self.follow(names[:-1]), names[-1])
        if not path or self._below(place) is None:
            raise ImageError(f"remove: /{_shown(path)} is not in the layers below")
        self.removed.add(place)

    def add(self, members: Iterable[Member]) -> None:
        """Place members, parents before what is in them. Raises ImageError: one is in the way of another."""
        for member in members:
            names = tuple(member.entry.name.split(b"/"))
            kind = member.entry.mode & S_IFMT
            if kind == S_IFDIR:
                place = self.follow(names)
                if self._kind(place) == S_IFDIR and not member.exact:
                    continue
            else:
                place = (*self.follow(names[:-1]), names[-1])
                if self._kind(place) == S_IFDIR:
                    where = ", and then something else" if place in self.members else (
                        " in the layers below; to have something else there, `remove` it")
                    raise ImageError(f"/{_shown(member.entry.name)} is a directory{where}")
            self._make_parents(place)
            self.members[place] = member

    def in_order(self) -> list[Member]:
        """Every member, whiteouts too, with its name as the archive has it; other names of a file as links."""
        for place in self.removed:
            name = b"/".join((*place[:-1], b".wh." + place[-1]))
            self.members[(*place[:-1], b".wh." + place[-1])] = Member(self.facts.entry(name, S_IFREG | 0o644))
        first: dict[tuple[int, int], bytes] = {}
        found = []
        for place in sorted(self.members):
            member = self.members[place]
            member.entry.name = b"/".join(place)
            if member.same is not None:
                member.entry.link = first.get(member.same)
                first.setdefault(member.same, member.entry.name)
            found.append(member)
        return found

    def kind(self, path: bytes) -> int | None:
        """S_IFMT of what a path leads to, links followed; None: nothing. Raises ImageError: too many links."""
        return self._kind(self.follow(tuple(path.split(b"/"))))

    def follow(self, names: Names) -> Names:
        """The place that a path leads to; what is not there is a place too. Raises ImageError: too many links."""
        place: Names = ()
        left = list(reversed(names))
        links = 0
        while left:
            name = left.pop()
            if name in (b"", b"."):
                continue
            if name == b"..":
                place = place[:-1]
                continue
            target = self._link((*place, name))
            if target is None:
                place = (*place, name)
                continue
            links += 1
            if links > _LINKS_LIMIT:
                raise ImageError(f"/{_shown(b'/'.join(names))} leads through too many symbolic links")
            if target.startswith(b"/"):
                place = ()
            left += reversed(target.split(b"/"))
        return place

    def _make_parents(self, place: Names) -> None:
        for length in range(1, len(place)):
            parent = place[:length]
            kind = self._kind(parent)
            if kind is None:
                self.members[parent] = Member(self.facts.entry(b"/".join(parent), S_IFDIR | 0o755))
            elif kind != S_IFDIR:
                raise ImageError(f"/{_shown(b'/'.join(place))} leads through what is no directory, "
                                 f"/{_shown(b'/'.join(parent))}")

    def _kind(self, place: Names) -> int | None:
        """S_IFMT of what is at a place."""
        if not place:
            return S_IFDIR
        member = self.members.get(place)
        if member is not None:
            return member.entry.mode & S_IFMT
        node = self._below(place)
        return None if node is None else node.mode & S_IFMT

    def _link(self, place: Names) -> bytes | None:
        """The text of the symbolic link at a place; None: there is none."""
        member = self.members.get(place)
        if member is not None:
            return member.entry.target if member.entry.mode & S_IFMT == S_IFLNK else None
        node = self._below(place)
        return node.target if node is not None and node.mode & S_IFMT == S_IFLNK else None

    def _below(self, place: Names) -> ArchiveNode | None:
        """What the layers below have at a place and this one lets through."""
        node: ArchiveNode = self.below
        for length, name in enumerate(place, 1):
            child = node.children.get(name) if isinstance(node, ArchiveDir) else None
            if child is None or place[:length] in self.removed:
                return None
            member = self.members.get(place[:length])
            if member is not None and member.entry.mode & S_IFMT != S_IFDIR:
                return None
            node = child
        return node


def _shown(path: bytes) -> str:
    return ascii(path)[2:-1][:120]
