// Rules of other moderators become a pack on stdout; what could not be carried over is told on
// stderr, line by line of the file that it stood in.

#include "engine/base/alloc.h"
#include "engine/base/json.h"
#include "engine/commands/commands.h"
#include "engine/commands/import_pack.h"
#include "engine/sys/files.h"

#include <stdio.h>

#define LARGEST_FILE ((size_t)16 * 1024 * 1024)

struct format {
    const char *name;
    bool (*read)(struct weir_import *import);
};

static const struct format formats[] = {
    {"automoderator", weir_import_automoderator},
    {"discord", weir_import_discord},
    {"words", weir_import_words},
};

struct request {
    const struct format *format; // NULL: told from the file
    const char *file;
    const char *pack;
    bool as_json;
};

static const struct format *find_format(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(formats); i++) {
        if (strcmp(name, formats[i].name) == 0) {
            return &formats[i];
        }
    }
    return NULL;
}

static bool has_suffix(const char *file, const char *suffix)
{
    size_t length = strlen(file);
    return length >= strlen(suffix) && strcmp(file + length - strlen(suffix), suffix) == 0;
}

static const struct format *guess_format(const char *file, struct weir_span text)
{
    struct weir_span start = weir_span_trim(text);
    if (start.length > 0 && (start.data[0] == '{' || start.data[0] == '[')) {
        return find_format("discord");
    }
    bool is_yaml = has_suffix(file, ".yaml") || has_suffix(file, ".yml") ||
                   memmem(text.data ? text.data : "", text.length, "\naction:", 8);
    return find_format(is_yaml ? "automoderator" : "words");
}

static struct weir_span source_of(void *user, const char *file)
{
    (void)file;
    return ((const struct weir_import *)user)->text;
}

static void write_json(const struct weir_import *import, size_t count, struct weir_span pack)
{
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer out = {0};
    weir_buffer_add_byte(&out, '{');
    weir_json_add_u64_field(&out, "rules", count);
    weir_json_add_u64_field(&out, "found", import->rule_count);
    weir_json_add_name(&out, "report");
    weir_buffer_add_byte(&out, '[');
    for (size_t i = 0; i < import->report.count; i++) {
        const struct weir_error *error = &import->report.items[i].error;
        weir_json_add_comma(&out);
        weir_buffer_add_byte(&out, '{');
        weir_json_add_u64_field(&out, "line", error->line);
        weir_json_add_u64_field(&out, "column", error->column);
        weir_json_add_text_field(&out, "text", weir_span_of(error->text));
        weir_buffer_add_byte(&out, '}');
    }
    weir_buffer_add_byte(&out, ']');
    weir_json_add_u64_field(&out, "more", import->report.dropped);
    weir_json_add_text_field(&out, "pack", pack);
    weir_buffer_add_text(&out, "}\n");
    fwrite(out.data, 1, out.length, stdout);
}

static void write_text(struct weir_import *import, size_t count, struct weir_span pack)
{
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer told = {0};
    size_t notes = import->report.count + import->report.dropped;
    weir_diagnostics_write(&import->report, source_of, import, &told);
    weir_buffer_printf(&told, "imported %zu of %zu %s; %zu %s not carried over as %s\n", count,
                       import->rule_count, import->rule_count == 1 ? "rule" : "rules", notes,
                       notes == 1 ? "thing was" : "things were",
                       notes == 1 ? "it was" : "they were");
    fwrite(told.data, 1, told.length, stderr);
    fwrite(pack.data, 1, pack.length, stdout);
}

