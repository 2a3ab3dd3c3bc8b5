# Where a program of the ABI `rcore` begins: a0 is argc, a1 is argv (chapters 5 and 6 give neither: both are 0 then).

    .section .note.rvsim, "a", @note
    .balign 4
    .4byte 6, 8, 1              # length of the name, length of what follows it, type 1
    .asciz "rvsim"
    .balign 4
    .4byte 2, 0                 # ABI 2: rcore; chapter 0: the default

    .section .text.start, "ax", @progbits
    .globl _start
    .type _start, @function
_start:
    andi    sp, sp, -16
    li      s0, 0               # the frame pointer chain ends here
    call    main
    call    exit
    .size _start, . - _start

    .section .note.GNU-stack, "", @progbits
