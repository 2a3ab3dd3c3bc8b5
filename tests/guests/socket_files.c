/* Sockets where other parts of the kernel show or hold them: epoll, procfs, circles of files in flight. */
#define _GNU_SOURCE
#include "scm.h"
#include <sys/epoll.h>

static unsigned wait_events(int epoll)
{
    struct epoll_event event = {0};
    return epoll_wait(epoll, &event, 1, 0) == 1 ? event.events : 0;
}

static int watch(int fd, unsigned events)
{
    int epoll = epoll_create1(0);
    struct epoll_event event = {.events = events};
    CHECK_EQ(0, epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event));
    return epoll;
}

CASE(epoll_level)
{
    int ends[2];
    char data[8];
    pair(SOCK_STREAM, ends);
    int epoll = watch(ends[0], EPOLLIN | EPOLLOUT | EPOLLRDHUP);
    CHECK_EQ(EPOLLOUT, wait_events(epoll));
    CHECK_EQ(1, write(ends[1], "x", 1));
    CHECK_EQ(EPOLLIN | EPOLLOUT, wait_events(epoll));
    CHECK_EQ(EPOLLIN | EPOLLOUT, wait_events(epoll));
    CHECK_EQ(1, read(ends[0], data, 8));
    CHECK_EQ(EPOLLOUT, wait_events(epoll));
    CHECK_EQ(0, shutdown(ends[1], SHUT_WR));
    CHECK_EQ(EPOLLIN | EPOLLRDHUP | EPOLLOUT, wait_events(epoll));
    close(ends[1]);
    CHECK_EQ(EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLOUT, wait_events(epoll));
}

CASE(epoll_edge)
{
    int ends[2];
    char data[8];
    pair(SOCK_STREAM, ends);
    int both = watch(ends[0], EPOLLIN | EPOLLOUT | EPOLLET), in = watch(ends[0], EPOLLIN | EPOLLET);
    CHECK_EQ(EPOLLOUT, wait_events(both));
    CHECK_EQ(0, wait_events(both));
    CHECK_EQ(0, wait_events(in));
    CHECK_EQ(2, write(ends[1], "xy", 2));
    CHECK_EQ(EPOLLIN | EPOLLOUT, wait_events(both));
    CHECK_EQ(EPOLLIN, wait_events(in));
    CHECK_EQ(0, wait_events(both));
    CHECK_EQ(0, wait_events(in));
    CHECK_EQ(1, read(ends[0], data, 1)); /* what is left is no news */
    CHECK_EQ(0, wait_events(in));
    CHECK_EQ(1, write(ends[1], "z", 1)); /* more of it is */
    CHECK_EQ(EPOLLIN, wait_events(in));
    CHECK_EQ(1, write(ends[0], "a", 1));
    CHECK_EQ(1, read(ends[1], data, 8)); /* room to send: news for who asked for it */
    CHECK_EQ(EPOLLIN | EPOLLOUT, wait_events(both));
    CHECK_EQ(0, wait_events(in));
    close(ends[1]);
    CHECK_EQ(EPOLLIN | EPOLLHUP, wait_events(in) & ~EPOLLERR);
    CHECK_EQ(0, wait_events(in));
}

CASE(epoll_listener)
{
    int fd = listener(SOCK_STREAM, "s", 5), epoll = watch(fd, EPOLLIN | EPOLLET);
    CHECK_EQ(0, wait_events(epoll));
    connected(SOCK_STREAM, "s");
    CHECK_EQ(EPOLLIN, wait_events(epoll));
    CHECK_EQ(0, wait_events(epoll));
    connected(SOCK_STREAM, "s");
    CHECK_EQ(EPOLLIN, wait_events(epoll));
}

/* The line of /proc/net/unix whose inode is that of `fd`; how many lines there are. */
static int net_unix(int fd, char *line, size_t room)
{
    struct stat facts;
    char one[512];
    int count = 0;
    FILE *file = fopen("/proc/net/unix", "r");
    CHECK(file != NULL);
    CHECK(fgets(one, sizeof one, file) != NULL);
    CHECK_EQ(0, strcmp(one, "Num       RefCount Protocol Flags    Type St Inode Path\n"));
    if (fd >= 0)
        CHECK_EQ(0, fstat(fd, &facts));
    while (fgets(one, sizeof one, file)) {
        unsigned long inode;
        count++;
        if (fd >= 0 && sscanf(one, "%*s %*s %*s %*s %*s %*s %lu", &inode) == 1 && inode == facts.st_ino)
            snprintf(line, room, "%s", strchr(one, ':') + 1);
    }
    fclose(file);
    return count;
}

