"""Faults that a run is given on purpose: which calls fail, come short, wait, or are met by a signal.

`Fault` and `FaultPlan` say what; `kernel.faults = plan`, or `MachineConfig.faults`, has a machine do it. A machine
without a plan pays nothing: a plan puts its own functions into the tables of system calls in the handlers' place.
docs/faults.md is for who uses them.
"""

from rvsim.guest_os.faults.fault import BadFault, Fault, Injected
from rvsim.guest_os.faults.plan import FaultPlan
from rvsim.guest_os.faults.spec import format_fault, parse_fault

__all__ = ["BadFault", "Fault", "FaultPlan", "Injected", "format_fault", "parse_fault"]
