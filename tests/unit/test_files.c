#include "tests/unit/test.h"

#include "engine/sys/files.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[64];

static char *path_in_folder(const char *name)
{
    WEIR_AUTO(weir_free_at) char *beside = weir_strdup(folder);
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer path = {0};
    weir_buffer_printf(&path, "%s/%s", beside, name);
    return weir_strdup(weir_buffer_text(&path));
}

static void write_file(const char *name, const char *text)
{
    WEIR_AUTO(weir_free_at) char *path = path_in_folder(name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static int make_folder(void **state)
{
    (void)state;
    snprintf(folder, sizeof(folder), "/tmp/weir-test-XXXXXX");
    assert_non_null(mkdtemp(folder));
    write_file("b.yaml", "b");
    write_file("a.yaml", "a");
    write_file(".hidden.yaml", "x");
    write_file("notes.txt", "x");
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    static const char *const names[] = {"b.yaml", "a.yaml", ".hidden.yaml", "notes.txt"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        WEIR_AUTO(weir_free_at) char *path = path_in_folder(names[i]);
        unlink(path);
    }
    return rmdir(folder);
}

static void a_folder_stands_for_its_packs_in_order(void **state)
{
    (void)state;
    WEIR_AUTO(weir_paths_fini) struct weir_paths paths = {0};
    struct weir_error err = {0};
    assert_true(weir_paths_add_files(&paths, folder, ".yaml", &err));
    assert_int_equal(paths.count, 2);
    EXPECT("first", strstr(paths.items[0], "/a.yaml") != NULL);
    EXPECT("second", strstr(paths.items[1], "/b.yaml") != NULL);
    EXPECT("none", !weir_paths_add_files(&paths, folder, ".lua", &err));
    EXPECT_TEXT("none", weir_span_of(err.text), "no .lua file in this folder");
    test_end_rows();
}

static void what_cannot_be_read_is_said(void **state)
{
    (void)state;
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer out = {0};
    WEIR_AUTO(weir_free_at) char *file = path_in_folder("a.yaml");
    WEIR_AUTO(weir_free_at) char *missing = path_in_folder("missing");
    struct weir_error err = {0};
    EXPECT("missing", !weir_file_read(missing, 10, &out, &err));
    EXPECT_TEXT("missing", weir_span_of(err.text), "No such file or directory");
    EXPECT_TEXT("missing", weir_span_of(err.file), missing);
    err = (struct weir_error){0};
    EXPECT("folder", !weir_file_read(folder, 10, &out, &err));
    err = (struct weir_error){0};
    EXPECT("too large", !weir_file_read(file, 0, &out, &err));
    weir_buffer_clear(&out);
    EXPECT("read", weir_file_read(file, 1, &out, &err));
    EXPECT_TEXT("read", weir_buffer_span(&out), "a");
    test_end_rows();
}

static void a_relative_path_stands_beside_its_file(void **state)
{
    (void)state;
    static const struct {
        const char *file;
        const char *path;
        const char *expected;
    } cases[] = {
        {"rules/a.yaml", "lists/x.txt", "rules/lists/x.txt"},
        {"a.yaml", "x.txt", "x.txt"},
        {"/a.yaml", "x.txt", "/x.txt"},
        {"rules/a.yaml", "/x.txt", "/x.txt"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        WEIR_AUTO(weir_free_at)
        char *path = weir_path_beside(cases[i].file, weir_span_of(cases[i].path));
        EXPECT_TEXT(cases[i].file, weir_span_of(path), cases[i].expected);
    }
    test_end_rows();
}

static void the_environment_names_our_folders(void **state)
{
    (void)state;
    setenv("WEIR_DATA_DIR", folder, 1);
    WEIR_AUTO(weir_free_at) char *data = weir_data_dir();
    assert_string_equal(data, folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_folder_stands_for_its_packs_in_order),
        cmocka_unit_test(what_cannot_be_read_is_said),
        cmocka_unit_test(a_relative_path_stands_beside_its_file),
        cmocka_unit_test(the_environment_names_our_folders),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
