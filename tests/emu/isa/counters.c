/* rdtime, rdcycle and rdinstret go forward only. Unprivileged specification, "Zicntr". */
#include "check.h"

#define READ(op) ({ u64 v_; __asm__ volatile(op " %0" : "=r"(v_) : : "memory"); v_; })

int main(void)
{
    u64 time = READ("rdtime"), cycle = READ("rdcycle"), instret = READ("rdinstret");
    int bad = 0;
    for (int i = 0; i < 1000; i++) {
        u64 t = READ("rdtime"), c = READ("rdcycle"), n = READ("rdinstret");
        bad += t < time || c <= cycle || n <= instret;
        time = t, cycle = c, instret = n;
    }
    CHECK(0, bad);
    u64 before = READ("rdtime"), count = 1000000;
    __asm__ volatile("1: addi %0, %0, -1\n bnez %0, 1b" : "+r"(count));
    CHECK(1, READ("rdtime") > before);
    return finish();
}
