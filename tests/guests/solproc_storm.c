/* Processes and lwps come and go while others walk solproc, hold files of the dead and trace whom they meet. */
#include "solproc.h"
#include <dirent.h>
#include <errno.h>
#include <pthread.h>

enum { ROUNDS = 40 };

static void *nothing(void *unused) { return unused; }

static void breeder(void)
{
    for (int round = 0; round < ROUNDS; round++) {
        pid_t child = fork();
        if (child == 0) {
            pthread_t threads[3];
            for (int at = 0; at < 3; at++)
                pthread_create(&threads[at], NULL, nothing, NULL);
            for (int at = 0; at < round % 4; at++)
                pthread_join(threads[at % 3], NULL);
            _exit(round & 0x7f);
        }
        int status;
        CHECK_EQ(child, waitpid(child, &status, 0));
        CHECK_EQ((round & 0x7f) << 8, status);
    }
    _exit(0);
}

/* Every process shows the number of its directory, or is gone. */
static void walker(void)
{
    int held[64], count = 0;
    for (int round = 0; round < ROUNDS; round++) {
        DIR *dir = opendir("/system/proc");
        unsigned long last = 0;
        for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
            if (entry->d_name[0] == '.')
                continue;
            CHECK(entry->d_ino > last);                     /* ascending slots, so nobody shows twice */
            last = entry->d_ino;
            char path[64];
            psinfo_t info;
            snprintf(path, sizeof path, "/system/proc/%s/psinfo", entry->d_name);
            int fd = open(path, O_RDONLY);
            if (fd < 0) {
                CHECK_EQ(ENOENT, errno);
                continue;
            }
            long got = read(fd, &info, sizeof info);
            if (got < 0)
                CHECK_EQ(ENOENT, errno);
            else
                CHECK_EQ(atoi(entry->d_name), info.pr_pid);
            if (count < 64)
                held[count++] = fd;
            else
                close(fd);
            snprintf(path, sizeof path, "/system/proc/%s/lwp", entry->d_name);
            DIR *lwps = opendir(path);
            while (lwps != NULL && readdir(lwps) != NULL)
                ;
            if (lwps != NULL)
                closedir(lwps);
        }
        closedir(dir);
        while (count > 32) {
            psinfo_t info;
            long got = pread(held[--count], &info, sizeof info, 0);
            CHECK(got == sizeof info || (got == -1 && errno == ENOENT));
            close(held[count]);
        }
        pass_ms(1);
    }
    _exit(0);
}

/* Stops whatever it meets for a moment, with every set full. */
static void tracer(pid_t own)
{
    uint32_t all[16];
    memset(all, 0xff, sizeof all);
    for (int round = 0; round < ROUNDS; round++) {
        DIR *dir = opendir("/system/proc");
        for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
            pid_t pid = atoi(entry->d_name);
            if (pid <= own)
                continue;
            int ctl = open_of(pid, "ctl", O_WRONLY);
            if (ctl < 0)
                continue;
            (void)say(ctl, PCSET, &(long){round & 1 ? PR_RLC | PR_FORK : PR_RLC}, 8);
            (void)say(ctl, PCSENTRY, all, sizeof(sysset_t));
            (void)say(ctl, PCSEXIT, all, sizeof(sysset_t));
            (void)say(ctl, PCSTRACE, all, sizeof(pr_sigset_t));
            (void)say(ctl, PCSFAULT, all, sizeof(fltset_t));
            for (int times = 0; times < 6; times++) {
                (void)say(ctl, PCTWSTOP, &(long){2}, 8);
                (void)say(ctl, PCRUN, &(long){times == 3 ? PRSTEP : PRCFAULT}, 8);
            }
            close(ctl);
        }
        closedir(dir);
    }
    _exit(0);
}

CASE(storm)
{
    pid_t helpers[5];
    for (int at = 0; at < 5; at++)
        if ((helpers[at] = fork()) == 0) {
            if (at == 4)
                tracer(getpid());
            if (at < 2)
                walker();
            breeder();
        }
    for (int at = 0; at < 5; at++) {
        int status = exit_status_of(helpers[at]);
        CHECK_EQ(0, status);
    }
}
