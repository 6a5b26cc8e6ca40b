#include "engine/stream/rule_load.h"

#include "engine/base/alloc.h"
#include "engine/judge/judge.h"
#include "engine/triage/triage.h"

#include <stdio.h>
#include <time.h>

#define TRIES   20
#define REST_MS 100

void weir_rule_load_fini(struct weir_rule_load *load)
{
    weir_triage_destroy(&load->triage);
    weir_plan_destroy(&load->plan);
    weir_set_destroy(&load->set);
    weir_buffer_fini(&load->mistakes);
    weir_buffer_fini(&load->costs);
    weir_paths_fini(&load->files);
    *load = (struct weir_rule_load){0};
}

static void keep_mistakes(struct weir_rule_load *load, struct weir_diagnostics *diagnostics,
                          struct weir_rule_files *files)
{
    load->mistake_count = diagnostics->error_count;
    weir_diagnostics_write(diagnostics, weir_rule_files_source, files, &load->mistakes);
    for (size_t i = 0; i < diagnostics->count; i++) {
        const struct weir_error *error = &diagnostics->items[i].error;
        if (diagnostics->items[i].severity == WEIR_SEVERITY_ERROR) {
            snprintf(load->first_mistake, sizeof(load->first_mistake), "%.127s:%u:%u: %.255s",
                     error->file, error->line, error->column, error->text);
            return;
        }
    }
}

void weir_rule_load_run(struct weir_rule_load *load, const struct weir_paths *paths)
{
    WEIR_AUTO(weir_rule_files_fini) struct weir_rule_files files = {0};
    WEIR_AUTO(weir_diagnostics_fini) struct weir_diagnostics costs = {0};
    WEIR_AUTO(weir_diagnostics_fini) struct weir_diagnostics diagnostics = {.costs = &costs};
    weir_rule_load_fini(load);
    load->set = weir_rule_files_load(&files, paths, &diagnostics);
    if (load->set && !weir_set_prove(load->set, &diagnostics)) {
        weir_set_destroy(&load->set);
    }
    if (!load->set) {
        weir_diagnostics_sort(&diagnostics);
        keep_mistakes(load, &diagnostics, &files);
    }
    if (load->set) {
        weir_diagnostics_sort(&costs);
        weir_diagnostics_write(&costs, weir_rule_files_source, &files, &load->costs);
        load->plan = weir_plan_create(load->set);
        load->triage = weir_triage_create();
        weir_triage_prepare(load->triage, load->set);
    }
    load->digest = weir_rule_files_digest(&files);
    for (size_t i = 0; i < files.count; i++) {
        weir_paths_add(&load->files, files.items[i]->name);
    }
}

static void rest(void)
{
    const struct timespec pause = {.tv_nsec = REST_MS * 1000000L};
    nanosleep(&pause, NULL);
}

void weir_rule_load_settled(struct weir_rule_load *load, const struct weir_paths *paths)
{
    for (int i = 0; i < TRIES; i++) {
        weir_rule_load_run(load, paths);
        struct weir_files_digest now = weir_rule_files_digest_now(paths, &load->files);
        if (memcmp(&now, &load->digest, sizeof(now)) == 0) {
            return;
        }
        rest();
    }
}
