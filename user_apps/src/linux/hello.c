/* Shows the least a program of the ABI linux can do: print and return. The start-up benchmark runs it. */
#include <stdio.h>

int main(void)
{
    puts("Hello, world!");
    return 0;
}
