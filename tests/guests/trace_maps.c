/* Maps a page of itself as code. */
#include <fcntl.h>
#include <sys/mman.h>

int main(void)
{
    int fd = open("/proc/self/exe", O_RDONLY);
    return mmap(0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0) == MAP_FAILED;
}
