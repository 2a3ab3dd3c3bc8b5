"""Reads an ELF image's headers and maps its segments. fs/binfmt_elf.c; "System V ABI", ELF-64 Object File Format

Every field is the guest's (or a stranger's) word: nothing is believed before it is checked, and whatever is wrong is
a `BadImage` with a reason in words.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import Protocol

from rvsim.guest_os.abi.errno import ENOMEM
from rvsim.guest_os.abi.mman import PROT_EXEC, PROT_READ, PROT_WRITE
from rvsim.guest_os.mm import user_memory
from rvsim.guest_os.mm.address_space import AddressSpace
from rvsim.guest_os.mm.fault import OutOfMemory
from rvsim.guest_os.mm.layout import MMAP_MIN, PAGE_SIZE, TASK_SIZE, page_down, page_up
from rvsim.guest_os.mm.page_cache import Backing

EHDR = struct.Struct("<16sHHIQQQIHHHHHH")
PHDR = struct.Struct("<IIQQQQQQ")
ET_EXEC, ET_DYN = 2, 3
EM_RISCV = 243
PT_LOAD, PT_INTERP, PT_NOTE, PT_PHDR = 1, 3, 4, 6
PF_X, PF_W, PF_R = 1, 2, 4
MAX_PHDRS = 65536 // PHDR.size
"""ELF_MIN_ALIGN bounds the table: fs/binfmt_elf.c:load_elf_phdrs"""

NOTE_NAME = b"rvsim\0"
NOTE_ABI = 1
MACHINES = {3: "x86", 40: "ARM", 62: "x86-64", 183: "AArch64", 8: "MIPS", 20: "PowerPC", 21: "PowerPC64", 22: "S/390",
            258: "LoongArch"}


class BadImage(Exception):
    """The file is no program for this machine; the text says why. The guest sees ENOEXEC."""


class ImageFile(Protocol):
    """An open file that holds an image; `inode` is what a page cache can stand on."""

    @property
    def inode(self) -> Backing: ...

    def get(self) -> object: ...

    def put(self) -> None: ...


@dataclass(slots=True)
class Segment:
    """One PT_LOAD. Addresses are as linked, before any load base; sizes in bytes."""

    offset: int
    vaddr: int
    filesz: int
    memsz: int
    prot: int
    align: int


@dataclass(slots=True)
class Image:
    """What the headers say. `note_abi`: (abi, chapter) of our own note, None without one."""

    kind: int
    entry: int
    phoff: int
    phnum: int
    segments: list[Segment] = field(default_factory=list)
    interpreter: bytes | None = None
    note_abi: tuple[int, int] | None = None
    phdr_vaddr: int | None = None

    @property
    def low(self) -> int:
        return page_down(self.segments[0].vaddr)

    @property
    def high(self) -> int:
        return page_up(max(segment.vaddr + segment.memsz for segment in self.segments))


def is_elf(head: bytes) -> bool:
    """Whether a file that begins with `head` claims to be ELF."""
    return head[:4] == b"\x7fELF"


def parse(inode: Backing) -> Image:
    """Read and check the headers.

    Raises:
        BadImage: anything about it is wrong.
    """
    size = inode.size
    head = _read(inode, 0, min(size, EHDR.size))
    if not is_elf(head):
        raise BadImage("it is not an ELF file")
    if len(head) < EHDR.size:
        raise BadImage("it is truncated inside the ELF header")
    ident, kind, machine, _, entry, phoff, _, _, _, phentsize, phnum, *_ = EHDR.unpack(head)
    if ident[4] != 2:
        is_32_bit = ident[4] == 1
        raise BadImage("it is a 32-bit ELF file; rvsim runs 64-bit ones" if is_32_bit else "its ELF class is unknown")
    if ident[5] != 1:
        raise BadImage("it is big-endian; RISC-V programs here are little-endian")
    if machine != EM_RISCV:
        raise BadImage(f"it is for {MACHINES.get(machine, f'machine {machine}')}, not for RISC-V")
    if kind not in (ET_EXEC, ET_DYN):
        raise BadImage("it is not an executable (an object file or a core dump?)")
    if phentsize != PHDR.size or not 0 < phnum <= MAX_PHDRS:
        raise BadImage("its program headers are missing or malformed")
    if phoff + phnum * PHDR.size > size:
        raise BadImage("it is truncated inside the program headers")
    table = _read(inode, phoff, phnum * PHDR.size)
    image = Image(kind, entry, phoff, phnum)
    for at in range(0, len(table), PHDR.size):
        _header(image, inode, size, PHDR.unpack_from(table, at))
    if not image.segments:
        raise BadImage("it has no loadable segment")
    _check_order(image)
    for segment in image.segments:
        if segment.offset <= phoff and phoff + phnum * PHDR.size <= segment.offset + segment.filesz:
            image.phdr_vaddr = segment.vaddr + phoff - segment.offset
            break
    return image


def _header(image: Image, inode: Backing, size: int, fields: tuple[int, ...]) -> None:
    kind, flags, offset, vaddr, _, filesz, memsz, align = fields
    if kind == PT_LOAD:
        if memsz == 0:
            return
        if filesz > memsz:
            raise BadImage("a segment has more bytes in the file than in memory")
        if vaddr + memsz > TASK_SIZE:
            raise BadImage("a segment lies outside the user address space")
        if offset + filesz > size:
            raise BadImage("it is truncated: a segment ends past the end of the file")
        if align > 1 and align & (align - 1):
            raise BadImage("a segment's alignment is not a power of two")
        prot = PROT_READ if flags & PF_R else 0
        prot |= PROT_WRITE if flags & PF_W else 0
        prot |= PROT_EXEC if flags & PF_X else 0
        image.segments.append(Segment(offset, vaddr, filesz, memsz, prot, align))
    elif kind == PT_INTERP:
        if image.interpreter is None:
            if not 2 <= filesz <= 4096 or offset + filesz > size:
                raise BadImage("its interpreter's name is malformed")
            name = _read(inode, offset, filesz)
            if not name.endswith(b"\0"):
                raise BadImage("its interpreter's name is malformed")
            image.interpreter = name.split(b"\0", 1)[0]
    elif kind == PT_NOTE and filesz <= 65536 and offset + filesz <= size:
        found = _note(_read(inode, offset, filesz))
        if found is not None:
            image.note_abi = found


def _note(data: bytes) -> tuple[int, int] | None:
    at = 0
    while at + 12 <= len(data):
        namesz, descsz, kind = struct.unpack_from("<III", data, at)
        name_at = at + 12
        desc_at = name_at + (namesz + 3 & ~3)
        named = data[name_at:name_at + namesz] == NOTE_NAME
        if named and kind == NOTE_ABI and descsz >= 8 and desc_at + 8 <= len(data):
            abi, chapter = struct.unpack_from("<II", data, desc_at)
            return abi, chapter
        at = desc_at + (descsz + 3 & ~3)
    return None


def _check_order(image: Image) -> None:
    end = 0
    for segment in image.segments:
        if segment.vaddr < end:
            raise BadImage("its segments overlap or are out of order")
        end = segment.vaddr + segment.memsz


def _read(inode: Backing, offset: int, size: int) -> bytes:
    data = inode.read_raw(offset, size)
    if len(data) < size:
        raise BadImage("it is truncated")
    return data


def load(space: AddressSpace, file: ImageFile, image: Image, base: int) -> None:
    """Map every segment of `image` at `base` plus its address.

    Raises:
        BadImage: a segment would lie below the lowest address that may be mapped, or on another.
        ENOMEM: larger than memory.
        OutOfMemory: no frame is left.
    """
    cache = space.memory.cache_of(file.inode)
    if (image.high - image.low) // PAGE_SIZE > space.memory.frames.total:
        raise ENOMEM
    for segment in image.segments:
        start = page_down(base + segment.vaddr)
        end = page_up(base + segment.vaddr + segment.memsz)
        if end > TASK_SIZE:
            raise BadImage("a segment lies outside the user address space")
        if start < MMAP_MIN:
            raise BadImage(f"a segment lies below {MMAP_MIN:#x}, the lowest address that can be mapped")
        taken = space.areas.find(start)
        file_end = base + segment.vaddr + segment.filesz
        congruent = (segment.offset - segment.vaddr) % PAGE_SIZE == 0
        if taken is None and congruent and segment.filesz:
            mapped = page_up(file_end)
            space.map(start, mapped - start, segment.prot, 0, cache, page_down(segment.offset), file)
            if file_end < mapped and segment.memsz > segment.filesz and segment.prot & PROT_WRITE:
                user_memory.write(space, file_end, bytes(mapped - file_end))
            if mapped < end:
                space.map(mapped, end - mapped, segment.prot, 0)
            continue
        # Not congruent, or on a page that the segment before began: copied instead of mapped.
        if taken is not None:
            space.protect(start, start + PAGE_SIZE, taken.prot | segment.prot | PROT_WRITE)
            start += PAGE_SIZE
        if start < end:
            space.map(start, end - start, segment.prot | PROT_WRITE, 0)
        user_memory.write(space, base + segment.vaddr, _read(file.inode, segment.offset, segment.filesz))
        if start < end:
            space.protect(start, end, segment.prot)
        if taken is not None:
            space.protect(start - PAGE_SIZE, start, taken.prot | segment.prot)


def note_bounds(space: AddressSpace, image: Image, base: int) -> None:
    """Record where code, data and the break begin and end, as procfs shows them. fs/binfmt_elf.c:load_elf_binary"""
    space.start_code = min(base + segment.vaddr for segment in image.segments)
    space.end_code = max((base + segment.vaddr + segment.filesz for segment in image.segments
                          if segment.prot & PROT_EXEC), default=0)
    space.start_data = max(base + segment.vaddr for segment in image.segments)
    space.end_data = max(base + segment.vaddr + segment.filesz for segment in image.segments)
    space.start_brk = space.brk = page_up(max(base + segment.vaddr + segment.memsz for segment in image.segments))


__all__ = ["BadImage", "Image", "ImageFile", "OutOfMemory", "is_elf", "load", "note_bounds", "parse"]
