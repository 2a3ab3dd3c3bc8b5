/* Every name in some directories of /proc, in the directory's own order, with its mode: one line each. */
#include <dirent.h>
#include <stdio.h>
#include <sys/stat.h>

int main(int argc, char **argv)
{
    for (int at = 1; at < argc; at++) {
        DIR *directory = opendir(argv[at]);
        struct dirent *entry;
        while (directory && (entry = readdir(directory)) != NULL) {
            char path[512];
            struct stat st;
            snprintf(path, sizeof path, "%s/%s", argv[at], entry->d_name);
            if (entry->d_name[0] != '.' && lstat(path, &st) == 0)
                printf("%s %o %d\n", path, (unsigned)st.st_mode, entry->d_type);
        }
        if (directory)
            closedir(directory);
    }
    return 0;
}
