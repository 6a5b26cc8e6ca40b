#include "tests/queues/verify.h"

#include "engine/base/alloc.h"
#include "engine/base/sort.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>

const char *const finding_names[FINDINGS] = {"lost",          "owned by two", "answered twice",
                                             "counted twice", "out of order", "broken"};

// A millisecond that Redis tells may have begun just before our microsecond.
#define US_OF_MS(ms) ((ms)*1000)

struct check {
    const struct history *history;
    const struct history_index *index;
    const struct final_card *finals;
    struct verdicts *verdicts;
    uint32_t card;
    const struct call **calls; // about the card
    size_t count;
    const struct call **people; // who came and left, as they called
    size_t people_count;
};

#define FOUND(check, finding, ...)                                                                 \
    verdicts_add((check)->verdicts, (finding), (check)->index, (check)->card, __VA_ARGS__)

static bool is_decision(const struct call *call)
{
    return call->kind == CALL_ANSWER || call->kind == CALL_RESOLVE;
}

static bool may_have_happened(const struct call *call)
{
    return call->outcome != CALL_REFUSED;
}

// An undo that left everything as it was is no undo.
static bool may_have_reopened(const struct call *call)
{
    return call->kind == CALL_UNDO && may_have_happened(call) && call->answer != ANSWER_IMPOSSIBLE;
}

static bool was_undone_maybe(const struct check *check, uint64_t token)
{
    for (size_t i = 0; i < check->count; i++) {
        if (may_have_reopened(check->calls[i]) && check->calls[i]->token == token) {
            return true;
        }
    }
    return false;
}

// ---- adding ----

static void check_added_once(const struct check *check)
{
    unsigned fresh = 0;
    uint32_t head = NO_CARD;
    for (size_t i = 0; i < check->count; i++) {
        const struct call *call = check->calls[i];
        if (call->kind == CALL_ADD && call->outcome == CALL_DONE &&
            (call->answer == ANSWER_ADDED || call->answer == ANSWER_MERGED)) {
            fresh++;
            head = call->answer == ANSWER_MERGED ? call->head : NO_CARD;
        }
    }
    const struct final_card *final = &check->finals[check->card];
    if (fresh > 1) {
        FOUND(check, FOUND_COUNTED_TWICE, "added %u times", fresh);
    }
    if (fresh > 0 && !final->exists && !final->may_be_swept) {
        FOUND(check, FOUND_LOST, "was added and is nowhere");
    }
    if (fresh == 1 && final->exists && final->into != head) {
        FOUND(check, FOUND_COUNTED_TWICE, "is merged into c-%u, which nobody was told",
              final->into);
    }
}

// The question joined a card that nobody will answer any more.
static void check_merged_into_open(const struct check *check)
{
    for (size_t i = 0; i < check->count; i++) {
        const struct call *add = check->calls[i];
        if (add->kind != CALL_ADD || add->outcome != CALL_DONE || add->answer != ANSWER_MERGED) {
            continue;
        }
        struct check head = *check;
        head.card = add->head;
        head.calls = &check->index->list[check->index->first[add->head]];
        head.count = check->index->first[add->head + 1] - check->index->first[add->head];
        for (size_t k = 0; k < head.count; k++) {
            const struct call *call = head.calls[k];
            if (is_decision(call) && call->outcome == CALL_DONE && call->ended_us < add->began_us &&
                !was_undone_maybe(&head, call->token)) {
                FOUND(check, FOUND_LOST, "joined c-%u after that was answered", add->head);
                return;
            }
        }
    }
}

// ---- owning ----

/** When a claim ended, as far as its own calls tell. */
struct ownership {
    int64_t least_ms; // it certainly went on until then unless it was given up
    int64_t most_ms;  // it was certainly over then
    bool given_up;    // perhaps, before the moment asked for
};

