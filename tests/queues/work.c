// What an ordinary client does next. It adds, merges, withdraws, claims and works on what it
// claimed; now and then it is slow, answers late, says the same again, or dies in the middle.

#include "tests/queues/run.h"

#include <inttypes.h>

// Enough wait for claims to have a choice.
#define WAITING_LEAST 100
#define WAITING_MOST  400

uint64_t next_random(uint64_t *state)
{
    uint64_t mixed = (*state += 0x9e3779b97f4a7c15ULL);
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9ULL;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebULL;
    return mixed ^ (mixed >> 31);
}

struct card_plan card_plan_of(uint64_t seed, uint32_t card)
{
    uint64_t random = seed ^ ((uint64_t)card << 20);
    struct card_plan plan;
    plan.queue = (uint8_t)choose(&random, QUEUES);
    plan.room = (uint8_t)choose(&random, ROOMS);
    plan.is_flag = choose(&random, 5) == 0;
    // The same is asked by a few dozen ids in a row, until that is another question.
    plan.fp = choose(&random, 10) < 4 ? 0 : 1 + card / 256 * 4 + choose(&random, 4);
    plan.age_ms = choose(&random, 50);
    plan.target_ms = 1 + choose(&random, 3000);
    plan.asker = choose(&random, 50);
    return plan;
}

// ---- calls ----

struct words {
    const char *list[40];
    char room_for[32][24];
    size_t count;
    size_t texts;
};

static void say(struct words *words, const char *word)
{
    words->list[words->count++] = word;
    words->list[words->count] = NULL;
}

static void say_number(struct words *words, const char *prefix, uint64_t number)
{
    char *text = words->room_for[words->texts++];
    snprintf(text, sizeof(words->room_for[0]), "%s%" PRIu64, prefix, number);
    say(words, text);
}

static void call(struct run *run, struct client *client, const char *function, enum call_kind kind,
                 struct call about, const struct words *words)
{
    char key[16];
    snprintf(key, sizeof(key), "{q:q%u}", about.queue);
    client->job = JOB_CALL;
    client->call = about;
    client->call.kind = (uint8_t)kind;
    client->call.client = client->number;
    client->dies = !run->is_draining && choose(&client->random, 400) == 0;
    request(run, client, function, key, words->list);
}

static void add(struct run *run, struct client *client, uint32_t card)
{
    struct card_plan plan = card_plan_of(run->options.seed, card);
    struct words words = {0};
    say_number(&words, "c-", card);
    if (plan.fp) {
        say_number(&words, "f", plan.fp);
    } else {
        say(&words, "");
    }
    say_number(&words, "", plan.age_ms);
    say_number(&words, "", plan.target_ms);
    say_number(&words, "u", plan.asker);
    say(&words, "kind");
    say(&words, plan.is_flag ? "flag" : "question");
    say(&words, "room");
    say_number(&words, "r", plan.room);
    say(&words, "topic");
    say(&words, "shipping");
    say(&words, "text");
    say(&words, "什么时候发货?");
    say(&words, "message");
    say_number(&words, "m-", card);
    say(&words, "user");
    say_number(&words, "u", plan.asker);
    call(run, client, "weir_add", CALL_ADD,
         (struct call){.card = card, .head = NO_CARD, .queue = plan.queue}, &words);
}

static void withdraw(struct run *run, struct client *client, uint32_t card)
{
    struct card_plan plan = card_plan_of(run->options.seed, card);
    struct words words = {0};
    say_number(&words, "c-", card);
    say_number(&words, "m-", card);
    say_number(&words, "u", plan.asker);
    call(run, client, "weir_withdraw", CALL_WITHDRAW,
         (struct call){.card = card, .head = NO_CARD, .queue = plan.queue}, &words);
}

