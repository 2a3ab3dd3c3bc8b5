/* Shows a pipe: what the parent writes at one end, the child reads at the other; then the end of the data. */
#include <assert.h>
#include <rcore.h>
#include <stdio.h>
#include <string.h>

static const char text[] = "Hello through a pipe!";

int main(void)
{
    size_t ends[2];
    assert(pipe(ends) == 0);
    assert(ends[0] == 3 && ends[1] == 4); /* the lowest free descriptors */
    long child = fork();
    if (child == 0) {
        close((long)ends[1]);
        char buffer[64];
        ssize_t length = read((int)ends[0], buffer, sizeof buffer);
        assert(length == (ssize_t)strlen(text) && memcmp(buffer, text, (size_t)length) == 0);
        assert(read((int)ends[0], buffer, sizeof buffer) == 0); /* no writer is left */
        close((long)ends[0]);
        printf("The child read: %.*s\n", (int)length, buffer);
        return 0;
    }
    close((long)ends[0]);
    assert(write((int)ends[1], text, strlen(text)) == (ssize_t)strlen(text));
    close((long)ends[1]);
    int code;
    assert(waitpid(child, &code) == child && code == 0);
    printf("pipetest passed.\n");
    return 0;
}
