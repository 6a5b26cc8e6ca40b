// One line of chat, and everything that weir makes of it: how it is read, what is found where,
// which checks fell short, what follows.

#include "engine/base/alloc.h"
#include "engine/base/json.h"
#include "engine/base/room_protocol.h"
#include "engine/base/terminal.h"
#include "engine/base/utf8.h"
#include "engine/commands/rules_option.h"
#include "engine/judge/judge.h"
#include "engine/sys/clock.h"

#include <stdio.h>

#define DEFAULT_CHARS 2000

struct explain_options {
    struct weir_rules_option rules;
    bool as_json;
    const char *text;
    struct weir_message message;
    struct weir_room_view room;
};

struct explanation {
    const struct explain_options *options;
    struct weir_text *text;
    const struct weir_verdict *verdict;
    struct weir_span raw;
    struct weir_buffer out;
};

static struct weir_span bytes_of(const struct weir_view *view)
{
    return (struct weir_span){view->bytes, view->length};
}

// A view may hold several readings of the text, one behind the other.
static void add_readings(struct weir_buffer *out, struct weir_span bytes)
{
    struct weir_span rest = bytes;
    weir_terminal_add(out, weir_span_take_until(&rest, WEIR_READING_SEPARATOR));
    while (rest.length > 0) {
        weir_buffer_add_text(out, " | ");
        weir_terminal_add(out, weir_span_take_until(&rest, WEIR_READING_SEPARATOR));
    }
}

static void add_views(struct explanation *explanation)
{
    struct weir_buffer *out = &explanation->out;
    for (int kind = WEIR_VIEW_RAW; kind < WEIR_VIEW_COUNT; kind++) {
        struct weir_span bytes = bytes_of(weir_text_view(explanation->text, kind));
        weir_buffer_printf(out, "%-9s ", weir_view_name(kind));
        if (kind != WEIR_VIEW_RAW && weir_span_equals(bytes, explanation->raw)) {
            weir_buffer_add_text(out, "(as typed)");
        } else if (kind == WEIR_VIEW_RAW) {
            weir_terminal_add(out, bytes);
        } else {
            add_readings(out, bytes);
        }
        weir_buffer_add_byte(out, '\n');
    }
}

static size_t columns_of(struct weir_span text)
{
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer shown = {0};
    weir_terminal_add(&shown, text);
    return weir_utf8_columns(weir_buffer_span(&shown));
}

static void add_repeated(struct weir_buffer *out, char byte, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        weir_buffer_add_byte(out, byte);
    }
}

// The message with a mark under what was found, as wide as it stands in a terminal.
static void add_underlined(struct explanation *explanation, struct weir_text_range range)
{
    struct weir_buffer *out = &explanation->out;
    size_t before = columns_of(weir_span_slice(explanation->raw, 0, range.start));
    size_t width = columns_of(weir_span_slice(explanation->raw, range.start, range.end));
    weir_buffer_add_text(out, "    ");
    weir_terminal_add(out, explanation->raw);
    weir_buffer_add_text(out, "\n    ");
    add_repeated(out, ' ', before);
    add_repeated(out, '^', width > 0 ? width : 1);
    weir_buffer_add_byte(out, '\n');
}

static bool is_same_find(const struct weir_verdict_hit *a, const struct weir_verdict_hit *b)
{
    return a->check == b->check && a->range.start == b->range.start && a->range.end == b->range.end;
}

// What one check found at one place is one find, in however many views.
static bool is_shown_already(const struct weir_verdict *verdict, size_t at)
{
    for (size_t i = 0; i < at; i++) {
        if (is_same_find(&verdict->hits[i], &verdict->hits[at])) {
            return true;
        }
    }
    return false;
}

static void add_views_of_hit(struct weir_buffer *out, const struct weir_verdict *verdict, size_t at)
{
    weir_buffer_add_text(out, weir_view_name(verdict->hits[at].view));
    for (size_t i = at + 1; i < verdict->hit_count; i++) {
        if (is_same_find(&verdict->hits[at], &verdict->hits[i])) {
            weir_buffer_printf(out, ", %s", weir_view_name(verdict->hits[i].view));
        }
    }
}

