"""Puts a supervisor's image into RAM: an ELF file by its physical addresses, anything else as it is.

ELF64: System V ABI, "Object Files", and the RISC-V ELF psABI.
"""

import struct

from rvsim.emu.physical_memory import OutsideMemory, PhysicalMemory

LOAD_OFFSET = 0x20_0000
"""Where in RAM an image without addresses goes: past the first 2 MB, which firmware keeps on real boards."""

EHDR = struct.Struct("<16sHHIQQQIHHHHHH")
PHDR = struct.Struct("<IIQQQQQQ")
PT_LOAD = 1
EM_RISCV = 243


class BadImage(Exception):
    """The image cannot be loaded; the message is one line for the user."""


def load_image(memory: PhysicalMemory, image: bytes) -> int:
    """Store `image` in RAM and return the physical address of its entry.

    Raises:
        BadImage: an ELF file that is no RV64 one or is damaged, or an image that does not fit into RAM.
    """
    try:
        if image[:4] == b"\x7fELF":
            return _load_elf(memory, image)
        memory.write(memory.base + LOAD_OFFSET, image)
        return memory.base + LOAD_OFFSET
    except OutsideMemory as error:
        raise BadImage(f"the image does not fit into RAM: {error}") from None


def _load_elf(memory: PhysicalMemory, image: bytes) -> int:
    if len(image) < EHDR.size or image[4:6] != b"\x02\x01":
        raise BadImage("it is not a 64-bit little-endian ELF file")
    _, _, machine, _, entry, phoff, _, _, _, phentsize, phnum, *_ = EHDR.unpack_from(image)
    if machine != EM_RISCV:
        raise BadImage(f"it is for another machine (ELF e_machine {machine}, not RISC-V)")
    if phentsize != PHDR.size or phoff + phnum * PHDR.size > len(image):
        raise BadImage("its program headers are damaged")
    physical_entry: int | None = None
    for index in range(phnum):
        kind, _, offset, vaddr, paddr, filesz, memsz, _ = PHDR.unpack_from(image, phoff + index * PHDR.size)
        if kind != PT_LOAD or not memsz:
            continue
        if offset + filesz > len(image) or filesz > memsz:
            raise BadImage(f"its segment {index} is damaged")
        memory.check(paddr, memsz)
        memory.write(paddr, image[offset:offset + filesz])
        memory.write(paddr + filesz, bytes(memsz - filesz))
        if vaddr <= entry < vaddr + memsz:
            physical_entry = entry - vaddr + paddr
    if physical_entry is None:
        raise BadImage("its entry is in none of its segments")
    return physical_entry
