#include "bench/others.h"

#include "bench/re2_set.h"
#include "engine/base/alloc.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PASSES 5

double others_resident_mb(void)
{
    long pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (!file || fscanf(file, "%*s %ld", &pages) != 1) {
        pages = 0;
    }
    if (file) {
        fclose(file);
    }
    return (double)pages * (double)sysconf(_SC_PAGESIZE) / 1e6;
}

// ---- Files for other programs

/** A folder of its own, with the lists in it. */
struct folder {
    char path[64];
    char words[96];
    char regexes[96];
    char chat[96];
};

static bool make_folder(struct folder *folder)
{
    snprintf(folder->path, sizeof(folder->path), "/tmp/weir-bench-XXXXXX");
    if (!mkdtemp(folder->path)) {
        return false;
    }
    snprintf(folder->words, sizeof(folder->words), "%s/words", folder->path);
    snprintf(folder->regexes, sizeof(folder->regexes), "%s/regexes", folder->path);
    snprintf(folder->chat, sizeof(folder->chat), "%s/chat", folder->path);
    return true;
}

static void remove_folder(const struct folder *folder)
{
    unlink(folder->words);
    unlink(folder->regexes);
    unlink(folder->chat);
    rmdir(folder->path);
}

// Runs a program; its output is read from `out`. NULL if it can't be started.
static FILE *start(const char *const *arguments, pid_t *child_out)
{
    int ends[2];
    if (pipe(ends) != 0) {
        return NULL;
    }
    *child_out = fork();
    if (*child_out == 0) {
        dup2(ends[1], STDOUT_FILENO);
        close(ends[0]);
        close(ends[1]);
        execvp(arguments[0], (char *const *)arguments);
        _exit(127);
    }
    close(ends[1]);
    return fdopen(ends[0], "r");
}

static void finish(FILE *out, pid_t child)
{
    fclose(out);
    waitpid(child, NULL, 0);
}

void others_print_resident(const char *program, const struct lines *words, size_t word_count,
                           const struct lines *regexes, const struct lines *chat)
{
    struct folder folder;
    if (!make_folder(&folder)) {
        return;
    }
    const char *arguments[] = {program,        "--resident", folder.words,
                               folder.regexes, folder.chat,  NULL};
    pid_t child = 0;
    double resident = 0;
    if (lines_write(words, word_count, false, folder.words) &&
        lines_write(regexes, regexes->count, false, folder.regexes) &&
        lines_write(chat, chat->count, false, folder.chat)) {
        FILE *out = start(arguments, &child);
        if (fscanf(out, "%lf", &resident) == 1) {
            printf("a process with %zu words, %zu regexes and %zu messages in it: %.1f MB resident "
                   "(asked: 40)\n",
                   word_count, regexes->count, chat->count, resident);
        }
        finish(out, child);
    }
    remove_folder(&folder);
}

// ---- Other filters

static void print_other(const char *name, double ns, double build_ms, double weir_ns)
{
    printf("%-22s %10.0f %9.1f %9.0f\n", name, ns, ns / weir_ns, build_ms);
    fflush(stdout);
}

static double now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static double median_of_few(double *numbers)
{
    for (int i = 1; i < PASSES; i++) {
        for (int j = i; j > 0 && numbers[j - 1] > numbers[j]; j--) {
            double larger = numbers[j - 1];
            numbers[j - 1] = numbers[j];
            numbers[j] = larger;
        }
    }
    return numbers[PASSES / 2];
}

static void print_re2(const struct lines *words, size_t count, const struct lines *chat,
                      double weir_ns)
{
    struct re2_set *set = re2_set_create();
    double before = now_ns();
    for (size_t i = 0; set && i < count && i < words->count; i++) {
        re2_set_add(set, words->items[i].data, words->items[i].length, true);
    }
    if (!set || !re2_set_compile(set)) {
        re2_set_destroy(set);
        return;
    }
    double build_ms = (now_ns() - before) / 1e6;
    double times[PASSES];
    for (int pass = 0; pass < PASSES; pass++) {
        double from = now_ns();
        for (size_t i = 0; i < chat->count; i++) {
            re2_set_match(set, chat->items[i].data, chat->items[i].length);
        }
        times[pass] = (now_ns() - from) / (double)chat->count;
    }
    print_other("RE2::Set", median_of_few(times), build_ms, weir_ns);
    re2_set_destroy(set);
}

static void print_node(const struct lines *words, size_t count, const struct lines *chat,
                       double weir_ns)
{
    struct folder folder;
    if (access(WEIR_NODE_FILTERS "/node_modules", R_OK) != 0 || !make_folder(&folder)) {
        printf("(cd bench/node-filters && npm ci --ignore-scripts) adds the filters for Node\n");
        return;
    }
    const char *arguments[] = {"node", WEIR_NODE_FILTERS "/filters.mjs", folder.words, folder.chat,
                               NULL};
    pid_t child = 0;
    if (lines_write(words, count, false, folder.words) &&
        lines_write(chat, chat->count, true, folder.chat)) {
        FILE *out = start(arguments, &child);
        char name[64];
        double ns = 0;
        double build_ms = 0;
        while (fscanf(out, "%63s %lf %lf %*s", name, &ns, &build_ms) == 3) {
            print_other(name, ns, build_ms, weir_ns);
        }
        finish(out, child);
    }
    remove_folder(&folder);
}

void others_print(const struct lines *words, size_t word_count, const struct lines *chat,
                  double weir_ns)
{
    printf("\n%zu words: %-8s %10s %9s %9s\n", word_count, "", "ns", "x weir", "build ms");
    print_re2(words, word_count, chat, weir_ns);
    print_node(words, word_count, chat, weir_ns);
}
