// What was before this message: events of a user, a room or a text over time, and what is known of
// the user. The judge's memory answers; here stands what is asked.

#include "engine/base/alloc.h"
#include "engine/rules/checks.h"

static bool read_period(struct weir_loader *loader, const struct weir_yaml *map, const char *key,
                        const char *what, int64_t *ms_out)
{
    const struct weir_yaml *node = weir_loader_need(loader, map, key, what);
    return node &&
           weir_loader_read_time(loader, node, 1000, 30 * WEIR_DAY_MS, "from 1s to 30d", ms_out);
}

static bool read_most(struct weir_loader *loader, const struct weir_yaml *map, const char *what,
                      int32_t most, struct weir_series *series)
{
    const struct weir_yaml *node = weir_loader_need(loader, map, "max", what);
    int32_t max = 0;
    if (!node || !weir_loader_read_integer(loader, node, 1, most, &max)) {
        return false;
    }
    series->max = (uint32_t)max;
    return true;
}

// Rules are looked up when all packs are read; till then their names and places are kept.
static bool read_rule_names(struct weir_loader *loader, const struct weir_yaml *node, size_t least,
                            size_t most, struct weir_series *series)
{
    struct weir_yaml *const one = (struct weir_yaml *)node;
    bool is_list = node->kind == WEIR_YAML_LIST;
    struct weir_yaml *const *items = is_list ? node->items : &one;
    size_t count = is_list ? node->count : 1;
    if (count < least || count > most) {
        return weir_diagnostics_error(loader->diagnostics, &node->place, "needs %zu to %zu rules",
                                      least, most);
    }
    struct weir_reference *references =
        weir_arena_new_array(loader->arena, struct weir_reference, count);
    bool is_good = true;
    for (size_t i = 0; i < count; i++) {
        references[i].place = items[i]->place;
        is_good = weir_loader_read_id(loader, items[i], &references[i].name) && is_good;
    }
    series->references = references;
    series->rule_count = count;
    return is_good;
}

static bool read_of(struct weir_loader *loader, const struct weir_yaml *map,
                    struct weir_series *series)
{
    static const char *const names[] = {"messages", "questions", "links", "mentions", "emotes"};
    static const char *const keys[] = {"hits"};
    const struct weir_yaml *node = weir_yaml_find(map, "of");
    size_t index = 0;
    if (!node) {
        return true;
    }
    if (node->kind == WEIR_YAML_MAP) {
        weir_yaml_refuse_others(node, keys, ARRAY_LEN(keys), "what is counted",
                                loader->diagnostics);
        const struct weir_yaml *hits = weir_loader_need(loader, node, "hits", "what is counted");
        series->of = WEIR_OF_HITS;
        return hits && read_rule_names(loader, hits, 1, 64, series);
    }
    if (!weir_loader_read_name(loader, node, "event", names, ARRAY_LEN(names), &index)) {
        return false;
    }
    series->of = (enum weir_series_of)index;
    return true;
}

static bool read_capture(struct weir_loader *loader, const struct weir_yaml *node,
                         struct weir_series *series)
{
    static const char *const keys[] = {"capture"};
    struct weir_span name;
    weir_yaml_refuse_others(node, keys, ARRAY_LEN(keys), "what counts together",
                            loader->diagnostics);
    const struct weir_yaml *capture =
        weir_loader_need(loader, node, "capture", "what counts together");
    if (!capture || !weir_loader_read_text(loader, capture, 32, &name)) {
        return false;
    }
    if (series->of != WEIR_OF_MESSAGES) {
        return weir_diagnostics_error(loader->diagnostics, &node->place,
                                      "a captured text is counted in messages; leave 'of' out");
    }
    series->by = WEIR_BY_CAPTURE;
    series->capture = name.data; // a copy that ends in a NUL
    series->capture_place = capture->place;
    return true;
}

