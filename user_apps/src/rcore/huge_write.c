/* Shows the speed of a file: 1 MiB in pieces of 1 KiB, timed. */
#include <assert.h>
#include <rcore.h>
#include <stdio.h>

enum { PIECE = 1024, PIECES = 1024 };

int main(void)
{
    static char piece[PIECE];
    for (int i = 0; i < PIECE; i++)
        piece[i] = (char)i;
    long fd = open("testf", O_CREATE | O_WRONLY);
    assert(fd >= 0);
    long start = get_time();
    for (int i = 0; i < PIECES; i++)
        assert(write((int)fd, piece, PIECE) == PIECE);
    close(fd);
    long took = get_time() - start;
    printf("1 MiB written in %ld ms", took);
    if (took > 0)
        printf(", %ld KiB/s", 1024 * 1000 / took);
    printf(".\n");
    return 0;
}
