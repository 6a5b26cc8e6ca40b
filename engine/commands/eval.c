// Rules against lines that somebody has labelled. Each line is judged alone, on an empty memory: a
// labelled set is a pile of sentences, not a chat.

#include "engine/base/alloc.h"
#include "engine/base/json.h"
#include "engine/commands/eval_labels.h"
#include "engine/commands/eval_tally.h"
#include "engine/commands/rules_option.h"
#include "engine/commands/terminal_size.h"
#include "engine/sys/lines.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define MOST_CHARS 2000
#define WORST      10
#define WORST_MOST 1000
#define LINE_MS    1000 // lines have no time that means anything: one a second
#define START_MS   1600000000000
#define BAD_LINES  10 // that are told one by one

// `FIELD=PATTERN`; a * in the pattern stands for anything.
struct condition {
    size_t field;
    struct weir_span pattern;
};

struct conditions {
    struct condition *items;
    size_t count;
    size_t capacity;
};

struct request {
    struct weir_rules_option rules;
    struct weir_paths files;
    struct weir_paths named_rules; // --rules that are no paths: ids, tags, packs
    struct weir_fields fields;
    size_t text_field;
    size_t label_field;
    size_t y_field;
    struct conditions positives;
    struct conditions wheres;
    bool is_grouped;
    size_t group_field;
    const char *labels_file;
    struct weir_kept_labels labels;
    struct weir_paths topics;
    enum weir_message_verdict least;
    bool asks_question;
    bool acted_only;
    bool with_shadow;
    bool is_clean;
    bool as_json;
    size_t worst;
    struct weir_eval_limit limits[WEIR_EVAL_LIMITS];
};

struct eval {
    struct request *request;
    const struct weir_set *set;
    struct weir_judge *judge;
    bool *counts; // by rule: whether --rules names it
    const struct weir_rule **fired;
    struct weir_eval_tally tally;
    uint64_t judged;
    bool has_failed;
};

static const struct weir_eval_limit no_limits[WEIR_EVAL_LIMITS] = {
    [WEIR_EVAL_MIN_PRECISION] = {"--min-precision", "precision", true, false, 0},
    [WEIR_EVAL_MIN_RECALL] = {"--min-recall", "recall", true, false, 0},
    [WEIR_EVAL_MIN_F1] = {"--min-f1", "f1", true, false, 0},
    [WEIR_EVAL_MAX_FPR] = {"--max-fpr", "fpr", false, false, 0},
    [WEIR_EVAL_MIN_CAUGHT] = {"--min-caught", "lines caught", true, false, 0},
    [WEIR_EVAL_MIN_LINES] = {"--min-lines", "lines", true, false, 0},
};

static void fini_request(struct request *request)
{
    weir_rules_option_fini(&request->rules);
    weir_paths_fini(&request->files);
    weir_paths_fini(&request->named_rules);
    weir_paths_fini(&request->topics);
    weir_fields_fini(&request->fields);
    weir_kept_labels_fini(&request->labels);
    free(request->positives.items);
    free(request->wheres.items);
}

static void fini_eval(struct eval *eval)
{
    weir_judge_destroy(&eval->judge);
    weir_eval_tally_fini(&eval->tally);
    free(eval->counts);
    free(eval->fired);
}

// --- which rules count ---

static bool rule_is(const struct weir_rule *rule, struct weir_span pattern)
{
    bool is = weir_span_fits(rule->id, pattern) || weir_span_fits(rule->pack, pattern);
    for (size_t i = 0; i < rule->tag_count; i++) {
        is = is || weir_span_fits(rule->tags[i], pattern);
    }
    return is;
}

