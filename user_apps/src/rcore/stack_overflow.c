/* Shows what recursion without an end comes to: the stack runs into its guard and the kernel ends the process. */
#include <stdio.h>

static volatile int limit = 1 << 30; /* never reached; the compiler cannot know */

static int dive(int depth)
{
    volatile char frame[1024];
    frame[0] = (char)depth;
    if ((depth & (depth - 1)) == 0)
        printf("depth %d\n", depth);
    if (depth < limit)
        return dive(depth + 1) + frame[0];
    return 0;
}

int main(void)
{
    printf("The stack must overflow, and the kernel must end this process.\n");
    return dive(1);
}
