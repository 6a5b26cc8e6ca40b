// Reddit's AutoModerator: a YAML document a rule. A post has a title, a body, a link and an author
// with a history; a chat message is one text. So title and body are both the message, and what is
// asked of karma, flairs or the age of an account is lost, and told.

#include "engine/base/alloc.h"
#include "engine/base/yaml.h"
#include "engine/commands/import_pack.h"

struct reader {
    struct weir_import *import;
    struct weir_import_rule *rule;
    uint32_t line_before; // the document's first line is the one after this
    bool spares_moderators;
};

static struct weir_place place_of(const struct reader *reader, const struct weir_yaml *node)
{
    struct weir_place place = node->place;
    place.line += reader->line_before;
    return place;
}

static void tell(struct reader *reader, const struct weir_yaml *key, const char *what)
{
    struct weir_place place = place_of(reader, key);
    weir_import_tell(reader->import, &place, "'%.*s': %s",
                     (int)(key->text.length < 80 ? key->text.length : 80), key->text.data, what);
}

// Without this condition the rule would act on more than it did.
static void lose(struct reader *reader, const struct weir_yaml *key, const char *what)
{
    tell(reader, key, what);
    reader->rule->is_narrower = true;
}

/** A key as authors write it: ~title+body#2 (includes-word, case-sensitive). */
struct search {
    struct weir_span field;
    bool is_negated;
    bool is_regex;
    bool minds_case;
    struct weir_span how; // includes, starts-with, ...; empty: the field's usual way
    bool is_known;        // each of its modifiers is
};

static void read_modifier(struct search *search, struct weir_span word)
{
    static const char *const ways[] = {"includes-word", "includes",   "starts-with",
                                       "ends-with",     "full-exact", "full-text"};
    if (weir_span_is(word, "regex")) {
        search->is_regex = true;
        return;
    }
    if (weir_span_is(word, "case-sensitive")) {
        search->minds_case = true;
        return;
    }
    for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
        if (weir_span_is(word, ways[i])) {
            search->how = word;
            return;
        }
    }
    search->is_known = false;
}

static struct search read_search(struct weir_span key)
{
    struct search search = {.is_negated = weir_span_starts(key, WEIR_SPAN("~")), .is_known = true};
    struct weir_span rest = weir_span_slice(key, search.is_negated, key.length);
    struct weir_span name = weir_span_take_until(&rest, '(');
    struct weir_span modifiers = weir_span_take_until(&rest, ')');
    search.field = weir_span_trim(weir_span_take_until(&name, '#'));
    while (modifiers.length > 0) {
        read_modifier(&search, weir_span_trim(weir_span_take_until(&modifiers, ',')));
    }
    return search;
}

// --- patterns ---

static enum weir_pattern_kind kind_of(const struct search *search)
{
    static const struct {
        const char *how;
        enum weir_pattern_kind kind;
    } kinds[] = {
        {"includes", WEIR_PATTERN_INCLUDES}, {"starts-with", WEIR_PATTERN_STARTS},
        {"ends-with", WEIR_PATTERN_ENDS},    {"full-exact", WEIR_PATTERN_EXACT},
        {"full-text", WEIR_PATTERN_EXACT},
    };
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        if (weir_span_is(search->how, kinds[i].how)) {
            return kinds[i].kind;
        }
    }
    return WEIR_PATTERN_WORD;
}

// An expression is wrapped in the way it is searched, as AutoModerator does; its edges of words are
// written here so that they take no text.
static void wrap_expression(const struct search *search, struct weir_span text,
                            struct weir_buffer *out)
{
    static const struct {
        const char *how;
        const char *before;
        const char *after;
    } wraps[] = {
        {"includes", "", ""},
        {"starts-with", "^(?:", ")"},
        {"ends-with", "(?:", ")$"},
        {"full-exact", "^(?:", ")$"},
        {"full-text", "^\\W*(?:", ")\\W*$"},
        {"includes-word", "(?:(?<!\\w)|\\b)(?:", ")(?:(?!\\w)|\\b)"},
    };
    size_t row = ARRAY_LEN(wraps) - 1; // the usual way
    for (size_t i = 0; i < ARRAY_LEN(wraps); i++) {
        row = weir_span_is(search->how, wraps[i].how) ? i : row;
    }
    weir_buffer_add_text(out, wraps[row].before);
    weir_buffer_add(out, text);
    weir_buffer_add_text(out, wraps[row].after);
}