CASE(proc_net_unix)
{
    char line[512] = "", wanted[512];
    struct stat facts;
    int fd = listener(SOCK_STREAM, "s", 5);
    CHECK_EQ(0, fstat(fd, &facts));
    net_unix(fd, line, sizeof line);
    sprintf(wanted, " 00000002 00000000 00010000 0001 01 %5lu s\n", (unsigned long)facts.st_ino);
    CHECK_EQ(0, strcmp(wanted, line));
    int client = connected(SOCK_STREAM, "s");
    CHECK_EQ(0, fstat(client, &facts));
    net_unix(client, line, sizeof line);
    sprintf(wanted, " 00000003 00000000 00000000 0001 03 %5lu\n", (unsigned long)facts.st_ino);
    CHECK_EQ(0, strcmp(wanted, line));
    socklen_t length;
    struct sockaddr_un name = abstract("shown", &length);
    int hidden = socket(AF_UNIX, SOCK_DGRAM, 0);
    CHECK_EQ(0, bind(hidden, (void *)&name, length));
    CHECK_EQ(0, fstat(hidden, &facts));
    net_unix(hidden, line, sizeof line);
    sprintf(wanted, " 00000002 00000000 00000000 0002 01 %5lu @%s\n", (unsigned long)facts.st_ino, name.sun_path + 1);
    CHECK_EQ(0, strcmp(wanted, line));
}

CASE(proc_fdinfo)
{
    char name[64], text[512];
    int ends[2], fds[2] = {1, 1};
    pair(SOCK_STREAM, ends);
    CHECK_EQ(1, send_fds(ends[0], fds, 2));
    sprintf(name, "/proc/self/fdinfo/%d", ends[1]);
    int file = open(name, O_RDONLY);
    long size = read(file, text, sizeof text - 1);
    CHECK(size > 0);
    text[size] = 0;
    CHECK(strstr(text, "flags:\t02\n") != NULL);
    CHECK(strstr(text, "scm_fds: 2\n") != NULL);
}

static int sockets(void)
{
    return net_unix(-1, NULL, 0);
}

/* Linux collects some time later. */
static void wait_for(int count)
{
    for (int at = 0; at < 300 && sockets() > count; at++) {
        int ends[2];
        pair(SOCK_STREAM, ends);
        close(ends[0]), close(ends[1]);
        sleep_ms(10);
    }
    CHECK(sockets() <= count);
}

CASE(a_socket_in_its_own_queue)
{
    int before = sockets();
    for (int round = 0; round < 20; round++) {
        int ends[2];
        pair(SOCK_STREAM, ends);
        CHECK_EQ(1, send_fds(ends[0], &ends[1], 1));
        close(ends[0]), close(ends[1]);
    }
    wait_for(before);
}

CASE(two_sockets_in_each_others_queue)
{
    int before = sockets();
    for (int round = 0; round < 20; round++) {
        int one[2], two[2];
        pair(SOCK_STREAM, one);
        pair(SOCK_DGRAM, two);
        CHECK_EQ(1, send_fds(one[0], &two[1], 1));
        CHECK_EQ(1, send_fds(two[0], &one[1], 1));
        close(one[0]), close(one[1]), close(two[0]), close(two[1]);
    }
    wait_for(before);
}

CASE(a_circle_through_a_listener)
{
    int before = sockets();
    int fd = listener(SOCK_STREAM, "s", 5), client = connected(SOCK_STREAM, "s");
    CHECK_EQ(1, send_fds(client, &fd, 1)); /* waits where nobody has accepted yet */
    CHECK_EQ(1, send_fds(client, &client, 1));
    close(client), close(fd);
    wait_for(before);
}

CASE(what_can_be_reached_stays)
{
    int one[2], two[2], pipes[2];
    pair(SOCK_STREAM, one);
    pair(SOCK_STREAM, two);
    CHECK_EQ(0, pipe(pipes));
    CHECK_EQ(1, send_fds(two[0], &pipes[1], 1));
    CHECK_EQ(1, send_fds(one[0], &two[1], 1)); /* two[1], with the pipe in its queue, only here */
    CHECK_EQ(1, send_fds(two[0], &two[1], 1)); /* and in a circle */
    close(two[1]), close(pipes[1]);
    sockets();
    struct got got = receive(one[1]);
    CHECK_EQ(1, got.count);
    got = receive(got.fds[0]);
    CHECK_EQ(1, got.count);
    CHECK_EQ(1, write(got.fds[0], "x", 1));
    CHECK_EQ(1, read(pipes[0], got.data, 1));
}

CASE(tells_by_signal)
{
    int ends[2];
    char byte;
    pair(SOCK_STREAM, ends);
    catch_signal(SIGIO, 0);
    CHECK_EQ(0, fcntl(ends[0], F_SETOWN, getpid()));
    CHECK_EQ(0, fcntl(ends[0], F_SETFL, O_ASYNC));
    CHECK_EQ(1, write(ends[1], "x", 1));
    CHECK_EQ(SIGIO, caught);
    CHECK_EQ(1, read(ends[0], &byte, 1));
    caught = 0;
    close(ends[1]);
    CHECK_EQ(SIGIO, caught);
}

CASE(a_long_chain_ends_at_once)
{
    int before = sockets(), last[2], next[2];
    pair(SOCK_STREAM, last);
    for (int at = 0; at < 3000; at++) {
        pair(SOCK_STREAM, next);
        if (send_fds(next[0], &last[1], 1) != 1)
            break; /* older kernels forbid to send what has much in it */
        close(last[0]), close(last[1]);
        last[0] = next[0], last[1] = next[1];
    }
    close(next[0]), close(next[1]);
    close(last[0]), close(last[1]);
    wait_for(before);
}
