/* Shows the least a program of the ABI rcore can do: print and return. */
#include <stdio.h>

int main(void)
{
    puts("Hello, world, from a process in user mode!");
    return 0;
}
