/* Measures function calls: Fibonacci by recursion, then ten million calls through pointers. */
#include "bench.h"

static long fibonacci(long n) { return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2); }

static long add_one(long n) { return n + 1; }
static long add_two(long n) { return n + 2; }
static long take_one(long n) { return n - 1; }
static long same(long n) { return n; }

static long (*volatile const steps[])(long) = {add_one, add_two, take_one, same};

int main(void)
{
    long start = now_ns();
    for (int repeat = 0; repeat < REPEATS; repeat++) {
        long sum = 0;
        for (int i = 0; i < 10000000; i++)
            sum = steps[i & 3](sum);
        require(fibonacci(32) == 2178309 && sum == 5000000, "the result");
    }
    return report("calls", start);
}