static bool choose_rules(struct eval *eval)
{
    const struct weir_paths *named = &eval->request->named_rules;
    for (size_t i = 0; i < eval->set->rule_count; i++) {
        eval->counts[i] = named->count == 0;
    }
    for (size_t i = 0; i < named->count; i++) {
        bool is_any = false;
        for (size_t j = 0; j < eval->set->rule_count; j++) {
            bool is = rule_is(eval->set->rules[j], weir_span_of(named->items[i]));
            eval->counts[j] = eval->counts[j] || is;
            is_any = is_any || is;
        }
        if (!is_any) {
            fprintf(stderr,
                    "weir eval: --rules %s: there is no such file, and no rule, tag or pack of "
                    "that name\n",
                    named->items[i]);
            return false;
        }
    }
    return true;
}

static bool knows_topics(const struct eval *eval)
{
    const struct weir_paths *topics = &eval->request->topics;
    for (size_t i = 0; i < topics->count; i++) {
        bool is_known = false;
        for (size_t j = 0; j < eval->set->topic_count && !is_known; j++) {
            is_known = weir_span_fits(eval->set->topics[j].id, weir_span_of(topics->items[i]));
        }
        if (!is_known) {
            fprintf(stderr, "weir eval: there is no topic '%s'\n", topics->items[i]);
            return false;
        }
    }
    return true;
}

// --- what the rules say to a line ---

static size_t add_counting(struct eval *eval, const struct weir_rule *const *rules, size_t count,
                           size_t already)
{
    for (size_t i = 0; i < count; i++) {
        if (eval->counts[rules[i]->index]) {
            eval->fired[already++] = rules[i];
        }
    }
    return already;
}

static bool is_of_topic(const struct request *request, const struct weir_verdict *verdict)
{
    for (size_t i = 0; i < request->topics.count; i++) {
        if (verdict->topic &&
            weir_span_fits(verdict->topic->id, weir_span_of(request->topics.items[i]))) {
            return true;
        }
    }
    return false;
}

static bool was_acted_on(const struct weir_verdict *verdict)
{
    return verdict->message_verdict == WEIR_MESSAGE_DELETE ||
           verdict->message_verdict == WEIR_MESSAGE_MASK || verdict->user_verdict != WEIR_USER_NONE;
}

static bool is_caught(const struct eval *eval, const struct weir_verdict *verdict, size_t fired)
{
    const struct request *request = eval->request;
    if (request->topics.count > 0) {
        return is_of_topic(request, verdict);
    }
    if (request->asks_question) {
        return verdict->is_question;
    }
    return fired > 0 && verdict->message_verdict >= request->least &&
           (!request->acted_only || was_acted_on(verdict));
}

static void judge_line(struct eval *eval, struct weir_eval_case *of, const struct weir_span *group)
{
    WEIR_AUTO(weir_memory_destroy) struct weir_memory *memory = weir_memory_create();
    const struct weir_message message = {
        .room = WEIR_SPAN("eval"),
        .id = WEIR_SPAN("eval"),
        .ts_ms = START_MS + (int64_t)eval->judged++ * LINE_MS,
        .user = {.id = WEIR_SPAN("somebody"), .identity = WEIR_IDENTITY_STABLE},
        .text = of->text,
    };
    const struct weir_room_view room = {.id = message.room, .state = WEIR_SPAN("live")};
    of->verdict =
        weir_judge_message(eval->judge, eval->set, memory, &room, &message, message.ts_ms);
    of->rules = eval->fired;
    of->rule_count = add_counting(eval, of->verdict->fired, of->verdict->fired_count, 0);
    if (eval->request->with_shadow) {
        of->rule_count = add_counting(eval, of->verdict->shadow_fired,
                                      of->verdict->shadow_fired_count, of->rule_count);
    }
    of->is_caught = is_caught(eval, of->verdict, of->rule_count);
    weir_eval_tally_add(&eval->tally, of, group);
}

// --- what the labels say to it ---

static bool meets(const struct weir_fields *fields, const struct condition *condition)
{
    struct weir_span value;
    return weir_fields_value(fields, condition->field, &value) &&
           weir_span_fits(value, condition->pattern);
}

static bool meets_any(const struct weir_fields *fields, const struct conditions *conditions)
{
    for (size_t i = 0; i < conditions->count; i++) {
        if (meets(fields, &conditions->items[i])) {
            return true;
        }
    }
    return false;
}

