#define _GNU_SOURCE
#include "check.h"
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>

#define BAD ((void *)-4096l)
#define SIGNATURE 0x53053053

struct area {
    uint32_t cpu_id_start, cpu_id;
    uint64_t section;
    uint32_t flags, node_id, mm_cid, unused;
} __attribute__((aligned(32)));

struct section {
    uint32_t version, flags;
    uint64_t start, length, abort;
} __attribute__((aligned(32)));

static struct area area, other;
static volatile sig_atomic_t handled;

static long raw_rseq(void *at, uint32_t length, int flags, uint32_t signature)
{
    return syscall(SYS_rseq, at, length, flags, signature);
}

/* libc may have registered this thread: a new one that shares the memory starts without. */
static int (*apart_body)(void);

static int apart_begins(void *unused)
{
    (void)unused;
    _exit(apart_body());
}

static int status_apart(int (*body)(void), int share)
{
    int status = -1;
    char *stack = mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    apart_body = body;
    pid_t child = clone(apart_begins, stack + 65536, (share ? CLONE_VM | CLONE_VFORK : 0) | SIGCHLD, NULL);
    CHECK(child > 0);
    CHECK_EQ(child, waitpid(child, &status, 0));
    return status;
}

#define APART(name_)                                                                                                  \
    static int body_##name_(void);                                                                                    \
    CASE(name_)                                                                                                       \
    {                                                                                                                 \
        CHECK_EQ(0, status_apart(body_##name_, 1));                                                                   \
    }                                                                                                                 \
    static int body_##name_(void)

APART(registering_stores_the_cpu)
{
    area.cpu_id = -1;
    CHECK_EQ(0, raw_rseq(&area, 32, 0, SIGNATURE));
    CHECK_EQ(area.cpu_id, area.cpu_id_start);
    CHECK(area.cpu_id < 4096);
    CHECK_EQ(0, area.section);
    CHECK_EQ(0, raw_rseq(&area, 32, 1, SIGNATURE));
    CHECK_EQ(-1, (int)area.cpu_id);
    CHECK_EQ(0, raw_rseq(&area, 32, 0, SIGNATURE)); /* and again */
    return 0;
}

APART(errors)
{
    CHECK_ERRNO(EINVAL, raw_rseq(&area, 32, 1, SIGNATURE)); /* not registered */
    CHECK_ERRNO(EINVAL, raw_rseq(&area, 32, 2, SIGNATURE));
    CHECK_ERRNO(EINVAL, raw_rseq(&area, 31, 0, SIGNATURE));
    CHECK_ERRNO(EINVAL, raw_rseq((char *)&area + 8, 32, 0, SIGNATURE));
    CHECK_ERRNO(EFAULT, raw_rseq(BAD, 32, 0, SIGNATURE));
    CHECK_EQ(0, raw_rseq(&area, 32, 0, SIGNATURE));
    CHECK_ERRNO(EBUSY, raw_rseq(&area, 32, 0, SIGNATURE));
    CHECK_ERRNO(EPERM, raw_rseq(&area, 32, 0, SIGNATURE + 1));
    CHECK_ERRNO(EINVAL, raw_rseq(&other, 32, 0, SIGNATURE));
    CHECK_ERRNO(EINVAL, raw_rseq(&area, 64, 0, SIGNATURE));
    CHECK_ERRNO(EPERM, raw_rseq(&area, 32, 1, SIGNATURE + 1));
    CHECK_ERRNO(EINVAL, raw_rseq(&other, 32, 1, SIGNATURE));
    CHECK_ERRNO(EINVAL, raw_rseq(&area, 32, 3, SIGNATURE));
    return 0;
}

/* Turn in a section until something disturbs it; 1 if it was left by its abort handler. */
static int turn_until_aborted(struct area *at)
{
#if defined(__riscv)
    __asm__ goto(".pushsection __rseq_cs, \"aw\"\n"
                 ".balign 32\n"
                 "77: .word 0, 0\n"
                 ".dword 1f, 2f - 1f, 4f\n"
                 ".popsection\n"
                 "la t0, 77b\n"
                 "sd t0, 8(%[area])\n"
                 "1: j 1b\n"
                 "nop\n"
                 "2: j 5f\n"
                 ".balign 4\n"
                 ".option push\n"
                 ".option norvc\n"
                 ".word %[signature]\n"
                 "4: j %l[aborted]\n"
                 ".option pop\n"
                 "5:\n"
                 :
                 : [area] "r"(at), [signature] "i"(SIGNATURE)
                 : "t0", "memory"
                 : aborted);
    return 0;
aborted:
    return 1;
#elif defined(__x86_64__)
    __asm__ goto(".pushsection __rseq_cs, \"aw\"\n"
                 ".balign 32\n"
                 "77: .long 0, 0\n"
                 ".quad 1f, 2f - 1f, 4f\n"
                 ".popsection\n"
                 "leaq 77b(%%rip), %%rax\n"
                 "movq %%rax, 8(%[area])\n"
                 "1: jmp 1b\n"
                 "nop\n"
                 "2: jmp 5f\n"
                 ".byte 0x0f, 0xb9, 0x3d\n" /* ud1, so that the signature is no code */
                 ".long %c[signature]\n"
                 "4: jmp %l[aborted]\n"
                 "5:\n"
                 :
                 : [area] "r"(at), [signature] "i"(SIGNATURE)
                 : "rax", "memory"
                 : aborted);
    return 0;
aborted:
    return 1;
#else
    (void)at;
    return 1; /* no section for this architecture here */
#endif
}

static void handler(int number)
{
    (void)number;
    handled++;
}

APART(a_signal_aborts)
{
    struct itimerval soon = {{0, 0}, {0, 5000}};
    signal(SIGALRM, handler);
    CHECK_EQ(0, raw_rseq(&area, 32, 0, SIGNATURE));
    CHECK_EQ(0, setitimer(ITIMER_REAL, &soon, NULL));
    CHECK_EQ(1, turn_until_aborted(&area));
    CHECK_EQ(0, area.section);
    return 0;
}

/* Others want the processor: a fork has its own registration, which it takes over. */
static int body_preempted(void)
{
    CHECK_EQ(0, raw_rseq(&area, 32, 0, SIGNATURE));
    pid_t child = (pid_t)syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL);
    if (child == 0) {
        CHECK_ERRNO(EBUSY, raw_rseq(&area, 32, 0, SIGNATURE)); /* taken over by fork */
        _exit(turn_until_aborted(&area) == 1 ? 0 : 1);
    }
    pid_t rival = (pid_t)syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL);
    if (rival == 0)
        for (;;)
            sched_yield();
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(area.cpu_id, &one);
    sched_setaffinity(child, sizeof one, &one);
    sched_setaffinity(rival, sizeof one, &one);
    int status = -1;
    CHECK_EQ(child, waitpid(child, &status, 0));
    CHECK_EQ(0, status);
    kill(rival, SIGKILL);
    CHECK_EQ(rival, waitpid(rival, NULL, 0));
    return 0;
}

