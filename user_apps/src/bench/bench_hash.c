/* Measures hashing: FNV-1a and xorshift over 256 KiB, 200 times. Byte loads, multiplications, shifts. */
#include <stdint.h>

#include "bench.h"

enum { SIZE = 256 * 1024, ROUNDS = 200 };

static uint8_t data[SIZE];

int main(void)
{
    for (int i = 0; i < SIZE; i++)
        data[i] = (uint8_t)(i * 7 + (i >> 8));
    long start = now_ns();
    for (int repeat = 0; repeat < REPEATS; repeat++) {
        uint64_t hash = 0xcbf29ce484222325;
        for (int round = 0; round < ROUNDS; round++) {
            for (int i = 0; i < SIZE; i++)
                hash = (hash ^ data[i]) * 0x100000001b3;
            hash ^= hash << 13;
            hash ^= hash >> 7;
            hash ^= hash << 17;
        }
        require(hash == 0x87614ef18f9b79df, "the hash");
    }
    return report("hash", start);
}
