"""The vDSO as an ELF shared object, as the linker would make it. System V ABI, "Object Files", "Dynamic Linking"

    page -1   [vvar]: the data page, no part of the file
    page 0    header, program headers, .hash, .gnu.hash, .dynsym, .dynstr, .gnu.version, .gnu.version_d, .note,
              .rodata, .eh_frame_hdr, .eh_frame, .dynamic, .text; then the section names and headers, which nothing
              needs to run

Every address in it counts from its own start. Who loads it as a library finds symbols by either hash table.
"""

from __future__ import annotations

import hashlib
import struct
from dataclasses import dataclass
from functools import cache

from rvsim.guest_os.abi.utsname import RELEASE
from rvsim.guest_os.mm.layout import PAGE_SIZE
from rvsim.guest_os.mm.vdso_code import Function, assemble, hwprobe_answers
from rvsim.guest_os.mm.vdso_frames import eh_frame, eh_frame_hdr, eh_frame_hdr_size

SONAME = b"linux-vdso.so.1"
VERSION = b"LINUX_4.15"

EM_RISCV, ET_DYN, EF_RISCV_FLOAT_ABI_DOUBLE = 243, 3, 4
PT_LOAD, PT_DYNAMIC, PT_NOTE, PT_GNU_EH_FRAME = 1, 2, 4, 0x6474_E550
SHT_PROGBITS, SHT_STRTAB, SHT_HASH, SHT_DYNAMIC, SHT_NOTE, SHT_DYNSYM = 1, 3, 5, 6, 7, 11
SHT_GNU_HASH, SHT_GNU_VERDEF, SHT_GNU_VERSYM = 0x6FFF_FFF6, 0x6FFF_FFFD, 0x6FFF_FFFF
SHF_ALLOC, SHF_EXECINSTR = 2, 4
DT_HASH, DT_STRTAB, DT_SYMTAB, DT_STRSZ, DT_SYMENT, DT_SONAME = 4, 5, 6, 10, 11, 14
DT_GNU_HASH, DT_VERSYM, DT_VERDEF, DT_VERDEFNUM = 0x6FFF_FEF5, 0x6FFF_FFF0, 0x6FFF_FFFC, 0x6FFF_FFFD
STT_OBJECT, STT_FUNC, STB_GLOBAL, SHN_ABS = 1, 2, 1, 0xFFF1
VER_FLG_BASE = 1
NT_VERSION, NT_GNU_BUILD_ID = 0, 3

_EHDR = struct.Struct("<16sHHIQQQIHHHHHH")
_PHDR = struct.Struct("<IIQQQQQQ")
_SHDR = struct.Struct("<IIQQQQIIQQ")
_SYM = struct.Struct("<IBBHQQ")
_SECTIONS = (".hash", ".gnu.hash", ".dynsym", ".dynstr", ".gnu.version", ".gnu.version_d", ".note", ".rodata",
             ".eh_frame_hdr", ".eh_frame", ".dynamic", ".text", ".shstrtab")
_INDEX = {name: number for number, name in enumerate(_SECTIONS, start=1)}
_BUCKETS = 3
_BLOOM_SHIFT = 6


@dataclass
class _Section:
    address: int
    data: bytes
    kind: int = SHT_PROGBITS
    flags: int = SHF_ALLOC
    link: str = ""
    info: int = 0
    align: int = 8
    entry_size: int = 0


def elf_hash(name: bytes) -> int:
    """The hash of DT_HASH and of version names. System V ABI, "Hash Table" """
    value = 0
    for byte in name:
        value = (value << 4) + byte
        high = value & 0xF000_0000
        value = (value ^ high >> 24) & ~high
    return value


def gnu_hash(name: bytes) -> int:
    """The hash of DT_GNU_HASH: djb2."""
    value = 5381
    for byte in name:
        value = value * 33 + byte & 0xFFFF_FFFF
    return value


def _hash_section(names: list[bytes]) -> bytes:
    """DT_HASH of symbols 1 to n."""
    buckets, chain = [0] * _BUCKETS, [0] * (len(names) + 1)
    for number, name in enumerate(names, start=1):
        bucket = elf_hash(name) % _BUCKETS
        chain[number], buckets[bucket] = buckets[bucket], number
    return struct.pack(f"<{2 + _BUCKETS + len(chain)}I", _BUCKETS, len(chain), *buckets, *chain)


