#define _GNU_SOURCE
#include "unix_socket.h"
#include <sys/ioctl.h>

CASE(tells_the_sender)
{
    struct sockaddr_un address, to = at_path("r");
    socklen_t length = sizeof address;
    char data[8];
    int receiver = socket(AF_UNIX, SOCK_DGRAM, 0), named = socket(AF_UNIX, SOCK_DGRAM, 0);
    int unnamed = socket(AF_UNIX, SOCK_DGRAM, 0);
    CHECK_EQ(0, bind_path(receiver, "r"));
    CHECK_EQ(0, bind_path(named, "from"));
    CHECK_EQ(1, sendto(named, "x", 1, 0, (void *)&to, sizeof to));
    CHECK_EQ(1, sendto(unnamed, "x", 1, 0, (void *)&to, sizeof to));
    CHECK_EQ(1, recvfrom(receiver, data, 8, 0, (void *)&address, &length));
    CHECK_EQ(HEAD + 5, length);
    CHECK_EQ(0, strcmp("from", address.sun_path));
    length = sizeof address;
    CHECK_EQ(1, recvfrom(receiver, data, 8, 0, (void *)&address, &length));
    CHECK_EQ(0, length);
}

CASE(of_a_stream_too)
{
    struct sockaddr_un address;
    socklen_t length = sizeof address;
    char data[8];
    int fd = listener(SOCK_STREAM, "s", 1), client = connected(SOCK_STREAM, "s"), accepted = accept(fd, NULL, NULL);
    CHECK_EQ(1, write(accepted, "x", 1));
    CHECK_EQ(1, recvfrom(client, data, 8, 0, (void *)&address, &length));
    CHECK_EQ(HEAD + 2, length);
    CHECK_EQ(1, write(client, "x", 1));
    length = sizeof address;
    CHECK_EQ(1, recvfrom(accepted, data, 8, 0, (void *)&address, &length));
    CHECK_EQ(0, length);
}

CASE(peek)
{
    int kinds[] = {SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET};
    for (int at = 0; at < 3; at++) {
        int ends[2];
        char data[8];
        pair(kinds[at], ends);
        CHECK_EQ(3, write(ends[0], "abc", 3));
        CHECK_EQ(3, recv(ends[1], data, 8, MSG_PEEK));
        CHECK_EQ(2, recv(ends[1], data, 2, MSG_PEEK));
        CHECK_EQ(3, recv(ends[1], data, 8, 0));
        CHECK_ERRNO(EAGAIN, recv(ends[1], data, 8, MSG_PEEK | MSG_DONTWAIT));
    }
}

CASE(a_stream_has_no_bounds)
{
    int ends[2];
    char data[8];
    pair(SOCK_STREAM, ends);
    CHECK_EQ(3, write(ends[0], "abc", 3));
    CHECK_EQ(3, write(ends[0], "def", 3));
    CHECK_EQ(6, recv(ends[1], data, 8, MSG_PEEK));
    CHECK_EQ(4, recv(ends[1], data, 4, 0));
    CHECK_EQ(0, memcmp("abcd", data, 4));
    CHECK_EQ(2, recv(ends[1], data, 8, 0));
}

CASE(truncation)
{
    int ends[2];
    char data[8] = "";
    pair(SOCK_DGRAM, ends);
    CHECK_EQ(5, write(ends[0], "abcde", 5));
    CHECK_EQ(5, recv(ends[1], data, 2, MSG_TRUNC | MSG_PEEK)); /* its whole length */
    CHECK_EQ(0, memcmp("ab\0", data, 3));
    CHECK_EQ(5, recv(ends[1], NULL, 0, MSG_TRUNC));
    CHECK_ERRNO(EAGAIN, recv(ends[1], data, 8, MSG_DONTWAIT));
    pair(SOCK_STREAM, ends);
    CHECK_EQ(5, write(ends[0], "abcde", 5));
    CHECK_EQ(2, recv(ends[1], data, 2, MSG_TRUNC));
    CHECK_EQ(3, recv(ends[1], data, 8, 0));
}

