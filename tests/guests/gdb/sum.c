/* The program of docs/gdb.md: two processes count. */
#include <sys/wait.h>
#include <unistd.h>

volatile int total;

static void count(int most)
{
    for (int i = 1; i <= most; i++)
        total += i;
}

int main(void)
{
    if (fork() == 0) {
        count(3);
        _exit(total);
    }
    count(4);
    wait(NULL);
    return total;
}
