/* Processes that change whose children they are, their groups and their sessions, at random. argv[1]: the seed. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

static unsigned state;

static unsigned pick(unsigned below)
{
    state = state * 1103515245 + 12345;
    return (state >> 16) % below;
}

static void live(int depth)
{
    for (int turn = 0; turn < 12; turn++) {
        pid_t child;
        switch (pick(7)) {
        case 0: setsid(); break;
        case 1: setpgid(0, 0); break;
        case 2: setpgid(0, getppid()); break;
        case 3: getpgrp(); break;
        case 4: waitpid(-1, NULL, WNOHANG); break;
        case 5: usleep(pick(3000)); break;
        default:
            child = depth < 4 ? fork() : -1;
            if (child == 0) {
                state += (unsigned)getpid();
                live(depth + 1);
                _exit(0);
            }
            if (child > 0 && pick(2))
                setpgid(child, pick(2) ? child : 0);
        }
    }
}

int main(int argc, char **argv)
{
    state = argc > 1 ? (unsigned)atoi(argv[1]) : 1;
    live(0);
    while (wait(NULL) > 0)
        ;
    printf("passed\n");
    return 0;
}
