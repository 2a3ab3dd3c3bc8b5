/* Shows reading to the end of the input: prints how many lines standard input has. */
#include <rcore.h>
#include <stdio.h>

int main(void)
{
    char buffer[256], last = '\n';
    size_t lines = 0;
    ssize_t length;
    while ((length = read(0, buffer, sizeof buffer)) > 0) {
        for (ssize_t i = 0; i < length; i++)
            lines += buffer[i] == '\n';
        last = buffer[length - 1];
    }
    printf("%zu\n", lines + (last != '\n')); /* a last line may lack its newline */
    return 0;
}
