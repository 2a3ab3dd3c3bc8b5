/* Shows a store through a null pointer: the kernel ends the process, and says where and why. */
#include <stdint.h>
#include <stdio.h>

static volatile uintptr_t nowhere = 0;

int main(void)
{
    printf("Storing to address 0. The kernel must end this process.\n");
    *(volatile char *)nowhere = 1;
    printf("The store went through!\n");
    return 0;
}