static struct ownership ownership_of(const struct check *check, const struct call *claim,
                                     int64_t before_us)
{
    struct ownership owned = {claim->lease_ms, claim->lease_ms, false};
    for (size_t i = 0; i < check->count; i++) {
        const struct call *call = check->calls[i];
        if (call->token != claim->token || !may_have_happened(call) ||
            call->began_us >= before_us) {
            continue;
        }
        if (call->kind == CALL_EXTEND && call->outcome == CALL_DONE && call->ended_us < before_us) {
            owned.least_ms = call->lease_ms;
            owned.most_ms = call->lease_ms > owned.most_ms ? call->lease_ms : owned.most_ms;
        } else if (call->kind == CALL_EXTEND) {
            int64_t longest = call->ended_us / 1000 + call->lease_ms + 1;
            if (call->outcome == CALL_DONE) {
                longest = call->lease_ms;
            }
            owned.least_ms = 0; // it may have become shorter
            owned.most_ms = longest > owned.most_ms ? longest : owned.most_ms;
        } else if (call->kind == CALL_RELEASE || is_decision(call)) {
            owned.given_up = true;
        }
    }
    return owned;
}

// Whoever leaves, or may not have been heard of in time, gives back what he holds.
static bool may_have_left(const struct check *check, const struct call *claim, int64_t before_us)
{
    for (size_t i = 0; i < check->people_count; i++) {
        const struct call *call = check->people[i];
        bool is_his =
            call->client == claim->client && call->queue == claim->queue && may_have_happened(call);
        bool leaves = call->kind == CALL_LEAVE && call->ended_us > claim->began_us;
        bool ends =
            call->kind == CALL_PRESENT && US_OF_MS(call->lease_ms) + call->began_us < before_us;
        if (is_his && call->began_us < before_us && (leaves || ends)) {
            return true;
        }
    }
    return false;
}

// Between the claim and that moment.
static bool has_left(const struct check *check, const struct call *claim, int64_t before_us)
{
    size_t low = 0;
    size_t high = check->people_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (check->people[middle]->began_us > claim->ended_us) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    for (; low < check->people_count && check->people[low]->began_us < before_us; low++) {
        const struct call *call = check->people[low];
        if (call->kind == CALL_LEAVE && call->outcome == CALL_DONE &&
            call->client == claim->client && call->queue == claim->queue &&
            call->ended_us < before_us) {
            return true;
        }
    }
    return false;
}

static void check_one_owner(const struct check *check, const struct call *first,
                            const struct call *second)
{
    if (first->token == second->token) {
        FOUND(check, FOUND_TWO_OWNERS, "token %" PRIu64 " was given twice", first->token);
        return;
    }
    struct ownership owned = ownership_of(check, first, second->ended_us);
    if (second->now_ms < owned.least_ms && !owned.given_up &&
        !may_have_left(check, first, second->ended_us)) {
        FOUND(check, FOUND_TWO_OWNERS,
              "token %" PRIu64 " was given while %" PRIu64 " held it until %" PRId64, second->token,
              first->token, owned.least_ms);
    }
}

static const struct call *next_claim(const struct check *check, uint64_t token)
{
    const struct call *next = NULL;
    for (size_t i = 0; i < check->count; i++) {
        const struct call *call = check->calls[i];
        if (call->kind == CALL_CLAIM && call->outcome == CALL_DONE && call->token > token &&
            (!next || call->token < next->token)) {
            next = call;
        }
    }
    return next;
}

static void check_owners(const struct check *check)
{
    for (size_t i = 0; i < check->count; i++) {
        const struct call *claim = check->calls[i];
        if (claim->kind != CALL_CLAIM || claim->outcome != CALL_DONE) {
            continue;
        }
        for (size_t k = i + 1; k < check->count; k++) {
            if (check->calls[k]->kind == CALL_CLAIM && check->calls[k]->outcome == CALL_DONE &&
                check->calls[k]->token == claim->token) {
                check_one_owner(check, claim, check->calls[k]);
            }
        }
        const struct call *next = next_claim(check, claim->token);
        if (next) {
            check_one_owner(check, claim, next);
        }
    }
}

