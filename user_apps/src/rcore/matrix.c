/* Shows many processes that compute at once: 30 children each raise a matrix to a power, in slices of time, and their
 * address spaces do not touch: each finds the result that it would find alone. */
#include <assert.h>
#include <rcore.h>
#include <stdio.h>
#include <string.h>

enum { CHILDREN = 30, N = 10, MODULUS = 10007 };

typedef int square[N][N];

static void multiply(square to, square left, square right)
{
    for (int i = 0; i < N; i++) {
        for (int j = 0; j < N; j++) {
            int sum = 0;
            for (int k = 0; k < N; k++)
                sum = (sum + left[i][k] * right[k][j]) % MODULUS;
            to[i][j] = sum;
        }
    }
}

/* A matrix of ones squared n times has N ** (2 ** n - 1) everywhere. */
static void work(int times)
{
    square matrix, result;
    int expected = 1;
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++)
            matrix[i][j] = 1;
    yield();
    printf("pid %ld is running (%d times).\n", getpid(), times);
    for (int i = 0; i < times; i++) {
        multiply(result, matrix, matrix);
        memcpy(matrix, result, sizeof matrix);
        expected = expected * expected % MODULUS * N % MODULUS;
    }
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++)
            assert(matrix[i][j] == expected);
    printf("pid %ld is done.\n", getpid());
    exit(0);
}

int main(void)
{
    for (int i = 0; i < CHILDREN; i++) {
        if (fork() == 0)
            work(20 * (i % 8 + 1));
    }
    printf("fork ok.\n");
    int code;
    for (int i = 0; i < CHILDREN; i++) {
        assert(wait(&code) > 0);
        assert(code == 0);
    }
    assert(wait(&code) == WAIT_NO_CHILD);
    printf("matrix passed.\n");
    return 0;
}