def _gnu_hash_section(names: list[bytes]) -> bytes:
    """DT_GNU_HASH of symbols 1 to n, which are in the order of their buckets; one word of 64 bits as the filter."""
    hashes = [gnu_hash(name) for name in names]
    filter_word = 0
    for value in hashes:
        filter_word |= 1 << value % 64 | 1 << (value >> _BLOOM_SHIFT) % 64
    buckets, chain = [0] * _BUCKETS, []
    for number, value in enumerate(hashes, start=1):
        bucket = value % _BUCKETS
        buckets[bucket] = buckets[bucket] or number
        last = number == len(hashes) or hashes[number] % _BUCKETS != bucket
        chain.append(value & ~1 | last)
    return (struct.pack("<IIIIQ", _BUCKETS, 1, 1, _BLOOM_SHIFT, filter_word)
            + struct.pack(f"<{_BUCKETS + len(chain)}I", *buckets, *chain))


def _verdef(soname: int, version: int) -> bytes:
    """The file's own name as the base version, then the one that the symbols have. `gABI`, "Symbol Versioning" """
    def entry(flags: int, number: int, name: bytes, offset: int, last: bool) -> bytes:
        return struct.pack("<HHHHIII", 1, flags, number, 1, elf_hash(name), 20, 0 if last else 28) + struct.pack(
            "<II", offset, 0)
    return entry(VER_FLG_BASE, 1, SONAME, soname, False) + entry(0, 2, VERSION, version, True)


