"""What the kernel leaves on the stack of a signal handler: struct rt_sigframe.

    0     siginfo, 128 bytes
    128   ucontext: flags 8, link 8, stack 24, signal mask 8 + 120 spare
    304     mcontext: pc, x1 to x31, 8 bytes each
    560     f0 to f31, 8 bytes each; fcsr 4; zeroes up to the end

arch/riscv/kernel/signal.c, arch/riscv/include/uapi/asm/ucontext.h, sigcontext.h
"""

FRAME_SIZE = 1088
UCONTEXT = 128
OFF_STACK = UCONTEXT + 16
OFF_MASK = UCONTEXT + 40
OFF_GREGS = UCONTEXT + 176
OFF_FPREGS = UCONTEXT + 432
