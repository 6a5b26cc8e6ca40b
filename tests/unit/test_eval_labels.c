#include "tests/unit/test.h"

#include "engine/base/span.h"
#include "engine/commands/eval_labels.h"

#include <stdlib.h>
#include <unistd.h>

static char *write_labels(const char *content)
{
    static char path[256];
    const char *folder = getenv("TMPDIR");
    snprintf(path, sizeof(path), "%s/weir-labels-%d", folder ? folder : "/tmp", (int)getpid());
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(content, file);
    fclose(file);
    return path;
}

static void a_label_belongs_to_a_line_of_a_file(void **state)
{
    (void)state;
    struct weir_error err = {0};
    struct weir_kept_labels labels = {0};
    char *path = write_labels("# who, when\n\na.jsonl:3 question\nb/a.jsonl:2\t0 0 1\r\n"
                              "a.jsonl:1 none\n");
    assert_true(weir_kept_labels_load(&labels, path, &err));
    unlink(path);
    static const struct {
        const char *file;
        uint64_t line;
        const char *label;
    } cases[] = {
        {"a.jsonl", 3, "question"}, {"x/a.jsonl", 3, "question"}, {"xa.jsonl", 3, NULL},
        {"b/a.jsonl", 2, "1"},      {"c/a.jsonl", 2, NULL},       {"a.jsonl", 4, NULL},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct weir_kept_label *found =
            weir_kept_labels_find(&labels, cases[i].file, cases[i].line);
        EXPECT(cases[i].file, (found != NULL) == (cases[i].label != NULL));
        if (found && cases[i].label) {
            EXPECT_TEXT(cases[i].file, found->label, cases[i].label);
        }
    }
    const struct weir_kept_label *unused = weir_kept_labels_unused(&labels, "x/a.jsonl");
    EXPECT("line 1 was not asked for", unused && unused->line == 1);
    weir_kept_labels_fini(&labels);
    test_end_rows();
}

static void a_line_that_is_no_label_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *content;
        const char *says;
    } cases[] = {
        {"a.jsonl:1 x\na.jsonl:zwei y\n", ":2: a line is FILE:LINE LABEL"},
        {"a.jsonl:1\n", ":1: a line is FILE:LINE LABEL"},
        {"a.jsonl:0 x\n", ":1: a line is FILE:LINE LABEL"},
        {"a.jsonl:1 x\na.jsonl:1 y\n", "two labels for line 1 of 'a.jsonl'"},
        {"# nothing\n", "has no label"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct weir_error err = {0};
        struct weir_kept_labels labels = {0};
        char *path = write_labels(cases[i].content);
        EXPECT(cases[i].content, !weir_kept_labels_load(&labels, path, &err));
        EXPECT(cases[i].content, strstr(err.text, cases[i].says));
        unlink(path);
        weir_kept_labels_fini(&labels);
    }
    test_end_rows();
}

static void fields_of_a_line_are_read_by_name(void **state)
{
    (void)state;
    struct weir_fields fields = {0};
    struct weir_span value;
    const char *cause = NULL;
    size_t label = weir_fields_want(&fields, WEIR_SPAN("label"));
    size_t y = weir_fields_want(&fields, WEIR_SPAN("y"));
    EXPECT_EQ("asked twice", weir_fields_want(&fields, WEIR_SPAN("label")), label);
    EXPECT("a line",
           weir_fields_read(&fields, WEIR_SPAN("{\"n\":[1,{}],\"label\":\"\\u4f60\",\"y\":1}"),
                            &cause));
    EXPECT("label", weir_fields_value(&fields, label, &value));
    EXPECT_TEXT("label", value, "你");
    EXPECT("y", weir_fields_value(&fields, y, &value));
    EXPECT_TEXT("y", value, "1");
    EXPECT("another line",
           weir_fields_read(&fields, WEIR_SPAN("{\"y\":true,\"label\":[]}"), &cause));
    EXPECT("a list is no value", !weir_fields_value(&fields, label, &value));
    EXPECT("y", weir_fields_value(&fields, y, &value));
    EXPECT_TEXT("y", value, "true");
    static const char *const bad[] = {"", "[]", "{\"y\":1", "{\"y\":1}x", "{y:1}"};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        EXPECT(bad[i], !weir_fields_read(&fields, weir_span_of(bad[i]), &cause) && cause);
    }
    weir_fields_fini(&fields);
    test_end_rows();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_label_belongs_to_a_line_of_a_file),
        cmocka_unit_test(a_line_that_is_no_label_is_refused),
        cmocka_unit_test(fields_of_a_line_are_read_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
