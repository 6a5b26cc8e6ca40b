// Fold is ICU's NFKC_Casefold and then, character by character, what fold does to a character that
// is casefolded already. So ICU's answer, sent through fold one character at a time, must be fold's
// answer to the whole, for all texts. Numbers and letters in a drawn shape (⑴ is 1, not (1)) are
// the one exception; they are listed and replaced beforehand.

#include "tests/unit/test.h"

#include "engine/base/utf8.h"
#include "engine/sys/recording.h"
#include "engine/text/text.h"

#include <fts.h>
#include <stdlib.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/uscript.h>
#include <unicode/ustring.h>

#define MAX_CHARS   4000
#define MAX_UNITS   (MAX_CHARS * 20)
#define CODE_POINTS 0x110000u

struct fixture {
    struct weir_text *text;
    const UNormalizer2 *casefold;
    bool is_shape[CODE_POINTS];
    UChar units[MAX_UNITS];
    UChar folded[MAX_UNITS];
    struct weir_buffer prepared;
    struct weir_buffer expected;
};

static struct fixture *fixture;

static struct weir_span fold(struct weir_span raw)
{
    weir_text_set(fixture->text, raw, NULL, 0, false);
    const struct weir_view *view = weir_text_view(fixture->text, WEIR_VIEW_FOLD);
    return (struct weir_span){view->bytes, view->length};
}

static void add_fold_of(struct weir_buffer *out, uint32_t code_point)
{
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer single = {0};
    weir_utf8_add(&single, code_point);
    weir_buffer_add(out, fold(weir_buffer_span(&single)));
}

static bool is_surrogate(uint32_t code_point)
{
    return code_point >= 0xd800 && code_point <= 0xdfff;
}

// What fold should make of valid UTF-8, by way of ICU.
static struct weir_span fold_by_icu(struct weir_span raw)
{
    UErrorCode error = U_ZERO_ERROR;
    int32_t length = 0;
    weir_buffer_clear(&fixture->prepared);
    for (size_t at = 0; at < raw.length;) {
        uint32_t code_point = weir_utf8_next(raw, &at);
        if (fixture->is_shape[code_point]) {
            add_fold_of(&fixture->prepared, code_point);
        } else {
            weir_utf8_add(&fixture->prepared, code_point);
        }
    }
    u_strFromUTF8(fixture->units, MAX_UNITS, &length, fixture->prepared.data,
                  (int32_t)fixture->prepared.length, &error);
    length = unorm2_normalize(fixture->casefold, fixture->units, length, fixture->folded, MAX_UNITS,
                              &error);
    assert_true(U_SUCCESS(error));
    weir_buffer_clear(&fixture->expected);
    for (int32_t i = 0; i < length;) {
        UChar32 code_point;
        U16_NEXT(fixture->folded, i, length, code_point);
        add_fold_of(&fixture->expected, (uint32_t)code_point);
    }
    return weir_buffer_span(&fixture->expected);
}

static bool is_same(struct weir_span raw)
{
    // fold() of single characters overwrites the text's view, so ICU's answer comes first.
    struct weir_span expected = fold_by_icu(raw);
    return weir_span_equals(fold(raw), expected);
}

static bool may_be_shape(uint32_t code_point)
{
    return (code_point >= 0x2460 && code_point <= 0x24b5) ||
           (code_point >= 0x3220 && code_point <= 0x325f) ||
           (code_point >= 0x32b1 && code_point <= 0x32bf) ||
           (code_point >= 0x1f100 && code_point <= 0x1f12a) || code_point == 0x37a;
}

static int open_fixture(void **state)
{
    (void)state;
    UErrorCode error = U_ZERO_ERROR;
    fixture = weir_new(struct fixture);
    fixture->text = weir_text_create(MAX_CHARS);
    fixture->casefold = unorm2_getNFKCCasefoldInstance(&error);
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer single = {0};
    for (uint32_t code_point = 0; code_point < CODE_POINTS; code_point++) {
        if (!is_surrogate(code_point)) {
            weir_buffer_clear(&single);
            weir_utf8_add(&single, code_point);
            fixture->is_shape[code_point] = !is_same(weir_buffer_span(&single));
        }
    }
    return 0;
}

static int close_fixture(void **state)
{
    (void)state;
    weir_text_destroy(&fixture->text);
    weir_buffer_fini(&fixture->prepared);
    weir_buffer_fini(&fixture->expected);
    free(fixture);
    return 0;
}

static void every_character_is_icus_but_for_shapes(void **state)
{
    (void)state;
    for (uint32_t code_point = 0; code_point < CODE_POINTS; code_point++) {
        if (fixture->is_shape[code_point] && !may_be_shape(code_point)) {
            EXPECT_EQ("differs from ICU", code_point, -1);
        }
    }
    test_end_rows();
}

// The further steps, by ICU's properties: nothing else may change.
static bool may_change(UChar32 c)
{
    UErrorCode error = U_ZERO_ERROR;
    uint32_t kinds = U_GC_MN_MASK | U_GC_ME_MASK | U_GC_CC_MASK | U_GC_CF_MASK | U_GC_N_MASK;
    return (U_GET_GC_MASK(c) & kinds) || uscript_getScript(c, &error) == USCRIPT_HAN;
}