def _note(owner: bytes, kind: int, value: bytes) -> bytes:
    name = owner + b"\0"
    return struct.pack("<III", len(name), len(value), kind) + name.ljust(-(-len(name) // 4) * 4, b"\0") + value


def _version_code() -> bytes:
    """LINUX_VERSION_CODE of the release that uname shows."""
    major, minor, patch = (int(part) for part in RELEASE.split(b"-")[0].split(b"."))
    return struct.pack("<I", major << 16 | minor << 8 | patch)


class Strings:
    """A string table; the same text is stored once."""

    def __init__(self) -> None:
        self.data = b"\0"
        self.offsets: dict[bytes, int] = {}

    def add(self, text: bytes) -> int:
        """The offset of `text`."""
        if text not in self.offsets:
            self.offsets[text] = len(self.data)
            self.data += text + b"\0"
        return self.offsets[text]


class _Layout:
    """Sections laid one after the other behind the headers."""

    def __init__(self, at: int) -> None:
        self.at = at
        self.sections: dict[str, _Section] = {}

    def add(self, name: str, data: bytes, **more: object) -> int:
        """Place a section; returns its address."""
        section = _Section(0, data, **more)  # type: ignore[arg-type]
        section.address = self.at = -(-self.at // section.align) * section.align
        self.at += len(data)
        self.sections[name] = section
        return section.address


@dataclass(frozen=True)
class VdsoImage:
    """The file, filled up to whole pages. `symbols`: offset from its start, by name."""

    data: bytes
    symbols: dict[str, int]


def _symbols(functions: list[Function]) -> tuple[list[bytes], dict[bytes, Function]]:
    """The names in the order that .gnu.hash asks for."""
    by_name = {function.name.encode(): function for function in functions}
    names = sorted([*by_name, VERSION], key=lambda name: (gnu_hash(name) % _BUCKETS, name))
    return names, by_name


@cache
def build() -> VdsoImage:
    """Make the file; the same bytes every time. The data page must be mapped on the page in front of it."""
    layout = _Layout(_EHDR.size + 4 * _PHDR.size)
    code, functions = assemble(0, 0)                # its length does not depend on where the data is
    names, by_name = _symbols(functions)
    strings = Strings()
    offsets = [strings.add(name) for name in names]
    soname = strings.add(SONAME)
    layout.add(".hash", _hash_section(names), kind=SHT_HASH, link=".dynsym", entry_size=4)
    layout.add(".gnu.hash", _gnu_hash_section(names), kind=SHT_GNU_HASH, link=".dynsym")
    layout.add(".dynsym", bytes(_SYM.size * (len(names) + 1)), kind=SHT_DYNSYM, link=".dynstr", info=1,
               entry_size=_SYM.size)
    layout.add(".dynstr", strings.data, kind=SHT_STRTAB, align=1)
    layout.add(".gnu.version", struct.pack(f"<{len(names) + 1}H", 0, *([2] * len(names))), kind=SHT_GNU_VERSYM,
               link=".dynsym", align=2, entry_size=2)
    layout.add(".gnu.version_d", _verdef(soname, strings.add(VERSION)), kind=SHT_GNU_VERDEF, link=".dynstr", info=2)
    build_id = hashlib.sha1(code + hwprobe_answers() + strings.data).digest()
    layout.add(".note", _note(b"Linux", NT_VERSION, _version_code()) + _note(b"GNU", NT_GNU_BUILD_ID, build_id),
               kind=SHT_NOTE, align=4)
    answers = layout.add(".rodata", hwprobe_answers())
    header = layout.add(".eh_frame_hdr", bytes(eh_frame_hdr_size(functions)), align=4)
    frames_size = len(eh_frame(0, 0, functions)[0])
    frames = layout.add(".eh_frame", bytes(frames_size))
    layout.add(".dynamic", bytes(16 * 11), kind=SHT_DYNAMIC, link=".dynstr", entry_size=16)
    text_at = -(-layout.at // 16) * 16
    text = layout.add(".text", assemble(-PAGE_SIZE - text_at, answers - text_at)[0], flags=SHF_ALLOC | SHF_EXECINSTR,
                      align=16)
    section = layout.sections
    symbols = {name: text + by_name[name].start for name in names if name in by_name}
    section[".dynsym"].data = bytes(_SYM.size) + b"".join(
        _SYM.pack(offset, STB_GLOBAL << 4 | STT_FUNC, 0, _INDEX[".text"], symbols[name],
                  by_name[name].end - by_name[name].start) if name in by_name
        else _SYM.pack(offset, STB_GLOBAL << 4 | STT_OBJECT, 0, SHN_ABS, 0, 0)
        for name, offset in zip(names, offsets, strict=True))
    section[".eh_frame"].data, table = eh_frame(frames, text, functions)
    section[".eh_frame_hdr"].data = eh_frame_hdr(header, frames, table)
    section[".dynamic"].data = _dynamic(section, soname)
    return VdsoImage(_file(layout), {name.decode(): at for name, at in symbols.items()})


def _dynamic(section: dict[str, _Section], soname: int) -> bytes:
    entries = [
        (DT_SONAME, soname), (DT_HASH, section[".hash"].address), (DT_GNU_HASH, section[".gnu.hash"].address),
        (DT_STRTAB, section[".dynstr"].address), (DT_SYMTAB, section[".dynsym"].address),
        (DT_STRSZ, len(section[".dynstr"].data)), (DT_SYMENT, _SYM.size),
        (DT_VERSYM, section[".gnu.version"].address), (DT_VERDEF, section[".gnu.version_d"].address),
        (DT_VERDEFNUM, 2), (0, 0)]
    return b"".join(struct.pack("<QQ", *entry) for entry in entries)


def _file(layout: _Layout) -> bytes:
    """Headers and sections, up to whole pages."""
    loaded = layout.at
    names = Strings()
    for name in _SECTIONS:
        names.add(name.encode())
    layout.add(".shstrtab", names.data, kind=SHT_STRTAB, flags=0, align=1)
    section = layout.sections
    headers_at = -(-layout.at // 8) * 8
    size = -(-(headers_at + _SHDR.size * (len(_SECTIONS) + 1)) // PAGE_SIZE) * PAGE_SIZE
    image = bytearray(size)
    _EHDR.pack_into(image, 0, b"\x7fELF\2\1\1", ET_DYN, EM_RISCV, 1, 0, _EHDR.size, headers_at,
                    EF_RISCV_FLOAT_ABI_DOUBLE, _EHDR.size, _PHDR.size, 4, _SHDR.size, len(_SECTIONS) + 1,
                    _INDEX[".shstrtab"])
    segments = [(PT_LOAD, 5, 0, loaded, PAGE_SIZE)]
    for kind, name in ((PT_DYNAMIC, ".dynamic"), (PT_NOTE, ".note"), (PT_GNU_EH_FRAME, ".eh_frame_hdr")):
        part = section[name]
        segments.append((kind, 4, part.address, len(part.data), part.align))
    for number, (kind, flags, at, length, align) in enumerate(segments):
        _PHDR.pack_into(image, _EHDR.size + number * _PHDR.size, kind, flags, at, at, at, length, length, align)
    for name, number in _INDEX.items():
        part = section[name]
        image[part.address:part.address + len(part.data)] = part.data
        _SHDR.pack_into(image, headers_at + number * _SHDR.size, names.add(name.encode()), part.kind, part.flags,
                        part.address if part.flags else 0, part.address, len(part.data), _INDEX.get(part.link, 0),
                        part.info, part.align, part.entry_size)
    return bytes(image)
