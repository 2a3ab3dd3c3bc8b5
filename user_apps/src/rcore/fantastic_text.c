/* Shows the terminal's own language: colours and styles as ANSI escape sequences (ECMA-48, "SGR"). */
#include <stdio.h>
#include <string.h>

int main(void)
{
    const char *const title = "Hello, RISC-V!";
    for (size_t i = 0; i < strlen(title); i++)
        printf("\x1b[%zum%c\x1b[0m", (i % 2 ? 91 : 31) + i % 7, title[i]);
    printf("\n");

    const char *const styles = "plain \x1b[4munderlined\x1b[24m \x1b[7mreversed\x1b[27m \x1b[9mstruck out\x1b[29m";
    printf("\x1b[47m\x1b[30m%s\x1b[0m\n", styles);
    for (int colour = 31; colour < 38; colour++)
        printf("\x1b[%dm%s\x1b[0m\n", colour, styles);
    for (int colour = 90; colour < 98; colour++)
        printf("\x1b[%dm%s\x1b[0m\n", colour, styles);
    return 0;
}
