"""File systems and the files that are not on any: tmpfs, devfs, pipes, terminals."""
