#include "engine/judge/evidence.h"

#include "engine/base/alloc.h"
#include "engine/base/sort.h"

#include <stdlib.h>

// Finding the hits of a check must not cost a search: the scan sorts by owner, so one walk over the
// hits notes where each owner's begin. Entries carry the message's stamp instead of being cleared,
// because most messages hit nothing.

// More than these make no difference to a reader, and `near` looks at each against each.
#define NEAR_HITS     128
#define NEAR_BRANCHES 8

struct weir_owner_hits {
    uint64_t stamp;
    uint32_t first;
    uint32_t count;
    bool limited;
};

void weir_evidence_fini(struct weir_evidence *evidence)
{
    free(evidence->owners);
    *evidence = (struct weir_evidence){0};
}

static void make_room(struct weir_evidence *evidence, size_t owner_count)
{
    if (owner_count <= evidence->owner_count) {
        return;
    }
    free(evidence->owners);
    evidence->owners = weir_new_array(struct weir_owner_hits, owner_count);
    evidence->owner_count = owner_count;
}

static struct weir_owner_hits *entry_of(struct weir_evidence *evidence, uint32_t owner)
{
    weir_assert(owner < evidence->owner_count);
    struct weir_owner_hits *entry = &evidence->owners[owner];
    if (entry->stamp != evidence->stamp) {
        *entry = (struct weir_owner_hits){.stamp = evidence->stamp};
    }
    return entry;
}

void weir_evidence_set(struct weir_evidence *evidence, size_t owner_count,
                       const struct weir_check_input *input, const struct weir_hits *hits)
{
    make_room(evidence, owner_count);
    evidence->input = input;
    evidence->hits = hits;
    evidence->stamp++;
    evidence->limited = 0;
    evidence->crowded = 0;
    for (size_t i = 0; i < hits->count; i++) {
        struct weir_owner_hits *entry = entry_of(evidence, hits->hits[i].owner);
        if (entry->count++ == 0) {
            entry->first = (uint32_t)i;
        }
    }
    for (size_t i = 0; i < hits->limit_count; i++) {
        entry_of(evidence, hits->limits[i].owner)->limited = true;
    }
}

void weir_evidence_limit(struct weir_evidence *evidence, uint32_t owner)
{
    entry_of(evidence, owner)->limited = true;
}

static bool is_inside(struct weir_text_range inner, struct weir_text_range outer)
{
    return outer.start <= inner.start && inner.end <= outer.end;
}

static bool is_excepted(struct weir_evidence *evidence, struct weir_text_range range,
                        uint32_t except_owner)
{
    if (except_owner == WEIR_NO_OWNER) {
        return false;
    }
    const struct weir_owner_hits *except = entry_of(evidence, except_owner);
    for (uint32_t i = 0; i < except->count; i++) {
        if (is_inside(range, evidence->hits->hits[except->first + i].range)) {
            return true;
        }
    }
    return false;
}

static void add_found(struct weir_found_list *list, struct weir_found found)
{
    if (list->count == list->capacity) {
        list->items = weir_grow(list->items, &list->capacity, list->count + 1, sizeof(found));
    }
    list->items[list->count++] = found;
}

static enum weir_truth text_check_holds(struct weir_evidence *evidence,
                                        const struct weir_check *check, uint32_t except_owner,
                                        struct weir_found_list *found)
{
    const struct weir_owner_hits *entry = entry_of(evidence, check->owner);
    size_t before = found->count;
    for (uint32_t i = 0; i < entry->count; i++) {
        const struct weir_hit *hit = &evidence->hits->hits[entry->first + i];
        if (!is_excepted(evidence, hit->range, except_owner)) {
            add_found(found, (struct weir_found){check, hit->view, hit->range});
        }
    }
    evidence->limited += entry->limited;
    if (found->count > before) {
        return WEIR_TRUE;
    }
    return entry->limited ? WEIR_UNKNOWN : WEIR_FALSE;
}

// A check that says where it found something holds as long as one place is left.
static enum weir_truth span_check_holds(struct weir_evidence *evidence,
                                        const struct weir_check *check, uint32_t except_owner,
                                        struct weir_found_list *found)
{
    struct weir_check_spans spans = {.count = 0};
    if (!check->kind->holds(check, evidence->input, &spans)) {
        return WEIR_FALSE;
    }
    size_t before = found->count;
    for (size_t i = 0; i < spans.count && i < WEIR_CHECK_SPANS; i++) {
        struct weir_check_span span = spans.items[i];
        struct weir_text_range range =
            weir_text_range_of(evidence->input->text, span.view, span.start, span.end);
        if (!is_excepted(evidence, range, except_owner)) {
            add_found(found, (struct weir_found){check, span.view, range});
        }
    }
    return found->count > before || spans.count == 0 ? WEIR_TRUE : WEIR_FALSE;
}

