// Every file of tests/cases/mistakes says beside its mistakes what must be told of them, and every
// file of tests/cases/lints what must be warned of:
//
//     then: {do: [remove]}  # expect 15: unknown action 'remove'
//
// names the column in this line, `# expect 4:12: ...` line and column, where no comment can stand
// in the line itself. Nothing else may be told of the file. A new case needs no C.

#include "tests/unit/test.h"

#include "engine/sys/rule_files.h"

#include <stdlib.h>

struct expectation {
    uint32_t line;
    uint32_t column;
    struct weir_span text;
};

static bool take_number(struct weir_span *rest, uint32_t *number_out)
{
    uint64_t number;
    struct weir_span before = *rest;
    if (!weir_span_to_u64(weir_span_take_until(rest, ':'), &number)) {
        *rest = before;
        return false;
    }
    *number_out = (uint32_t)number;
    return true;
}

static bool parse_expectation(struct weir_span line, uint32_t number, struct expectation *out)
{
    const char *found = memmem(line.data, line.length, "# expect ", 9);
    if (!found) {
        return false;
    }
    struct weir_span rest = weir_span_slice(line, (size_t)(found - line.data) + 9, line.length);
    uint32_t first = 0;
    uint32_t second = 0;
    assert_true(take_number(&rest, &first));
    bool has_line = take_number(&rest, &second);
    *out = (struct expectation){has_line ? first : number, has_line ? second : first,
                                weir_span_trim(rest)};
    return true;
}

static bool is_told(const struct weir_diagnostics *diagnostics, const struct expectation *expected)
{
    for (size_t i = 0; i < diagnostics->count; i++) {
        const struct weir_error *error = &diagnostics->items[i].error;
        char told[sizeof(error->text) + sizeof(diagnostics->items[i].id) + 3];
        snprintf(told, sizeof(told), "%s [%s]", error->text, diagnostics->items[i].id);
        struct weir_span text = weir_span_of(told);
        if (error->line == expected->line && error->column == expected->column &&
            (expected->text.length == 0 ||
             memmem(text.data, text.length, expected->text.data, expected->text.length))) {
            return true;
        }
    }
    return false;
}

static size_t check_expectations(const char *name, struct weir_span source,
                                 const struct weir_diagnostics *diagnostics)
{
    size_t count = 0;
    for (uint32_t number = 1; source.length > 0; number++) {
        struct weir_span line = weir_span_take_until(&source, '\n');
        struct expectation expected;
        if (parse_expectation(line, number, &expected)) {
            count++;
            if (!is_told(diagnostics, &expected)) {
                fprintf(stderr, "%s: not told: %u:%u: %.*s\n", name, expected.line, expected.column,
                        WEIR_SPAN_ARGS(expected.text));
                failed_rows_++;
            }
        }
    }
    return count;
}

static void expect_no_more(const char *path, const struct weir_diagnostics *diagnostics,
                           size_t expected, struct weir_rule_files *files)
{
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer told = {0};
    EXPECT_EQ(path, diagnostics->count, expected);
    if (diagnostics->count != expected) {
        weir_diagnostics_write(diagnostics, weir_rule_files_source, files, &told);
        fprintf(stderr, "%.*s", WEIR_SPAN_ARGS(weir_buffer_span(&told)));
    }
}

static void check_mistakes(char *path)
{
    WEIR_AUTO(weir_rule_files_fini) struct weir_rule_files files = {0};
    WEIR_AUTO(weir_diagnostics_fini) struct weir_diagnostics diagnostics = {0};
    struct weir_paths paths = {&path, 1, 1};
    WEIR_AUTO(weir_set_destroy)
    struct weir_set *set = weir_rule_files_load(&files, &paths, &diagnostics);
    size_t expected = check_expectations(path, weir_rule_files_source(&files, path), &diagnostics);
    EXPECT(path, set == NULL);
    EXPECT(path, expected > 0);
    expect_no_more(path, &diagnostics, expected, &files);
}

static void check_lints(char *path)
{
    WEIR_AUTO(weir_rule_files_fini) struct weir_rule_files files = {0};
    WEIR_AUTO(weir_diagnostics_fini) struct weir_diagnostics lints = {0};
    WEIR_AUTO(weir_diagnostics_fini) struct weir_diagnostics diagnostics = {.lints = &lints};
    struct weir_paths paths = {&path, 1, 1};
    WEIR_AUTO(weir_set_destroy)
    struct weir_set *set = weir_rule_files_load(&files, &paths, &diagnostics);
    weir_diagnostics_sort(&lints);
    size_t expected = check_expectations(path, weir_rule_files_source(&files, path), &lints);
    EXPECT(path, set != NULL);
    expect_no_more(path, &diagnostics, 0, &files);
    expect_no_more(path, &lints, expected, &files);
}

static void check_folder(const char *name, size_t least, void (*check)(char *path))
{
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer folder = {0};
    WEIR_AUTO(weir_paths_fini) struct weir_paths paths = {0};
    struct weir_error err = {0};
    weir_buffer_printf(&folder, "%s/tests/cases/%s", getenv("WEIR_SOURCE_ROOT"), name);
    assert_true(weir_paths_add_files(&paths, weir_buffer_text(&folder), ".yaml", &err));
    assert_true(paths.count >= least);
    for (size_t i = 0; i < paths.count; i++) {
        check(paths.items[i]);
    }
    test_end_rows();
}

static void each_mistake_is_told_at_its_place_and_nothing_else(void **state)
{
    (void)state;
    check_folder("mistakes", 80, check_mistakes);
}

static void each_lint_is_told_at_its_place_and_nothing_else(void **state)
{
    (void)state;
    check_folder("lints", 7, check_lints);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_mistake_is_told_at_its_place_and_nothing_else),
        cmocka_unit_test(each_lint_is_told_at_its_place_and_nothing_else),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
