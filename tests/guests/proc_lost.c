/* A process whose stack leads nowhere: argv[1] says how. It waits for a signal that does not come. */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* ppoll(NULL, 0, NULL, NULL) with these registers, in a function that saves nothing. */
static void wait_with(void *sp, void *fp, void *ra)
{
    __asm__ volatile("mv a5, %0\n mv a6, %1\n mv a4, %2\n"
                     "li a0, 0\n li a1, 0\n li a2, 0\n li a3, 0\n li a7, 73\n"
                     "mv sp, a5\n mv s0, a6\n mv ra, a4\n"
                     "1: ecall\n li a0, 0\n li a1, 0\n li a2, 0\n li a3, 0\n j 1b\n"
                     :: "r"(sp), "r"(fp), "r"(ra) : "a0", "a1", "a2", "a3", "a4", "a5", "a6", "a7", "ra", "memory");
}

int main(int argc, char **argv)
{
    long *area = mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    char *code = (char *)wait_with;
    const char *how = argc > 1 ? argv[1] : "";
    if (strcmp(how, "ring") == 0) { /* two frames that are each other's callers */
        area[98] = (long)&area[200], area[99] = (long)(code + 8);
        area[198] = (long)&area[100], area[199] = (long)(code + 8);
        wait_with(&area[64], &area[100], code + 8);
    } else if (strcmp(how, "itself") == 0) {
        area[98] = (long)&area[100], area[99] = (long)(code + 8);
        wait_with(&area[64], &area[100], NULL);
    } else if (strcmp(how, "full") == 0) { /* every word looks like a return */
        for (int at = 0; at < 8192; at++)
            area[at] = (long)(code + 8);
        wait_with(&area[0], &area[0], code + 8);
    } else if (strcmp(how, "trampoline") == 0) { /* a return from a handler to itself */
        unsigned *stub = (unsigned *)mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        stub[0] = 0x08b00893, stub[1] = 0x00000073; /* li a7, rt_sigreturn; ecall */
        for (int at = 0; at < 128; at++)
            area[at] = 0;
        area[38] = (long)stub, area[40] = (long)area; /* pc, sp */
        wait_with(area, area, stub);
    } else if (strcmp(how, "edge") == 0) {
        wait_with((void *)0x3ffffffff8, (void *)0x3ffffffff0, (void *)0x3ffffffffe);
    } else if (strcmp(how, "zero") == 0) {
        wait_with(NULL, NULL, NULL);
    } else if (strcmp(how, "odd") == 0) {
        wait_with((char *)area + 3, (char *)area + 7, code + 9);
    } else {
        wait_with((void *)-8, (void *)-16, (void *)-2);
    }
    return 0;
}