CASE(wait_for_all)
{
    int ends[2], status;
    char data[8];
    pair(SOCK_STREAM, ends);
    if (fork() == 0) {
        for (int at = 0; at < 3; at++) {
            sleep_ms(20);
            CHECK_EQ(2, write(ends[0], "ab", 2));
        }
        _exit(0);
    }
    CHECK_EQ(6, recv(ends[1], data, 6, MSG_WAITALL));
    CHECK_EQ(0, memcmp("ababab", data, 6));
    wait(&status);
    CHECK_EQ(0, status);
    CHECK_EQ(2, write(ends[0], "cd", 2));
    CHECK_EQ(2, recv(ends[1], data, 6, MSG_WAITALL | MSG_DONTWAIT));
    CHECK_EQ(2, write(ends[0], "ef", 2));
    close(ends[0]);
    CHECK_EQ(2, recv(ends[1], data, 6, MSG_WAITALL));
    CHECK_EQ(0, recv(ends[1], data, 6, MSG_WAITALL));
}

CASE(wait_for_all_is_interrupted)
{
    int ends[2];
    char data[8];
    pair(SOCK_STREAM, ends);
    CHECK_EQ(2, write(ends[0], "ab", 2));
    catch_signal(SIGALRM, SA_RESTART);
    alarm(1);
    CHECK_EQ(2, recv(ends[1], data, 6, MSG_WAITALL));
    timeout_ms(ends[1], SO_RCVTIMEO, 30);
    CHECK_EQ(2, write(ends[0], "cd", 2));
    CHECK_EQ(2, recv(ends[1], data, 6, MSG_WAITALL));
}

CASE(low_water_mark)
{
    int ends[2], mark = 3;
    char data[8];
    pair(SOCK_STREAM, ends);
    CHECK_EQ(0, setsockopt(ends[1], SOL_SOCKET, SO_RCVLOWAT, &mark, sizeof mark));
    timeout_ms(ends[1], SO_RCVTIMEO, 20);
    CHECK_EQ(2, write(ends[0], "ab", 2));
    CHECK_EQ(2, recv(ends[1], data, 8, 0)); /* waited in vain for a third */
    CHECK_EQ(4, write(ends[0], "abcd", 4));
    CHECK_EQ(1, recv(ends[1], data, 1, 0));
}

CASE(timeouts)
{
    int kinds[] = {SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET};
    for (int at = 0; at < 3; at++) {
        int ends[2];
        char data[8];
        struct timespec before, after;
        pair(kinds[at], ends);
        timeout_ms(ends[1], SO_RCVTIMEO, 50);
        clock_gettime(CLOCK_MONOTONIC, &before);
        CHECK_ERRNO(EAGAIN, recv(ends[1], data, 8, 0));
        CHECK_ERRNO(EAGAIN, read(ends[1], data, 8));
        clock_gettime(CLOCK_MONOTONIC, &after);
        CHECK((after.tv_sec - before.tv_sec) * 1000 + (after.tv_nsec - before.tv_nsec) / 1000000 >= 99);
        catch_signal(SIGALRM, SA_RESTART);
        timeout_ms(ends[1], SO_RCVTIMEO, 5000);
        alarm(1);
        CHECK_ERRNO(EINTR, recv(ends[1], data, 8, 0)); /* with a timeout there is no restart */
    }
}

CASE(restart)
{
    int ends[2], status;
    char data[8];
    pair(SOCK_STREAM, ends);
    catch_signal(SIGALRM, SA_RESTART);
    if (fork() == 0) {
        sleep_ms(1200);
        CHECK_EQ(1, write(ends[0], "x", 1));
        _exit(0);
    }
    alarm(1);
    CHECK_EQ(1, recv(ends[1], data, 8, 0));
    CHECK_EQ(SIGALRM, caught);
    wait(&status);
}

CASE(nothing_asked_for)
{
    int ends[2];
    char data[8];
    pair(SOCK_STREAM, ends);
    CHECK_EQ(0, read(ends[1], data, 0));
    CHECK_ERRNO(EAGAIN, recv(ends[1], data, 0, MSG_DONTWAIT));
    CHECK_EQ(1, write(ends[0], "x", 1));
    CHECK_EQ(0, recv(ends[1], data, 0, 0));
    CHECK_EQ(1, recv(ends[1], data, 8, 0));
    pair(SOCK_DGRAM, ends);
    CHECK_EQ(1, write(ends[0], "x", 1));
    CHECK_EQ(0, read(ends[1], data, 0)); /* the message stays */
    CHECK_EQ(0, recv(ends[1], data, 0, 0)); /* and is gone */
    CHECK_ERRNO(EAGAIN, recv(ends[1], data, 8, MSG_DONTWAIT));
}

