// Reads what is stored, past the library: keys and their fields, one card after the other.

#include "tests/queues/run.h"

#include "engine/base/alloc.h"

#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#define AT_ONCE       1000
#define VALUES_A_CARD 5 // replies that read_card() takes

static void word(struct weir_buffer *out, const char *text)
{
    resp_word(out, weir_span_of(text));
}

static void ask_for_card(struct weir_buffer *out, uint64_t seed, uint32_t card)
{
    char queue[16];
    char key[64];
    char id[16];
    snprintf(queue, sizeof(queue), "{q:q%u}", card_plan_of(seed, card).queue);
    snprintf(id, sizeof(id), "c-%u", card);
    static const char *const lists[] = {":ready", ":lease", ":done"};
    for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
        snprintf(key, sizeof(key), "%s%s", queue, lists[i]);
        resp_begin(out, 3);
        word(out, "ZSCORE");
        word(out, key);
        word(out, id);
    }
    snprintf(key, sizeof(key), "%s:c:%s:users", queue, id);
    resp_begin(out, 2);
    word(out, "SCARD");
    word(out, key);
    snprintf(key, sizeof(key), "%s:c:%s", queue, id);
    static const char *const fields[] = {"state",    "into", "count", "askers",
                                         "decision", "due",  "sent"};
    resp_begin(out, 2 + ARRAY_LEN(fields));
    word(out, "HMGET");
    word(out, key);
    for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
        word(out, fields[i]);
    }
}

// ---- one connection that waits ----

struct reader {
    int fd;
    struct weir_buffer bytes;
    size_t used;
    struct resp_reply reply;
};

static void read_next(struct reader *reader)
{
    for (;;) {
        struct weir_span rest =
            weir_span_slice(weir_buffer_span(&reader->bytes), reader->used, reader->bytes.length);
        size_t used = 0;
        if (resp_read(rest, &reader->reply, &used) == RESP_WHOLE) {
            reader->used += used;
            return;
        }
        struct pollfd waiting = {reader->fd, POLLIN, 0};
        ssize_t got = 0;
        if (poll(&waiting, 1, 20000) > 0) {
            got = read(reader->fd, weir_buffer_reserve(&reader->bytes, 1 << 20), 1 << 20);
        }
        if (got <= 0) {
            fprintf(stderr, "check_queues: Redis does not tell what it stores\n");
            exit(3);
        }
        reader->bytes.length += (size_t)got;
    }
}

static void write_all(const struct reader *reader, struct weir_span bytes)
{
    while (bytes.length > 0) {
        struct pollfd waiting = {reader->fd, POLLOUT, 0};
        poll(&waiting, 1, 20000);
        ssize_t wrote = write(reader->fd, bytes.data, bytes.length);
        if (wrote > 0) {
            bytes = weir_span_slice(bytes, (size_t)wrote, bytes.length);
        }
    }
}

static int64_t number_of(struct weir_span text, int64_t missing)
{
    char digits[32];
    snprintf(digits, sizeof(digits), "%.*s", WEIR_SPAN_ARGS(text));
    return text.length ? strtoll(digits, NULL, 10) : missing;
}

static int64_t read_score(struct reader *reader)
{
    read_next(reader);
    return number_of(reader->reply.values[0].text, -1);
}

static struct weir_span behind_last(struct weir_span text, char separator)
{
    const char *at =
        text.data && text.length > 0 ? memrchr(text.data, separator, text.length) : NULL;
    return at ? weir_span_slice(text, (size_t)(at - text.data) + 1, text.length)
              : (struct weir_span){0};
}

static void read_card(struct reader *reader, uint64_t seed, uint32_t card, struct final_card *final)
{
    final->ready_ms = read_score(reader);
    final->lease_ms = read_score(reader);
    final->in_done = read_score(reader) >= 0;
    read_next(reader);
    final->users =
        (uint32_t)reader->reply.values[0].number; // 0 while the first asker is in the card alone
    read_next(reader);
    const struct resp_value *values = reader->reply.values;
    struct weir_span state = values[1].text;
    final->exists = state.length > 0;
    final->is_open = weir_span_is(state, "ready") || weir_span_is(state, "claimed");
    final->is_done = weir_span_is(state, "done");
    final->into = (uint32_t)number_of(behind_last(values[2].text, '-'), NO_CARD);
    final->count = (uint32_t)number_of(values[3].text, 0);
    final->askers = (uint32_t)number_of(values[4].text, 0);
    final->decision = (uint64_t)number_of(behind_last(values[5].text, '-'), 0);
    final->due_ms = number_of(values[6].text, 0);
    final->says_something = values[7].text.length > 0;
    final->may_be_swept = card_plan_of(seed, card).queue == SWEPT_QUEUE;
}

struct final_card *read_finals(struct run *run)
{
    struct final_card *finals = weir_new_array(struct final_card, (size_t)run->cards + 1);
    struct reader reader = {.fd = socket_open(run->servers[run->master].socket)};
    struct weir_buffer out = {0};
    for (uint32_t from = 0; from < run->cards; from += AT_ONCE) {
        uint32_t to = from + AT_ONCE < run->cards ? from + AT_ONCE : run->cards;
        weir_buffer_clear(&out);
        weir_buffer_clear(&reader.bytes);
        reader.used = 0;
        for (uint32_t card = from; card < to; card++) {
            ask_for_card(&out, run->options.seed, card);
        }
        write_all(&reader, weir_buffer_span(&out));
        for (uint32_t card = from; card < to; card++) {
            read_card(&reader, run->options.seed, card, &finals[card]);
        }
    }
    close(reader.fd);
    weir_buffer_fini(&out);
    weir_buffer_fini(&reader.bytes);
    resp_reply_fini(&reader.reply);
    return finals;
}

uint64_t count_left(struct run *run)
{
    static const struct {
        const char *command;
        const char *owner;
        const char *list;
        unsigned count;
    } lists[] = {{"ZCARD", "{q:q", "ready", QUEUES},
                 {"ZCARD", "{q:q", "lease", QUEUES},
                 {"XLEN", "{q:q", "out", QUEUES},
                 {"XLEN", "{a:r", "actions", ROOMS}};
    struct weir_buffer bytes = {0};
    struct resp_reply reply = {0};
    uint64_t left = 0;
    for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
        for (unsigned number = 0; number < lists[i].count; number++) {
            char key[32];
            snprintf(key, sizeof(key), "%s%u}:%s", lists[i].owner, number, lists[i].list);
            const char *const words[] = {lists[i].command, key, NULL};
            bool is_told = server_ask(&run->servers[run->master], 2000, words, &bytes, &reply);
            left += is_told ? (uint64_t)reply.values[0].number : 1;
        }
    }
    weir_buffer_fini(&bytes);
    resp_reply_fini(&reply);
    return left;
}
