/* argv[1] names a mistake that nobody sees until a call does what it seldom does; `careful` makes none of them. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SIZE = 10000 };

static char data[SIZE];
static int ends[2];

static void ring(int number)
{
    (void)number;
}

static void child_writes(void)
{
    if (pipe(ends) != 0)
        exit(9);
    if (fork() == 0) {
        size_t done = 0;
        while (done < SIZE) {
            ssize_t count = write(ends[1], data + done, SIZE - done);
            if (count > 0)
                done += (size_t)count;
            else if (errno != EINTR)
                _exit(1);
        }
        _exit(0);
    }
    close(ends[1]);
}

static void catch_alarms(void)
{
    struct sigaction action = {.sa_handler = ring};
    sigaction(SIGALRM, &action, NULL);
}

/* One read is taken to bring all that was written. */
static int short_read(void)
{
    child_writes();
    usleep(10000);
    return read(ends[0], data, SIZE) != SIZE;
}

/* One write is taken to take all. */
static int short_write(void)
{
    int from, to;
    if (pipe(ends) != 0 || fcntl(ends[1], F_SETFL, O_NONBLOCK) != 0)
        return 9;
    from = ends[0], to = ends[1];
    write(to, data, SIZE);
    close(to);
    int total = 0;
    for (ssize_t count; (count = read(from, data, SIZE)) > 0;)
        total += (int)count;
    return total != SIZE;
}

/* An error is taken for the end, though it is only a signal's. */
static int interrupted(void)
{
    catch_alarms();
    child_writes();
    int total = 0;
    for (ssize_t count; (count = read(ends[0], data, SIZE)) > 0;)
        total += (int)count;
    return total != SIZE;
}

/* A flag is set behind the check, and nobody waits long enough for that to matter. */
static int race(void)
{
    volatile int *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pid_t child = fork();
    if (child == 0) {
        getppid();
        shared[0] = 1;
        _exit(0);
    }
    usleep(1000);
    int seen = shared[0];
    wait(NULL);
    return !seen;
}

/* Memory is taken for granted. */
static int memory(void)
{
    for (int i = 0; i < 20; i++) {
        char *page = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        *page = 1;
        munmap(page, 8192);
    }
    return 0;
}

/* A lock of two processes that spins for ever if its file cannot be made. */
static int spin(void)
{
    while (open("/tmp/lock", O_CREAT | O_EXCL | O_RDWR, 0600) < 0 && errno != EEXIST)
        ;
    for (int i = 0; i < 50; i++)
        if (unlink("/tmp/lock") != 0)
            for (;;)
                ;
        else if (open("/tmp/lock", O_CREAT | O_EXCL | O_RDWR, 0600) < 0)
            i--, close(creat("/tmp/lock", 0600));
    return 0;
}

static int careful(void)
{
    catch_alarms();
    child_writes();
    int total = 0;
    for (;;) {
        ssize_t count = read(ends[0], data, SIZE);
        if (count > 0)
            total += (int)count;
        else if (count == 0 || errno != EINTR)
            break;
    }
    while (wait(NULL) < 0 && errno == EINTR)
        ;
    return total != SIZE;
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        int (*run)(void);
    } all[] = {{"short_read", short_read}, {"short_write", short_write}, {"interrupted", interrupted}, {"race", race},
               {"memory", memory}, {"spin", spin}, {"careful", careful}};
    for (size_t i = 0; argc > 1 && i < sizeof all / sizeof *all; i++)
        if (strcmp(argv[1], all[i].name) == 0) {
            int status = all[i].run();
            puts(status == 0 ? "fine" : "broken");
            return status;
        }
    return 8;
}