static void add_literal_escaped(struct weir_buffer *out, struct weir_span text)
{
    static const char special[] = "\\^$.|?*+()[]{}#-/";
    for (size_t i = 0; i < text.length; i++) {
        if (memchr(special, text.data[i], sizeof special - 1)) {
            weir_buffer_add_byte(out, '\\');
        }
        weir_buffer_add_byte(out, text.data[i]);
    }
}

// Only expressions can mind the case, so a text that does becomes one.
static void add_text(struct reader *reader, struct weir_import_condition *condition,
                     const struct search *search, const struct weir_yaml *node)
{
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer expression = {0};
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer literal = {0};
    struct weir_place place = place_of(reader, node);
    if (!search->is_regex && !search->minds_case) {
        weir_import_add_pattern(reader->import, condition, kind_of(search), node->text, &place);
        return;
    }
    if (!search->is_regex) {
        add_literal_escaped(&literal, node->text);
    }
    wrap_expression(search, search->is_regex ? node->text : weir_buffer_span(&literal),
                    &expression);
    struct weir_import_pattern *pattern = weir_import_add_pattern(
        reader->import, condition, WEIR_PATTERN_REGEX, weir_buffer_span(&expression), &place);
    if (pattern) {
        pattern->minds_case = search->minds_case;
    }
}

static void add_texts(struct reader *reader, struct weir_import_condition *condition,
                      const struct search *search, const struct weir_yaml *value)
{
    if (value->kind == WEIR_YAML_SCALAR) {
        add_text(reader, condition, search, value);
    }
    for (size_t i = 0; value->kind == WEIR_YAML_LIST && i < value->count; i++) {
        if (value->items[i]->kind == WEIR_YAML_SCALAR) {
            add_text(reader, condition, search, value->items[i]);
        }
    }
}

static void read_text_search(struct reader *reader, const struct search *search,
                             const struct weir_yaml *value)
{
    struct weir_import_condition *condition =
        weir_import_add_condition(reader->import, reader->rule, WEIR_IMPORT_TEXT);
    condition->is_negated = search->is_negated;
    add_texts(reader, condition, search, value);
}

static void read_domains(struct reader *reader, const struct search *search,
                         const struct weir_yaml *value)
{
    struct search plain = {.how = WEIR_SPAN("includes")};
    struct weir_import_condition *condition =
        weir_import_add_condition(reader->import, reader->rule, WEIR_IMPORT_DOMAIN);
    condition->is_negated = search->is_negated;
    add_texts(reader, condition, &plain, value);
}

// --- fields ---

static uint64_t number_of(const struct weir_yaml *value)
{
    uint64_t number = 0;
    bool is_number = value->kind == WEIR_YAML_SCALAR && weir_span_to_u64(value->text, &number);
    return is_number && number < 2000000000 ? number : 0;
}

static void read_length(struct reader *reader, const struct search *search,
                        const struct weir_yaml *value)
{
    bool is_longer = memmem(search->field.data, search->field.length, "longer", 6) != NULL;
    uint64_t number = number_of(value);
    struct weir_import_condition *condition =
        weir_import_add_condition(reader->import, reader->rule, WEIR_IMPORT_LENGTH);
    condition->is_negated = search->is_negated;
    condition->least = is_longer ? number + 1 : 0;
    condition->most = is_longer ? 0 : (number > 1 ? number - 1 : 1);
}

static void read_author(struct reader *reader, const struct weir_yaml *key,
                        const struct weir_yaml *value, bool is_negated)
{
    if (value->kind != WEIR_YAML_MAP) { // author: [a, b] means their names
        struct search names = {.how = WEIR_SPAN("full-exact")};
        struct weir_import_condition *condition =
            weir_import_add_condition(reader->import, reader->rule, WEIR_IMPORT_NAME);
        condition->is_negated = is_negated;
        add_texts(reader, condition, &names, value);
        return;
    }
    for (size_t i = 0; i < value->count; i++) {
        struct search search = read_search(value->keys[i]->text);
        bool is_exact = search.how.length == 0 || weir_span_is(search.how, "full-exact") ||
                        weir_span_is(search.how, "includes-word");
        if (weir_span_is(search.field, "name") && is_exact && !search.is_regex) {
            read_author(reader, value->keys[i], value->items[i], search.is_negated);
        } else if (weir_span_is(search.field, "satisfy_any_threshold")) {
            continue; // its thresholds are told of
        } else {
            lose(reader, value->keys[i],
                 "chat does not tell this of a user; see the checks 'user', "
                 "'first_message' and 'strikes'");
        }
    }
    (void)key;
}

