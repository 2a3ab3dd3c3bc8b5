/* Editing one line on a terminal in raw mode. The line stays on one row and scrolls sideways if it is wider. */
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "sh.h"

enum key {
    CTRL_A = 1, CTRL_B, CTRL_C, CTRL_D, CTRL_E, CTRL_F, CTRL_H = 8, TAB, LINE_FEED, CTRL_K, CTRL_L, ENTER, CTRL_N = 14,
    CTRL_P = 16, CTRL_U = 21, CTRL_W = 23, ESCAPE = 27, BACKSPACE = 127,
    UP = 256, DOWN, LEFT, RIGHT, HOME, KEY_END, DELETE, OTHER, INPUT_END,
};

struct editor {
    const char *prompt;
    struct text *line;
    size_t cursor;
    size_t back;       /* how far up in the history */
    struct text typed; /* the line that was being typed before going up */
};

static int read_byte(void)
{
    unsigned char byte;
    return read(STDIN_FILENO, &byte, 1) == 1 ? byte : INPUT_END;
}

/* Escape sequences of a VT100 and its descendants: ESC [ letter, ESC O letter, ESC [ number ~ */
static int read_escape(void)
{
    int byte = read_byte();
    if (byte != '[' && byte != 'O')
        return OTHER;
    int number = 0;
    while ((byte = read_byte()) != INPUT_END && ((byte >= '0' && byte <= '9') || byte == ';'))
        number = byte == ';' ? 0 : number * 10 + byte - '0';
    switch (byte) {
    case 'A': return UP;
    case 'B': return DOWN;
    case 'C': return RIGHT;
    case 'D': return LEFT;
    case 'H': return HOME;
    case 'F': return KEY_END;
    case '~':
        switch (number) {
        case 1: case 7: return HOME;
        case 4: case 8: return KEY_END;
        case 3: return DELETE;
        }
    }
    return OTHER;
}

static int read_key(void)
{
    int byte = read_byte();
    return byte == ESCAPE ? read_escape() : byte;
}

/* The bytes 10xxxxxx continue a UTF-8 character. */
static bool continues(char byte) { return ((unsigned char)byte & 0xc0) == 0x80; }

static size_t width(const char *bytes, size_t length)
{
    size_t columns = 0;
    for (size_t i = 0; i < length; i++)
        columns += !continues(bytes[i]);
    return columns;
}

static size_t step_left(const struct text *line, size_t at)
{
    do
        at--;
    while (at > 0 && continues(line->bytes[at]));
    return at;
}

static size_t step_right(const struct text *line, size_t at)
{
    do
        at++;
    while (at < line->length && continues(line->bytes[at]));
    return at;
}

static size_t terminal_columns(void)
{
    struct winsize size;
    return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 8 ? size.ws_col : 80;
}

static void redraw(const struct editor *editor)
{
    const struct text *line = editor->line;
    size_t prompt = width(editor->prompt, strlen(editor->prompt)), columns = terminal_columns();
    size_t room = columns > prompt + 8 ? columns - prompt - 1 : 8;
    size_t start = 0, end = editor->cursor;
    size_t before = width(line->bytes, end);
    for (; before > room; before--)
        start = step_right(line, start);
    for (size_t shown = before; end < line->length && shown < room; shown++)
        end = step_right(line, end);

    struct text output = {0};
    char move[32];
    text_add_byte(&output, '\r');
    text_add(&output, editor->prompt, strlen(editor->prompt));
    text_add(&output, line->bytes + start, end - start);
    snprintf(move, sizeof move, "\x1b[K\r\x1b[%zuC", prompt + before);
    text_add(&output, move, strlen(move));
    dprintf(STDOUT_FILENO, "%s", output.bytes);
    text_free(&output);
}

static bool fits(const struct editor *editor)
{
    return width(editor->prompt, strlen(editor->prompt)) + width(editor->line->bytes, editor->line->length) <
           terminal_columns();
}

static void erase(struct editor *editor, size_t from, size_t to)
{
    text_remove(editor->line, from, to - from);
    editor->cursor = from;
}

static void go_in_history(struct editor *editor, int step)
{
    size_t back = editor->back + (size_t)step;
    const char *line = back == 0 ? editor->typed.bytes : history_get(back);
    if ((step < 0 && editor->back == 0) || !line)
        return;
    if (editor->back == 0)
        text_set(&editor->typed, editor->line->bytes);
    editor->back = back;
    text_set(editor->line, line);
    editor->cursor = editor->line->length;
}

static size_t word_start(const struct text *line, size_t at)
{
    while (at > 0 && line->bytes[at - 1] == ' ')
        at--;
    while (at > 0 && line->bytes[at - 1] != ' ')
        at--;
    return at;
}

/* Act on one key; true when the line is finished. */
static bool act(struct editor *editor, int key)
{
    struct text *line = editor->line;
    size_t at = editor->cursor;
    char byte = (char)key;
    switch (key) {
    case ENTER: case LINE_FEED: return true;
    case CTRL_A: case HOME: editor->cursor = 0; break;
    case CTRL_E: case KEY_END: editor->cursor = line->length; break;
    case CTRL_B: case LEFT: editor->cursor = at > 0 ? step_left(line, at) : 0; break;
    case CTRL_F: case RIGHT: editor->cursor = at < line->length ? step_right(line, at) : at; break;
    case CTRL_P: case UP: go_in_history(editor, 1); break;
    case CTRL_N: case DOWN: go_in_history(editor, -1); break;
    case CTRL_H: case BACKSPACE: if (at > 0) erase(editor, step_left(line, at), at); break;
    case CTRL_D: case DELETE: if (at < line->length) erase(editor, at, step_right(line, at)); break;
    case CTRL_K: erase(editor, at, line->length); break;
    case CTRL_U: erase(editor, 0, at); break;
    case CTRL_W: erase(editor, word_start(line, at), at); break;
    case CTRL_L: dprintf(STDOUT_FILENO, "\x1b[H\x1b[2J"); break;
    case TAB: complete(line, &editor->cursor); break;
    default:
        if (key < ' ' || key >= UP)
            return false;
        text_insert(line, at, &byte, 1);
        editor->cursor++;
        if (editor->cursor == line->length && fits(editor)) { /* plain typing: no need to draw the row again */
            dprintf(STDOUT_FILENO, "%c", byte);
            return false;
        }
    }
    redraw(editor);
    return false;
}

enum line_result edit_line(const char *prompt, struct text *line)
{
    struct editor editor = {.prompt = prompt, .line = line};
    enum line_result result = LINE_READ;
    text_set(line, "");
    text_set(&editor.typed, "");
    terminal_raw();
    redraw(&editor);
    for (;;) {
        int key = read_key();
        if (key == INPUT_END || (key == CTRL_D && line->length == 0)) {
            result = INPUT_ENDED;
            break;
        }
        if (key == CTRL_C) {
            dprintf(STDOUT_FILENO, "^C");
            text_set(line, "");
            last_status = 130;
            result = LINE_ABANDONED;
            break;
        }
        if (act(&editor, key))
            break;
    }
    dprintf(STDOUT_FILENO, "\n");
    terminal_cooked();
    text_free(&editor.typed);
    return result;
}
