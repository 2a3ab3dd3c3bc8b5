"""The system calls, a module per family, and the tables of the two ABIs."""
