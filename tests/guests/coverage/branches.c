/* Coverage: branches, loops, switches, early exits, both ways out of a condition on one line. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int never_called(int x)
{
    int y = x * 2;
    return y + 1;
}

static int classify(int x)
{
    if (x < 0)
        return -1;
    if (x == 0) {
        return 0;
    } else if (x == 1000) {
        x = never_called(x);
        return x;
    }
    return 1;
}

static const char *name(int x)
{
    switch (x) {
    case 0:
        return "zero";
    case 1:
        return "one";
    case 5:
        return "five";
    case 6:
    case 7:
        x += 1;
        break;
    default:
        return "many";
    }
    return "some";
}

static int find(const char *text, char wanted)
{
    int at = 0;
    while (text[at]) {
        if (text[at] == wanted)
            return at;
        at++;
    }
    return -1;
}

static int short_circuit(int a, int b)
{
    if (a && b > 3 &&
        never_called(b))        /* where gcc counts this: only once all before it held */
        return 1;
    return a ? 2
             : 3;
}

static void leaves_early(int x)
{
    if (x > 2) {
        puts("leaves");
        exit(7);
    }
    puts("stays");
}

static int jumps(int x)
{
    do {
        if (x == 1)
            continue;
        if (x == 2)
            goto out;
        x--;
    } while (x > 5);
    x = 77;
    for (;;)
        if (x++ > 80)
            break;
    return x;
out:
    x = 99;
    return x;
}

int main(void)
{
    int sum = 0;
    for (int i = 0; i < 3; i++)
        sum += classify(i - 1);
    for (int i = 10; i < 3; i++)
        sum += 100;
    printf("%d %s %s\n", sum, name(1), name(7));
    printf("%d %d\n", find("hello", 'l'), short_circuit(1, 2));
    printf("%d\n", jumps(9));
    int *room = malloc(64);
    if (!room) {
        puts("no memory");
        return 1;
    }
    memset(room, 0, 64);
    free(room);
    leaves_early(1);
    leaves_early(3);
    puts("unreachable");
    return 0;
}
