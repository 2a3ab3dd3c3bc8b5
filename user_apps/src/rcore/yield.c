/* Shows yield: the process gives the hart away and comes back, five times. */
#include <rcore.h>
#include <stdio.h>

int main(void)
{
    printf("Hello, I am process %ld.\n", getpid());
    for (int i = 0; i < 5; i++) {
        yield();
        printf("Back in process %ld, iteration %d.\n", getpid(), i);
    }
    printf("yield passed.\n");
    return 0;
}
