// The pack is written, loaded, and written again without what was refused, until it loads: the
// loader alone knows what a pack may hold. Each pattern has a line of its own, so that one that is
// refused can be left out alone.

#include "engine/commands/import_pack.h"

#include "engine/base/alloc.h"
#include "engine/base/utf8.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define MOST_REASON 500

void weir_import_init(struct weir_import *import, const char *file, struct weir_span text)
{
    *import = (struct weir_import){.file = file, .text = text};
    import->last_rule = &import->rules;
}

void weir_import_fini(struct weir_import *import)
{
    weir_diagnostics_fini(&import->report);
    weir_arena_fini(&import->arena);
}

struct weir_import_rule *weir_import_add_rule(struct weir_import *import, struct weir_span name,
                                              const struct weir_place *place)
{
    struct weir_import_rule *rule = weir_arena_new(&import->arena, struct weir_import_rule);
    rule->name = weir_arena_copy_span(&import->arena, name);
    rule->place = *place;
    rule->last_condition = &rule->conditions;
    *import->last_rule = rule;
    import->last_rule = &rule->next;
    import->rule_count++;
    return rule;
}

static struct weir_import_condition *new_condition(struct weir_import *import,
                                                   enum weir_import_kind kind)
{
    struct weir_import_condition *condition =
        weir_arena_new(&import->arena, struct weir_import_condition);
    condition->kind = kind;
    condition->last_pattern = &condition->patterns;
    return condition;
}

struct weir_import_condition *weir_import_add_condition(struct weir_import *import,
                                                        struct weir_import_rule *rule,
                                                        enum weir_import_kind kind)
{
    struct weir_import_condition *condition = new_condition(import, kind);
    *rule->last_condition = condition;
    rule->last_condition = &condition->next;
    return condition;
}

struct weir_import_condition *weir_import_excepts(struct weir_import *import,
                                                  struct weir_import_rule *rule)
{
    rule->excepts = rule->excepts ? rule->excepts : new_condition(import, WEIR_IMPORT_TEXT);
    return rule->excepts;
}

struct weir_import_pattern *weir_import_add_pattern(struct weir_import *import,
                                                    struct weir_import_condition *condition,
                                                    enum weir_pattern_kind kind,
                                                    struct weir_span text,
                                                    const struct weir_place *place)
{
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer valid = {0};
    weir_utf8_add_repaired(&valid, text);
    struct weir_span copy = weir_arena_copy_span(&import->arena, weir_buffer_span(&valid));
    if (weir_span_trim(copy).length == 0) {
        return NULL;
    }
    struct weir_import_pattern *pattern =
        weir_arena_new(&import->arena, struct weir_import_pattern);
    *pattern = (struct weir_import_pattern){.kind = kind, .text = copy, .place = *place};
    *condition->last_pattern = pattern;
    condition->last_pattern = &pattern->next;
    return pattern;
}

void weir_import_tell(struct weir_import *import, const struct weir_place *place,
                      const char *format, ...)
{
    char text[256];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    weir_diagnostics_error(&import->report, place, "%s", text);
}

/** Who is to blame for a line of the pack. */
struct line_owner {
    struct weir_import_rule *rule;
    struct weir_import_pattern *pattern; // NULL: all of the rule
};

struct writer {
    struct weir_import *import;
    struct weir_buffer *out;
    struct line_owner *lines;
    size_t line_count;
    size_t line_capacity;
    struct weir_import_rule *rule; // in hand
    struct weir_span pack;
    size_t number; // of the rule
};

// Everything that is written ends here, a line at a time.
__attribute__((format(printf, 3, 4))) static void
add_line(struct writer *writer, struct weir_import_pattern *pattern, const char *format, ...)
{
    char text[512];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    weir_buffer_add_text(writer->out, text);
    weir_buffer_add_byte(writer->out, '\n');
    writer->lines = weir_grow(writer->lines, &writer->line_capacity, writer->line_count + 1,
                              sizeof(*writer->lines));
    writer->lines[writer->line_count++] = (struct line_owner){writer->rule, pattern};
}

static bool is_printable(struct weir_span text)
{
    for (size_t at = 0; at < text.length;) {
        uint32_t c = weir_utf8_next(text, &at);
        if (c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x2028 || c == 0x2029 || c == 0xFEFF ||
            (c & 0xFFFE) == 0xFFFE) {
            return false;
        }
    }
    return true;
}

// Quoted once, backslashes mean what they say, which is what expressions want.
static void add_plain(struct weir_buffer *out, struct weir_span text)
{
    weir_buffer_add_byte(out, '\'');
    for (size_t i = 0; i < text.length; i++) {
        weir_buffer_add_text(out, text.data[i] == '\'' ? "'" : "");
        weir_buffer_add_byte(out, text.data[i]);
    }
    weir_buffer_add_byte(out, '\'');
}

