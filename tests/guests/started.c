/* Prints how it was started: a line NAME=VALUE each. */
#include <grp.h>
#include <stdio.h>
#include <unistd.h>

int main(int argc, char **argv, char **envp)
{
    char cwd[4096];
    gid_t groups[64];
    int count = getgroups(64, groups);

    printf("argv=");
    for (int i = 0; i < argc; i++)
        printf("%s%s", i ? " " : "", argv[i]);
    printf("\ncwd=%s\nuid=%d %d\ngid=%d %d\ngroups=", getcwd(cwd, sizeof cwd), getuid(), geteuid(), getgid(),
           getegid());
    for (int i = 0; i < count; i++)
        printf("%s%d", i ? " " : "", groups[i]);
    printf("\n");
    for (char **env = envp; *env; env++)
        printf("env %s\n", *env);
    return 0;
}