static const struct call *claim_with(const struct check *check, uint64_t token)
{
    for (size_t i = 0; i < check->count; i++) {
        if (check->calls[i]->kind == CALL_CLAIM && check->calls[i]->outcome == CALL_DONE &&
            check->calls[i]->token == token) {
            return check->calls[i];
        }
    }
    return NULL;
}

static bool was_given_up(const struct check *check, const struct call *call)
{
    for (size_t i = 0; i < check->count; i++) {
        const struct call *release = check->calls[i];
        if (release->kind == CALL_RELEASE && release->outcome == CALL_DONE &&
            release->token == call->token && release->ended_us < call->began_us) {
            return true;
        }
    }
    return false;
}

static bool repeats_a_decision(const struct check *check, const struct call *call)
{
    for (size_t i = 0; i < check->count && is_decision(call); i++) {
        const struct call *other = check->calls[i];
        if (other != call && is_decision(other) && other->token == call->token &&
            may_have_happened(other) && other->began_us < call->began_us) {
            return true;
        }
    }
    return false;
}

// What was accepted under a token must have come while that token was the card's, by Redis's clock.
static void check_fenced(const struct check *check)
{
    for (size_t i = 0; i < check->count; i++) {
        const struct call *call = check->calls[i];
        bool is_work = call->kind == CALL_EXTEND || call->kind == CALL_RELEASE || is_decision(call);
        if (!is_work || call->outcome != CALL_DONE || repeats_a_decision(check, call)) {
            continue;
        }
        const struct call *claim = claim_with(check, call->token);
        const struct call *later = next_claim(check, call->token);
        if (!claim) {
            FOUND(check, FOUND_TWO_OWNERS, "token %" PRIu64 " was accepted and never given",
                  call->token);
        } else if (later && later->ended_us < call->began_us) {
            FOUND(check, FOUND_TWO_OWNERS,
                  "token %" PRIu64 " was accepted after %" PRIu64 " was given", call->token,
                  later->token);
        } else if (call->began_us >
                   US_OF_MS(ownership_of(check, claim, call->began_us).most_ms + 1)) {
            FOUND(check, FOUND_TWO_OWNERS, "token %" PRIu64 " was accepted after its lease",
                  call->token);
        } else if (has_left(check, claim, call->began_us)) {
            FOUND(check, FOUND_TWO_OWNERS, "token %" PRIu64 " was accepted after its owner left",
                  call->token);
        } else if (was_given_up(check, call)) {
            FOUND(check, FOUND_TWO_OWNERS, "token %" PRIu64 " was accepted after it was given up",
                  call->token);
        }
    }
}

// ---- deciding ----

static void check_decided_once(const struct check *check)
{
    for (size_t i = 0; i < check->count; i++) {
        const struct call *call = check->calls[i];
        if (!is_decision(call) || call->outcome != CALL_DONE ||
            was_undone_maybe(check, call->token)) {
            continue;
        }
        for (size_t k = 0; k < check->count; k++) {
            const struct call *other = check->calls[k];
            bool works = other->kind == CALL_CLAIM || is_decision(other);
            if (works && other->outcome == CALL_DONE && other->token > call->token) {
                FOUND(check, FOUND_ANSWERED_TWICE,
                      "decided with token %" PRIu64 ", worked on with %" PRIu64, call->token,
                      other->token);
                return;
            }
        }
    }
}

static const struct call *last_decision(const struct check *check)
{
    const struct call *last = NULL;
    for (size_t i = 0; i < check->count; i++) {
        const struct call *call = check->calls[i];
        if (is_decision(call) && call->outcome == CALL_DONE &&
            (!last || call->token > last->token)) {
            last = call;
        }
    }
    return last;
}