static void add_escaped(struct weir_buffer *out, struct weir_span text)
{
    weir_buffer_add_byte(out, '"');
    for (size_t at = 0; at < text.length;) {
        uint32_t c = weir_utf8_next(text, &at);
        if (c >= 0x20 && c < 0x7F && c != '"' && c != '\\') {
            weir_buffer_add_byte(out, (char)c);
        } else {
            weir_buffer_printf(out, "\\U%08x", (unsigned)c);
        }
    }
    weir_buffer_add_byte(out, '"');
}

static void add_text_line(struct writer *writer, struct weir_import_pattern *pattern,
                          const char *before, struct weir_span text)
{
    weir_buffer_add_text(writer->out, before);
    if (is_printable(text)) {
        add_plain(writer->out, text);
    } else {
        add_escaped(writer->out, text);
    }
    add_line(writer, pattern, "%s", "");
}

// --- conditions ---

static bool is_of_group(const struct weir_import_pattern *pattern, enum weir_pattern_kind kind,
                        bool minds_case)
{
    return !pattern->is_dropped && pattern->kind == kind && pattern->minds_case == minds_case;
}

static bool has_group(const struct weir_import_condition *condition, enum weir_pattern_kind kind,
                      bool minds_case)
{
    for (const struct weir_import_pattern *at = condition->patterns; at; at = at->next) {
        if (is_of_group(at, kind, minds_case)) {
            return true;
        }
    }
    return false;
}

#define KINDS (WEIR_PATTERN_REGEX + 1)

static size_t count_groups(const struct weir_import_condition *condition)
{
    size_t count = 0;
    for (int kind = 0; kind < KINDS; kind++) {
        count += has_group(condition, kind, false) + has_group(condition, kind, true);
    }
    return count;
}

static bool is_empty(const struct weir_import_condition *condition)
{
    bool has_patterns = condition->kind == WEIR_IMPORT_TEXT ||
                        condition->kind == WEIR_IMPORT_NAME ||
                        condition->kind == WEIR_IMPORT_DOMAIN;
    return has_patterns && count_groups(condition) == 0;
}

static const char *kind_name(enum weir_pattern_kind kind)
{
    static const char *const names[KINDS] = {"word",  "includes", "starts", "ends",
                                             "exact", "glob",     "regex"};
    return names[kind];
}

static void add_patterns(struct writer *writer, const struct weir_import_condition *condition,
                         enum weir_pattern_kind kind, bool minds_case, const char *pad)
{
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer before = {0};
    weir_buffer_printf(&before, "%s- ", pad);
    for (struct weir_import_pattern *at = condition->patterns; at; at = at->next) {
        if (is_of_group(at, kind, minds_case)) {
            add_text_line(writer, at, weir_buffer_text(&before), at->text);
        }
    }
}

static void add_group(struct writer *writer, const struct weir_import_condition *condition,
                      enum weir_pattern_kind kind, bool minds_case, const char *first,
                      const char *pad)
{
    char deeper[64];
    snprintf(deeper, sizeof(deeper), "%.40s    ", pad);
    add_line(writer, NULL, "%s%s:", first, kind_name(kind));
    add_patterns(writer, condition, kind, minds_case, deeper);
    if (minds_case) {
        add_line(writer, NULL, "%sview: raw", pad);
    }
}

static void add_texts(struct writer *writer, const struct weir_import_condition *condition,
                      const char *first, const char *pad)
{
    bool is_one = count_groups(condition) == 1;
    char item[64];
    char inner[64];
    snprintf(item, sizeof(item), "%.40s    - ", pad);
    snprintf(inner, sizeof(inner), "%.40s      ", pad);
    if (!is_one) {
        add_line(writer, NULL, "%sany:", first);
    }
    for (int kind = 0; kind < 2 * KINDS; kind++) {
        bool minds_case = kind % 2 != 0;
        if (has_group(condition, kind / 2, minds_case)) {
            add_group(writer, condition, kind / 2, minds_case, is_one ? first : item,
                      is_one ? pad : inner);
        }
    }
}

static void add_listed(struct writer *writer, const struct weir_import_condition *condition,
                       const char *head, const char *key, const char *first, const char *pad)
{
    char deeper[64];
    snprintf(deeper, sizeof(deeper), "%.40s        ", pad);
    add_line(writer, NULL, "%s%s:", first, head);
    add_line(writer, NULL, "%s    %s:", pad, key);
    for (int kind = 0; kind < KINDS; kind++) {
        add_patterns(writer, condition, kind, false, deeper);
    }
}