static int import_file(const struct request *request)
{
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer text = {0};
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer pack = {0};
    WEIR_AUTO(weir_import_fini) struct weir_import import;
    struct weir_error err = {0};
    bool is_there = weir_file_read(request->file, LARGEST_FILE, &text, &err);
    weir_import_init(&import, request->file, weir_buffer_span(&text));
    if (!is_there) {
        fprintf(stderr, "weir import: %s: %s\n", request->file, err.text);
        return WEIR_EXIT_USAGE;
    }
    const struct format *format =
        request->format ? request->format : guess_format(request->file, import.text);
    bool is_read = format->read(&import);
    size_t count = weir_import_write(&import, weir_span_of(request->pack), &pack);
    weir_diagnostics_sort(&import.report);
    if (request->as_json) {
        write_json(&import, count, weir_buffer_span(&pack));
    } else if (is_read) {
        write_text(&import, count, weir_buffer_span(&pack));
    } else {
        write_text(&import, count, (struct weir_span){"", 0});
        fprintf(stderr, "weir import: %s: holds no rules of the form '%s'\n", request->file,
                format->name);
    }
    if (!is_read) {
        return WEIR_EXIT_RULES;
    }
    return import.report.count > 0 ? WEIR_EXIT_FINDINGS : WEIR_EXIT_OK;
}

static bool is_pack_name(const char *name)
{
    size_t length = strlen(name);
    return length > 0 && length <= 24 &&
           strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789.-_") == length;
}

static bool take_value(struct request *request, const char *option, const char *value)
{
    if (strcmp(option, "--from") == 0) {
        request->format = find_format(value);
        if (!request->format) {
            fprintf(stderr,
                    "weir import: unknown form '%s'; there are automoderator, discord, words\n",
                    value);
        }
        return request->format != NULL;
    }
    if (strcmp(option, "--pack") == 0) {
        request->pack = value;
        if (!is_pack_name(value)) {
            fputs("weir import: a pack's name has at most 24 lower-case letters, digits, '.', '-', "
                  "'_'\n",
                  stderr);
        }
        return is_pack_name(value);
    }
    fprintf(stderr, "weir import: unknown option '%s'\n", option);
    return false;
}

static bool parse_arguments(struct request *request, int argc, char **argv)
{
    for (int i = 0; i < argc; i++) {
        if (strcmp(argv[i], "--json") == 0) {
            request->as_json = true;
        } else if (argv[i][0] == '-' && i + 1 < argc) {
            if (!take_value(request, argv[i], argv[i + 1])) {
                return false;
            }
            i++;
        } else if (argv[i][0] == '-' || request->file) {
            fprintf(stderr, "weir import: '%s' is unknown, lacks its value, or is a second file\n",
                    argv[i]);
            return false;
        } else {
            request->file = argv[i];
        }
    }
    if (!request->file) {
        fputs("weir import: which file? 'weir import --help' tells more\n", stderr);
    }
    return request->file != NULL;
}

static int run_import(int argc, char **argv)
{
    struct request request = {.pack = "imported"};
    return parse_arguments(&request, argc, argv) ? import_file(&request) : WEIR_EXIT_USAGE;
}

const struct weir_command weir_command_import = {
    .name = "import",
    .summary = "rules of AutoModerator or Discord, or a word list, as a pack",
    .usage =
        "usage: weir import [--from FORM] [--pack NAME] [--json] FILE\n"
        "\n"
        "Writes a pack to stdout that `weir check` takes, and to stderr, line by line, what could\n"
        "not be carried over and why. A rule of which a condition was lost comes in shadow mode,\n"
        "so that nothing acts on more than it did.\n"
        "\n"
        "  --from FORM    automoderator (Reddit's YAML), discord (AutoMod's JSON, a rule or a\n"
        "                 list), words (one a line); told from the file unless given\n"
        "  --pack NAME    the pack's name (default: imported)\n"
        "  --json         pack and report as one JSON object\n"
        "\n"
        "Exits 0 if all was carried over, 1 if not, 2 if there is nothing of that form, 3 if\n"
        "the file can't be read or this was called wrongly.\n"
        "\n"
        "  weir import automoderator.yaml > my-pack.yaml\n"
        "  weir import --from discord --pack guild rules.json > guild.yaml\n",
    .run = run_import,
};
