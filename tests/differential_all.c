// Every message of every corpus with every regex and keyword list, against plain PCRE2: hours of
// work, so that it can be done in parts. Run by scripts/fuzz --all.
//
//   differential_all CORPUS [EVERY [FIRST [LIST]]]
//
// takes messages FIRST, FIRST + EVERY, ... of each corpus; LIST is part of a list's name.

#include "tests/differential.h"

#include "engine/sys/recording.h"

#include <glob.h>
#include <inttypes.h>

#define KEYWORDS_AT_ONCE 20000u // each is a regex with machine code of its own on PCRE2's side

struct run {
    const char *corpus;
    uint64_t every;
    uint64_t first;
    struct differential differential;
    uint64_t messages;
    uint64_t differences;
};

static void check_file(struct run *run, const char *path)
{
    struct weir_error err = {0};
    struct weir_recording *recording = weir_recording_open(path, 1, NULL, NULL, &err);
    const struct weir_event *event = recording ? weir_recording_next(recording) : NULL;
    uint64_t number = 0;
    for (; event; event = weir_recording_next(recording)) {
        if (event->kind == WEIR_EVENT_MESSAGE && number++ % run->every == run->first) {
            differential_check(&run->differential, event->message->text);
            run->messages++;
        }
    }
    weir_recording_close(&recording);
}

static void check_corpora(struct run *run, const char *list)
{
    char pattern[4096];
    glob_t found;
    run->messages = 0;
    differential_build(&run->differential);
    snprintf(pattern, sizeof(pattern), "%s/*/*.jsonl*", run->corpus);
    if (glob(pattern, 0, NULL, &found) == 0) {
        for (size_t i = 0; i < found.gl_pathc; i++) {
            check_file(run, found.gl_pathv[i]);
        }
        globfree(&found);
    }
    printf("%s: %zu patterns, %" PRIu64 " messages, %zu matches, %zu limits, %zu differences\n",
           list, run->differential.count, run->messages, run->differential.matches,
           run->differential.limits, run->differential.differences);
    fflush(stdout);
    run->differences += run->differential.differences;
}

// A keyword is PCRE2's regex of that text.
static void add_quoted(struct differential *differential, struct weir_span keyword)
{
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer quoted = {0};
    weir_buffer_add_text(&quoted, "\\Q");
    weir_buffer_add(&quoted, keyword);
    weir_buffer_add_text(&quoted, "\\E");
    differential_add(differential, weir_buffer_span(&quoted));
}

static void begin_part(struct run *run)
{
    differential_fini(&run->differential);
    differential_init(&run->differential, WEIR_VIEW_FOLD);
}

static void run_list(struct run *run, const char *path, bool is_regex)
{
    FILE *file = fopen(path, "rb");
    char *line = NULL;
    size_t capacity = 0;
    ssize_t length = 0;
    begin_part(run);
    while (file && (length = getline(&line, &capacity, file)) >= 0) {
        struct weir_span text = weir_span_trim((struct weir_span){line, (size_t)length});
        if (is_regex) {
            differential_add(&run->differential, text);
        } else if (text.length > 0) {
            add_quoted(&run->differential, text);
        }
        if (run->differential.count == KEYWORDS_AT_ONCE) {
            check_corpora(run, path);
            begin_part(run);
        }
    }
    check_corpora(run, path);
    free(line);
    if (file) {
        fclose(file);
    }
}

static void run_lists(struct run *run, const char *prefix, const char *only)
{
    char pattern[4096];
    glob_t found;
    snprintf(pattern, sizeof(pattern), "%s/%s-*/*.txt", run->corpus, prefix);
    if (glob(pattern, 0, NULL, &found) == 0) {
        for (size_t i = 0; i < found.gl_pathc; i++) {
            if (!only || strstr(found.gl_pathv[i], only)) {
                run_list(run, found.gl_pathv[i], strcmp(prefix, "rx") == 0);
            }
        }
        globfree(&found);
    }
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: differential_all CORPUS [EVERY [FIRST [LIST]]]\n");
        return 3;
    }
    struct run run = {.corpus = argv[1],
                      .every = argc > 2 ? strtoull(argv[2], NULL, 10) : 1,
                      .first = argc > 3 ? strtoull(argv[3], NULL, 10) : 0};
    run.every += run.every == 0;
    differential_init(&run.differential, WEIR_VIEW_FOLD);
    run_lists(&run, "rx", argc > 4 ? argv[4] : NULL);
    run_lists(&run, "kw", argc > 4 ? argv[4] : NULL);
    differential_fini(&run.differential);
    printf("%" PRIu64 " differences\n", run.differences);
    return run.differences > 0;
}
