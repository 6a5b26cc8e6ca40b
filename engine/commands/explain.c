// One line of chat, and everything that weir makes of it: how it is read, what is found where,
// which checks fell short, what follows. The line may be one that was judged before.

#include "engine/base/alloc.h"
#include "engine/base/json.h"
#include "engine/base/terminal.h"
#include "engine/commands/explain_view.h"
#include "engine/commands/recorded.h"
#include "engine/commands/replayer.h"
#include "engine/commands/rules_option.h"
#include "engine/commands/simulate_option.h"
#include "engine/judge/judge.h"
#include "engine/sys/clock.h"
#include "engine/sys/recording.h"

#include <stdio.h>

#define DEFAULT_CHARS 2000

struct explain_options {
    struct weir_rules_option rules;
    bool as_json;
    uint32_t simulated;
    const char *text;
    const char *verdict_file; // FILE:LINE
    const char *chat;         // what the verdict's message is taken from, with all before it
    struct weir_message message;
    struct weir_room_view room;
};

/** A message that was judged; the judge still knows all of it. */
struct judged {
    struct weir_judge *judge;
    const struct weir_verdict *verdict;
    const struct weir_message *message;
    const struct weir_set *set;
};

static void add_views_json(struct weir_text *text, struct weir_buffer *out)
{
    weir_json_add_name(out, "views");
    weir_buffer_add_byte(out, '{');
    for (int kind = WEIR_VIEW_RAW; kind < WEIR_VIEW_COUNT; kind++) {
        const struct weir_view *view = weir_text_view(text, kind);
        weir_json_add_text_field(out, weir_view_name(kind),
                                 (struct weir_span){view->bytes, view->length});
    }
    weir_buffer_add_byte(out, '}');
}

static void write_verdict(const struct judged *judged, struct weir_buffer *out)
{
    weir_verdict_write(judged->verdict, judged->set, judged->message,
                       weir_judge_text(judged->judge), out);
}

// The views stand in the same object, behind what all verdicts have.
static void write_json(const struct judged *judged, struct weir_buffer *out)
{
    write_verdict(judged, out);
    out->length--;
    add_views_json(weir_judge_text(judged->judge), out);
}

static void print(const struct weir_buffer *out)
{
    fwrite(out->data, 1, out->length, stdout);
}

static enum weir_exit explain_text(const struct explain_options *options)
{
    WEIR_AUTO(weir_judge_destroy) struct weir_judge *judge = weir_judge_create(DEFAULT_CHARS);
    WEIR_AUTO(weir_memory_destroy) struct weir_memory *memory = weir_memory_create();
    weir_judge_simulate(judge, options->simulated);
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer out = {0};
    struct judged judged = {
        .judge = judge, .message = &options->message, .set = options->rules.set};
    judged.verdict = weir_judge_message(judge, judged.set, memory, &options->room,
                                        &options->message, weir_clock_wall_ms());
    if (options->as_json) {
        write_json(&judged, &out);
        weir_buffer_add_text(&out, "}\n");
    } else {
        weir_explain_view(judge, judged.set, &options->room, judged.message, judged.verdict, &out);
    }
    print(&out);
    return WEIR_EXIT_OK;
}

// --- a recorded verdict ---

// What is the same again, and what is not and why that may be.
static enum weir_exit tell_again(const struct explain_options *options,
                                 const struct weir_recorded *recorded, const struct judged *judged)
{
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer out = {0};
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer again = {0};
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer other = {0};
    bool is_same_set = strcmp(weir_recorded_set(recorded), judged->set->hash) == 0;
    write_verdict(judged, &again);
    weir_recorded_compare(recorded, weir_buffer_span(&again), &other);
    bool is_same = other.length == 0;
    if (options->as_json) {
        write_json(judged, &out);
        weir_json_add_bool_field(&out, "reproduced", is_same);
        weir_json_add_text_field(&out, "recorded_set", weir_span_of(weir_recorded_set(recorded)));
        weir_json_add_text_field(&out, "differs", weir_buffer_span(&other));
        weir_buffer_add_text(&out, "}\n");
    } else {
        weir_explain_view(judged->judge, judged->set, &recorded->room, judged->message,
                          judged->verdict, &out);
        if (!is_same_set) {
            weir_buffer_printf(&out, "set       %s\n          was %s\n", judged->set->hash,
                               weir_recorded_set(recorded));
        }
        weir_buffer_printf(&out, "recorded  %s%s\n",
                           is_same ? "the same verdict" : "differs: ", weir_buffer_text(&other));
    }
    print(&out);
    return is_same ? WEIR_EXIT_OK : WEIR_EXIT_FINDINGS;
}

static bool is_the_one(const struct weir_recorded *recorded, const struct weir_message *message)
{
    return weir_span_equals(recorded->id, message->id) &&
           weir_span_equals(recorded->room.id, message->room);
}