static void add_hit(struct explanation *explanation, size_t at)
{
    const struct weir_verdict_hit *hit = &explanation->verdict->hits[at];
    struct weir_buffer *out = &explanation->out;
    weir_buffer_printf(out, "\nhit       %.*s  %s  view ", WEIR_SPAN_ARGS(hit->rule->id),
                       hit->check->path);
    add_views_of_hit(out, explanation->verdict, at);
    weir_buffer_printf(out, "  %u-%u%s\n", hit->range.start_char, hit->range.end_char,
                       hit->rule->mode == WEIR_MODE_SHADOW ? "  (shadow)" : "");
    add_underlined(explanation, hit->range);
}

static void add_hits(struct explanation *explanation)
{
    const struct weir_verdict *verdict = explanation->verdict;
    for (size_t i = 0; i < verdict->hit_count; i++) {
        if (!is_shown_already(verdict, i)) {
            add_hit(explanation, i);
        }
        if (verdict->hits[i].more > 0) {
            weir_buffer_printf(&explanation->out, "    and %u more\n", verdict->hits[i].more);
        }
    }
}

static bool has_fired(const struct weir_verdict *verdict, const struct weir_rule *rule)
{
    for (size_t i = 0; i < verdict->fired_count; i++) {
        if (verdict->fired[i] == rule) {
            return true;
        }
    }
    for (size_t i = 0; i < verdict->shadow_fired_count; i++) {
        if (verdict->shadow_fired[i] == rule) {
            return true;
        }
    }
    return false;
}

static const struct weir_hit *find_hit(const struct weir_hits *hits, uint32_t owner)
{
    for (size_t i = 0; i < hits->count; i++) {
        if (hits->hits[i].owner == owner) {
            return &hits->hits[i];
        }
    }
    return NULL;
}

static void add_check(struct explanation *explanation, const struct weir_check *check,
                      const struct weir_hits *hits)
{
    struct weir_buffer *out = &explanation->out;
    weir_buffer_printf(out, "    %-20s ", check->path);
    if (check->kind->is_text) {
        const struct weir_hit *hit = find_hit(hits, check->owner);
        if (!hit) {
            weir_buffer_add_text(out, "no\n");
            return;
        }
        weir_buffer_add_text(out, "found '");
        weir_terminal_add(out, weir_span_slice(explanation->raw, hit->range.start, hit->range.end));
        weir_buffer_printf(out, "' in %s\n", weir_view_name(hit->view));
        return;
    }
    struct weir_check_spans spans = {.count = 0};
    struct weir_check_input input = {.message = &explanation->options->message,
                                     .room = &explanation->options->room,
                                     .text = explanation->text,
                                     .now_ms = explanation->verdict->at_ms,
                                     .is_question = explanation->verdict->is_question,
                                     .score = explanation->verdict->score};
    weir_buffer_add_text(out, check->kind->holds(check, &input, &spans) ? "holds\n" : "no\n");
}

// A rule that found something and did not fire all the same is what an author asks about.
static void add_near_misses(struct explanation *explanation)
{
    const struct weir_set *set = explanation->options->rules.set;
    struct weir_match_scratch *scratch = weir_match_scratch_create();
    const struct weir_hits *hits = weir_matcher_scan(set->matcher, scratch, explanation->text);
    const struct weir_rule *last = NULL;
    for (size_t i = 0; i < hits->count; i++) {
        uint32_t owner = hits->hits[i].owner;
        const struct weir_rule *rule = owner < set->check_count ? set->checks[owner]->rule : NULL;
        if (!rule || rule == last || has_fired(explanation->verdict, rule)) {
            continue;
        }
        last = rule;
        weir_buffer_printf(&explanation->out, "\nnot fired %.*s%s\n", WEIR_SPAN_ARGS(rule->id),
                           rule->mode == WEIR_MODE_DISABLED ? " (disabled)" : "");
        for (uint32_t at = 0; at < rule->check_count; at++) {
            add_check(explanation, set->checks[rule->first_check + at], hits);
        }
    }
    weir_match_scratch_destroy(&scratch);
}

