/* Text to lists of pipelines of commands.
 *
 *     lists    = list (";" | "&") lists
 *     list     = pipeline (("&&" | "||") pipeline)...
 *     pipeline = command ("|" command)...
 *     command  = (word | [number] ("<" | ">" | ">>" | ">&") word)...
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "sh.h"

enum token { END, WORD, SEMICOLON, AMPERSAND, AND_AND, BAR, OR_OR, REDIRECT };

struct parser {
    const char *at;         /* behind the current token */
    const char *start;      /* of the current token */
    const char *before_end; /* the end of the token before it */
    enum token token;
    enum redirect_kind kind; /* of a REDIRECT */
    int fd;
    enum parse_result result;
    const char *message;
};

static void fail(struct parser *parser, enum parse_result result, const char *message)
{
    if (parser->result == PARSED) { /* the first error is the one to tell */
        parser->result = result;
        parser->message = message;
    }
    parser->token = END;
}

static void skip_word(struct parser *parser)
{
    const char *at = parser->at;
    while (*at && !strchr(" \t\n;&|<>", *at)) {
        if (*at == '\\') {
            if (!at[1] || (at[1] == '\n' && !at[2])) {
                fail(parser, INCOMPLETE, "a backslash at the end");
                return;
            }
            at += 2;
        } else if (*at == '\'' || *at == '"') {
            char quote = *at++;
            while (*at && *at != quote)
                at += *at == '\\' && quote == '"' && at[1] ? 2 : 1;
            if (!*at) {
                fail(parser, INCOMPLETE, "a quote is not closed");
                return;
            }
            at++;
        } else {
            at++;
        }
    }
    parser->at = at;
    parser->token = WORD;
}

static void read_redirect(struct parser *parser, int fd)
{
    bool input = *parser->at++ == '<';
    parser->token = REDIRECT;
    parser->fd = fd >= 0 ? fd : !input;
    parser->kind = input ? READ_FROM : WRITE_TO;
    if (*parser->at == '&') {
        parser->at++;
        parser->kind = DUPLICATE;
    } else if (!input && *parser->at == '>') {
        parser->at++;
        parser->kind = APPEND_TO;
    }
}

static void next(struct parser *parser)
{
    parser->before_end = parser->at;
    if (parser->result != PARSED)
        return;
    while (*parser->at == ' ' || *parser->at == '\t' || (parser->at[0] == '\\' && parser->at[1] == '\n'))
        parser->at += *parser->at == '\\' ? 2 : 1;
    if (*parser->at == '#')
        parser->at += strcspn(parser->at, "\n");
    parser->start = parser->at;
    const char *digits = parser->at;
    while (isdigit((unsigned char)*digits))
        digits++;
    if (digits > parser->at && digits - parser->at < 4 && (*digits == '<' || *digits == '>')) {
        int fd = atoi(parser->at);
        parser->at = digits;
        read_redirect(parser, fd);
        return;
    }
    bool twice = parser->at[0] && parser->at[0] == parser->at[1];
    switch (*parser->at) {
    case '\0': parser->token = END; return;
    case '\n': case ';': parser->at++; parser->token = SEMICOLON; return;
    case '&': parser->at += 1 + twice; parser->token = twice ? AND_AND : AMPERSAND; return;
    case '|': parser->at += 1 + twice; parser->token = twice ? OR_OR : BAR; return;
    case '<': case '>': read_redirect(parser, -1); return;
    case '(': case ')': fail(parser, MALFORMED, "there are no subshells here"); return;
    default: skip_word(parser); return;
    }
}

static char *token_text(const struct parser *parser)
{
    return line_copy(parser->start, (size_t)(parser->at - parser->start));
}

static struct command *parse_command(struct parser *parser)
{
    struct command *command = line_alloc(sizeof *command);
    *command = (struct command){0};
    struct redirect **last = &command->redirects;
    for (; parser->token == WORD || parser->token == REDIRECT; next(parser)) {
        if (parser->token == WORD) {
            vector_add(&command->words, token_text(parser));
            continue;
        }
        struct redirect *redirect = line_alloc(sizeof *redirect);
        *redirect = (struct redirect){.kind = parser->kind, .fd = parser->fd};
        next(parser);
        if (parser->token != WORD) {
            fail(parser, MALFORMED, "a redirection has no target");
            break;
        }
        redirect->word = token_text(parser);
        *last = redirect;
        last = &redirect->next;
    }
    if (command->words.count == 0 && !command->redirects)
        fail(parser, MALFORMED, "a command is missing");
    return command;
}

/* Behind an operator that needs something after it. */
static void next_operand(struct parser *parser)
{
    do
        next(parser);
    while (parser->token == SEMICOLON && *parser->start == '\n');
    if (parser->token == END)
        fail(parser, INCOMPLETE, "something must follow at the end");
}

static struct pipeline *parse_pipeline(struct parser *parser, enum condition condition)
{
    struct pipeline *pipeline = line_alloc(sizeof *pipeline);
    *pipeline = (struct pipeline){.condition = condition, .commands = parse_command(parser)};
    for (struct command *last = pipeline->commands; parser->token == BAR; last = last->next) {
        next_operand(parser);
        last->next = parse_command(parser);
    }
    return pipeline;
}

static struct list *parse_list(struct parser *parser)
{
    struct list *list = line_alloc(sizeof *list);
    const char *start = parser->start;
    *list = (struct list){.pipelines = parse_pipeline(parser, ALWAYS)};
    struct pipeline *last = list->pipelines;
    while (parser->token == AND_AND || parser->token == OR_OR) {
        enum condition condition = parser->token == AND_AND ? AND : OR;
        next_operand(parser);
        last = last->next = parse_pipeline(parser, condition);
    }
    list->text = line_copy(start, (size_t)(parser->before_end - start));
    list->background = parser->token == AMPERSAND;
    return list;
}

enum parse_result parse(const char *text, struct list **lists, const char **message)
{
    struct parser parser = {.at = text, .start = text, .result = PARSED};
    *lists = NULL;
    next(&parser);
    while (parser.token != END) {
        if (parser.token == SEMICOLON) {
            next(&parser);
            continue;
        }
        *lists = parse_list(&parser);
        lists = &(*lists)->next;
        if (parser.token == AMPERSAND)
            next(&parser);
    }
    *message = parser.message;
    return parser.result;
}
