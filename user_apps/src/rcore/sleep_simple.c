/* Shows one sleep: the clock after it is at least as far on as was asked for. */
#include <assert.h>
#include <rcore.h>
#include <stdio.h>

int main(void)
{
    long start = get_time();
    sleep_ms(100);
    long slept = get_time() - start;
    printf("asked for 100 ms, slept %ld ms.\n", slept);
    assert(slept >= 100);
    printf("sleep_simple passed.\n");
    return 0;
}
