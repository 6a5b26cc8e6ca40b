// Commands that talk to a running daemon over its control socket: reload, status, rooms.

#include "engine/commands/commands.h"

#include "engine/base/alloc.h"
#include "engine/base/terminal.h"
#include "engine/commands/config_option.h"
#include "engine/commands/daemon.h"
#include "engine/stream/control.h"
#include "engine/sys/clock.h"

#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#define ROOM_COLUMNS  24
#define STATE_COLUMNS 7

json_t *weir_daemon_ask(const struct weir_config *config, struct weir_span request,
                        struct weir_buffer *answer)
{
    char path[PATH_MAX];
    struct weir_error err = {0};
    snprintf(path, sizeof(path), "%s/weir.sock", config->state);
    if (!weir_control_ask(path, request, answer, &err)) {
        fprintf(stderr, "weir: %s\n", err.text);
        return NULL;
    }
    json_t *json = json_loadb(answer->data, answer->length, JSON_REJECT_DUPLICATES, NULL);
    if (!json) {
        fputs("weir: the daemon's answer can't be read; is it of another version?\n", stderr);
    }
    return json;
}

static json_t *ask(const struct weir_config *config, const char *verb, struct weir_buffer *answer)
{
    char request[64];
    snprintf(request, sizeof(request), "{\"do\":\"%s\"}", verb);
    return weir_daemon_ask(config, weir_span_of(request), answer);
}

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text ? text : "";
}

// Names of rooms and what a peer gave as its reason come from outside: shown, never obeyed.
static void print_text(const json_t *object, const char *name, size_t columns)
{
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer safe = {0};
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer padded = {0};
    weir_terminal_add(&safe, weir_span_of(text_of(object, name)));
    if (columns > 0) {
        weir_terminal_add_padded(&padded, weir_buffer_span(&safe), columns);
    }
    fputs(weir_buffer_text(columns > 0 ? &padded : &safe), stdout);
}

static long long number_of(const json_t *object, const char *name)
{
    return (long long)json_integer_value(json_object_get(object, name));
}

static bool is_true(const json_t *object, const char *name)
{
    return json_is_true(json_object_get(object, name));
}

static void print_counters(const json_t *object)
{
    const char *name;
    json_t *value;
    json_object_foreach(json_object_get(object, "counters"), name, value)
    {
        printf("  %-18s %lld\n", name, (long long)json_integer_value(value));
    }
}

static void print_connection(const json_t *connection)
{
    const char *state = is_true(connection, "up")         ? "up"
                        : is_true(connection, "given_up") ? "given up"
                                                          : "down";
    printf("  %-9s %s (%s%s%s, %lld rooms)", state, text_of(connection, "url"),
           text_of(connection, "adapter"), is_true(connection, "gate") ? ", gate" : "",
           is_true(connection, "act") ? "" : ", does not act", number_of(connection, "rooms"));
    fputs(*text_of(connection, "cause") ? ": " : "", stdout);
    print_text(connection, "cause", 0);
    putchar('\n');
}

static void print_moment(const json_t *object, const char *name)
{
    char when[32];
    weir_clock_format(number_of(object, name), when);
    fputs(when, stdout);
}

static void print_rules(const json_t *status)
{
    printf("rules   %lld (%lld shadow, %lld disabled), %lld topics, %lld answers\n",
           number_of(status, "rules"), number_of(status, "rules_shadow"),
           number_of(status, "rules_disabled"), number_of(status, "topics"),
           number_of(status, "answers"));
    printf("        %s, loaded ", text_of(status, "set"));
    print_moment(status, "rules_loaded_at");
    puts(is_true(status, "rules_watched") ? ", watched" : "");
    if (is_true(status, "rules_refused")) {
        printf("        REFUSED ");
        print_moment(status, "rules_refused_at");
        printf(": %lld %s; first ", number_of(status, "rules_mistakes"),
               number_of(status, "rules_mistakes") == 1 ? "mistake" : "mistakes");
        print_text(status, "rules_first_mistake", 0);
        putchar('\n');
    }
}

static void print_status(const json_t *status)
{
    size_t i;
    json_t *connection;
    const json_t *redis = json_object_get(status, "redis");
    const json_t *spool = json_object_get(status, "spool");
    printf("process %lld, up %lld s%s\n", number_of(status, "pid"),
           number_of(status, "up_ms") / 1000, is_true(status, "draining") ? ", stopping" : "");
    print_rules(status);
    printf("redis   %s, %lld cards added, %lld waiting\n", is_true(redis, "up") ? "up" : "down",
           number_of(redis, "added"), number_of(redis, "waiting"));
    printf("spool   %lld records, %lld bytes%s%s\n", number_of(spool, "live"),
           number_of(spool, "bytes"), *text_of(spool, "trouble") ? ": " : "",
           text_of(spool, "trouble"));
    json_array_foreach(json_object_get(status, "queues"), i, connection)
    {
        printf("queue   %s: %lld waiting, %lld overdue, %lld claimed\n",
               text_of(connection, "queue"), number_of(connection, "waiting"),
               number_of(connection, "overdue"), number_of(connection, "claimed"));
    }
    puts("connections");
    json_array_foreach(json_object_get(status, "connections"), i, connection)
    {
        print_connection(connection);
    }
    puts("counters");
    print_counters(status);
}

