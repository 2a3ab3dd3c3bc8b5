/* Measures floating point: two 256 x 256 matrices of doubles multiplied, twice. */
#include "bench.h"

enum { N = 256, ROUNDS = 2 };

static double left[N][N], right[N][N], product[N][N];

static void multiply(void)
{
    for (int i = 0; i < N; i++) {
        for (int j = 0; j < N; j++) {
            double sum = 0;
            for (int k = 0; k < N; k++)
                sum += left[i][k] * right[k][j];
            product[i][j] = sum;
        }
    }
}

int main(void)
{
    for (int i = 0; i < N; i++) {
        for (int j = 0; j < N; j++) {
            left[i][j] = i + j;
            right[i][j] = i == j ? 2 : 0;
        }
    }
    long start = now_ns();
    for (int round = 0; round < ROUNDS * REPEATS; round++)
        multiply();
    int done = report("matrix", start);
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++)
            require(product[i][j] == 2 * left[i][j], "the product");
    return done;
}