// A map whose first line begins with `first`, the others with `pad`.
static void add_condition(struct writer *writer, const struct weir_import_condition *condition,
                          const char *first, const char *pad)
{
    char deeper[64];
    snprintf(deeper, sizeof(deeper), "%.40s    ", pad);
    if (condition->is_negated) {
        struct weir_import_condition positive = *condition;
        positive.is_negated = false;
        add_line(writer, NULL, "%snot:", first);
        add_condition(writer, &positive, deeper, deeper);
        return;
    }
    switch (condition->kind) {
    case WEIR_IMPORT_TEXT:
        add_texts(writer, condition, first, pad);
        break;
    case WEIR_IMPORT_NAME:
        add_listed(writer, condition, "user", "name", first, pad);
        break;
    case WEIR_IMPORT_DOMAIN:
        add_listed(writer, condition, "link", "block", first, pad);
        break;
    case WEIR_IMPORT_LENGTH:
        if (condition->most > 0) {
            add_line(writer, NULL, "%slength: {min: %llu, max: %llu}", first,
                     (unsigned long long)condition->least, (unsigned long long)condition->most);
        } else {
            add_line(writer, NULL, "%slength: %llu", first, (unsigned long long)condition->least);
        }
        break;
    case WEIR_IMPORT_MENTIONS:
        add_line(writer, NULL, "%smentions: %llu", first, (unsigned long long)condition->least);
        break;
    }
}

// --- rules ---

static struct weir_span cut_to_chars(struct weir_span text, size_t most)
{
    size_t at = 0;
    for (size_t chars = 0; at < text.length && chars < most; chars++) {
        weir_utf8_next(text, &at);
    }
    return weir_span_trim(weir_span_slice(text, 0, at));
}

static void add_slug(struct weir_buffer *out, struct weir_span name)
{
    size_t start = out->length;
    for (size_t i = 0; i < name.length && out->length < start + 30; i++) {
        char c = name.data[i];
        c = c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) {
            weir_buffer_add_byte(out, c);
        } else if (out->length > start && out->data[out->length - 1] != '-') {
            weir_buffer_add_byte(out, '-');
        }
    }
    if (out->length > start && out->data[out->length - 1] != '-') {
        weir_buffer_add_byte(out, '-');
    }
}

// The number makes it unique, and finds the rule again in the file that it came from.
static void add_id(struct writer *writer)
{
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer id = {0};
    weir_buffer_add(&id, writer->pack);
    weir_buffer_add_byte(&id, '.');
    add_slug(&id, writer->rule->name);
    weir_buffer_add_u64(&id, writer->number);
    add_line(writer, NULL, "  - id: %s", weir_buffer_text(&id));
}

static void add_effects(struct writer *writer, const struct weir_import_rule *rule)
{
    bool says = rule->warning.length > 0 || rule->reply.length > 0;
    add_line(writer, NULL, "      do:");
    if (rule->deletes) {
        add_line(writer, NULL, "        - delete");
    }
    if (rule->holds) {
        add_line(writer, NULL, "        - hold");
    }
    if (rule->flags || (!rule->deletes && !rule->holds && rule->timeout_s == 0 && !says)) {
        add_line(writer, NULL, "        - flag");
    }
    if (rule->timeout_s > 0) {
        add_line(writer, NULL, "        - timeout: %llus", (unsigned long long)rule->timeout_s);
    }
    if (rule->warning.length > 0) {
        add_text_line(writer, NULL, "        - warn: ", cut_to_chars(rule->warning, MOST_REASON));
    }
    if (rule->reply.length > 0) {
        add_text_line(writer, NULL, "        - reply: ", cut_to_chars(rule->reply, MOST_REASON));
    }
    if (rule->reason.length > 0) {
        add_text_line(writer, NULL, "      reason: ", cut_to_chars(rule->reason, MOST_REASON));
    }
}

static bool is_worth_writing(const struct weir_import_rule *rule)
{
    bool has_condition = false;
    for (const struct weir_import_condition *at = rule->conditions; at; at = at->next) {
        if (is_empty(at) && !at->is_negated) {
            return false; // nothing is left of what had to be there
        }
        has_condition = has_condition || !is_empty(at);
    }
    return has_condition && !rule->is_dropped;
}

static void add_rule(struct writer *writer, struct weir_import_rule *rule)
{
    writer->rule = rule;
    add_id(writer);
    if (rule->name.length > 0) {
        add_text_line(writer, NULL, "    about: ", cut_to_chars(rule->name, 900));
    }
    if (rule->is_disabled || rule->is_narrower) {
        add_line(writer, NULL, "    mode: %s", rule->is_disabled ? "disabled" : "shadow");
    }
    add_line(writer, NULL, "    when:");
    add_line(writer, NULL, "      all:");
    for (const struct weir_import_condition *at = rule->conditions; at; at = at->next) {
        if (!is_empty(at)) {
            add_condition(writer, at, "        - ", "          ");
        }
    }
    if (rule->excepts && !is_empty(rule->excepts)) {
        add_line(writer, NULL, "    except:");
        add_patterns(writer, rule->excepts, WEIR_PATTERN_INCLUDES, false, "      ");
    }
    if (rule->spares_moderators) {
        add_line(writer, NULL, "    unless: {user: {role: [streamer, moderator]}}");
    }
    add_line(writer, NULL, "    then:");
    add_effects(writer, rule);
    writer->rule = NULL;
}