static void check_decision_stands(const struct check *check)
{
    const struct final_card *final = &check->finals[check->card];
    const struct call *last = last_decision(check);
    if (last && !was_undone_maybe(check, last->token) && final->decision != last->token &&
        (final->exists || !final->may_be_swept)) {
        FOUND(check, FOUND_LOST, "its decision %" PRIu64 " is gone, %" PRIu64 " stands there",
              last->token, final->decision);
    }
    bool is_known = final->decision == 0;
    for (size_t i = 0; i < check->count && !is_known; i++) {
        is_known = is_decision(check->calls[i]) && may_have_happened(check->calls[i]) &&
                   check->calls[i]->token == final->decision;
    }
    if (!is_known) {
        FOUND(check, FOUND_BROKEN, "decided with token %" PRIu64 " by nobody", final->decision);
    }
}

static bool was_taken_back(const struct check *check, uint64_t token)
{
    for (size_t i = 0; i < check->count; i++) {
        const struct call *call = check->calls[i];
        if (call->kind == CALL_UNDO && call->outcome == CALL_DONE && call->token == token &&
            call->answer == ANSWER_REMOVED) {
            return true;
        }
    }
    return false;
}

static void check_delivered(const struct check *check)
{
    const struct final_card *final = &check->finals[check->card];
    bool has_arrived = false;
    for (size_t i = 0; i < check->count; i++) {
        const struct call *one = check->calls[i];
        if (one->kind != CALL_DELIVERED || one->outcome != CALL_DONE) {
            continue;
        }
        has_arrived = has_arrived || one->token == final->decision;
        if (was_taken_back(check, one->token)) {
            FOUND(check, FOUND_ANSWERED_TWICE,
                  "the answer of token %" PRIu64 " was taken back and said", one->token);
        }
        for (size_t k = i + 1; k < check->count; k++) {
            const struct call *other = check->calls[k];
            if (other->kind == CALL_DELIVERED && other->outcome == CALL_DONE &&
                other->token == one->token && other->entry != one->entry) {
                FOUND(check, FOUND_ANSWERED_TWICE, "the answer of token %" PRIu64 " is said twice",
                      one->token);
                return;
            }
        }
    }
    if (final->says_something && !has_arrived) {
        FOUND(check, FOUND_LOST, "its answer of token %" PRIu64 " never came to the room",
              final->decision);
    }
}

// ---- what is stored ----

static void check_stored(const struct check *check)
{
    const struct final_card *final = &check->finals[check->card];
    if (!final->exists) {
        if (final->ready_ms >= 0 || final->lease_ms >= 0 || final->in_done) {
            FOUND(check, FOUND_BROKEN, "is in a list and does not exist");
        }
        return;
    }
    if (final->is_open && final->ready_ms < 0 && final->lease_ms < 0) {
        FOUND(check, FOUND_LOST, "is open, and no claim can find it");
    }
    if ((final->ready_ms >= 0) + (final->lease_ms >= 0) + final->in_done !=
        (final->into == NO_CARD)) {
        FOUND(check, FOUND_BROKEN,
              "is not in one list: ready %" PRId64 ", lease %" PRId64 ", done %d", final->ready_ms,
              final->lease_ms, final->in_done);
    }
    if (final->in_done != final->is_done) {
        FOUND(check, FOUND_BROKEN, "is done and not among those, or the other way round");
    }
    if (final->ready_ms >= 0 && final->ready_ms != final->due_ms) {
        FOUND(check, FOUND_BROKEN, "is due %" PRId64 " and stands at %" PRId64, final->due_ms,
              final->ready_ms);
    }
    if (final->into == NO_CARD && final->users > 0 && final->askers != final->users) {
        FOUND(check, FOUND_COUNTED_TWICE, "counts %u askers of %u", final->askers, final->users);
    }
}

/** How many messages a card should count. */
struct tally {
    uint32_t merged;
    uint32_t gone;    // certainly
    uint32_t perhaps; // may be gone
};

