/* Shows a privileged instruction in user mode: sret is illegal here, and the kernel ends the process. */
#include <stdio.h>

int main(void)
{
    printf("Executing sret in user mode. The kernel must end this process.\n");
    __asm__ volatile("sret");
    printf("sret went through!\n");
    return 0;
}