static void claim(struct run *run, struct client *client, uint8_t queue)
{
    struct words words = {0};
    unsigned lease_ms = run->is_draining ? 2000 : 20 + choose(&client->random, 600);
    unsigned most = 1;
    if (run->waiting > WAITING_MOST || choose(&client->random, 8) == 0) {
        most += choose(&client->random, HELD_MOST);
    }
    client->asked = most < HELD_MOST - client->held_count ? most : HELD_MOST - client->held_count;
    say_number(&words, "k", client->number);
    say_number(&words, "", lease_ms);
    say_number(&words, "", client->asked);
    call(run, client, "weir_claim", CALL_CLAIM,
         (struct call){.card = NO_CARD, .head = NO_CARD, .queue = queue, .lease_ms = lease_ms},
         &words);
}

static void sweep(struct run *run, struct client *client)
{
    struct words words = {0};
    say_number(&words, "", RETENTION_MS);
    call(run, client, "weir_sweep", CALL_SWEEP,
         (struct call){.card = NO_CARD, .head = NO_CARD, .queue = SWEPT_QUEUE}, &words);
}

static void be_present(struct run *run, struct client *client, uint8_t queue)
{
    struct words words = {0};
    unsigned ttl_ms = 200 + choose(&client->random, 2000);
    say_number(&words, "k", client->number);
    say_number(&words, "", ttl_ms);
    if (choose(&client->random, 2) == 0) {
        say(&words, "capacity");
        say_number(&words, "", 1 + choose(&client->random, HELD_MOST));
        client->has_capacity = true;
    }
    call(run, client, "weir_present", CALL_PRESENT,
         (struct call){.card = NO_CARD, .head = NO_CARD, .queue = queue, .lease_ms = ttl_ms},
         &words);
}

// It goes on with what it held, as if it did not know: each token must be refused.
static void leave(struct run *run, struct client *client, uint8_t queue)
{
    struct words words = {0};
    say_number(&words, "k", client->number);
    call(run, client, "weir_leave", CALL_LEAVE,
         (struct call){.card = NO_CARD, .head = NO_CARD, .queue = queue}, &words);
}

static void undo(struct run *run, struct client *client, const struct decided *decided)
{
    struct words words = {0};
    char decision[64];
    snprintf(decision, sizeof(decision), "d-c-%u-%" PRIu64, decided->card, decided->token);
    say(&words, decision);
    say_number(&words, "k", client->number);
    call(run, client, "weir_undo", CALL_UNDO,
         (struct call){.card = decided->card,
                       .head = NO_CARD,
                       .queue = decided->queue,
                       .token = decided->token},
         &words);
}

// ---- what is held ----

static struct call about_held(const struct held *held)
{
    return (struct call){
        .card = held->card, .head = NO_CARD, .queue = held->queue, .token = held->token};
}

static void say_held(struct words *words, const struct held *held)
{
    say_number(words, "c-", held->card);
    say_number(words, "", held->token);
}

static void decide(struct run *run, struct client *client, const struct held *held,
                   enum call_kind kind, uint8_t verdict)
{
    struct words words = {0};
    say_held(&words, held);
    if (kind == CALL_ANSWER) {
        say(&words, "48小时内发货");
    } else {
        say(&words, verdict == 0 ? "dismiss" : verdict == 1 ? "ban" : "delete+timeout");
        say(&words, "seconds");
        say(&words, "600");
    }
    client->verdict = verdict;
    call(run, client, kind == CALL_ANSWER ? "weir_answer" : "weir_resolve", kind, about_held(held),
         &words);
}

static void extend(struct run *run, struct client *client, const struct held *held)
{
    struct words words = {0};
    struct call about = about_held(held);
    about.lease_ms = 20 + choose(&client->random, 500);
    say_held(&words, held);
    say_number(&words, "", (uint64_t)about.lease_ms);
    call(run, client, "weir_extend", CALL_EXTEND, about, &words);
}

static void release(struct run *run, struct client *client, const struct held *held)
{
    struct words words = {0};
    say_held(&words, held);
    call(run, client, "weir_release", CALL_RELEASE, about_held(held), &words);
}