static bool read_by(struct weir_loader *loader, const struct weir_yaml *map,
                    struct weir_series *series)
{
    static const char *const names[] = {"user", "room", "text"};
    const struct weir_yaml *node = weir_yaml_find(map, "by");
    size_t index = 0;
    if (!node) {
        return true;
    }
    if (node->kind == WEIR_YAML_MAP) {
        return read_capture(loader, node, series);
    }
    if (!weir_loader_read_name(loader, node, "group", names, ARRAY_LEN(names), &index)) {
        return false;
    }
    series->by = (enum weir_series_by)index;
    return true;
}

static struct weir_series *new_series(struct weir_loader *loader, struct weir_check *check,
                                      enum weir_series_kind kind)
{
    struct weir_series *series = weir_arena_new(loader->arena, struct weir_series);
    series->kind = kind;
    series->check = check;
    check->arguments = series;
    if (!loader->rule) {
        weir_diagnostics_error(loader->diagnostics, &check->place,
                               "'%s' can be checked by rules "
                               "only",
                               check->kind->name);
        return NULL;
    }
    loader->series = weir_grow(loader->series, &loader->series_capacity, loader->series_count + 1,
                               sizeof(*loader->series));
    loader->series[loader->series_count++] = series;
    return series;
}

bool weir_parse_rate(struct weir_loader *loader, const struct weir_yaml *node,
                     struct weir_check *check)
{
    static const char *const keys[] = {"of", "by", "max", "low", "per"};
    const struct weir_yaml *map = weir_check_argument(node, check);
    struct weir_series *series = new_series(loader, check, WEIR_SERIES_RATE);
    if (!series || !weir_loader_is_map(loader, map, "a rate")) {
        return false;
    }
    weir_yaml_refuse_others(map, keys, ARRAY_LEN(keys), "a rate", loader->diagnostics);
    bool is_good = read_of(loader, map, series);
    is_good = read_by(loader, map, series) && is_good;
    is_good = read_most(loader, map, "a rate", WEIR_SERIES_MOST, series) && is_good;
    is_good = read_period(loader, map, "per", "a rate", &series->per_ms) && is_good;
    const struct weir_yaml *low = weir_yaml_find(map, "low");
    int32_t level = 0;
    if (!low) {
        series->low = series->max;
        return is_good;
    }
    if (!weir_loader_read_integer(loader, low, 1, WEIR_SERIES_MOST, &level)) {
        return false;
    }
    series->low = (uint32_t)level;
    return is_good &&
           (series->low < series->max || weir_diagnostics_error(loader->diagnostics, &low->place,
                                                                "'low' must be less than 'max'"));
}

bool weir_parse_distinct(struct weir_loader *loader, const struct weir_yaml *node,
                         struct weir_check *check)
{
    static const char *const keys[] = {"of", "by", "max", "per"};
    const struct weir_yaml *map = weir_check_argument(node, check);
    struct weir_series *series = new_series(loader, check, WEIR_SERIES_DISTINCT);
    if (!series || !weir_loader_is_map(loader, map, "what stands here")) {
        return false;
    }
    weir_yaml_refuse_others(map, keys, ARRAY_LEN(keys), "a count of users", loader->diagnostics);
    series->by = WEIR_BY_ROOM;
    bool is_good = read_of(loader, map, series);
    is_good = read_by(loader, map, series) && is_good;
    if (series->by == WEIR_BY_USER) {
        is_good = weir_diagnostics_error(loader->diagnostics, &weir_yaml_find(map, "by")->place,
                                         "users are what is counted; by room or text, please");
    }
    is_good = read_most(loader, map, "a count of users", WEIR_SERIES_MOST, series) && is_good;
    return read_period(loader, map, "per", "a count of users", &series->per_ms) && is_good;
}

