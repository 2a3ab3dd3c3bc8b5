# Entry from firmware, the trap vector, the way to user mode and back, and what runs in user mode.
#
# A frame is 32 words: pc, x1..x31. sscratch is 0 in S-mode; in U-mode it is the supervisor's stack pointer.

    .option arch, +zicsr
    .section .text.start, "ax"
    .globl _start
_start:
    la sp, stack_top
    csrw sscratch, zero
    la t0, vector
    csrw stvec, t0
    call main
1:  j 1b

    .text
    .balign 4
vector:
    csrrw sp, sscratch, sp
    bnez sp, 1f
    csrrw sp, sscratch, sp          # from S-mode: the stack was right
1:  addi sp, sp, -256
    sd x1, 8(sp)
    .irp n, 3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    sd x\n, 8*\n(sp)
    .endr
    csrrw t0, sscratch, zero        # U-mode's sp, or 0
    bnez t0, 2f
    addi t0, sp, 256
2:  sd t0, 16(sp)
    csrr t0, sepc
    sd t0, 0(sp)
    mv a0, sp
    call trap
    ld t0, 0(sp)
    csrw sepc, t0
    csrr t0, sstatus
    andi t0, t0, 0x100              # SPP
    bnez t0, 3f
    addi t0, sp, 256
    csrw sscratch, t0
3:  ld x1, 8(sp)
    .irp n, 3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    ld x\n, 8*\n(sp)
    .endr
    ld sp, 16(sp)
    sret

# long enter_user(pc, sp): run in U-mode until leave_user; gives what that was given.
    .globl enter_user
enter_user:
    addi sp, sp, -112
    sd ra, 0(sp)
    .irp n, 0,1,2,3,4,5,6,7,8,9,10,11
    sd s\n, 8+8*\n(sp)
    .endr
    la t0, user_return
    sd sp, 0(t0)
    csrw sscratch, sp
    csrw sepc, a0
    mv sp, a1
    li t0, 0x100
    csrc sstatus, t0                # SPP: U-mode
    li t0, 0x20
    csrs sstatus, t0                # SPIE: interrupts on
    li a0, 0
    sret

# void leave_user(long value), from the trap handler
    .globl leave_user
leave_user:
    la t0, user_return
    ld sp, 0(t0)
    csrw sscratch, zero
    ld ra, 0(sp)
    .irp n, 0,1,2,3,4,5,6,7,8,9,10,11
    ld s\n, 8+8*\n(sp)
    .endr
    addi sp, sp, 112
    ret

    .bss
    .balign 8
user_return:
    .dword 0

# ---- user mode: each does one thing and ends in ecall 0

    .section .user, "ax"
    .globl user_ecall, user_kernel, user_ebreak, user_illegal, user_time, user_spin, user_wfi
user_ecall:
    li a7, 42
    li a0, 7
    ecall                           # answers a0 + a7
    li a7, 0
    ecall
user_kernel:
    li a1, 1
    slli a1, a1, 31
    ld a0, 0(a1)                    # the supervisor's memory
    li a7, 0
    ecall
user_ebreak:
    nop
    ebreak
    li a7, 0
    ecall
user_illegal:
    csrr a0, sstatus
    li a7, 0
    ecall
user_time:
    rdtime a0
    li a7, 0
    ecall
user_spin:
    addi a0, a0, 1
    j user_spin
user_wfi:
    wfi
    li a7, 0
    ecall
