"""procfs: the process tree as files."""
