/* Shows two pipes, and one that fills up: the parent sends more than a pipe holds, the child sends back its sum. */
#include <assert.h>
#include <rcore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LENGTH = 200000 };

static unsigned char data[LENGTH];

static unsigned long sum_of(const unsigned char *bytes, size_t length)
{
    unsigned long sum = 0;
    for (size_t i = 0; i < length; i++)
        sum += bytes[i];
    return sum;
}

static int child(int from, int to)
{
    size_t received = 0;
    ssize_t part;
    while ((part = read(from, data + received, LENGTH - received)) > 0)
        received += (size_t)part;
    assert(received == LENGTH);
    unsigned long sum = sum_of(data, received);
    printf("sum = %lu (child)\n", sum);
    return write(to, &sum, sizeof sum) == sizeof sum ? 0 : 1;
}

int main(void)
{
    size_t down[2], up[2];
    assert(pipe(down) == 0 && pipe(up) == 0);
    long pid = fork();
    if (pid == 0) {
        close((long)down[1]);
        close((long)up[0]);
        return child((int)down[0], (int)up[1]);
    }
    close((long)down[0]);
    close((long)up[1]);
    for (size_t i = 0; i < LENGTH; i++)
        data[i] = (unsigned char)rand();
    for (size_t sent = 0; sent < LENGTH;) {
        ssize_t part = write((int)down[1], data + sent, LENGTH - sent);
        assert(part > 0);
        sent += (size_t)part;
    }
    close((long)down[1]);
    unsigned long sum = sum_of(data, LENGTH), answer;
    printf("sum = %lu (parent)\n", sum);
    assert(read((int)up[0], &answer, sizeof answer) == sizeof answer);
    assert(answer == sum);
    int code;
    assert(waitpid(pid, &code) == pid && code == 0);
    printf("pipe_large_test passed.\n");
    return 0;
}