bool weir_parse_same_text(struct weir_loader *loader, const struct weir_yaml *node,
                          struct weir_check *check)
{
    static const char *const keys[] = {"max", "per", "similarity"};
    const struct weir_yaml *map = weir_check_argument(node, check);
    struct weir_series *series = new_series(loader, check, WEIR_SERIES_SAME_TEXT);
    int32_t similarity = 70;
    if (!series || !weir_loader_is_map(loader, map, "what stands here")) {
        return false;
    }
    weir_yaml_refuse_others(map, keys, ARRAY_LEN(keys), "a repetition", loader->diagnostics);
    const struct weir_yaml *percent = weir_yaml_find(map, "similarity");
    bool is_good = read_most(loader, map, "a repetition", WEIR_SAME_TEXT_MOST, series);
    is_good = read_period(loader, map, "per", "a repetition", &series->per_ms) && is_good;
    is_good =
        (!percent || weir_loader_read_integer(loader, percent, 30, 100, &similarity)) && is_good;
    series->similarity = (uint32_t)similarity;
    return is_good;
}

bool weir_parse_sequence(struct weir_loader *loader, const struct weir_yaml *node,
                         struct weir_check *check)
{
    static const char *const keys[] = {"rules", "within", "by"};
    const struct weir_yaml *map = weir_check_argument(node, check);
    struct weir_series *series = new_series(loader, check, WEIR_SERIES_SEQUENCE);
    if (!series || !weir_loader_is_map(loader, map, "a sequence")) {
        return false;
    }
    weir_yaml_refuse_others(map, keys, ARRAY_LEN(keys), "a sequence", loader->diagnostics);
    series->of = WEIR_OF_HITS;
    const struct weir_yaml *rules = weir_loader_need(loader, map, "rules", "a sequence");
    bool is_good = rules && weir_loader_is_list(loader, rules, "'rules'") &&
                   read_rule_names(loader, rules, 2, WEIR_SEQUENCE_MOST, series);
    is_good = read_by(loader, map, series) && is_good;
    if (series->by != WEIR_BY_USER && series->by != WEIR_BY_ROOM) {
        is_good = weir_diagnostics_error(loader->diagnostics, &weir_yaml_find(map, "by")->place,
                                         "a sequence is of a user or of the room");
    }
    return read_period(loader, map, "within", "a sequence", &series->per_ms) && is_good;
}

static bool read_least(struct weir_loader *loader, const struct weir_yaml *map, const char *key,
                       int32_t least, int32_t most, uint32_t *value_out)
{
    const struct weir_yaml *node = weir_yaml_find(map, key);
    int32_t value = 0;
    if (node && !weir_loader_read_integer(loader, node, least, most, &value)) {
        return false;
    }
    *value_out = node ? (uint32_t)value : *value_out;
    return true;
}

bool weir_parse_campaign(struct weir_loader *loader, const struct weir_yaml *node,
                         struct weir_check *check)
{
    static const char *const keys[] = {"accounts", "per", "messages", "fresh", "lasts"};
    const struct weir_yaml *map = weir_check_argument(node, check);
    struct weir_series *series = new_series(loader, check, WEIR_SERIES_CAMPAIGN);
    if (!series || !weir_loader_is_map(loader, map, "a campaign")) {
        return false;
    }
    weir_yaml_refuse_others(map, keys, ARRAY_LEN(keys), "a campaign", loader->diagnostics);
    series->lasts_ms = 600000;
    bool is_good = weir_loader_need(loader, map, "accounts", "a campaign") != NULL;
    is_good = read_least(loader, map, "accounts", 2, WEIR_CAMPAIGN_USERS, &series->max) && is_good;
    is_good = read_least(loader, map, "messages", 1, INT32_MAX, &series->messages) && is_good;
    is_good = read_least(loader, map, "fresh", 0, 100, &series->fresh) && is_good;
    is_good = (!weir_yaml_find(map, "lasts") ||
               read_period(loader, map, "lasts", "a campaign", &series->lasts_ms)) &&
              is_good;
    return read_period(loader, map, "per", "a campaign", &series->per_ms) && is_good;
}

bool weir_holds_series(const struct weir_check *check, const struct weir_check_input *input,
                       struct weir_check_spans *spans_out)
{
    (void)spans_out;
    const struct weir_series *series = check->arguments;
    return input->readings && input->readings[series->index].holds;
}

int64_t weir_value_series(const struct weir_check *check, const struct weir_check_input *input)
{
    const struct weir_series *series = check->arguments;
    return input->readings ? (int64_t)input->readings[series->index].value * 1000 : 0;
}

