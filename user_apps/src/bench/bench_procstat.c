/* Measures a reader of procfs: open, read and close of /proc/self/stat, 20,000 times. */
#include <fcntl.h>
#include <unistd.h>

#include "bench.h"

int main(void)
{
    char text[1024];
    long start = now_ns();
    for (int i = 0; i < 20000; i++) {
        int fd = open("/proc/self/stat", O_RDONLY);
        require(fd >= 0 && read(fd, text, sizeof text) > 0, "read of /proc/self/stat");
        close(fd);
    }
    return report("procstat", start);
}
