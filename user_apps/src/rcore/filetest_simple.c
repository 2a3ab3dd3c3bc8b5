/* Shows a file: create, write, close, open again, read what was written. `cat filea` shows it afterwards. */
#include <assert.h>
#include <rcore.h>
#include <stdio.h>
#include <string.h>

int main(void)
{
    static const char text[] = "Hello, world!\n";
    const ssize_t length = sizeof text - 1;
    long fd = open("filea", O_CREATE | O_WRONLY | O_TRUNC);
    assert(fd > 2);
    assert(write((int)fd, text, (size_t)length) == length);
    close(fd);

    fd = open("filea", O_RDONLY);
    assert(fd > 2);
    char buffer[100];
    assert(read((int)fd, buffer, sizeof buffer) == length);
    assert(memcmp(buffer, text, (size_t)length) == 0);
    assert(read((int)fd, buffer, sizeof buffer) == 0);
    close(fd);
    assert(read((int)fd, buffer, sizeof buffer) < 0);
    assert(open("no such file", O_RDONLY) < 0);
    printf("filetest_simple passed.\n");
    return 0;
}