struct first_arguments {
    bool wanted;
};

bool weir_parse_first_message(struct weir_loader *loader, const struct weir_yaml *node,
                              struct weir_check *check)
{
    struct first_arguments *arguments = weir_arena_new(loader->arena, struct first_arguments);
    check->arguments = arguments;
    loader->set->needs_users = true;
    return weir_yaml_to_bool(weir_check_argument(node, check), &arguments->wanted,
                             loader->diagnostics);
}

// Of somebody without an id nobody can say whether it is the first: neither holds.
bool weir_holds_first_message(const struct weir_check *check, const struct weir_check_input *input,
                              struct weir_check_spans *spans_out)
{
    (void)spans_out;
    const struct first_arguments *arguments = check->arguments;
    return input->user.is_known && input->user.is_first == arguments->wanted;
}

int64_t weir_value_first_message(const struct weir_check *check,
                                 const struct weir_check_input *input)
{
    (void)check;
    return (int64_t)input->user.messages * 1000;
}

bool weir_parse_strikes(struct weir_loader *loader, const struct weir_yaml *node,
                        struct weir_check *check)
{
    struct weir_check_range *range = weir_arena_new(loader->arena, struct weir_check_range);
    check->arguments = range;
    loader->set->needs_users = true;
    return weir_check_read_range(loader, weir_check_argument(node, check), 0, 100000, range);
}

// Parts of a strike count as in the ladder: 2.9 are not yet 3, and no more than 2.
bool weir_holds_strikes(const struct weir_check *check, const struct weir_check_input *input,
                        struct weir_check_spans *spans_out)
{
    (void)spans_out;
    return weir_check_is_in(check->arguments, input->user.strikes_milli / 1000);
}

int64_t weir_value_strikes(const struct weir_check *check, const struct weir_check_input *input)
{
    (void)check;
    return input->user.strikes_milli;
}

struct trust_arguments {
    struct weir_check_range messages;
    struct weir_check_range clean;
    int64_t known_ms;
};

bool weir_parse_trust(struct weir_loader *loader, const struct weir_yaml *node,
                      struct weir_check *check)
{
    static const char *const keys[] = {"messages", "clean", "known"};
    const struct weir_yaml *map = weir_check_argument(node, check);
    struct trust_arguments *arguments = weir_arena_new(loader->arena, struct trust_arguments);
    arguments->messages = arguments->clean = (struct weir_check_range){0, INT32_MAX};
    check->arguments = arguments;
    loader->set->needs_users = true;
    if (!weir_loader_is_map(loader, map, "trust")) {
        return false;
    }
    weir_yaml_refuse_others(map, keys, ARRAY_LEN(keys), "trust", loader->diagnostics);
    if (map->count == 0) {
        return weir_diagnostics_error(loader->diagnostics, &map->place,
                                      "needs 'messages', 'clean' or 'known'");
    }
    const struct weir_yaml *messages = weir_yaml_find(map, "messages");
    const struct weir_yaml *clean = weir_yaml_find(map, "clean");
    bool is_good =
        !messages || weir_check_read_range(loader, messages, 0, INT32_MAX, &arguments->messages);
    is_good = (!clean || weir_check_read_range(loader, clean, 0, INT32_MAX, &arguments->clean)) &&
              is_good;
    return (!weir_yaml_find(map, "known") ||
            read_period(loader, map, "known", "trust", &arguments->known_ms)) &&
           is_good;
}

bool weir_holds_trust(const struct weir_check *check, const struct weir_check_input *input,
                      struct weir_check_spans *spans_out)
{
    (void)spans_out;
    const struct trust_arguments *arguments = check->arguments;
    const struct weir_user_reading *user = &input->user;
    return weir_check_is_in(&arguments->messages, user->messages) &&
           weir_check_is_in(&arguments->clean, user->clean) &&
           user->known_ms >= arguments->known_ms;
}

int64_t weir_value_trust(const struct weir_check *check, const struct weir_check_input *input)
{
    (void)check;
    return (int64_t)input->user.clean * 1000;
}
