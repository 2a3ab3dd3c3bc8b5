"""`rvsim run`: boot a machine and run a program in it."""
