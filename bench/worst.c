// What the dearest message costs: texts of 2,000 characters that are made to be slow, each judged
// with the packs that ship. No message may hold up the others of its process.
//
// usage: worst [RULES] [LIMIT_US [PIECE]]      exit 1 when one costs more; PIECE: only this flood

#include "engine/base/alloc.h"
#include "engine/base/utf8.h"
#include "engine/judge/judge.h"
#include "engine/sys/rule_files.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define CHARS  2000
#define ROUNDS 15

// A piece that is said again and again until the text is full.
static const char *const pieces[] = {
    "a",
    "A",
    "1",
    ".",
    "@",
    "!",
    " ",
    "a ",
    "1 ",
    "9-",
    "a.",
    "a.b/",
    "a.b ",
    "a.cn ",
    "a@",
    "a@b.c ",
    "@a ",
    "http://",
    "http://a ",
    "http:/",
    "https://a.com/x ",
    "www.",
    "aaa bbb ",
    "aaab",
    "aaabbbcccddd ",
    "hellloooo ",
    "a b c d ",
    "1l1!1|",
    "s h 1 t ",
    "$@!|1+0",
    "f.u.c.k ",
    "fuck",
    "fuck ",
    "dick cock ",
    "微信",
    "微信 abc12345 ",
    "加微信abc12345",
    "加我vx ",
    "加 微 信 ",
    "13800138000 ",
    "138-0013-8000 ",
    "一三八零零一三八零零零",
    "4111 1111 1111 1111 ",
    "11010519491231002x ",
    "(dot)",
    "a dot com ",
    "a点com",
    "a。",
    "%2e",
    "%61",
    "路口交通",
    "操你妈",
    "傻逼",
    "他妈妈",
    "代练",
    "什么",
    "怎么",
    "吗",
    "who why what ",
    "are you ",
    "anyone ",
    "any girls wanna chat ",
    "why are you like ",
    "kill yourself ",
    "想死",
    "\xcc\x81",                 // a combining acute
    "a\xcc\x81\xcc\xa7",        // with two marks in the wrong order
    "\xcc\xa7\xcc\x81",         //
    "\xe2\x80\x8b",             // zero-width space
    "a\xe2\x80\x8b",            //
    "\xef\xb7\xba",             // one character that NFKC makes a sentence of
    "\xc2\xbd",                 // and one that it makes three of
    "\xef\xbd\x81",             // full-width a
    "\xe2\x93\x90",             // circled a
    "\xd0\xb0",                 // Cyrillic a
    "\xea\xb0\x81",             // Hangul
    "\xe1\x84\x80\xe1\x85\xa1", // Hangul in parts
    "\xf0\x9f\x98\x82",         // laughing
    "\xf0\x9f\x91\xa8\xe2\x80\x8d\xf0\x9f\x91\xa9\xe2\x80\x8d",
    "\xf0\x9f\x87\xa9",
    "\xe0\xb8\x81\xe0\xb8\xb4",
    "\xff", // no UTF-8 at all
};

// Marks in an order that must be turned round wholly.
static void fill_with_marks(struct weir_buffer *text)
{
    weir_buffer_add_byte(text, 'a');
    for (uint32_t i = 1; i < CHARS; i++) {
        weir_utf8_add(text, i < CHARS / 2 ? 0x301 : 0x327);
    }
}

// Every word another.
static void fill_with_words(struct weir_buffer *text)
{
    for (uint32_t i = 0; text->length + 8 < CHARS; i++) {
        weir_buffer_printf(text, "%c%c%" PRIu32 " ", (char)('a' + i % 26), (char)('a' + i % 23), i);
    }
}

// Two pieces that nearly repeat: a period that fails at the very end.
static void fill_with_period(struct weir_buffer *text)
{
    for (uint32_t i = 0; i < CHARS; i++) {
        weir_buffer_add_byte(text, i == CHARS / 2 || i == CHARS - 1 ? 'b' : 'a');
    }
}

static const struct {
    const char *name;
    void (*fill)(struct weir_buffer *text);
} fillers[] = {
    {"marks in the wrong order", fill_with_marks},
    {"words that differ", fill_with_words},
    {"a period that fails late", fill_with_period},
};

static void fill_with_piece(struct weir_buffer *text, struct weir_span piece)
{
    size_t chars = weir_utf8_is_valid(piece) ? weir_utf8_count(piece) : piece.length;
    for (size_t i = 0; i + chars <= CHARS; i += chars) {
        weir_buffer_add(text, piece);
    }
}

struct bench {
    struct weir_set *set;
    struct weir_judge *judge;
    struct weir_memory *memory;
    int64_t worst_ns;
    int64_t at_ms;
};

static int64_t spent_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

// The least of several rounds: what the text costs, not what else the machine did.
static int64_t measure(struct bench *bench, struct weir_span text)
{
    int64_t least = INT64_MAX;
    struct weir_room_view room = {.id = WEIR_SPAN("r"), .state = WEIR_SPAN("live")};
    for (int i = 0; i < ROUNDS; i++) {
        struct weir_message message = {.room = room.id,
                                       .id = WEIR_SPAN("m"),
                                       .ts_ms = ++bench->at_ms,
                                       .user = {.id = WEIR_SPAN("u")},
                                       .text = text};
        int64_t start = spent_ns();
        weir_judge_message(bench->judge, bench->set, bench->memory, &room, &message, message.ts_ms);
        int64_t spent = spent_ns() - start;
        least = spent < least ? spent : least;
    }
    return least;
}

static void report(struct bench *bench, const char *name, struct weir_span text)
{
    int64_t spent = measure(bench, text);
    bench->worst_ns = spent > bench->worst_ns ? spent : bench->worst_ns;
    printf("%8.1f us  %s\n", (double)spent / 1000, name);
}

static void run_piece(struct bench *bench, const char *piece)
{
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer text = {0};
    fill_with_piece(&text, weir_span_of(piece));
    report(bench, piece, weir_buffer_span(&text));
}

static void run_all(struct bench *bench)
{
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer text = {0};
    for (size_t i = 0; i < ARRAY_LEN(pieces); i++) {
        run_piece(bench, pieces[i]);
    }
    for (size_t i = 0; i < ARRAY_LEN(fillers); i++) {
        weir_buffer_clear(&text);
        fillers[i].fill(&text);
        report(bench, fillers[i].name, weir_buffer_span(&text));
    }
}

int main(int argc, char **argv)
{
    int64_t limit_us = argc > 2 ? atoll(argv[2]) : 1000;
    struct weir_paths paths = {0};
    struct weir_rule_files files = {0};
    struct weir_diagnostics diagnostics = {0};
    weir_paths_add(&paths, argc > 1 ? argv[1] : "rules");
    struct bench bench = {.set = weir_rule_files_load(&files, &paths, &diagnostics),
                          .judge = weir_judge_create(CHARS),
                          .memory = weir_memory_create(),
                          .at_ms = 1700000000000};
    if (!bench.set) {
        fputs("worst: no such rules, or mistakes in them: weir check tells\n", stderr);
        return 2;
    }
    if (argc > 3) {
        run_piece(&bench, argv[3]);
    } else {
        run_all(&bench);
    }
    printf("the worst: %.1f us, the limit: %" PRId64 "\n", (double)bench.worst_ns / 1000, limit_us);
    weir_memory_destroy(&bench.memory);
    weir_judge_destroy(&bench.judge);
    weir_set_destroy(&bench.set);
    weir_diagnostics_fini(&diagnostics);
    weir_rule_files_fini(&files);
    weir_paths_fini(&paths);
    return bench.worst_ns / 1000 > limit_us;
}
