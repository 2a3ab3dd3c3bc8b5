/* Prints how many lines its input has. Exercise 1. */
#include <stdio.h>
#include <unistd.h>

int main(void)
{
    static char buffer[4096];
    long lines = 0;
    char last = '\n';
    for (ssize_t got; (got = read(0, buffer, sizeof buffer)) > 0; last = buffer[got - 1]) {
        for (ssize_t i = 0; i < got; i++)
            lines += buffer[i] == '\n';
    }
    printf("%ld\n", lines + (last != '\n'));
    return 0;
}
