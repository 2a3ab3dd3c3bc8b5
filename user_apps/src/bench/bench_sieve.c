/* Measures Eratosthenes' sieve up to eight million, twice. Byte stores with growing strides. */
#include <string.h>

#include "bench.h"

enum { LIMIT = 8000000, ROUNDS = 2, PRIMES = 539777 };

static unsigned char composite[LIMIT];

static int sieve(void)
{
    int primes = 0;
    memset(composite, 0, sizeof composite);
    for (long i = 2; i < LIMIT; i++) {
        if (composite[i])
            continue;
        primes++;
        for (long j = i * i; j < LIMIT; j += i)
            composite[j] = 1;
    }
    return primes;
}

int main(void)
{
    long start = now_ns();
    for (int round = 0; round < ROUNDS * REPEATS; round++)
        require(sieve() == PRIMES, "the number of primes");
    return report("sieve", start);
}