static void the_further_steps_touch_only_their_own(void **state)
{
    (void)state;
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer single = {0};
    for (uint32_t code_point = 0; code_point < CODE_POINTS; code_point++) {
        if (is_surrogate(code_point) || !unorm2_isInert(fixture->casefold, (UChar32)code_point)) {
            continue;
        }
        weir_buffer_clear(&single);
        weir_utf8_add(&single, code_point);
        bool is_kept = weir_span_equals(fold(weir_buffer_span(&single)), weir_buffer_span(&single));
        if (!is_kept && !may_change((UChar32)code_point)) {
            EXPECT_EQ("changed", code_point, -1);
        }
    }
    test_end_rows();
}

static uint64_t next_random(uint64_t *random)
{
    *random ^= *random << 13;
    *random ^= *random >> 7;
    *random ^= *random << 17;
    return *random;
}

// A character that is likely to meet its neighbours: bases, marks of all classes, Hangul's parts,
// Indic vowels in two parts, what is ignored; and anything at all.
static uint32_t random_character(uint64_t *random)
{
    static const uint32_t ranges[][2] = {
        {'a', 'z'},         {0x300, 0x36f},   {0x1100, 0x1112}, {0x1161, 0x1175}, {0x11a8, 0x11c2},
        {0xac00, 0xac1c},   {0x3040, 0x309f}, {0x3099, 0x309a}, {0x9c7, 0x9d7},   {0xbc6, 0xbd7},
        {0xdca, 0xddf},     {0x5b0, 0x5ea},   {0x64b, 0x655},   {0x200b, 0x200f}, {0x1dc0, 0x1dff},
        {0x11131, 0x11132}, {0x0f71, 0x0f81}, {0x1e00, 0x1eff}, {0x338, 0x345},   {0, 0x10ffff},
    };
    size_t i = next_random(random) % ARRAY_LEN(ranges);
    uint32_t span = ranges[i][1] - ranges[i][0] + 1;
    uint32_t code_point = ranges[i][0] + (uint32_t)(next_random(random) % span);
    return is_surrogate(code_point) ? 'x' : code_point;
}

static void random_texts_full_of_marks_are_icus(void **state)
{
    (void)state;
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer raw = {0};
    uint64_t random = 0x2545f4914f6cdd1du;
    for (int round = 0; round < 60000; round++) {
        weir_buffer_clear(&raw);
        uint64_t length = next_random(&random) % (round % 100 == 0 ? 200 : 12) + 1;
        for (uint64_t i = 0; i < length; i++) {
            weir_utf8_add(&raw, random_character(&random));
        }
        if (!is_same(weir_buffer_span(&raw))) {
            EXPECT(weir_buffer_text(&raw), false);
        }
    }
    test_end_rows();
}

static uint32_t check_recording(const char *path, uint32_t most)
{
    struct weir_error error = {0};
    struct weir_recording *recording = weir_recording_open(path, 0, NULL, NULL, &error);
    uint32_t checked = 0;
    const struct weir_event *event;
    while (recording && checked < most && (event = weir_recording_next(recording)) != NULL) {
        if (!event->message || event->message->text.length > MAX_CHARS) {
            continue;
        }
        struct weir_span line = event->message->text;
        checked++;
        if (!is_same(line)) {
            EXPECT(path, false);
        }
    }
    weir_recording_close(&recording);
    return checked;
}

static bool is_jsonl(const char *path)
{
    const char *gz = strstr(path, ".jsonl.gz");
    const char *end = gz ? gz + strlen(".jsonl") : path + strlen(path);
    return end - path > 6 && strncmp(end - 6, ".jsonl", 6) == 0;
}

// Every chat log and labelled text of the corpora, a sample of each; all of every message where
// $WEIR_FOLD_ALL is set:
//
//   WEIR_SOURCE_ROOT=. WEIR_FOLD_ALL=1 build-release/tests/unit/test_fold_icu
static void corpora_are_icus(void **state)
{
    (void)state;
    char corpus[4096];
    const char *shared = getenv("WEIR_SHARED");
    const char *root = getenv("WEIR_SOURCE_ROOT");
    snprintf(corpus, sizeof(corpus), "%s%s/corpus",
             shared ? shared
             : root ? root
                    : ".",
             shared ? "" : "/../shared");
    // A folder may be a link, which fts follows only at its root.
    char *const roots[] = {corpus, NULL};
    FTS *walk = fts_open(roots, FTS_LOGICAL | FTS_NOCHDIR, NULL);
    uint32_t most = getenv("WEIR_FOLD_ALL") ? UINT32_MAX : 1500;
    uint32_t checked = 0;
    uint32_t files = 0;
    for (FTSENT *entry = fts_read(walk); entry; entry = fts_read(walk)) {
        if (entry->fts_info == FTS_F && is_jsonl(entry->fts_path)) {
            uint32_t found = check_recording(entry->fts_path, most);
            checked += found;
            files += found > 0;
        }
    }
    fts_close(walk);
    if (checked == 0) {
        printf("# no corpus beside the source folder (or in $WEIR_SHARED)\n");
        skip();
    }
    printf("# %u messages of %u files fold as ICU folds them\n", checked, files);
    test_end_rows();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_character_is_icus_but_for_shapes),
        cmocka_unit_test(the_further_steps_touch_only_their_own),
        cmocka_unit_test(random_texts_full_of_marks_are_icus),
        cmocka_unit_test(corpora_are_icus),
    };
    return cmocka_run_group_tests(tests, open_fixture, close_fixture);
}