static void add_rules(struct explanation *explanation)
{
    const struct weir_verdict *verdict = explanation->verdict;
    for (size_t i = 0; i < verdict->fired_count; i++) {
        const struct weir_rule *rule = verdict->fired[i];
        weir_buffer_printf(&explanation->out, "rule      %.*s  score %d  %.*s\n",
                           WEIR_SPAN_ARGS(rule->id), rule->reads_score ? 0 : rule->score,
                           WEIR_SPAN_ARGS(rule->about));
    }
    for (size_t i = 0; i < verdict->degraded_count; i++) {
        const struct weir_degraded *degraded = &verdict->degraded[i];
        struct weir_span id = degraded->rule ? degraded->rule->id : WEIR_SPAN("all");
        weir_buffer_printf(&explanation->out, "degraded  %.*s: %s\n", WEIR_SPAN_ARGS(id),
                           degraded->cause);
    }
}

static void add_outcome(struct explanation *explanation)
{
    const struct weir_verdict *verdict = explanation->verdict;
    struct weir_buffer *out = &explanation->out;
    weir_buffer_add_byte(out, '\n');
    add_rules(explanation);
    if (verdict->is_question) {
        struct weir_span topic = verdict->topic ? verdict->topic->id : WEIR_SPAN("none");
        weir_buffer_printf(out, "question  topic %.*s%s\n", WEIR_SPAN_ARGS(topic),
                           verdict->is_urgent ? ", urgent" : "");
    }
    if (verdict->has_shadow) {
        weir_buffer_printf(out, "shadow    would be %s, user %s, score %d\n",
                           weir_message_verdict_name(verdict->shadow_message_verdict),
                           weir_user_verdict_name(verdict->shadow_user_verdict),
                           verdict->shadow_score);
    }
    weir_buffer_printf(out, "verdict   %s, user %s, score %d\n",
                       weir_message_verdict_name(verdict->message_verdict),
                       weir_user_verdict_name(verdict->user_verdict), verdict->score);
    if (verdict->masked_text.length > 0) {
        weir_buffer_add_text(out, "shown as  ");
        weir_terminal_add(out, verdict->masked_text);
        weir_buffer_add_byte(out, '\n');
    }
}

static void write_json(struct explanation *explanation)
{
    struct weir_buffer *out = &explanation->out;
    weir_verdict_write(explanation->verdict, explanation->options->rules.set,
                       &explanation->options->message, explanation->text, out);
    out->length--; // the views stand in the same object, behind what all verdicts have
    weir_json_add_name(out, "views");
    weir_buffer_add_byte(out, '{');
    for (int kind = WEIR_VIEW_RAW; kind < WEIR_VIEW_COUNT; kind++) {
        weir_json_add_text_field(out, weir_view_name(kind),
                                 bytes_of(weir_text_view(explanation->text, kind)));
    }
    weir_buffer_add_text(out, "}}\n");
}

static void explain(const struct explain_options *options)
{
    WEIR_AUTO(weir_judge_destroy) struct weir_judge *judge = weir_judge_create(DEFAULT_CHARS);
    WEIR_AUTO(weir_memory_destroy) struct weir_memory *memory = weir_memory_create();
    struct explanation explanation = {.options = options};
    explanation.verdict = weir_judge_message(judge, options->rules.set, memory, &options->room,
                                             &options->message, weir_clock_wall_ms());
    explanation.text = weir_judge_text(judge);
    explanation.raw = bytes_of(weir_text_view(explanation.text, WEIR_VIEW_RAW));
    if (options->as_json) {
        write_json(&explanation);
    } else {
        add_views(&explanation);
        add_hits(&explanation);
        add_near_misses(&explanation);
        add_outcome(&explanation);
    }
    fwrite(explanation.out.data, 1, explanation.out.length, stdout);
    weir_buffer_fini(&explanation.out);
}

static bool take_role(struct explain_options *options, const char *value)
{
    uint32_t role = 0;
    if (!weir_role_find(weir_span_of(value), &role)) {
        fprintf(stderr,
                "weir explain: unknown role '%s'; roles are streamer, moderator, vip, "
                "subscriber, member, bot\n",
                value);
        return false;
    }
    options->message.user.roles |= role;
    return true;
}

