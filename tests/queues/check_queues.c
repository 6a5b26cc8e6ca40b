// Calls the queues at random from many clients while Redis is killed, hangs, loses connections and
// fails over, and proves from what was acknowledged that nothing was lost, owned twice, answered
// twice or counted twice, and that every claim took what was due first. See README.md here.

#include "tests/queues/run.h"
#include "tests/queues/variants.h"

#include "engine/base/alloc.h"
#include "engine/store/library.h"

#include <getopt.h>
#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#define DRAIN_US       30000000
#define DRAIN_WRONG_US 3000000 // a library with a mistake may never come to an end

static const char usage[] = "usage: check_queues [--operations N] [--seed S] [--clients N] "
                            "[--faults N] [--failover] [--evalsha]\n"
                            "                    [--fsync always|everysec|no] [--variant NAME | "
                            "--variants] [--history FILE]\n";

static const struct option long_options[] = {{"operations", required_argument, NULL, 'o'},
                                             {"seed", required_argument, NULL, 's'},
                                             {"clients", required_argument, NULL, 'c'},
                                             {"faults", required_argument, NULL, 'f'},
                                             {"failover", no_argument, NULL, 'F'},
                                             {"evalsha", no_argument, NULL, 'e'},
                                             {"fsync", required_argument, NULL, 'y'},
                                             {"variant", required_argument, NULL, 'v'},
                                             {"variants", no_argument, NULL, 'l'},
                                             {"history", required_argument, NULL, 'h'},
                                             {NULL, 0, NULL, 0}};

static void list_variants(void)
{
    for (size_t i = 0; i < variant_count; i++) {
        printf("%s\t%s\n", variants[i].name, variants[i].about);
    }
}