// Several of one field are alternatives, of different fields all must hold.
static bool is_asked_for(const struct request *request)
{
    for (size_t i = 0; i < request->wheres.count; i++) {
        bool holds = false;
        for (size_t j = 0; j < request->wheres.count; j++) {
            holds = holds || (request->wheres.items[j].field == request->wheres.items[i].field &&
                              meets(&request->fields, &request->wheres.items[j]));
        }
        if (!holds) {
            return false;
        }
    }
    return true;
}

static bool is_one_of(struct weir_span word, const char *const *words)
{
    for (; *words; words++) {
        if (weir_span_is(word, *words)) {
            return true;
        }
    }
    return false;
}

// False where a word says neither yes nor no.
static bool read_truth(struct weir_span word, bool *is_true_out)
{
    static const char *const yes[] = {"1", "y", "yes", "true", "positive", NULL};
    static const char *const no[] = {"0", "n", "no", "false", "negative", NULL};
    *is_true_out = is_one_of(word, yes);
    return *is_true_out || is_one_of(word, no);
}

static bool label_is_positive(const struct request *request, struct weir_span label,
                              bool *is_positive_out)
{
    if (request->positives.count == 0) {
        return read_truth(label, is_positive_out);
    }
    *is_positive_out = false;
    for (size_t i = 0; i < request->positives.count; i++) {
        *is_positive_out =
            *is_positive_out || weir_span_fits(label, request->positives.items[i].pattern);
    }
    return true;
}

static bool line_is_positive(const struct request *request, bool *is_positive_out)
{
    struct weir_span y = {NULL, 0};
    if (request->is_clean) {
        *is_positive_out = false;
        return true;
    }
    if (request->positives.count == 0) {
        return weir_fields_value(&request->fields, request->y_field, &y) &&
               read_truth(y, is_positive_out);
    }
    *is_positive_out = meets_any(&request->fields, &request->positives);
    for (size_t i = 0; i < request->positives.count; i++) { // a line without the label says nothing
        if (weir_fields_value(&request->fields, request->positives.items[i].field, &y)) {
            return true;
        }
    }
    return false;
}

static void skip(struct eval *eval, const char *path, uint64_t line, const char *cause)
{
    if (eval->tally.skipped++ < BAD_LINES) {
        fprintf(stderr, "weir eval: %s:%" PRIu64 ": skipped: %s\n", path, line, cause);
    } else if (eval->tally.skipped == BAD_LINES + 1) {
        fputs("weir eval: more lines are skipped\n", stderr);
    }
}

static const char *no_label(const struct request *request)
{
    if (request->labels_file) {
        return "its label is neither yes nor no; name the positive ones with --positive";
    }
    return request->positives.count > 0
               ? "it has none of the fields of --positive"
               : "it has no 'y' of 0 or 1; name the positive labels with --positive";
}

static void take_line(struct eval *eval, const char *path, uint64_t number, struct weir_span line)
{
    struct request *request = eval->request;
    struct weir_eval_case of = {.file = path, .line = number, .label = {NULL, 0}};
    const struct weir_kept_label *kept = NULL;
    const char *cause = NULL;
    struct weir_span group = WEIR_SPAN("(none)");
    if (request->labels_file) {
        kept = weir_kept_labels_find(&request->labels, path, number);
        eval->tally.left_out += !kept;
        if (!kept) {
            return;
        }
    }
    if (!weir_fields_read(&request->fields, line, &cause)) {
        skip(eval, path, number, cause);
    } else if (!weir_fields_value(&request->fields, request->text_field, &of.text)) {
        skip(eval, path, number, "it has no 'text'");
    } else if (!is_asked_for(request)) {
        eval->tally.left_out++;
    } else if (!(kept ? label_is_positive(request, kept->label, &of.is_positive)
                      : line_is_positive(request, &of.is_positive))) {
        skip(eval, path, number, no_label(request));
    } else {
        weir_fields_value(&request->fields, request->label_field, &of.label);
        of.label = kept ? kept->label : of.label;
        if (request->is_grouped &&
            !weir_fields_value(&request->fields, request->group_field, &group)) {
            group = WEIR_SPAN("(none)");
        }
        judge_line(eval, &of, request->is_grouped ? &group : NULL);
    }
}

