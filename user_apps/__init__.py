"""Guest programs in C; compiled into `bin/` beside this file."""
