/* The ABI `linux`: processes, descriptors and paths, as POSIX has them. A call that fails gives -1 and sets errno. */
#ifndef UNISTD_H
#define UNISTD_H

#include <sys/types.h>

#define STDIN_FILENO 0
#define STDOUT_FILENO 1
#define STDERR_FILENO 2

#define SEEK_SET 0
#define SEEK_CUR 1
#define SEEK_END 2

#define F_OK 0
#define X_OK 1
#define W_OK 2
#define R_OK 4

extern char **environ;

_Noreturn void _exit(int code);
pid_t fork(void);
int execvp(const char *name, char *const argv[]); /* looks on the PATH */
int execve(const char *path, char *const argv[], char *const environment[]);
pid_t getpid(void);
pid_t getppid(void);
int setpgid(pid_t pid, pid_t group);
pid_t getpgid(pid_t pid);
pid_t getpgrp(void);
pid_t setsid(void);
uid_t getuid(void);
uid_t geteuid(void);

ssize_t read(int fd, void *to, size_t size);
ssize_t write(int fd, const void *from, size_t size);
ssize_t pread(int fd, void *to, size_t size, off_t offset);
ssize_t pwrite(int fd, const void *from, size_t size, off_t offset);
off_t lseek(int fd, off_t offset, int whence);
int close(int fd);
int dup(int fd);
int dup2(int fd, int number);
int pipe(int fds[2]);
int isatty(int fd);
pid_t tcgetpgrp(int fd);
int tcsetpgrp(int fd, pid_t group);

int access(const char *path, int mode);
int chdir(const char *path);
char *getcwd(char *to, size_t size);
int unlink(const char *path);
int rmdir(const char *path);
ssize_t readlink(const char *path, char *to, size_t size);

void *sbrk(intptr_t step);

extern char *optarg;
extern int optind, opterr, optopt;
int getopt(int argc, char *const argv[], const char *options);

#endif
