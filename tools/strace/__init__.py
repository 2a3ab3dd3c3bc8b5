"""strace for guests: one line per system call, in strace's own format. `docs/strace.md`"""
