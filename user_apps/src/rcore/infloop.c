/* Shows a process that never ends by itself and never asks the kernel for anything: time slices keep others going. */
#include <stdio.h>

int main(void)
{
    printf("Looping for ever.\n");
    for (volatile unsigned long turns = 0;; turns++)
        ;
}
