#include "engine/commands/demo_desk.h"

#include "engine/base/alloc.h"
#include "engine/commands/queue.h"

#include <stdio.h>
#include <stdlib.h>

#define MODERATOR    "demo"
#define LEASE_MS     "60000"
#define REST_MS      2500 // between two cards
#define THINK_MS     2000 // over a card
#define REDIS_MS     500  // for an answer; the demo's view waits so long at most
#define LINES_SHOWN  "40"
#define RECONNECT_MS 1000

/** Queues that the shipped packs name, the most urgent first. */
static const char *const queues[] = {"crisis", "complaints", "service",
                                     "sales",  "questions",  "review"};
/** How many of them, from the second, the made-up moderator works: questions, not judgements. */
#define FIRST_WORKED 1
#define LAST_WORKED  4

/** What a shop's moderator says where the card carries no known answer. */
static const struct {
    const char *topic;
    const char *reply;
} replies[] = {
    {"price", "价格和优惠都在小黄车一号链接 / see link 1 in the cart"},
    {"shipping", "48小时内发货 / ships within 48 hours"},
    {"size", "详情页有尺码表，拿不准就选大一码 / see the size chart"},
    {"after-sales", "订单页点“售后”，七天无理由 / 7 days to return"},
    {"money", "请私信订单号，马上核实 / please message us your order number"},
    {"account", "请更新到最新版本再试 / please update the app"},
};

struct demo_desk {
    char *state;
    struct demo_show *show;
    struct weir_panes *panes;
    bool plain;
    bool with_moderator;
    struct weir_client *client;
    int64_t next_try_ms;
    int64_t next_look_ms;
    int64_t next_step_ms;
    struct weir_reply *claimed; // the card that the moderator holds, NULL: none
    const char *claimed_in;
    uint64_t waiting;
    uint64_t answered;
};

struct demo_desk *demo_desk_create(const char *state, struct demo_show *show,
                                   struct weir_panes *panes, bool plain, bool with_moderator)
{
    struct demo_desk *desk = weir_new(struct demo_desk);
    desk->state = weir_strdup(state);
    desk->show = show;
    desk->panes = panes;
    desk->plain = plain;
    desk->with_moderator = with_moderator;
    return desk;
}

void demo_desk_destroy(struct demo_desk **desk)
{
    if (!*desk) {
        return;
    }
    weir_reply_destroy(&(*desk)->claimed);
    weir_client_close(&(*desk)->client);
    free((*desk)->state);
    free(*desk);
    *desk = NULL;
}

// Redis may not be there yet, or no more: then the next look tries again.
static struct weir_reply *ask(struct demo_desk *desk, const char *function, const char *queue,
                              const struct weir_span *args, size_t count)
{
    char key[64];
    struct weir_error err = {0};
    snprintf(key, sizeof(key), "{q:%s}", queue);
    return weir_client_call(desk->client, function, weir_span_of(key), args, count, &err);
}

static bool is_connected(struct demo_desk *desk, int64_t now_ms)
{
    if (!desk->client && now_ms >= desk->next_try_ms) {
        struct weir_error err = {0};
        struct weir_client_options options = {.state = desk->state, .timeout_ms = REDIS_MS};
        desk->next_try_ms = now_ms + RECONNECT_MS;
        desk->client = weir_client_open(&options, &err);
    }
    return desk->client != NULL;
}

static void show_card(struct demo_desk *desk, const char *queue, const struct weir_reply *card,
                      int64_t now_ms)
{
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer line = {0};
    bool is_claimed = weir_span_is(weir_reply_field(card, "state"), "claimed");
    bool is_late = weir_queue_number(weir_reply_field(card, "due")) < now_ms;
    struct weir_span count = weir_reply_field(card, "count");
    struct weir_span text = weir_reply_field(card, "text");

    weir_queue_write_due(&line, weir_reply_field(card, "due"), now_ms);
    weir_buffer_printf(&line, " %s", queue);
    if (weir_queue_number(count) > 1) {
        weir_buffer_printf(&line, " x%.*s", WEIR_SPAN_ARGS(count));
    }
    weir_buffer_printf(&line, ": %.*s%s", WEIR_SPAN_ARGS(text),
                       is_claimed ? "  (being answered)" : "");
    weir_panes_add(desk->panes, DEMO_PANE_QUEUE, (struct weir_span){NULL, 0},
                   weir_buffer_span(&line),
                   is_claimed ? WEIR_LOOK_GOOD
                   : is_late  ? WEIR_LOOK_BAD
                              : WEIR_LOOK_PLAIN);
}