// One of its messages, the card's own or one that joined it, may have been taken back.
static void tally_withdrawn(const struct check *check, struct tally *tallies)
{
    unsigned gone = 0;
    bool perhaps = false;
    uint32_t head = check->finals[check->card].into;
    head = head == NO_CARD ? check->card : head;
    for (size_t i = 0; i < check->count; i++) {
        const struct call *call = check->calls[i];
        if (call->kind != CALL_WITHDRAW) {
            continue;
        }
        gone += call->outcome == CALL_DONE &&
                (call->answer == ANSWER_LEFT || call->answer == ANSWER_WITHDRAWN);
        perhaps = perhaps || call->outcome == CALL_UNKNOWN;
    }
    if (gone > 1) {
        FOUND(check, FOUND_COUNTED_TWICE, "taken back %u times", gone);
    }
    tallies[head].gone += gone > 0;
    tallies[head].perhaps += gone == 0 && perhaps;
}

static void check_count(const struct check *check, const struct tally *tally)
{
    const struct final_card *final = &check->finals[check->card];
    if (!final->exists || final->into != NO_CARD) {
        return;
    }
    int64_t most = 1 + (int64_t)tally->merged - tally->gone;
    int64_t least = most - tally->perhaps;
    if ((int64_t) final->count > most || (int64_t) final->count < least) {
        FOUND(check, FOUND_COUNTED_TWICE, "counts %u messages, has %" PRId64 " to %" PRId64,
              final->count, least, most);
    }
}

// ---- all of it ----

void verdicts_add(struct verdicts *verdicts, enum finding finding,
                  const struct history_index *index, uint32_t card, const char *format, ...)
{
    verdicts->found[finding]++;
    if (!verdicts->out || verdicts->most <= 0) {
        return;
    }
    verdicts->most--;
    fprintf(verdicts->out, "%s: c-%u ", finding_names[finding], card);
    va_list arguments;
    va_start(arguments, format);
    vfprintf(verdicts->out, format, arguments);
    va_end(arguments);
    fputc('\n', verdicts->out);
    for (size_t i = index->first[card]; i < index->first[card + 1]; i++) {
        fputs("    ", verdicts->out);
        history_print(verdicts->out, index->list[i]);
    }
}

static struct check check_of(const struct check *all, uint32_t card)
{
    struct check check = *all;
    check.card = card;
    check.calls = &all->index->list[all->index->first[card]];
    check.count = all->index->first[card + 1] - all->index->first[card];
    return check;
}

static void check_card(const struct check *check)
{
    check_added_once(check);
    check_merged_into_open(check);
    check_owners(check);
    check_fenced(check);
    check_decided_once(check);
    check_decision_stands(check);
    check_delivered(check);
    check_stored(check);
}

#define BEGAN_BEFORE(a, b) ((*(a))->began_us < (*(b))->began_us)
WEIR_DEFINE_SORT(sort_people, const struct call *, BEGAN_BEFORE)

// In the order in which they called.
static const struct call **list_people(const struct history *history, size_t *count_out)
{
    const struct call **people = weir_new_array(const struct call *, history->count + 1);
    size_t count = 0;
    for (size_t i = 0; i < history->count; i++) {
        if (history->calls[i].kind == CALL_PRESENT || history->calls[i].kind == CALL_LEAVE) {
            people[count++] = &history->calls[i];
        }
    }
    sort_people(people, count);
    *count_out = count;
    return people;
}

void verify(const struct history *history, const struct final_card *finals, uint32_t cards,
            struct verdicts *verdicts)
{
    WEIR_AUTO(history_index_fini) struct history_index index = {0};
    struct tally *tallies = weir_new_array(struct tally, (size_t)cards + 1);
    history_index_init(&index, history, cards);
    struct check all = {
        .history = history, .index = &index, .finals = finals, .verdicts = verdicts};
    all.people = list_people(history, &all.people_count);
    for (uint32_t card = 0; card < cards; card++) {
        struct check check = check_of(&all, card);
        check_card(&check);
        if (finals[card].into != NO_CARD && finals[card].into < cards) {
            tallies[finals[card].into].merged++;
        }
        tally_withdrawn(&check, tallies);
    }
    for (uint32_t card = 0; card < cards; card++) {
        struct check check = check_of(&all, card);
        check_count(&check, &tallies[card]);
    }
    verify_order(history, &index, finals, cards, verdicts);
    free(all.people);
    free(tallies);
}
