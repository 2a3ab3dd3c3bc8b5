"""The kernel: tasks, address spaces, files, signals and the syscalls that reach them."""