static void read_action(struct reader *reader, const struct weir_yaml *key,
                        const struct weir_yaml *value)
{
    struct weir_import_rule *rule = reader->rule;
    if (weir_span_is(value->text, "remove") || weir_span_is(value->text, "spam")) {
        rule->deletes = true;
    } else if (weir_span_is(value->text, "filter")) {
        rule->holds = true;
    } else if (weir_span_is(value->text, "report")) {
        rule->flags = true;
    } else if (weir_span_is(value->text, "approve")) {
        tell(reader, key,
             "nothing is approved here; use 'unless' or 'except' in the rules that act");
        rule->is_dropped = true;
    } else {
        tell(reader, key, "an action that is not known here; the message is flagged");
        rule->flags = true;
    }
}

static void read_said(struct reader *reader, const struct weir_yaml *key,
                      const struct weir_yaml *value, struct weir_span *text_out)
{
    if (memmem(value->text.data, value->text.length, "{{", 2)) {
        tell(reader, key, "placeholders in {{..}} are said as they stand");
    }
    struct weir_span text =
        weir_arena_copy_span(&reader->import->arena, weir_span_trim(value->text));
    for (size_t i = 0; i < text.length; i++) { // a line of chat has no lines
        ((char *)text.data)[i] = text.data[i] == '\n' ? ' ' : text.data[i];
    }
    *text_out = text;
}

/** What becomes of a field that is no search. */
enum treatment {
    TREAT_SEARCH,
    TREAT_DOMAIN,
    TREAT_LENGTH,
    TREAT_LOST, // a condition that chat has no counterpart of
    TREAT_TOLD, // something done that chat has no counterpart of
    TREAT_SILENT,
};

static enum treatment treatment_of(struct weir_span field)
{
    static const struct {
        const char *field;
        enum treatment treatment;
    } rows[] = {
        {"title", TREAT_SEARCH},
        {"body", TREAT_SEARCH},
        {"title+body", TREAT_SEARCH},
        {"body+title", TREAT_SEARCH},
        {"url", TREAT_SEARCH},
        {"title+url", TREAT_SEARCH},
        {"body+url", TREAT_SEARCH},
        {"url+body", TREAT_SEARCH},
        {"title+body+url", TREAT_SEARCH},
        {"domain", TREAT_DOMAIN},
        {"body_longer_than", TREAT_LENGTH},
        {"body_shorter_than", TREAT_LENGTH},
        {"title_longer_than", TREAT_LENGTH},
        {"title_shorter_than", TREAT_LENGTH},
        {"type", TREAT_SILENT},
        {"priority", TREAT_SILENT}, // every rule is always evaluated
        {"moderators_exempt", TREAT_SILENT},
        {"ignore_blockquotes", TREAT_SILENT},
        {"comment_stickied", TREAT_SILENT},
        {"comment_locked", TREAT_SILENT},
        {"message_subject", TREAT_SILENT},
        {"modmail_subject", TREAT_SILENT},
        {"report_reason", TREAT_SILENT},
        {"modmail", TREAT_TOLD},
        {"message", TREAT_TOLD},
        {"set_flair", TREAT_TOLD},
        {"overwrite_flair", TREAT_TOLD},
        {"set_locked", TREAT_TOLD},
        {"set_sticky", TREAT_TOLD},
        {"set_nsfw", TREAT_TOLD},
        {"set_spoiler", TREAT_TOLD},
        {"set_suggested_sort", TREAT_TOLD},
        {"set_contest_mode", TREAT_TOLD},
        {"set_original_content", TREAT_TOLD},
        {"set_post_crowd_control_level", TREAT_TOLD},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        if (weir_span_is(field, rows[i].field)) {
            return rows[i].treatment;
        }
    }
    return TREAT_LOST;
}

