// Tells the daemon what a room is doing, for platforms that don't.

#include "engine/commands/daemon.h"

#include "engine/base/alloc.h"
#include "engine/base/json.h"
#include "engine/commands/config_option.h"

#include <stdio.h>
#include <string.h>

struct settings {
    const char *room;
    const char *scene;
    const char *state;
    const char *moderator;
    const char *scene_ends;
    const char *ends;
    bool json;
    char *rest[2]; // for the options that every such command has
    int rest_count;
};

static const char **place_of(struct settings *settings, const char *word)
{
    const struct {
        const char *name;
        const char **place;
    } options[] = {
        {"--scene", &settings->scene},         {"--state", &settings->state},
        {"--moderator", &settings->moderator}, {"--scene-ends", &settings->scene_ends},
        {"--ends", &settings->ends},
    };
    for (size_t i = 0; i < ARRAY_LEN(options); i++) {
        if (strcmp(word, options[i].name) == 0) {
            return options[i].place;
        }
    }
    return NULL;
}

static bool read_settings(struct settings *settings, int argc, char **argv)
{
    for (int i = 0; i < argc; i++) {
        const char **place = place_of(settings, argv[i]);
        if (place && i + 1 < argc) {
            *place = argv[++i];
        } else if (strcmp(argv[i], "--json") == 0) {
            settings->json = true;
        } else if (strcmp(argv[i], "-c") == 0 && i + 1 < argc && settings->rest_count == 0) {
            settings->rest[settings->rest_count++] = argv[i];
            settings->rest[settings->rest_count++] = argv[++i];
        } else if (argv[i][0] != '-' && !settings->room) {
            settings->room = argv[i];
        } else {
            fprintf(stderr, "weir: '%s' is not understood here; see 'weir rooms --help'\n",
                    argv[i]);
            return false;
        }
    }
    if (!settings->room || (!settings->scene && !settings->state && !settings->moderator &&
                            !settings->scene_ends && !settings->ends)) {
        fputs("weir: which room, and what of it? See 'weir rooms --help'\n", stderr);
        return false;
    }
    return true;
}

static bool add_time(struct weir_buffer *request, const char *name, const char *text)
{
    static const struct {
        char unit;
        uint64_t ms;
    } units[] = {{'s', 1000}, {'m', 60000}, {'h', 3600000}, {'d', 86400000}};
    struct weir_span all = weir_span_of(text);
    uint64_t number = 0;
    for (size_t i = 0; text && i < ARRAY_LEN(units); i++) {
        if (all.length > 1 && all.data[all.length - 1] == units[i].unit &&
            weir_span_to_u64(weir_span_slice(all, 0, all.length - 1), &number) && number < 10000) {
            weir_json_add_u64_field(request, name, number * units[i].ms);
            return true;
        }
    }
    if (text) {
        fprintf(stderr, "weir: '%s' is not a time; write 30s, 10m, 1h or 2d\n", text);
    }
    return !text;
}

static bool write_request(const struct settings *settings, struct weir_buffer *request)
{
    weir_buffer_add_text(request, "{\"do\":\"set\"");
    weir_json_add_text_field(request, "room", weir_span_of(settings->room));
    if (settings->scene) {
        weir_json_add_text_field(request, "scene", weir_span_of(settings->scene));
    }
    if (settings->state) {
        weir_json_add_text_field(request, "state", weir_span_of(settings->state));
    }
    if (settings->moderator) {
        weir_json_add_text_field(request, "moderator", weir_span_of(settings->moderator));
    }
    bool fine = add_time(request, "scene_ends_in", settings->scene_ends) &&
                add_time(request, "ends_in", settings->ends);
    weir_buffer_add_byte(request, '}');
    return fine;
}

static int print(const struct settings *settings, const json_t *json,
                 const struct weir_buffer *answer)
{
    if (!json) {
        return WEIR_EXIT_USAGE;
    }
    const char *error = json_string_value(json_object_get(json, "error"));
    if (settings->json) {
        fwrite(answer->data, 1, answer->length, stdout);
    } else if (error) {
        fprintf(stderr, "weir: %s\n", error);
    } else {
        printf("%s is set\n", settings->room);
    }
    return error ? WEIR_EXIT_USAGE : WEIR_EXIT_OK;
}

int weir_rooms_set(int argc, char **argv)
{
    struct settings settings = {0};
    struct weir_config_option option = {0};
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer request = {0};
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer answer = {0};
    if (!read_settings(&settings, argc, argv) || !write_request(&settings, &request)) {
        return WEIR_EXIT_USAGE;
    }
    int outcome = weir_config_option_load(&option, settings.rest_count, settings.rest, NULL);
    if (outcome == WEIR_EXIT_OK) {
        json_t *json = weir_daemon_ask(option.config, weir_buffer_span(&request), &answer);
        outcome = print(&settings, json, &answer);
        json_decref(json);
    }
    weir_config_option_fini(&option);
    return outcome;
}
