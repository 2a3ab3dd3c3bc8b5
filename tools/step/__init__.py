"""`rvsim step`: a prompt, and scripts, over the debugger's core in `tools/debug`."""
