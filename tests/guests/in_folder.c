/* in_folder FOLDER PROGRAM [ARGUMENT…]: run a program in a folder. */
#include <stdio.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    if (argc > 2 && chdir(argv[1]) == 0)
        execv(argv[2], argv + 2);
    perror("in_folder");
    return 125;
}