CASE(end_of_connection)
{
    int ends[2];
    char data[8];
    pair(SOCK_SEQPACKET, ends);
    CHECK_EQ(1, write(ends[0], "x", 1));
    close(ends[0]);
    CHECK_EQ(1, recv(ends[1], data, 8, 0));
    CHECK_EQ(0, recv(ends[1], data, 8, 0));
    CHECK_EQ(0, recv(ends[1], data, 8, MSG_DONTWAIT));
    pair(SOCK_DGRAM, ends);
    close(ends[0]);
    CHECK_ERRNO(EAGAIN, recv(ends[1], data, 8, MSG_DONTWAIT)); /* datagrams have no end */
    CHECK_ERRNO(ECONNREFUSED, write(ends[1], "x", 1));
}

CASE(length_of_what_is_next)
{
    int ends[2], size = -1;
    pair(SOCK_DGRAM, ends);
    CHECK_EQ(0, ioctl(ends[1], FIONREAD, &size));
    CHECK_EQ(0, size);
    CHECK_EQ(3, write(ends[0], "abc", 3));
    CHECK_EQ(2, write(ends[0], "de", 2));
    CHECK_EQ(0, ioctl(ends[1], FIONREAD, &size));
    CHECK_EQ(3, size);
    pair(SOCK_SEQPACKET, ends);
    CHECK_EQ(3, write(ends[0], "abc", 3));
    CHECK_EQ(2, write(ends[0], "de", 2));
    CHECK_EQ(0, ioctl(ends[1], FIONREAD, &size));
    CHECK_EQ(5, size);
    CHECK_ERRNO(EFAULT, ioctl(ends[1], FIONREAD, NULL));
    CHECK_ERRNO(EINVAL, ioctl(listener(SOCK_STREAM, "s", 1), FIONREAD, &size));
    CHECK_ERRNO(ENOTTY, ioctl(ends[1], TIOCGWINSZ, &size));
    int on = 1;
    CHECK_EQ(0, ioctl(ends[0], FIONBIO, &on));
    CHECK_ERRNO(EAGAIN, read(ends[0], &size, 4));
}

CASE(errors)
{
    int ends[2];
    char data[8];
    struct sockaddr_un address;
    socklen_t length = sizeof address, negative = -1;
    pair(SOCK_STREAM, ends);
    CHECK_ERRNO(EBADF, recv(99, data, 8, 0));
    CHECK_ERRNO(ENOTSOCK, recv(open("f", O_CREAT | O_RDWR, 0600), data, 8, 0));
    CHECK_ERRNO(EINVAL, recv(socket(AF_UNIX, SOCK_STREAM, 0), data, 8, 0));
    CHECK_ERRNO(ENOTCONN, recv(socket(AF_UNIX, SOCK_SEQPACKET, 0), data, 8, 0));
    CHECK_ERRNO(EAGAIN, recv(socket(AF_UNIX, SOCK_DGRAM, 0), data, 8, MSG_DONTWAIT));
    CHECK_EQ(3, write(ends[0], "abc", 3));
    CHECK_ERRNO(EFAULT, recv(ends[1], NULL, 8, 0));
    CHECK_ERRNO(EFAULT, recv(ends[1], (void *)-4096, 8, 0));
    CHECK_EQ(3, recv(ends[1], data, 8, 0)); /* it is still there */
    CHECK_EQ(3, write(ends[0], "abc", 3));
    CHECK_ERRNO(EINVAL, recvfrom(ends[1], data, 1, 0, (void *)&address, &negative));
    CHECK_ERRNO(EFAULT, recvfrom(ends[1], data, 1, 0, (void *)&address, NULL));
    CHECK_EQ(1, recvfrom(ends[1], data, 1, 0, NULL, &length));
    pair(SOCK_DGRAM, ends);
    CHECK_EQ(3, write(ends[0], "abc", 3));
    CHECK_ERRNO(EFAULT, recv(ends[1], NULL, 8, 0));
    CHECK_ERRNO(EAGAIN, recv(ends[1], data, 8, MSG_DONTWAIT)); /* a message is lost */
    CHECK_ERRNO(EOPNOTSUPP, recv(ends[1], data, 8, MSG_OOB));
    CHECK_ERRNO(EAGAIN, recv(ends[1], data, 8, MSG_ERRQUEUE | MSG_DONTWAIT));
}
