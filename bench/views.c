// What two views with their maps cost beside ICU's NFKC_Casefold and spoof skeleton, which have no
// maps. ICU is given UTF-16 that was converted beforehand, so it is not charged for that.

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
#define ROUNDS       5

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

static double now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
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

static void read_four_views(struct bench *bench, size_t i)
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

static double ns_per_message(struct bench *bench, read_fn read)
{
    double start = now_ns();
    for (size_t i = 0; i < bench->count; i++) {
        read(bench, i);
    }
    return (now_ns() - start) / (double)bench->count;
}

static int compare(const void *a, const void *b)
{
    double left = *(const double *)a;
    double right = *(const double *)b;
    return (left > right) - (left < right);
}

static void measure(struct bench *bench)
{
    static const struct {
        const char *name;
        read_fn read;
    } rows[] = {
        {"ICU NFKC_Casefold + skeleton, no maps", read_by_icu},
        {"fold", read_fold},
        {"fold, tight, skeleton", read_two_views},
        {"fold, tight, skeleton, sound", read_four_views},
    };
    double costs[ARRAY_LEN(rows)][ROUNDS];
    for (int round = -1; round < ROUNDS; round++) { // the first warms up
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
            double cost = ns_per_message(bench, rows[i].read);
            costs[i][round < 0 ? 0 : round] = cost;
        }
    }
    printf("%zu messages, %.1f bytes each; median of %d interleaved rounds\n", bench->count,
           (double)bench->bytes / (double)bench->count, ROUNDS);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        qsort(costs[i], ROUNDS, sizeof(costs[i][0]), compare);
        printf("%-40s %7.0f ns (%.0f to %.0f)  %.3f x\n", rows[i].name, costs[i][ROUNDS / 2],
               costs[i][0], costs[i][ROUNDS - 1], costs[i][ROUNDS / 2] / costs[0][ROUNDS / 2]);
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
