# Where a program of the ABI `linux` begins: sp points at argc, then argv[], NULL, environment[], NULL, auxiliary vector.

    .section .note.rvsim, "a", @note
    .balign 4
    .4byte 6, 8, 1              # length of the name, length of what follows it, type 1
    .asciz "rvsim"
    .balign 4
    .4byte 1, 0                 # ABI 1: linux; no chapter

    .section .text.start, "ax", @progbits
    .globl _start
    .type _start, @function
_start:
    ld      a0, 0(sp)           # argc
    addi    a1, sp, 8           # argv
    slli    a2, a0, 3
    add     a2, a2, a1
    addi    a2, a2, 8           # environment: behind argv and its NULL
    la      t0, environ
    sd      a2, 0(t0)
    andi    sp, sp, -16
    li      s0, 0               # the frame pointer chain ends here
    call    main
    call    exit
    .size _start, . - _start

    .section .note.GNU-stack, "", @progbits
