// The daemon: reads configuration and rules, then leaves the loop to the service.

#include "engine/commands/commands.h"

#include "engine/base/alloc.h"
#include "engine/commands/config_option.h"
#include "engine/commands/simulate_option.h"
#include "engine/net/loop.h"
#include "engine/stream/rule_load.h"
#include "engine/stream/service.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct daemon {
    struct weir_config_option option;
    struct weir_paths rules;
    struct weir_adapters *adapters;
    struct weir_log *log;
    struct weir_loop *loop;
    struct weir_service *service;
    uint32_t simulated;
};

static bool find_rules(struct daemon *daemon)
{
    const struct weir_config *config = daemon->option.config;
    for (size_t i = 0; i < config->rules.count; i++) {
        weir_paths_add(&daemon->rules, config->rules.items[i]);
    }
    WEIR_AUTO(weir_free_at) char *shipped = config->rules.count ? NULL : weir_data_dir();
    if (shipped) {
        weir_paths_add(&daemon->rules, shipped);
    }
    return daemon->rules.count > 0;
}

static void on_plugin_refused(void *user, const char *path, const char *cause)
{
    weir_log_say(user, WEIR_LOG_ERROR, weir_span_of(path), "plugin.refused", "%s", cause);
}

static bool load_adapters(struct daemon *daemon)
{
    struct weir_error err = {0};
    daemon->adapters = weir_shipped_adapters(on_plugin_refused, daemon->log, &err);
    daemon->option.adapters = daemon->adapters;
    if (!daemon->adapters) {
        fprintf(stderr, "weir: %s\n", err.text);
    }
    return daemon->adapters != NULL;
}

static void on_stop(void *user, int number)
{
    struct daemon *daemon = user;
    (void)number;
    weir_service_drain(daemon->service);
}

static void on_hangup(void *user, int number)
{
    struct daemon *daemon = user;
    (void)number;
    weir_service_reload(daemon->service);
}

static int serve(struct daemon *daemon, struct weir_rule_load *loaded)
{
    struct weir_error err = {0};
    const char *hash = loaded->set->hash; // the service keeps the set
    const struct weir_service_options options = {
        .config = daemon->option.config,
        .adapters = daemon->adapters,
        .log = daemon->log,
        .rules = &daemon->rules,
        .loaded = loaded,
        .simulated = daemon->simulated,
    };
    daemon->service = weir_service_open(daemon->loop, &options, &err);
    if (err.text[0] == '\0') {
        weir_loop_on_signal(daemon->loop, SIGTERM, on_stop, daemon);
        weir_loop_on_signal(daemon->loop, SIGINT, on_stop, daemon);
        weir_loop_on_signal(daemon->loop, SIGHUP, on_hangup, daemon);
        weir_log_say(daemon->log, WEIR_LOG_INFO, (struct weir_span){0}, "started", "%s", hash);
    } else if (err.line > 0) {
        fprintf(stderr, "%s:%u:%u: %s\n", err.file, err.line, err.column, err.text);
    } else {
        fprintf(stderr, "weir: %s\n", err.text);
    }
    weir_loop_run(daemon->loop);
    weir_service_destroy(&daemon->service);
    return err.text[0] ? WEIR_EXIT_USAGE : WEIR_EXIT_OK;
}

static int start(struct daemon *daemon)
{
    struct weir_error err = {0};
    WEIR_AUTO(weir_rule_load_fini) struct weir_rule_load loaded = {0};
    if (!find_rules(daemon)) {
        fputs("weir: the shipped packs are not where they should be; name some under 'rules:'\n",
              stderr);
        return WEIR_EXIT_USAGE;
    }
    weir_rule_load_settled(&loaded, &daemon->rules);
    if (!loaded.set) {
        fwrite(loaded.mistakes.data, 1, loaded.mistakes.length, stderr);
        fputs("weir: the rules are refused, nothing was started\n", stderr);
        return WEIR_EXIT_RULES;
    }
    if (loaded.costs.length > 0) {
        fwrite(loaded.costs.data, 1, loaded.costs.length, stderr);
    }
    daemon->loop = weir_loop_create(&err);
    if (!daemon->loop) {
        fprintf(stderr, "weir: %s\n", err.text);
        return WEIR_EXIT_USAGE;
    }
    int outcome = serve(daemon, &loaded);
    weir_loop_destroy(&daemon->loop);
    return outcome;
}

static int run(int argc, char **argv)
{
    struct daemon daemon = {0};
    signal(SIGPIPE, SIG_IGN); // a peer that hangs up is an error of that write, not our end
    daemon.log = weir_log_create(STDERR_FILENO);
    int outcome =
        weir_simulate_option_take(&argc, argv, &daemon.simulated) && load_adapters(&daemon)
            ? (int)weir_config_option_load(&daemon.option, argc, argv, NULL)
            : WEIR_EXIT_USAGE;
    if (outcome == WEIR_EXIT_OK) {
        outcome = start(&daemon);
    }
    weir_adapters_destroy(&daemon.adapters);
    weir_log_destroy(&daemon.log);
    weir_paths_fini(&daemon.rules);
    weir_config_option_fini(&daemon.option);
    return outcome;
}

const struct weir_command weir_command_run = {
    .name = "run",
    .summary = "the daemon: attach to rooms, judge, act, queue what humans must see",
    .usage =
        "usage: weir run [-c FILE]\n"
        "\n"
        "Attaches to the rooms of the configuration and stays until SIGTERM, which lets what is\n"
        "under way end. Packs that change are loaded by themselves (watch_rules: false: only on\n"
        "SIGHUP or 'weir reload'); one with a mistake is refused, and what ran runs on.\n"
        "\n" WEIR_CONFIG_OPTION_USAGE WEIR_SIMULATE_OPTION_USAGE "\n"
        "The smallest configuration:\n"
        "  rooms:\n"
        "    - url: wss://chat.example/weir\n"
        "\n"
        "examples:\n"
        "  weir run -c weir.yaml\n",
    .run = run,
};