CASE(preemption_aborts)
{
    CHECK_EQ(0, status_apart(body_preempted, 1));
}

/* Outside its section a pointer is forgotten at the next chance. */
static struct section elsewhere;

APART(outside_it_is_forgotten)
{
    struct itimerval soon = {{0, 0}, {0, 5000}};
    static uint32_t code[4] __attribute__((aligned(16)));
    code[1] = SIGNATURE;
    elsewhere = (struct section){0, 0, (uintptr_t)code, 1, (uintptr_t)(code + 2)};
    signal(SIGALRM, handler);
    CHECK_EQ(0, raw_rseq(&area, 32, 0, SIGNATURE));
    area.section = (uintptr_t)&elsewhere;
    CHECK_EQ(0, setitimer(ITIMER_REAL, &soon, NULL));
    while (!handled)
        ;
    CHECK_EQ(0, area.section);
    return 0;
}

static struct section broken;

static int body_of_broken(void)
{
    struct itimerval soon = {{0, 0}, {0, 5000}};
    signal(SIGALRM, handler);
    CHECK_EQ(0, raw_rseq(&area, 32, 0, SIGNATURE));
    area.section = (uintptr_t)&broken;
    setitimer(ITIMER_REAL, &soon, NULL);
    while (!handled)
        ;
    return 0;
}

CASE(a_broken_section_is_a_fault)
{
    static uint32_t code[4] __attribute__((aligned(16)));
    code[1] = SIGNATURE + 1;
    broken = (struct section){0, 0, (uintptr_t)code, 1, (uintptr_t)(code + 2)}; /* the wrong signature */
    CHECK_EQ(SIGSEGV, status_apart(body_of_broken, 1) & 0x7f);
    code[1] = SIGNATURE;
    broken.version = 1;
    CHECK_EQ(SIGSEGV, status_apart(body_of_broken, 1) & 0x7f);
    broken = (struct section){0, 0, (uintptr_t)code, 12, (uintptr_t)(code + 2)}; /* it aborts to itself */
    CHECK_EQ(SIGSEGV, status_apart(body_of_broken, 1) & 0x7f);
}

static int body_without(void)
{
    return raw_rseq(&other, 32, 0, SIGNATURE) == 0 ? 0 : 1;
}

static int body_shared(void)
{
    CHECK_EQ(0, raw_rseq(&area, 32, 0, SIGNATURE));
    return status_apart(body_without, 1); /* not taken over by one that shares the memory */
}

CASE(a_thread_starts_without)
{
    CHECK_EQ(0, status_apart(body_shared, 1));
}

#ifdef __riscv
#include <sys/auxv.h>

/* arch-independent, but new to the host's C library: include/uapi/linux/auxvec.h */
CASE(the_auxiliary_vector_tells)
{
    CHECK_EQ(28, getauxval(27));
    CHECK_EQ(32, getauxval(28));
}
#endif
