/* Shows processes as a tree of parents and children: pstree [-a] [-c] [-p] [-T] [PID]. Branches that are alike,
 * if they do not part again, are drawn once with their number in front, unless -c or -p tells them apart. Threads stand
 * in braces; -T leaves them out.
 */
#include <ctype.h>
#include <err.h>
#include <linuxproc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct node {
    int pid, parent;
    bool thread;
    char *name;
    struct node **children;
    int count, room;
    int times; /* how many branches like this one it stands for; 0: another stands for it */
};

static const char usage[] = "usage: pstree [-a] [-c] [-p] [-T] [PID]\n";
static bool with_arguments, all_apart, with_pids, without_threads;
static struct node **nodes;
static int node_count, node_room;

static struct node *add(int pid, int parent, bool thread, const char *name)
{
    struct node *node = must(calloc(1, sizeof *node));
    *node = (struct node){.pid = pid, .parent = parent, .thread = thread, .name = must(strdup(name))};
    if (node_count == node_room)
        nodes = must(realloc(nodes, (size_t)(node_room = node_room ? 2 * node_room : 64) * sizeof *nodes));
    return nodes[node_count++] = node;
}

static void read_process(int pid)
{
    char path[48], name[64];
    struct proc_stat stat;
    int *threads;
    snprintf(path, sizeof path, "/proc/%d", pid);
    if (!proc_stat(path, &stat))
        return;
    char *command = with_arguments ? proc_command(pid) : must(strdup(""));
    add(pid, stat.ppid, false, *command ? command : stat.comm);
    free(command);
    if (without_threads || stat.threads < 2)
        return;
    snprintf(path, sizeof path, "/proc/%d/task", pid);
    int count = proc_numbers(path, &threads);
    for (int i = 0; i < count; i++) {
        snprintf(path, sizeof path, "/proc/%d/task/%d", pid, threads[i]);
        if (threads[i] != pid && proc_stat(path, &stat)) {
            snprintf(name, sizeof name, "{%s}", stat.comm);
            add(threads[i], pid, true, name);
        }
    }
    if (count >= 0)
        free(threads);
}

static int by_pid(const void *left, const void *right)
{
    const struct node *a = *(struct node *const *)left, *b = *(struct node *const *)right;
    return a->pid != b->pid ? a->pid - b->pid : a->thread - b->thread;
}

/* The process of a number; `nodes` is by number. */
static struct node *find(int pid)
{
    struct node wanted = {.pid = pid}, *key = &wanted;
    struct node **found = bsearch(&key, nodes, (size_t)node_count, sizeof *nodes, by_pid);
    return found ? *found : NULL;
}

/* By name, then by number; threads behind the processes. */
static int by_name(const void *left, const void *right)
{
    const struct node *a = *(struct node *const *)left, *b = *(struct node *const *)right;
    if (a->thread != b->thread)
        return a->thread - b->thread;
    int names = strcmp(a->name, b->name);
    return names ? names : a->pid - b->pid;
}

static void build(void)
{
    qsort(nodes, (size_t)node_count, sizeof *nodes, by_pid);
    for (int i = 0; i < node_count; i++) {
        struct node *parent = nodes[i]->parent ? find(nodes[i]->parent) : NULL;
        if (!parent)
            continue;
        if (parent->count == parent->room) {
            parent->room = parent->room ? 2 * parent->room : 4;
            parent->children = must(realloc(parent->children, (size_t)parent->room * sizeof *parent->children));
        }
        parent->children[parent->count++] = nodes[i];
    }
    for (int i = 0; i < node_count; i++)
        if (nodes[i]->count)
            qsort(nodes[i]->children, (size_t)nodes[i]->count, sizeof *nodes[i]->children, by_name);
}

/* An order in which branches that are alike come together: those that do not part again, by their names. */
static int by_shape(const void *left, const void *right)
{
    const struct node *a = *(struct node *const *)left, *b = *(struct node *const *)right;
    for (;; a = a->children[0], b = b->children[0]) {
        int names = strcmp(a->name, b->name);
        if (names || a->count != b->count)
            return names ? names : a->count - b->count;
        if (a->count != 1)
            return 0;
    }
}

