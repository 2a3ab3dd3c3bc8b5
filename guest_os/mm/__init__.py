"""Address spaces: areas, page tables, user memory, ELF images."""