static enum weir_truth ask_check(struct weir_evidence *evidence, const struct weir_check *check,
                                 uint32_t except_owner, struct weir_found_list *found)
{
    if (check->kind->is_text) {
        return text_check_holds(evidence, check, except_owner, found);
    }
    if (check->kind->has_spans) {
        return span_check_holds(evidence, check, except_owner, found);
    }
    return check->kind->holds(check, evidence->input, NULL) ? WEIR_TRUE : WEIR_FALSE;
}

static enum weir_truth check_holds(struct weir_evidence *evidence, const struct weir_check *check,
                                   uint32_t except_owner, struct weir_found_list *found)
{
    if (!evidence->profile) {
        return ask_check(evidence, check, except_owner, found);
    }
    struct weir_cost *cost = &evidence->profile->owners[check->owner];
    uint64_t start_ns = evidence->profile->now_ns();
    enum weir_truth truth = ask_check(evidence, check, except_owner, found);
    if (!check->kind->is_text) { // what text checks cost was told by the scan
        weir_match_profile_add(evidence->profile, cost, start_ns);
    }
    cost->matched += truth == WEIR_TRUE;
    return truth;
}

static enum weir_truth and_also(enum weir_truth a, enum weir_truth b)
{
    if (a == WEIR_FALSE || b == WEIR_FALSE) {
        return WEIR_FALSE;
    }
    return a == WEIR_TRUE ? b : WEIR_UNKNOWN;
}

static enum weir_truth or_else(enum weir_truth a, enum weir_truth b)
{
    if (a == WEIR_TRUE || b == WEIR_TRUE) {
        return WEIR_TRUE;
    }
    return a == WEIR_FALSE ? b : WEIR_UNKNOWN;
}

// A hit that takes part in a `near`: where it stands, in characters, and for which branch.
struct near_hit {
    uint32_t start;
    uint32_t end;
    uint32_t branch;
    uint32_t found; // index into the list
    bool taken;
};

struct near {
    struct near_hit hits[NEAR_HITS];
    size_t count;
    uint32_t branches; // those that have hits at all: a `length` beside them has no place
};

static bool ends_before(const struct near_hit *a, const struct near_hit *b)
{
    return a->end != b->end ? a->end < b->end : a->found < b->found;
}

static bool found_before(const struct near_hit *a, const struct near_hit *b)
{
    return a->found < b->found;
}

WEIR_DEFINE_SORT(sort_by_end, struct near_hit, ends_before)
WEIR_DEFINE_SORT(sort_by_found, struct near_hit, found_before)

static bool is_in_reach(const struct near_hit *hit, const struct near_hit *first,
                        uint32_t near_chars)
{
    return hit->start >= first->start && hit->start <= first->end + near_chars;
}

// Whether one hit of each branch, none overlapping another, begins within reach of `first`, which
// is one of them. Taking hits by their end, it is enough to know for each set of branches how early
// it can be complete.
static bool reach_holds(const struct near *near, const struct near_hit *first, uint32_t near_chars)
{
    uint32_t complete_at[1u << NEAR_BRANCHES];
    uint32_t all = (1u << near->branches) - 1;
    for (uint32_t mask = 0; mask <= all; mask++) {
        complete_at[mask] = UINT32_MAX;
    }
    complete_at[1u << first->branch] = first->end;
    for (size_t i = 0; i < near->count; i++) {
        const struct near_hit *hit = &near->hits[i];
        if (!is_in_reach(hit, first, near_chars)) {
            continue;
        }
        for (uint32_t mask = 0; mask <= all; mask++) {
            uint32_t with = mask | 1u << hit->branch;
            if (with != mask && complete_at[mask] <= hit->start && hit->end < complete_at[with]) {
                complete_at[with] = hit->end;
            }
        }
    }
    return complete_at[all] != UINT32_MAX;
}

static bool take_reaches(struct near *near, uint32_t near_chars)
{
    bool holds = false;
    for (size_t i = 0; i < near->count; i++) {
        const struct near_hit *first = &near->hits[i];
        if (!reach_holds(near, first, near_chars)) {
            continue;
        }
        holds = true;
        for (size_t j = 0; j < near->count; j++) {
            near->hits[j].taken =
                near->hits[j].taken || is_in_reach(&near->hits[j], first, near_chars);
        }
    }
    return holds;
}

