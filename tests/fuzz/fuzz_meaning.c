// Questions of a hostile room: whatever is asked, a meaning is bounded, its own equal, and joining
// is the same each time.

#include "engine/base/alloc.h"
#include "engine/base/buffer.h"
#include "engine/base/utf8.h"
#include "engine/text/text.h"
#include "engine/triage/asked.h"

#include <string.h>

static void check_meaning(const struct weir_meaning *meaning)
{
    weir_assert(meaning->count <= WEIR_MEANING_PARTS);
    for (size_t i = 1; i < meaning->count; i++) {
        weir_assert(meaning->parts[i - 1] < meaning->parts[i]);
    }
    weir_assert(weir_meaning_is_empty(meaning) || weir_meaning_likeness(meaning, meaning) == 1000);
}

// Each line is one question.
static uint64_t join_lines(const struct weir_senses *senses, struct weir_span text)
{
    struct weir_asked *asked = weir_asked_create();
    struct weir_meaning before = {.count = 0};
    uint64_t sum = 0;
    for (uint64_t number = 1; text.length > 0; number++) {
        struct weir_meaning meaning;
        weir_meaning_of(senses, weir_span_take_until(&text, '\n'), &meaning);
        check_meaning(&meaning);
        uint32_t likeness = weir_meaning_likeness(&meaning, &before);
        const struct weir_meaning_bound bounds[] = {weir_meaning_bound_of(&meaning),
                                                    weir_meaning_bound_of(&before)};
        weir_assert(likeness == weir_meaning_likeness(&before, &meaning));
        weir_assert(meaning.slots != before.slots ||
                    weir_meanings_may_reach(&bounds[0], &bounds[1], likeness));
        before = meaning;
        if (!weir_meaning_is_empty(&meaning)) {
            struct weir_asked_question own = {{number, 0}, number % 3, false};
            sum = sum * 31 +
                  weir_asked_join(asked, &meaning, number % 2, own, (int64_t)number).fingerprint[0];
        }
    }
    weir_asked_destroy(&asked);
    return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct weir_senses *senses;
    if (!senses) {
        senses = weir_senses_create();
    }
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer text = {0};
    weir_utf8_add_repaired(&text, (struct weir_span){(const char *)data, size});
    uint64_t first = join_lines(senses, weir_buffer_span(&text));
    weir_assert(first == join_lines(senses, weir_buffer_span(&text)));
    return 0;
}
