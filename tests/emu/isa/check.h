/* What the ISA programs share: checks that print what failed, and instructions as expressions.
 *
 * A program's exit status is the number of its failed checks (at most 99). */
#ifndef CHECK_H
#define CHECK_H
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <sched.h>
#include <ucontext.h>
#include <unistd.h>

typedef uint64_t u64;
typedef uint32_t u32;

static int failures, checks;

#define CHECK(want, got) check(__LINE__, #got, (u64)(want), (u64)(got))

static void check(int line, const char *what, u64 want, u64 got)
{
    checks++;
    if (want != got) {
        failures++;
        printf("FAIL line %d: %s is %#lx, not %#lx\n", line, what, (long)got, (long)want);
    }
}

static int finish(void)
{
    printf("%d checks, %d failed\n", checks, failures);
    fflush(stdout);
    return failures < 99 ? failures : 99;
}

/* rd = op rs1, rs2; rd = op rs1; rd = op rs1, immediate. The compiler sees none of the values. */
#define RR(op, a, b) ({ u64 d_; __asm__ volatile(op " %0, %1, %2" : "=r"(d_) : "r"((u64)(a)), "r"((u64)(b))); d_; })
#define RI(op, a, imm) ({ u64 d_; __asm__ volatile(op " %0, %1, " #imm : "=r"(d_) : "r"((u64)(a))); d_; })
/* 1 if the branch is taken. */
#define BR(op, a, b) ({ u64 d_; __asm__ volatile("li %0, 1\n " op " %1, %2, 1f\n li %0, 0\n1:" : "=&r"(d_) \
    : "r"((u64)(a)), "r"((u64)(b))); d_; })

#define MIN64 0x8000000000000000UL
#define MAX64 0x7fffffffffffffffUL
#endif
