/* Writes the vDSO to standard output: the file as a debugger reads it out of a process. */
#include <sys/auxv.h>
#include <unistd.h>

int main(void)
{
    return write(1, (const void *)getauxval(AT_SYSINFO_EHDR), 4096) != 4096;
}
