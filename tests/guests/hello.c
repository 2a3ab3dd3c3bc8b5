/* The first program of everyone. */
#include <stdio.h>

int main(void)
{
    printf("hello, %.2f\n", 3.14);
    return 0;
}