static bool read_options(int argc, char **argv, struct options *options)
{
    int option;
    while ((option = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
        switch (option) {
        case 'o':
            options->operations = strtoull(optarg, NULL, 10);
            break;
        case 's':
            options->seed = strtoull(optarg, NULL, 10);
            break;
        case 'c':
            options->clients = (unsigned)strtoul(optarg, NULL, 10);
            break;
        case 'f':
            options->faults = (unsigned)strtoul(optarg, NULL, 10);
            break;
        case 'F':
            options->failover = true;
            break;
        case 'e':
            options->evalsha = true;
            break;
        case 'y':
            options->fsync = optarg;
            break;
        case 'v':
            options->variant = optarg;
            break;
        case 'l':
            list_variants();
            exit(0);
        case 'h':
            options->history = optarg;
            break;
        default:
            return false;
        }
    }
    return optind == argc && options->operations > 0 && options->clients > 0 &&
           options->clients <= 256;
}

static bool choose_library(struct run *run)
{
    weir_buffer_add(&run->library, weir_library_for_functions());
    if (!run->options.variant) {
        return true;
    }
    const struct variant *variant = variant_find(run->options.variant);
    if (!variant) {
        fprintf(stderr, "check_queues: no such variant: %s\n", run->options.variant);
        return false;
    }
    return variant_apply(variant, &run->library);
}

// ---- the run ----

static void start_servers(struct run *run, const char *folder)
{
    for (int i = 0; i < 2; i++) {
        server_init(&run->servers[i], folder, i, run->options.fsync);
    }
    server_start(&run->servers[0], NULL);
    server_must(&run->servers[0], 10000, (const char *const[]){"PING", NULL});
    load_library(run);
    if (run->options.failover) {
        server_start(&run->servers[1], &run->servers[0]);
        int64_t end_us = wall_us() + 10000000;
        while (!server_is_ready(&run->servers[0], true) && wall_us() < end_us) {
            poll(NULL, 0, 10);
        }
    }
}

static void turn(struct run *run)
{
    clients_turn(run);
    if (run->lacks_library) {
        run->lacks_library = false;
        load_library(run);
    }
}

static void work(struct run *run)
{
    struct faults faults = {.random = run->options.seed * 31 + 7, .kind = -1};
    while (faults_tick(run, &faults) || run->answered + run->refused < run->options.operations) {
        turn(run);
    }
}

// Everything is whole and everybody works off what is left; a card that nobody can claim stays.
static uint64_t drain(struct run *run)
{
    int64_t end_us = wall_us() + (run->options.variant ? DRAIN_WRONG_US : DRAIN_US);
    int64_t look_us = 0;
    uint64_t left = 1;
    run->is_draining = true;
    while (left > 0 && wall_us() < end_us) {
        turn(run);
        if (wall_us() >= look_us) {
            left = count_left(run);
            look_us = wall_us() + 100000;
        }
    }
    return left;
}

static void end_unknown_calls(struct run *run)
{
    int64_t now_us = wall_us();
    for (size_t i = 0; i < run->history.count; i++) {
        struct call *call = &run->history.calls[i];
        call->ended_us = call->ended_us == INT64_MAX ? now_us : call->ended_us;
    }
}

static void write_history(const struct run *run)
{
    FILE *file = fopen(run->options.history, "w");
    for (size_t i = 0; file && i < run->history.count; i++) {
        history_print(file, &run->history.calls[i]);
    }
    if (!file || fclose(file) != 0) {
        fprintf(stderr, "check_queues: cannot write %s\n", run->options.history);
    }
}

// ---- telling ----

static void tell(const struct run *run, const struct verdicts *verdicts, uint64_t left,
                 int64_t took_us)
{
    static const char *const faults[] = {
        "kill -9", "hung", "cut", "failed over (killed)", "failed over (hung)", "replica hung"};
    printf("operations %" PRIu64 " (answered %" PRIu64 ", refused %" PRIu64 "), unknown %" PRIu64
           ", cards %u, looks %" PRIu64 ", relayed %" PRIu64 "\n",
           run->answered + run->refused, run->answered, run->refused, run->unknown, run->cards,
           run->looked, run->relayed);
    printf("faults:");
    for (size_t i = 0; i < ARRAY_LEN(faults); i++) {
        printf(" %s %" PRIu64 ",", faults[i], run->broken[i]);
    }
    printf(" %.1f s, seed %" PRIu64 "\n", (double)took_us / 1e6, run->options.seed);
    printf("claims %" PRIu64 ", beside something else that was ready %" PRIu64 "\n",
           verdicts->claims, verdicts->compared);
    for (int i = 0; i < FINDINGS; i++) {
        printf("%s%s %" PRIu64, i ? ", " : "", finding_names[i], verdicts->found[i]);
    }
    printf(", unexpected %" PRIu64 ", left %" PRIu64 "\n", run->unexpected, left);
}

static bool is_clean(const struct run *run, const struct verdicts *verdicts, uint64_t left)
{
    uint64_t found = run->unexpected + left;
    for (int i = 0; i < FINDINGS; i++) {
        found += verdicts->found[i];
    }
    return found == 0;
}

static int judge(struct run *run, uint64_t left, int64_t began_us)
{
    struct final_card *finals = read_finals(run);
    struct verdicts verdicts = {.out = stderr, .most = 5};
    const struct variant *variant =
        run->options.variant ? variant_find(run->options.variant) : NULL;
    if (variant) {
        verdicts.most = 1;
    }
    end_unknown_calls(run);
    if (run->options.history) {
        write_history(run);
    }
    verify(&run->history, finals, run->cards, &verdicts);
    tell(run, &verdicts, left, wall_us() - began_us);
    free(finals);
    if (variant) {
        printf("%s: %s\n", variant->name,
               verdicts.found[variant->finding] ? "caught" : "NOT CAUGHT");
        return verdicts.found[variant->finding] ? 0 : 1;
    }
    return is_clean(run, &verdicts, left) ? 0 : 1;
}

int main(int argc, char **argv)
{
    char folder[] = "/tmp/weir-check-queues-XXXXXX";
    struct run *run = weir_new(struct run);
    run->options = (struct options){
        .operations = 200000, .seed = 1, .clients = 48, .faults = 12, .fsync = "no"};
    if (!read_options(argc, argv, &run->options)) {
        fputs(usage, stderr);
        return 3;
    }
    if (!choose_library(run)) {
        return 2;
    }
    if (!mkdtemp(folder)) {
        return 3;
    }
    int64_t began_us = wall_us();
    start_servers(run, folder);
    clients_open(run);
    work(run);
    int status = judge(run, drain(run), began_us);
    clients_close(run);
    server_kill(&run->servers[0]);
    server_kill(&run->servers[1]);
    char command[64];
    snprintf(command, sizeof(command), "rm -rf %s", folder);
    status = system(command) == 0 ? status : 3;
    history_fini(&run->history);
    weir_buffer_fini(&run->library);
    free(run);
    return status;
}
