"""The machine: hart, trap gate, physical memory, Sv39, clock, console, SBI."""