static void show_queues(struct demo_desk *desk)
{
    struct weir_span max = WEIR_SPAN(LINES_SHOWN);
    weir_panes_clear(desk->panes, DEMO_PANE_QUEUE);
    desk->waiting = 0;
    for (size_t i = 0; i < ARRAY_LEN(queues); i++) {
        struct weir_reply *list = ask(desk, "list", queues[i], &max, 1);
        int64_t now_ms = list && list->count > 0 ? weir_queue_number(list->items[0].text) : 0;
        for (size_t j = 1; list && j < list->count; j++) {
            show_card(desk, queues[i], &list->items[j], now_ms);
            desk->waiting++;
        }
        weir_reply_destroy(&list);
    }
}

// Takes the first card off the reply to a claim; the rest of it is empty then.
static void take_card(struct demo_desk *desk, const char *queue)
{
    struct weir_span args[] = {WEIR_SPAN(MODERATOR), WEIR_SPAN(LEASE_MS)};
    struct weir_reply *claimed = ask(desk, "claim", queue, args, ARRAY_LEN(args));
    if (claimed && claimed->count > 0) {
        desk->claimed = claimed;
        desk->claimed_in = queue;
        return;
    }
    weir_reply_destroy(&claimed);
}

static struct weir_span reply_to(const struct weir_reply *card)
{
    struct weir_span suggestion = weir_reply_field(card, "suggestion");
    struct weir_span topic = weir_reply_field(card, "topic");
    for (size_t i = 0; i < ARRAY_LEN(replies) && suggestion.length == 0; i++) {
        if (weir_span_is(topic, replies[i].topic)) {
            suggestion = weir_span_of(replies[i].reply);
        }
    }
    return suggestion.length > 0 ? suggestion : WEIR_SPAN("我问一下主播 / let me ask");
}

static void answer_card(struct demo_desk *desk)
{
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer line = {0};
    const struct weir_reply *card = &desk->claimed->items[0];
    struct weir_span text = reply_to(card);
    struct weir_span args[] = {weir_reply_field(card, "id"), weir_reply_field(card, "token"), text};
    struct weir_reply *done = ask(desk, "answer", desk->claimed_in, args, ARRAY_LEN(args));

    desk->answered += done != NULL;
    if (desk->plain && done) {
        struct weir_span question = weir_reply_field(card, "text");
        weir_buffer_printf(&line, "answered in %s: %.*s -> %.*s", desk->claimed_in,
                           WEIR_SPAN_ARGS(question), WEIR_SPAN_ARGS(text));
        demo_show_add(desk->show, DEMO_PANE_QUEUE, (struct weir_span){NULL, 0},
                      weir_buffer_span(&line), WEIR_LOOK_GOOD);
    }
    weir_reply_destroy(&done);
    weir_reply_destroy(&desk->claimed);
}

static void moderate(struct demo_desk *desk, int64_t now_ms)
{
    if (!desk->with_moderator || now_ms < desk->next_step_ms) {
        return;
    }
    if (desk->claimed) {
        answer_card(desk);
        desk->next_step_ms = now_ms + REST_MS;
        return;
    }
    for (size_t i = FIRST_WORKED; i <= LAST_WORKED && !desk->claimed; i++) {
        take_card(desk, queues[i]);
    }
    desk->next_step_ms = now_ms + (desk->claimed ? THINK_MS : REST_MS);
}

void demo_desk_work(struct demo_desk *desk, int64_t now_ms)
{
    if (!is_connected(desk, now_ms)) {
        return;
    }
    moderate(desk, now_ms);
    if (now_ms >= desk->next_look_ms) {
        desk->next_look_ms = now_ms + RECONNECT_MS;
        show_queues(desk);
    }
}

uint64_t demo_desk_answered(const struct demo_desk *desk)
{
    return desk->answered;
}

uint64_t demo_desk_waiting(const struct demo_desk *desk)
{
    return desk->waiting;
}