static void read_field(struct reader *reader, const struct weir_yaml *key,
                       const struct weir_yaml *value)
{
    struct search search = read_search(key->text);
    switch (treatment_of(search.field)) {
    case TREAT_SEARCH:
        if (!search.is_known) {
            lose(reader, key, "a modifier that is not known here");
            return;
        }
        if (weir_span_is(search.field, "url") && search.how.length == 0) {
            search.how = WEIR_SPAN("includes"); // the usual way of addresses
        }
        read_text_search(reader, &search, value);
        return;
    case TREAT_DOMAIN:
        read_domains(reader, &search, value);
        return;
    case TREAT_LENGTH:
        read_length(reader, &search, value);
        return;
    case TREAT_TOLD:
        tell(reader, key, "chat has no counterpart; this part of what the rule does is left out");
        return;
    case TREAT_SILENT:
        return;
    case TREAT_LOST:
        lose(reader, key,
             "a condition that chat has no counterpart of; the rule comes in shadow mode");
        return;
    }
}

static void read_pair(struct reader *reader, const struct weir_yaml *key,
                      const struct weir_yaml *value)
{
    struct weir_import_rule *rule = reader->rule;
    if (weir_span_is(key->text, "action")) {
        read_action(reader, key, value);
    } else if (weir_span_is(key->text, "action_reason")) {
        read_said(reader, key, value, &rule->reason);
    } else if (weir_span_is(key->text, "comment")) {
        read_said(reader, key, value, &rule->reply);
    } else if (weir_span_is(key->text, "author") || weir_span_is(key->text, "~author")) {
        read_author(reader, key, value, key->text.data[0] == '~');
    } else if (weir_span_is(key->text, "moderators_exempt")) {
        reader->spares_moderators = weir_span_is(value->text, "true");
    } else {
        read_field(reader, key, value);
    }
}

static struct weir_span name_of(const struct weir_yaml *root)
{
    const struct weir_yaml *reason = weir_yaml_find(root, "action_reason");
    return reason && reason->kind == WEIR_YAML_SCALAR ? reason->text : (struct weir_span){NULL, 0};
}

static void read_rule(struct reader *reader, const struct weir_yaml *root)
{
    struct weir_place place = place_of(reader, root);
    reader->rule = weir_import_add_rule(reader->import, name_of(root), &place);
    reader->spares_moderators = true;
    for (size_t i = 0; i < root->count; i++) {
        read_pair(reader, root->keys[i], root->items[i]);
    }
    reader->rule->spares_moderators = reader->spares_moderators;
}

static bool is_blank_document(struct weir_span text)
{
    while (text.length > 0) {
        struct weir_span line = weir_span_trim(weir_span_take_until(&text, '\n'));
        if (line.length > 0 && line.data[0] != '#') {
            return false;
        }
    }
    return true;
}

// True if it was a document with rules' keys.
static bool read_document(struct reader *reader, struct weir_span text)
{
    WEIR_AUTO(weir_diagnostics_fini) struct weir_diagnostics diagnostics = {0};
    if (is_blank_document(text)) {
        return false;
    }
    WEIR_AUTO(weir_yaml_document_destroy)
    struct weir_yaml_document *document = weir_yaml_parse(reader->import->file, text, &diagnostics);
    const struct weir_yaml *root = document ? weir_yaml_root(document) : NULL;
    if (diagnostics.error_count > 0 || !root || root->kind != WEIR_YAML_MAP) {
        struct weir_place place = {reader->import->file, reader->line_before + 1, 1, 1};
        if (diagnostics.count > 0) {
            place.line = reader->line_before + diagnostics.items[0].error.line;
            place.column = diagnostics.items[0].error.column;
        }
        weir_import_tell(reader->import, &place, "the rule is left out: %s",
                         diagnostics.count > 0 ? diagnostics.items[0].error.text : "it is no map");
        reader->import->rule_count++;
        return false;
    }
    read_rule(reader, root);
    return true;
}

static bool is_separator(struct weir_span line)
{
    return weir_span_starts(line, WEIR_SPAN("---")) &&
           (line.length == 3 || strchr(" \t\r#", line.data[3]));
}

bool weir_import_automoderator(struct weir_import *import)
{
    struct reader reader = {.import = import};
    struct weir_span rest = import->text;
    bool has_rules = false;
    uint32_t line_number = 0;
    const char *start = rest.data;
    while (rest.length > 0) {
        struct weir_span line = weir_span_take_until(&rest, '\n');
        line_number++;
        if (is_separator(line)) {
            struct weir_span document = {start, (size_t)(line.data - start)};
            has_rules = read_document(&reader, document) || has_rules;
            reader.line_before = line_number;
            start = rest.data;
        }
    }
    if (start) {
        struct weir_span document = {start,
                                     (size_t)(import->text.data + import->text.length - start)};
        has_rules = read_document(&reader, document) || has_rules;
    }
    return has_rules;
}