static int by_shape_and_pid(const void *left, const void *right)
{
    int shapes = by_shape(left, right);
    return shapes ? shapes : by_name(left, right);
}

static bool parts(const struct node *node)
{
    while (node->count == 1)
        node = node->children[0];
    return node->count > 1;
}

/* Leave of each set of like children the first. */
static void fold(struct node *node)
{
    int kept = 0;
    for (int i = 0; i < node->count; i++)
        node->children[i]->times = 1;
    if (all_apart || with_pids || node->count < 2)
        return;
    struct node **order = must(malloc((size_t)node->count * sizeof *order)), *first = NULL;
    memcpy(order, node->children, (size_t)node->count * sizeof *order);
    qsort(order, (size_t)node->count, sizeof *order, by_shape_and_pid);
    for (int i = 0; i < node->count; i++) {
        if (first && by_shape(&first, &order[i]) == 0 && !parts(first)) {
            first->times++;
            order[i]->times = 0;
        } else {
            first = order[i];
        }
    }
    free(order);
    for (int i = 0; i < node->count; i++)
        if (node->children[i]->times)
            node->children[kept++] = node->children[i];
    node->count = kept;
}

static char prefix[4096]; /* what is drawn in front of the lines below */

static void extend(size_t length, const char *with, int blanks)
{
    snprintf(prefix + length, sizeof prefix - length, "%*s%s", blanks, "", with);
}

/* The node and what is below it; the cursor stands where its name comes. At the end of the line that many brackets
 * are `open`.
 */
static void draw(struct node *node, int open)
{
    char label[512];
    int times = node->times;
    size_t length = strlen(prefix);
    fold(node);
    int width = snprintf(label, sizeof label, times > 1 ? "%d*[" : "", times);
    width += snprintf(label + width, sizeof label - (size_t)width, "%s", node->name);
    if (width > (int)sizeof label - 32)
        width = sizeof label - 32;
    if (with_pids)
        width += snprintf(label + width, sizeof label - (size_t)width, "(%d)", node->pid);
    printf("%s", label);
    bool one_line = !with_arguments;
    open += times > 1;
    if (!node->count || !one_line) {
        for (; open > 0; open--)
            putchar(']');
        putchar('\n');
    }
    for (int i = 0; i < node->count; i++) {
        bool last = i + 1 == node->count;
        if (!one_line) {
            printf("%s%s", prefix, last ? "  `-" : "  |-");
            extend(length, last ? "    " : "  | ", 0);
        } else {
            if (i == 0)
                printf("%s", last ? "---" : "-+-");
            else
                printf("%s%*s%s", prefix, width, "", last ? " `-" : " |-");
            extend(length, last ? "   " : " | ", width);
        }
        draw(node->children[i], open);
        prefix[length] = '\0';
    }
}

int main(int argc, char **argv)
{
    int *pids, root = 1;
    begin("pstree", usage, argc, argv);
    for (int option; (option = getopt(argc, argv, "acpT")) >= 0;) {
        switch (option) {
        case 'a': with_arguments = true; break;
        case 'c': all_apart = true; break;
        case 'p': with_pids = true; break;
        case 'T': without_threads = true; break;
        default: wrong_usage();
        }
    }
    if (optind + 1 < argc)
        wrong_usage();
    if (optind < argc) {
        char *end;
        root = (int)strtol(argv[optind], &end, 10);
        if (!isdigit(argv[optind][0]) || *end)
            errx(2, "%s: not a pid", argv[optind]);
    }
    int count = proc_numbers("/proc", &pids);
    if (count < 0)
        err(1, "/proc");
    for (int i = 0; i < count; i++)
        read_process(pids[i]);
    build();
    struct node *top = find(root);
    if (!top || top->thread)
        errx(1, "%d: no such process", root);
    top->times = 1;
    draw(top, 0);
    return 0;
}