static void decide_somehow(struct run *run, struct client *client, const struct held *held)
{
    bool answers = choose(&client->random, 3) != 0;
    decide(run, client, held, answers ? CALL_ANSWER : CALL_RESOLVE,
           (uint8_t)choose(&client->random, 3));
}

static void work_on(struct run *run, struct client *client, struct held *held)
{
    unsigned chance = choose(&client->random, 100);
    if (held->mood == MOOD_AGAIN) {
        decide(run, client, held, (enum call_kind)held->kind, held->verdict);
    } else if (run->is_draining || held->mood == MOOD_LATE || chance < 60) {
        decide_somehow(run, client, held);
    } else if (chance < 72) {
        release(run, client, held);
    } else if (chance < 84) {
        extend(run, client, held);
    } else if (chance < 92) {
        held->mood = MOOD_LATE; // it will answer, once the lease is over
    } else if (chance < 94) {
        client->held_count = 0; // it dies and knows of nothing
        client->wake_us = wall_us() + 1000;
    } else if (chance < 97) {
        leave(run, client, held->queue);
    } else {
        client->wake_us = wall_us() + 1000 * (int64_t)(1 + choose(&client->random, 40));
    }
}

// One whose time has come: a late answer waits until the lease is over.
static struct held *held_to_work_on(struct client *client)
{
    if (client->held_count == 0) {
        return NULL;
    }
    struct held *held = &client->held[choose(&client->random, client->held_count)];
    return held->mood == MOOD_LATE && wall_us() / 1000 <= held->lease_ms ? NULL : held;
}

// ---- choosing ----

static void look(struct run *run, struct client *client)
{
    struct words words = {0};
    client->job = JOB_LOOK;
    unsigned chance = choose(&client->random, 3);
    if (chance == 0) {
        say_number(&words, "c-", choose(&client->random, run->cards + 1));
    } else if (chance == 1) {
        say(&words, "20");
    }
    static const char *const functions[] = {"weir_show", "weir_list", "weir_stats"};
    request(run, client, functions[chance], "{q:q0}", words.list);
}

// Half of them so recent that others are working on them now.
static uint32_t recent_card(struct run *run, struct client *client)
{
    uint32_t known = choose(&client->random, 2) ? 64 : 4096;
    known = known < run->cards ? known : run->cards;
    return known ? run->cards - 1 - choose(&client->random, known) : run->cards++;
}

static void undo_something(struct run *run, struct client *client)
{
    if (run->decided_count == 0) {
        return;
    }
    uint64_t back = 1 + choose(&client->random, 40);
    back = back < run->decided_count ? back : run->decided_count;
    undo(run, client, &run->decided[(run->decided_count - back) % RING]);
}

static void begin_something(struct run *run, struct client *client)
{
    uint8_t queue = (uint8_t)choose(&client->random, QUEUES);
    unsigned chance = choose(&client->random, 100);
    if (run->is_draining || (chance < 80 && run->waiting > WAITING_MOST)) {
        claim(run, client, queue);
    } else if (chance < 42 || (chance < 80 && run->waiting < WAITING_LEAST)) {
        add(run, client, run->cards++);
    } else if (chance < 50) {
        add(run, client, recent_card(run, client));
    } else if (chance < 86) {
        claim(run, client, queue);
    } else if (chance < 90) {
        withdraw(run, client, recent_card(run, client));
    } else if (chance < 96) {
        undo_something(run, client);
    } else if (chance < 97) {
        sweep(run, client);
    } else if (chance < 98) {
        be_present(run, client, queue);
    } else if (chance < 99) {
        leave(run, client, queue);
    } else {
        look(run, client);
    }
}

void next_work(struct run *run, struct client *client)
{
    struct held *held = held_to_work_on(client);
    bool is_full = client->held_count == HELD_MOST;
    if (held && (is_full || run->is_draining || choose(&client->random, 100) < 70)) {
        work_on(run, client, held);
    } else if (is_full) {
        client->wake_us = wall_us() + 5000;
    } else {
        begin_something(run, client);
    }
}
