// What fold and skeleton with their maps cost beside ICU's NFKC_Casefold and spoof skeleton, which
// have no maps. tight is in our figure, for skeleton stands on it. ICU is given UTF-16 that was
// converted beforehand, so it is not charged for that, while we take bytes in and check them.
//
// Processor time, so that other load counts little; the rows take turns every few hundred messages,
// so that the machine's moods are shared.

#include "engine/base/alloc.h"
#include "engine/sys/recording.h"
#include "engine/text/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unicode/unorm2.h>
#include <unicode/uspoof.h>
#include <unicode/ustring.h>

#define MAX_MESSAGES 20000
#define MAX_CHARS    2000
#define MAX_UNITS    8192
#define ROUNDS       9
#define SLICE        4000 // messages before the next row has its turn

struct bench {
    struct weir_span messages[MAX_MESSAGES];
    UChar *units[MAX_MESSAGES];
    int32_t lengths[MAX_MESSAGES];
    size_t count;
    size_t bytes;
    struct weir_text *text;
    const UNormalizer2 *casefold;
    USpoofChecker *spoof;
    uint64_t seen; // so that nothing is optimised away
};

static void add_message(struct bench *bench, struct weir_span message)
{
    UErrorCode error = U_ZERO_ERROR;
    int32_t length = 0;
    UChar *units = weir_new_array(UChar, message.length + 1);
    u_strFromUTF8(units, (int32_t)message.length + 1, &length, message.data,
                  (int32_t)message.length, &error);
    if (U_FAILURE(error)) {
        free(units);
        return;
    }
    bench->messages[bench->count] =
        (struct weir_span){weir_strndup(message.data, message.length), message.length};
    bench->units[bench->count] = units;
    bench->lengths[bench->count] = length;
    bench->bytes += message.length;
    bench->count++;
}

static void add_recording(struct bench *bench, const char *path, size_t most)
{
    struct weir_error error = {0};
    struct weir_recording *recording = weir_recording_open(path, 0, NULL, NULL, &error);
    const struct weir_event *event = NULL;
    if (!recording) {
        fprintf(stderr, "views: %s: %s\n", path, error.text);
    }
    while (recording && bench->count < most && (event = weir_recording_next(recording)) != NULL) {
        if (event->message && event->message->text.length > 0 &&
            event->message->text.length < MAX_CHARS) {
            add_message(bench, event->message->text);
        }
    }
    weir_recording_close(&recording);
}

static double spent_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

typedef void (*read_fn)(struct bench *bench, size_t i);

static void read_fold(struct bench *bench, size_t i)
{
    weir_text_set(bench->text, bench->messages[i], NULL, 0, false);
    bench->seen += weir_text_view(bench->text, WEIR_VIEW_FOLD)->length;
}

static void read_two_views(struct bench *bench, size_t i)
{
    read_fold(bench, i);
    bench->seen += weir_text_view(bench->text, WEIR_VIEW_SKELETON)->length;
}

static void read_facts(struct bench *bench, size_t i)
{
    read_fold(bench, i);
    bench->seen += weir_text_facts(bench->text)->letters;
}

static void read_all_views(struct bench *bench, size_t i)
{
    read_two_views(bench, i);
    bench->seen += weir_text_view(bench->text, WEIR_VIEW_SOUND)->length;
}

static void read_by_icu(struct bench *bench, size_t i)
{
    UChar folded[MAX_UNITS];
    UChar skeleton[MAX_UNITS];
    UErrorCode error = U_ZERO_ERROR;
    int32_t length = unorm2_normalize(bench->casefold, bench->units[i], bench->lengths[i], folded,
                                      MAX_UNITS, &error);
    bench->seen +=
        (uint64_t)uspoof_getSkeleton(bench->spoof, 0, folded, length, skeleton, MAX_UNITS, &error);
}

static double ns_of_slice(struct bench *bench, read_fn read, size_t start)
{
    double before = spent_ns();
    for (size_t i = start; i < bench->count && i < start + SLICE; i++) {
        read(bench, i);
    }
    return spent_ns() - before;
}

static int compare(const void *a, const void *b)
{
    double left = *(const double *)a;
    double right = *(const double *)b;
    return (left > right) - (left < right);
}

static const struct {
    const char *name;
    read_fn read;
} rows[] = {
    {"ICU NFKC_Casefold + skeleton, no maps", read_by_icu},
    {"fold", read_fold},
    {"fold and skeleton (asked: 0.15)", read_two_views},
    {"fold, tight, skeleton and sound", read_all_views},
    {"fold and facts", read_facts},
};

static void run_round(struct bench *bench, double costs[ARRAY_LEN(rows)])
{
    for (size_t start = 0; start < bench->count; start += SLICE) {
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
            costs[i] += ns_of_slice(bench, rows[i].read, start) / (double)bench->count;
        }
    }
}

static void measure(struct bench *bench)
{
    double rounds[ROUNDS][ARRAY_LEN(rows)] = {0};
    double warm_up[ARRAY_LEN(rows)] = {0};
    run_round(bench, warm_up);
    for (size_t round = 0; round < ROUNDS; round++) {
        run_round(bench, rounds[round]);
    }
    printf("%zu messages, %.1f bytes each; median of %d rounds\n", bench->count,
           (double)bench->bytes / (double)bench->count, ROUNDS);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        double costs[ROUNDS];
        double ratios[ROUNDS];
        for (size_t round = 0; round < ROUNDS; round++) {
            costs[round] = rounds[round][i];
            ratios[round] = rounds[round][i] / rounds[round][0];
        }
        qsort(costs, ROUNDS, sizeof(costs[0]), compare);
        qsort(ratios, ROUNDS, sizeof(ratios[0]), compare);
        printf("%-40s %7.0f ns (%.0f to %.0f)  %.3f x\n", rows[i].name, costs[ROUNDS / 2], costs[0],
               costs[ROUNDS - 1], ratios[ROUNDS / 2]);
    }
}

int main(int argc, char **argv)
{
    UErrorCode error = U_ZERO_ERROR;
    if (argc < 2) {
        fprintf(stderr, "usage: views RECORDING...\n");
        return 3;
    }
    struct bench *bench = weir_new(struct bench);
    for (int i = 1; i < argc; i++) {
        add_recording(bench, argv[i], MAX_MESSAGES * (size_t)i / (size_t)(argc - 1));
    }
    bench->text = weir_text_create(MAX_CHARS);
    bench->casefold = unorm2_getNFKCCasefoldInstance(&error);
    bench->spoof = uspoof_open(&error);
    if (bench->count > 0 && U_SUCCESS(error)) {
        measure(bench);
    }
    for (size_t i = 0; i < bench->count; i++) {
        free((char *)(uintptr_t)bench->messages[i].data);
        free(bench->units[i]);
    }
    weir_text_destroy(&bench->text);
    uspoof_close(bench->spoof);
    free(bench);
    return 0;
}
