/* Types of the system interface on riscv64. */
#ifndef SYS_TYPES_H
#define SYS_TYPES_H

#include <stddef.h>
#include <stdint.h>

typedef long ssize_t;
typedef int64_t off_t;
typedef int pid_t;
typedef unsigned uid_t;
typedef unsigned gid_t;
typedef unsigned mode_t;
typedef unsigned nlink_t;
typedef uint64_t dev_t;
typedef uint64_t ino_t;
typedef int64_t time_t;
typedef int clockid_t;

#endif