// The hits of one branch, `from` to the end of the list.
static void add_branch(struct weir_evidence *evidence, struct near *near,
                       const struct weir_found_list *found, size_t from)
{
    if (found->count == from || near->branches == NEAR_BRANCHES) {
        return;
    }
    for (size_t i = from; i < found->count; i++) {
        if (near->count == NEAR_HITS) {
            evidence->crowded++;
            break;
        }
        struct weir_text_range range = found->items[i].range;
        near->hits[near->count++] =
            (struct near_hit){range.start_char, range.end_char, near->branches, (uint32_t)i, false};
    }
    near->branches++;
}

// Leaves only the hits that stand where the condition holds.
static void keep_taken(struct near *near, struct weir_found_list *found, size_t before)
{
    sort_by_found(near->hits, near->count);
    found->count = before;
    for (size_t i = 0; i < near->count; i++) {
        if (near->hits[i].taken) {
            found->items[found->count++] = found->items[near->hits[i].found];
        }
    }
}

static enum weir_truth near_holds(struct weir_evidence *evidence,
                                  const struct weir_condition *condition, uint32_t except_owner,
                                  struct weir_found_list *found)
{
    struct near near; // 2 KiB: only what counts is set
    near.count = 0;
    near.branches = 0;
    size_t before = found->count;
    size_t limited = evidence->limited;
    enum weir_truth truth = WEIR_TRUE;
    for (size_t i = 0; i < condition->child_count; i++) {
        size_t from = found->count;
        truth = and_also(
            truth, weir_evidence_holds(evidence, condition->children[i], except_owner, found));
        add_branch(evidence, &near, found, from);
    }
    if (truth != WEIR_TRUE) {
        return truth;
    }
    sort_by_end(near.hits, near.count);
    if (near.branches < 2 || take_reaches(&near, condition->near_chars)) {
        if (near.branches >= 2) {
            keep_taken(&near, found, before);
        }
        return WEIR_TRUE;
    }
    return evidence->limited > limited ? WEIR_UNKNOWN : WEIR_FALSE;
}

static enum weir_truth all_holds(struct weir_evidence *evidence,
                                 const struct weir_condition *condition, uint32_t except_owner,
                                 struct weir_found_list *found)
{
    enum weir_truth truth = WEIR_TRUE;
    for (size_t i = 0; i < condition->child_count; i++) {
        truth = and_also(
            truth, weir_evidence_holds(evidence, condition->children[i], except_owner, found));
    }
    return truth;
}

static enum weir_truth any_holds(struct weir_evidence *evidence,
                                 const struct weir_condition *condition, uint32_t except_owner,
                                 struct weir_found_list *found)
{
    enum weir_truth truth = WEIR_FALSE;
    for (size_t i = 0; i < condition->child_count; i++) {
        truth = or_else(truth,
                        weir_evidence_holds(evidence, condition->children[i], except_owner, found));
    }
    return truth;
}

static enum weir_truth not_holds(struct weir_evidence *evidence,
                                 const struct weir_condition *condition, uint32_t except_owner,
                                 struct weir_found_list *found)
{
    size_t before = found->count;
    enum weir_truth truth =
        weir_evidence_holds(evidence, condition->children[0], except_owner, found);
    found->count = before; // what must not be there is no reason to show
    if (truth == WEIR_UNKNOWN) {
        return WEIR_UNKNOWN;
    }
    return truth == WEIR_TRUE ? WEIR_FALSE : WEIR_TRUE;
}

static enum weir_truth node_holds(struct weir_evidence *evidence,
                                  const struct weir_condition *condition, uint32_t except_owner,
                                  struct weir_found_list *found)
{
    switch (condition->kind) {
    case WEIR_CONDITION_ALL:
        return condition->near_chars ? near_holds(evidence, condition, except_owner, found)
                                     : all_holds(evidence, condition, except_owner, found);
    case WEIR_CONDITION_ANY:
        return any_holds(evidence, condition, except_owner, found);
    case WEIR_CONDITION_NOT:
        return not_holds(evidence, condition, except_owner, found);
    case WEIR_CONDITION_CHECK:
        return check_holds(evidence, condition->check, except_owner, found);
    }
    return WEIR_FALSE;
}

enum weir_truth weir_evidence_holds(struct weir_evidence *evidence,
                                    const struct weir_condition *condition, uint32_t except_owner,
                                    struct weir_found_list *found)
{
    size_t before = found->count;
    enum weir_truth truth = node_holds(evidence, condition, except_owner, found);
    if (truth != WEIR_TRUE) {
        found->count = before;
    }
    return truth;
}