// All of the chat up to the message is judged, so that the memory is what it was.
static enum weir_exit explain_in_chat(const struct explain_options *options,
                                      const struct weir_recorded *recorded)
{
    struct weir_error err = {0};
    struct weir_replayer *replayer = weir_replayer_create(options->rules.set);
    struct weir_recording *recording = weir_recording_open(options->chat, 0, NULL, NULL, &err);
    const struct weir_event *event = NULL;
    enum weir_exit outcome = WEIR_EXIT_USAGE;
    bool is_found = false;
    while (recording && !is_found && (event = weir_recording_next(recording)) != NULL) {
        const struct weir_verdict *verdict =
            weir_replayer_take(replayer, event, weir_recording_arrived_ms(recording));
        is_found = verdict && is_the_one(recorded, event->message);
        if (is_found) {
            struct judged judged = {weir_replayer_judge(replayer), verdict, event->message,
                                    options->rules.set};
            outcome = tell_again(options, recorded, &judged);
        }
    }
    if (!recording) {
        fprintf(stderr, "weir explain: %s\n", err.text);
    } else if (!is_found) {
        fprintf(stderr, "weir explain: %s does not hold the message of that verdict\n",
                options->chat);
    }
    weir_recording_close(&recording);
    weir_replayer_destroy(&replayer);
    return outcome;
}

static enum weir_exit explain_given(const struct explain_options *options,
                                    const struct weir_recorded *recorded)
{
    WEIR_AUTO(weir_judge_destroy) struct weir_judge *judge = weir_judge_create(DEFAULT_CHARS);
    if (!recorded->message) {
        fputs(
            "weir explain: the line does not hold the message; name the chat that it was replayed "
            "from: --chat FILE\n",
            stderr);
        return WEIR_EXIT_USAGE;
    }
    struct weir_message message = *recorded->message;
    message.room = message.room.length > 0 ? message.room : recorded->room.id;
    message.id = message.id.length > 0 ? message.id : recorded->id;
    struct judged judged = {.judge = judge, .message = &message, .set = options->rules.set};
    judged.verdict =
        weir_judge_given(judge, judged.set, &recorded->room, &message, &recorded->given);
    return tell_again(options, recorded, &judged);
}

static bool split_place(const char *place, struct weir_buffer *file, uint64_t *line_out)
{
    const char *colon = strrchr(place, ':');
    if (!colon || !weir_span_to_u64(weir_span_of(colon + 1), line_out) || *line_out == 0) {
        fputs("weir explain: --verdict needs FILE:LINE\n", stderr);
        return false;
    }
    weir_buffer_add(file, (struct weir_span){place, (size_t)(colon - place)});
    return true;
}

static enum weir_exit explain_recorded(const struct explain_options *options)
{
    WEIR_AUTO(weir_recorded_fini) struct weir_recorded recorded = {.line = NULL};
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer file = {0};
    struct weir_error err = {0};
    uint64_t line = 0;
    if (!split_place(options->verdict_file, &file, &line)) {
        return WEIR_EXIT_USAGE;
    }
    if (!weir_recorded_read(&recorded, weir_buffer_text(&file), line, &err)) {
        fprintf(stderr, "weir explain: %s\n", err.text);
        return WEIR_EXIT_USAGE;
    }
    return options->chat ? explain_in_chat(options, &recorded) : explain_given(options, &recorded);
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
    if (strcmp(name, "--room") == 0) {
        options->room.id = options->message.room = weir_span_of(value);
        return true;
    }
    if (strcmp(name, "--scene") == 0) {
        options->room.scene = weir_span_of(value);
        return true;
    }
    if (strcmp(name, "--reply-to") == 0) {
        options->message.reply_to = weir_span_of(value);
        return true;
    }
    if (strcmp(name, "--verdict") == 0) {
        options->verdict_file = value;
        return true;
    }
    if (strcmp(name, "--chat") == 0) {
        options->chat = value;
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
    if (!options->text == !options->verdict_file) {
        fputs("weir explain: one text, or one verdict? 'weir explain --help' tells more\n", stderr);
        return false;
    }
    return true;
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
    if (!weir_simulate_option_take(&argc, argv, &options.simulated) ||
        !parse_options(&options, argc, argv)) {
        return WEIR_EXIT_USAGE;
    }
    options.message.text = weir_span_of(options.text);
    enum weir_exit loaded = weir_rules_option_load(&options.rules);
    if (loaded != WEIR_EXIT_OK) {
        return loaded;
    }
    return options.verdict_file ? explain_recorded(&options) : explain_text(&options);
}

const struct weir_command weir_command_explain = {
    .name = "explain",
    .summary = "why a line of chat gets the verdict that it gets",
    .usage =
        "usage: weir explain [options] TEXT\n"
        "       weir explain [options] --verdict FILE:LINE\n"
        "\n"
        "Shows how the text is read (its views), every hit with its rule, view and place, the\n"
        "checks of rules that found something and did not fire, counters, score and verdict.\n"
        "With --verdict it judges the message of a verdict once more that the daemon's log or\n"
        "`replay --json` wrote, and says what differs: with what the verdict had read from the\n"
        "room's memory, or with --chat after all that came before.\n"
        "\n"
        "  --verdict F:N    line N of a log of verdicts; exits 1 if it comes out another\n"
        "  --chat FILE      the recorded chat that the message stands in\n"
        "  --json           the verdict as JSON, with the views\n"
        "  --user-role R    the writer is streamer, moderator, vip, ...; may be repeated\n"
        "  --user-id ID     who writes (default: somebody)\n"
        "  --identity I     stable, session, masked or none\n"
        "  --room NAME      the room that it is written in\n"
        "  --scene NAME     what is on screen\n"
        "  --reply-to ID    it answers another message\n" WEIR_SIMULATE_OPTION_USAGE
            WEIR_RULES_OPTION_USAGE "\n"
        "  weir explain '加我薇❤信 abc12345'\n"
        "  weir explain --verdict /var/lib/weir/verdicts/verdicts-1.jsonl:12\n"
        "  weir explain --user-role moderator --json 'add me on telegram'\n",
    .run = run_explain,
};