static bool take_identity(struct explain_options *options, const char *value)
{
    if (!weir_identity_find(weir_span_of(value), &options->message.user.identity)) {
        fprintf(stderr,
                "weir explain: unknown identity '%s'; it is stable, session, masked or "
                "none\n",
                value);
        return false;
    }
    return true;
}

static bool take_value(struct explain_options *options, const char *name, const char *value)
{
    if (strcmp(name, "--user-role") == 0) {
        return take_role(options, value);
    }
    if (strcmp(name, "--user-id") == 0) {
        options->message.user.id = weir_span_of(value);
        return true;
    }
    if (strcmp(name, "--identity") == 0) {
        return take_identity(options, value);
    }
    if (strcmp(name, "--scene") == 0) {
        options->room.scene = weir_span_of(value);
        return true;
    }
    if (strcmp(name, "--reply-to") == 0) {
        options->message.reply_to = weir_span_of(value);
        return true;
    }
    fprintf(stderr, "weir explain: unknown option '%s'\n", name);
    return false;
}

static bool take_option(struct explain_options *options, int argc, char **argv, int *at)
{
    if (strcmp(argv[*at], "--json") == 0) {
        options->as_json = true;
        return true;
    }
    if (*at + 1 >= argc) {
        fprintf(stderr, "weir explain: unknown option '%s', or its value is missing\n", argv[*at]);
        return false;
    }
    (*at)++;
    return take_value(options, argv[*at - 1], argv[*at]);
}

static bool parse_options(struct explain_options *options, int argc, char **argv)
{
    bool only_text = false;
    for (int i = 0; i < argc; i++) {
        if (!only_text && weir_rules_option_take(&options->rules, argc, argv, &i)) {
            continue;
        }
        if (!only_text && strcmp(argv[i], "--") == 0) {
            only_text = true;
        } else if (!only_text && strncmp(argv[i], "--", 2) == 0) {
            if (!take_option(options, argc, argv, &i)) {
                return false;
            }
        } else if (options->text) {
            fputs("weir explain: one text at a time; put it in quotes\n", stderr);
            return false;
        } else {
            options->text = argv[i];
        }
    }
    if (!options->text) {
        fputs("weir explain: which text? 'weir explain --help' tells more\n", stderr);
    }
    return options->text != NULL;
}

static void fini_options(struct explain_options *options)
{
    weir_rules_option_fini(&options->rules);
}

static int run_explain(int argc, char **argv)
{
    WEIR_AUTO(fini_options)
    struct explain_options options = {
        .message = {.room = WEIR_SPAN("explain"), .user = {.id = WEIR_SPAN("somebody")}},
        .room = {.id = WEIR_SPAN("explain"), .state = WEIR_SPAN("live")},
    };
    if (!parse_options(&options, argc, argv)) {
        return WEIR_EXIT_USAGE;
    }
    options.message.text = weir_span_of(options.text);
    enum weir_exit loaded = weir_rules_option_load(&options.rules);
    if (loaded == WEIR_EXIT_OK) {
        explain(&options);
    }
    return loaded;
}

const struct weir_command weir_command_explain = {
    .name = "explain",
    .summary = "why a line of chat gets the verdict that it gets",
    .usage =
        "usage: weir explain [options] TEXT\n"
        "\n"
        "Shows how the text is read (its views), every hit with its rule, view and place, the\n"
        "checks of rules that found something and did not fire, score and verdict.\n"
        "\n"
        "  --json           the verdict as JSON, with the views\n"
        "  --user-role R    the writer is streamer, moderator, vip, ...; may be repeated\n"
        "  --user-id ID     who writes (default: somebody)\n"
        "  --identity I     stable, session, masked or none\n"
        "  --scene NAME     what is on screen\n"
        "  --reply-to ID    it answers another message\n" WEIR_RULES_OPTION_USAGE "\n"
        "  weir explain '加我薇❤信 abc12345'\n"
        "  weir explain --user-role moderator --json 'add me on telegram'\n",
    .run = run_explain,
};