static bool eval_lines(struct eval *eval, const char *path, struct weir_lines *lines)
{
    struct weir_span line;
    for (;;) {
        switch (weir_lines_next(lines, &line)) {
        case WEIR_LINE_TOO_LONG:
            skip(eval, path, weir_lines_number(lines), "longer than 64 KiB");
            break;
        case WEIR_LINE_READ:
            if (line.length > 0) {
                take_line(eval, path, weir_lines_number(lines), line);
            }
            break;
        case WEIR_LINE_END:
            if (weir_lines_failure(lines)) {
                fprintf(stderr, "weir eval: %s: %s after line %" PRIu64 "\n", path,
                        weir_lines_failure(lines), weir_lines_number(lines));
            }
            return !weir_lines_failure(lines);
        }
    }
}

static bool eval_file(struct eval *eval, const char *path)
{
    struct weir_error err = {0};
    WEIR_AUTO(weir_lines_close) struct weir_lines *lines = weir_lines_open(path, &err);
    if (!lines) {
        fprintf(stderr, "weir eval: %s\n", err.text);
        return false;
    }
    if (!eval_lines(eval, path, lines)) {
        return false;
    }
    const struct weir_kept_label *unused = weir_kept_labels_unused(&eval->request->labels, path);
    if (unused && unused->file.length > 0) {
        fprintf(stderr, "weir eval: %s labels line %" PRIu64 " of %s, which has no such line\n",
                eval->request->labels_file, unused->line, path);
        return false;
    }
    return true;
}

// --- the whole ---

static bool limits_hold(const struct eval *eval)
{
    for (enum weir_eval_limit_kind kind = 0; kind < WEIR_EVAL_LIMITS; kind++) {
        const struct weir_eval_limit *limit = &eval->request->limits[kind];
        if (limit->is_given && !weir_eval_limit_holds(limit, kind, &eval->tally.confusion)) {
            return false;
        }
    }
    return true;
}

static void print_report(const struct eval *eval)
{
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer out = {0};
    if (eval->request->as_json) {
        weir_eval_write_json(&eval->tally, eval->request->limits, &out);
    } else {
        weir_eval_write_text(&eval->tally, eval->request->limits,
                             weir_terminal_columns(STDOUT_FILENO), &out);
    }
    fwrite(out.data, 1, out.length, stdout);
}

static int eval_files(struct request *request)
{
    WEIR_AUTO(fini_eval)
    struct eval eval = {.request = request, .set = request->rules.set};
    eval.judge = weir_judge_create(MOST_CHARS);
    eval.counts = weir_new_array(bool, eval.set->rule_count + 1);
    eval.fired = weir_new_array(const struct weir_rule *, eval.set->rule_count + 1);
    weir_eval_tally_init(&eval.tally, eval.set, request->worst);
    if (!choose_rules(&eval) || !knows_topics(&eval)) {
        return WEIR_EXIT_USAGE;
    }
    bool good = true;
    for (size_t i = 0; i < request->files.count; i++) {
        good = eval_file(&eval, request->files.items[i]) && good;
    }
    if (good && eval.judged == 0) {
        fputs("weir eval: no line was left to judge\n", stderr);
        good = false;
    }
    print_report(&eval);
    if (!good) {
        return WEIR_EXIT_USAGE;
    }
    return limits_hold(&eval) ? WEIR_EXIT_OK : WEIR_EXIT_FINDINGS;
}

// --- the command line ---

static bool complain(const char *option, const char *needs)
{
    fprintf(stderr, "weir eval: %s needs %s\n", option, needs);
    return false;
}