static void print_rooms(const json_t *answer)
{
    size_t i;
    json_t *room;
    printf("%-*s %-*s %-9s %10s %8s %8s %9s\n", ROOM_COLUMNS, "ROOM", STATE_COLUMNS, "STATE",
           "JOINED", "MESSAGES", "DELETED", "CARDS", "UNSETTLED");
    json_array_foreach(json_object_get(answer, "rooms"), i, room)
    {
        const json_t *counters = json_object_get(room, "counters");
        print_text(room, "room", ROOM_COLUMNS);
        putchar(' ');
        print_text(room, "state", STATE_COLUMNS);
        printf(" %-9s %10lld %8lld %8lld %9lld\n",
               is_true(room, "owned_by_another") ? "another's"
               : is_true(room, "joined")         ? "yes"
                                                 : "no",
               number_of(counters, "messages"), number_of(counters, "deleted"),
               number_of(counters, "cards"), number_of(room, "unsettled"));
    }
}

static bool is_json_switch(const char *word)
{
    return strcmp(word, "--json") == 0;
}

static bool is_wait_switch(const char *word)
{
    return strcmp(word, "--wait") == 0 || is_json_switch(word);
}

static bool has_switch(int argc, char **argv, const char *word)
{
    for (int i = 0; i < argc; i++) {
        if (strcmp(argv[i], word) == 0) {
            return true;
        }
    }
    return false;
}

static int ask_and_print(int argc, char **argv, const char *verb, void (*print)(const json_t *))
{
    struct weir_config_option option = {0};
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer answer = {0};
    int outcome = weir_config_option_load(&option, argc, argv, is_json_switch);
    json_t *json = outcome == WEIR_EXIT_OK ? ask(option.config, verb, &answer) : NULL;
    if (json && has_switch(argc, argv, "--json")) {
        fwrite(answer.data, 1, answer.length, stdout);
    } else if (json) {
        print(json);
    }
    outcome = outcome == WEIR_EXIT_OK && !json ? WEIR_EXIT_USAGE : outcome;
    json_decref(json);
    weir_config_option_fini(&option);
    return outcome;
}

static int run_status(int argc, char **argv)
{
    return ask_and_print(argc, argv, "status", print_status);
}

static int run_rooms(int argc, char **argv)
{
    if (argc > 0 && strcmp(argv[0], "set") == 0) {
        return weir_rooms_set(argc - 1, argv + 1);
    }
    return ask_and_print(argc, argv, "rooms", print_rooms);
}

static int print_reload(const json_t *json)
{
    if (is_true(json, "started")) {
        puts("started; 'weir status' tells how it went, --wait waits for it");
        return WEIR_EXIT_OK;
    }
    if (is_true(json, "ok")) {
        printf("%s, %lld rules, in %lld ms\n", text_of(json, "set"), number_of(json, "rules"),
               number_of(json, "took_ms"));
        fputs(text_of(json, "warnings"), stderr);
        return WEIR_EXIT_OK;
    }
    fputs(text_of(json, "mistakes"), stderr);
    fprintf(stderr, "weir: the rules are refused; %s runs on\n", text_of(json, "set"));
    return WEIR_EXIT_RULES;
}

static int run_reload(int argc, char **argv)
{
    struct weir_config_option option = {0};
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer answer = {0};
    int outcome = weir_config_option_load(&option, argc, argv, is_wait_switch);
    if (outcome == WEIR_EXIT_OK) {
        const char *verb = has_switch(argc, argv, "--wait") ? "reload-wait" : "reload";
        json_t *json = ask(option.config, verb, &answer);
        if (json && has_switch(argc, argv, "--json")) {
            fwrite(answer.data, 1, answer.length, stdout);
            outcome = is_true(json, "ok") ? WEIR_EXIT_OK : WEIR_EXIT_RULES;
        } else {
            outcome = json ? print_reload(json) : WEIR_EXIT_USAGE;
        }
        json_decref(json);
    }
    weir_config_option_fini(&option);
    return outcome;
}

const struct weir_command weir_command_reload = {
    .name = "reload",
    .summary = "have the daemon load its rules anew",
    .usage =
        "usage: weir reload [--wait] [--json] [-c FILE]\n"
        "\n"
        "Packs that change are loaded by themselves; this is for those who have switched that off\n"
        "(watch_rules: false), and for scripts that must know how it went.\n"
        "\n" WEIR_CONFIG_OPTION_USAGE
        "  --wait         wait for the outcome: the hash of the set that runs from now on, or all\n"
        "                 mistakes; rules with a mistake are refused as a whole, and what ran\n"
        "                 before runs on (exit 2)\n",
    .run = run_reload,
};

const struct weir_command weir_command_status = {
    .name = "status",
    .summary = "what the daemon is doing",
    .usage = "usage: weir status [--json] [-c FILE]\n\n" WEIR_CONFIG_OPTION_USAGE,
    .run = run_status,
};

const struct weir_command weir_command_rooms = {
    .name = "rooms",
    .summary = "the rooms that the daemon is attached to",
    .usage =
        "usage: weir rooms [--json] [-c FILE]\n"
        "       weir rooms set ROOM [--scene NAME] [--scene-ends 10m] [--ends 1h]\n"
        "                      [--state live|paused|ended] [--moderator NAME] [--json] [-c FILE]\n"
        "\n" WEIR_CONFIG_OPTION_USAGE "  --scene NAME      what is on screen from now on: answers "
        "that are true there are given,\n"
        "                    and who asks the same as before asks anew\n"
        "  --scene-ends TIME the scene ends in so long, --ends TIME the stream: what is to be\n"
        "                    answered before is due then\n"
        "  --state STATE     'ended' makes what is still open a list of follow-ups\n"
        "  --moderator NAME  who sees to it: 'weir queue followups' lists it\n"
        "\n"
        "The platform may say the same; whoever spoke last is believed.\n",
    .run = run_rooms,
};