static size_t write_pack(struct writer *writer)
{
    size_t count = 0;
    writer->line_count = 0;
    writer->number = 0;
    weir_buffer_clear(writer->out);
    add_line(writer, NULL, "# yaml-language-server: $schema=schema.json");
    add_line(writer, NULL, "pack: %.*s", WEIR_SPAN_ARGS(writer->pack));
    add_line(writer, NULL, "about: Imported; weir check tells more once the next line is gone");
    add_line(writer, NULL,
             "lint: {allow: [covered-word, dead-exception, duplicate-rule, folded-letter, "
             "no-literal, no-samples, "
             "shadowed-rule, slow-pattern, spelt-out-regex]}");
    add_line(writer, NULL, "rules:");
    for (struct weir_import_rule *rule = writer->import->rules; rule; rule = rule->next) {
        writer->number++;
        if (is_worth_writing(rule)) {
            add_rule(writer, rule);
            count++;
        }
    }
    if (count == 0) {
        add_line(writer, NULL, "  []");
    }
    return count;
}

// --- until it loads ---

static bool has_pattern(const struct weir_import_condition *condition,
                        const struct weir_import_pattern *pattern)
{
    for (const struct weir_import_pattern *at = condition->patterns; at; at = at->next) {
        if (at == pattern) {
            return true;
        }
    }
    return false;
}

// Without a text that spared messages the rule would act on more than it did.
static bool spares_by(const struct weir_import_rule *rule,
                      const struct weir_import_pattern *pattern)
{
    for (const struct weir_import_condition *at = rule->conditions; at; at = at->next) {
        if (at->is_negated && has_pattern(at, pattern)) {
            return true;
        }
    }
    return rule->excepts && has_pattern(rule->excepts, pattern);
}

static void leave_out(struct writer *writer, const struct line_owner *owner, const char *cause)
{
    struct weir_span text = cut_to_chars(owner->pattern->text, 60);
    bool spares = spares_by(owner->rule, owner->pattern);
    owner->pattern->is_dropped = true;
    owner->rule->is_narrower = owner->rule->is_narrower || spares;
    weir_import_tell(writer->import, &owner->pattern->place, "'%.*s' is left out: %s%s",
                     WEIR_SPAN_ARGS(text), cause, spares ? "; the rule comes in shadow mode" : "");
}

static bool blame(struct writer *writer, const struct weir_error *error)
{
    if (error->line == 0 || error->line > writer->line_count) {
        return false;
    }
    struct line_owner *owner = &writer->lines[error->line - 1];
    if (owner->pattern && !owner->pattern->is_dropped) {
        leave_out(writer, owner, error->text);
        return true;
    }
    if (owner->rule && !owner->rule->is_dropped && !owner->pattern) {
        owner->rule->is_dropped = true;
        weir_import_tell(writer->import, &owner->rule->place, "the rule is left out: %s",
                         error->text);
        return true;
    }
    return false;
}

// True once the pack is one; `*left_out` tells whether this round made it smaller.
static bool is_loaded(struct writer *writer, bool *left_out)
{
    WEIR_AUTO(weir_diagnostics_fini) struct weir_diagnostics diagnostics = {0};
    struct weir_pack_file file = {"import", weir_buffer_span(writer->out)};
    WEIR_AUTO(weir_set_destroy)
    struct weir_set *set = weir_set_load(&file, 1, NULL, NULL, &diagnostics);
    *left_out = false;
    for (size_t i = 0; !set && i < diagnostics.count; i++) {
        *left_out = blame(writer, &diagnostics.items[i].error) || *left_out;
    }
    return set != NULL;
}

static void tell_of_empty_rules(struct weir_import *import)
{
    for (struct weir_import_rule *rule = import->rules; rule; rule = rule->next) {
        if (!rule->is_dropped && !is_worth_writing(rule)) {
            weir_import_tell(
                import, &rule->place,
                "the rule is left out: nothing that it looks for could be carried over");
        }
    }
}

size_t weir_import_write(struct weir_import *import, struct weir_span name, struct weir_buffer *out)
{
    struct writer writer = {.import = import, .out = out, .pack = name};
    bool left_out = false;
    size_t count = write_pack(&writer);
    while (!is_loaded(&writer, &left_out) && left_out) {
        count = write_pack(&writer);
    }
    tell_of_empty_rules(import);
    free(writer.lines);
    return count;
}
