/* Shows what exec hands over: the argument count and each argument. */
#include <stdio.h>

int main(int argc, const char *const *argv)
{
    printf("argc = %d\n", argc);
    for (int i = 0; i < argc; i++)
        printf("argv[%d] = %s\n", i, argv[i]);
    return 0;
}
