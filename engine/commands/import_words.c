// A list of words, one a line. `#` begins a comment, `*` stands for any letters, /.../ is an
// expression.

#include "engine/base/utf8.h"
#include "engine/commands/import_pack.h"

static bool is_expression(struct weir_span word)
{
    return word.length > 2 && word.data[0] == '/' && word.data[word.length - 1] == '/';
}

static void add_word(struct weir_import *import, struct weir_import_condition *condition,
                     struct weir_span word, const struct weir_place *place)
{
    if (is_expression(word)) {
        weir_import_add_pattern(import, condition, WEIR_PATTERN_REGEX,
                                weir_span_slice(word, 1, word.length - 1), place);
    } else {
        bool is_glob = memchr(word.data, '*', word.length) != NULL;
        weir_import_add_pattern(import, condition, is_glob ? WEIR_PATTERN_GLOB : WEIR_PATTERN_WORD,
                                word, place);
    }
}

static struct weir_span without_comment(struct weir_span line)
{
    for (size_t i = 0; i < line.length; i++) {
        if (line.data[i] == '#' &&
            (i == 0 || line.data[i - 1] == ' ' || line.data[i - 1] == '\t')) {
            return weir_span_slice(line, 0, i);
        }
    }
    return line;
}

bool weir_import_words(struct weir_import *import)
{
    struct weir_span rest = import->text;
    struct weir_place place = {import->file, 1, 1, 0};
    struct weir_import_rule *rule = weir_import_add_rule(import, WEIR_SPAN("words"), &place);
    struct weir_import_condition *condition =
        weir_import_add_condition(import, rule, WEIR_IMPORT_TEXT);
    rule->flags = true;
    for (; rest.length > 0; place.line++) {
        struct weir_span line = weir_span_take_until(&rest, '\n');
        struct weir_span word = weir_span_trim(without_comment(line));
        if (place.line == 1 && weir_span_starts(word, WEIR_SPAN("\xEF\xBB\xBF"))) {
            word = weir_span_trim(weir_span_slice(word, 3, word.length));
        }
        if (word.length == 0) {
            continue;
        }
        place.length = 0;
        if (!weir_utf8_is_valid(word)) {
            weir_import_tell(import, &place, "left out: not UTF-8");
            continue;
        }
        place.length = (uint32_t)weir_utf8_count(word);
        add_word(import, condition, word, &place);
    }
    return true;
}