static bool add_condition(struct request *request, struct conditions *conditions, const char *text,
                          const char *default_field)
{
    struct weir_span pattern = weir_span_of(text);
    struct weir_span field = weir_span_of(default_field);
    const char *equals = strchr(text, '=');
    if (equals) {
        field = (struct weir_span){text, (size_t)(equals - text)};
        pattern = weir_span_of(equals + 1);
    }
    if (field.length == 0) {
        return false;
    }
    conditions->items = weir_grow(conditions->items, &conditions->capacity, conditions->count + 1,
                                  sizeof(*conditions->items));
    conditions->items[conditions->count++] =
        (struct condition){weir_fields_want(&request->fields, field), pattern};
    return true;
}

static bool take_verdict(struct request *request, const char *word)
{
    for (int i = WEIR_MESSAGE_PASS; i <= WEIR_MESSAGE_DELETE; i++) {
        if (strcmp(word, weir_message_verdict_name(i)) == 0) {
            request->least = i;
            return true;
        }
    }
    return complain("--verdict", "pass, flag, mask, hold or delete");
}

// A path that is there, or looks like one, is a pack; anything else names rules.
static void take_rules(struct request *request, const char *word)
{
    size_t length = strlen(word);
    bool is_pack = length > 5 && strcmp(word + length - 5, ".yaml") == 0;
    bool is_path = strchr(word, '/') || is_pack || access(word, F_OK) == 0;
    weir_paths_add(is_path ? &request->rules.paths : &request->named_rules, word);
}

static bool take_worst(struct request *request, const char *word)
{
    uint64_t count = 0;
    if (!weir_span_to_u64(weir_span_of(word), &count) || count > WORST_MOST) {
        return complain("--worst", "a number, at most 1000");
    }
    request->worst = count;
    return true;
}

static bool take_limit(struct weir_eval_limit *limit, const char *word)
{
    char *end = NULL;
    limit->limit = strtod(word, &end);
    limit->is_given = true;
    return (*word && *end == 0 && limit->limit >= 0) || complain(limit->option, "a number");
}

static bool take_switch(struct request *request, const char *word)
{
    struct {
        const char *name;
        bool *value;
    } switches[] = {
        {"--question", &request->asks_question}, {"--acted", &request->acted_only},
        {"--shadow", &request->with_shadow},     {"--clean", &request->is_clean},
        {"--json", &request->as_json},
    };
    for (size_t i = 0; i < ARRAY_LEN(switches); i++) {
        if (strcmp(word, switches[i].name) == 0) {
            *switches[i].value = true;
            return true;
        }
    }
    return false;
}

static bool take_value(struct request *request, const char *option, const char *value)
{
    if (strcmp(option, "--rules") == 0) {
        take_rules(request, value);
    } else if (strcmp(option, "--positive") == 0) {
        return add_condition(request, &request->positives, value, "label") ||
               complain(option, "LABEL or FIELD=LABEL");
    } else if (strcmp(option, "--where") == 0) {
        return add_condition(request, &request->wheres, value, "") ||
               complain(option, "FIELD=VALUE");
    } else if (strcmp(option, "--by") == 0) {
        request->is_grouped = true;
        request->group_field = weir_fields_want(&request->fields, weir_span_of(value));
    } else if (strcmp(option, "--labels") == 0) {
        request->labels_file = value;
    } else if (strcmp(option, "--topic") == 0) {
        weir_paths_add(&request->topics, value);
    } else if (strcmp(option, "--verdict") == 0) {
        return take_verdict(request, value);
    } else if (strcmp(option, "--worst") == 0) {
        return take_worst(request, value);
    } else {
        for (size_t i = 0; i < WEIR_EVAL_LIMITS; i++) {
            if (strcmp(option, request->limits[i].option) == 0) {
                return take_limit(&request->limits[i], value);
            }
        }
        fprintf(stderr, "weir eval: unknown option '%s'\n", option);
        return false;
    }
    return true;
}

