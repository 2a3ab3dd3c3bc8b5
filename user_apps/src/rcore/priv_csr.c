/* Shows a supervisor's register from user mode: writing sstatus is illegal here, and the kernel ends the process. */
#include <stdio.h>

int main(void)
{
    printf("Writing sstatus in user mode. The kernel must end this process.\n");
    __asm__ volatile("csrw sstatus, zero");
    printf("The write went through!\n");
    return 0;
}