static bool parse_options(struct request *request, int argc, char **argv)
{
    for (int i = 0; i < argc; i++) {
        bool is_option = argv[i][0] == '-' && argv[i][1] != 0;
        if (!is_option) {
            weir_paths_add(&request->files, argv[i]);
        } else if (!take_switch(request, argv[i])) {
            if (i + 1 >= argc) {
                fprintf(stderr, "weir eval: '%s' is unknown or lacks its value\n", argv[i]);
                return false;
            }
            if (!take_value(request, argv[i], argv[i + 1])) {
                return false;
            }
            i++;
        }
    }
    if (request->files.count == 0) {
        fputs("weir eval: which labelled lines? 'weir eval --help' tells more\n", stderr);
    }
    return request->files.count > 0;
}

static bool load_labels(struct request *request)
{
    struct weir_error err = {0};
    if (request->labels_file &&
        !weir_kept_labels_load(&request->labels, request->labels_file, &err)) {
        fprintf(stderr, "weir eval: %s\n", err.text);
        return false;
    }
    return true;
}

static int run_eval(int argc, char **argv)
{
    WEIR_AUTO(fini_request) struct request request = {.worst = WORST};
    memcpy(request.limits, no_limits, sizeof(no_limits));
    request.text_field = weir_fields_want(&request.fields, WEIR_SPAN("text"));
    request.label_field = weir_fields_want(&request.fields, WEIR_SPAN("label"));
    request.y_field = weir_fields_want(&request.fields, WEIR_SPAN("y"));
    if (!parse_options(&request, argc, argv) || !load_labels(&request)) {
        return WEIR_EXIT_USAGE;
    }
    enum weir_exit loaded = weir_rules_option_load(&request.rules);
    return loaded == WEIR_EXIT_OK ? eval_files(&request) : (int)loaded;
}

const struct weir_command weir_command_eval = {
    .name = "eval",
    .summary = "precision, recall and F1 against labelled lines",
    .usage =
        "usage: weir eval [options] FILE...\n"
        "\n"
        "Judges lines that are labelled, {\"text\": .., \"label\": .., \"y\": 0 or 1} in .jsonl "
        "or\n"
        ".jsonl.gz, each alone, and compares: a line is caught when a live rule fires on it.\n"
        "Shows precision, recall, F1 and the false-positive rate, each with its 95 % interval\n"
        "(Wilson), which rules were right and wrong, and the worst mistakes.\n"
        "\n"
        "What is positive (default: \"y\" is 1):\n"
        "  --positive L   lines whose label is L; may be repeated; * stands for anything;\n"
        "                 FIELD=L asks another field than \"label\"\n"
        "  --labels FILE  labels that are kept apart, a line each: FILE:LINE LABEL, or LINE "
        "LABEL;\n"
        "                 only labelled lines count, of several labels the last; 1 and 0, yes and\n"
        "                 no need no --positive\n"
        "  --clean        none is: ordinary chat, which needs no labels\n"
        "  --where F=V    only lines whose field F is V; may be repeated\n"
        "What is caught (default: any live rule fired):\n"
        "  --rules NAME   only these rules count: an id, a tag or a pack, * stands for anything;\n"
        "                 may be repeated (a path is what it is everywhere: packs to load)\n"
        "  --verdict V    only where the message gets at least V: flag, mask, hold, delete\n"
        "  --acted        only where something is done without a human: mask, delete, warn, ...\n"
        "  --shadow       shadow rules count too\n"
        "  --question     what is a question\n"
        "  --topic ID     questions of this topic; may be repeated\n"
        "What is shown:\n"
        "  --by FIELD     a line for each value of the field\n"
        "  --worst N      so many false positives and negatives (default 10)\n"
        "  --json         one JSON object\n"
        "Limits; exit 1 where one is missed:\n"
        "  --min-precision X  --min-recall X  --min-f1 X  --max-fpr X\n"
        "  --min-caught N  --min-lines N\n" WEIR_RULES_OPTION_USAGE "\n"
        "  weir eval --min-f1 0.9 --question q.jsonl\n"
        "  weir eval --positive 'toxic*' --rules insults --verdict delete chat.jsonl.gz\n"
        "  weir eval --clean --acted --max-fpr 0.003 evening.jsonl\n",
    .run = run_eval,
};
