// What a reload of many rules costs the messages that come meanwhile. One thread judges and times
// each message twice, by the clock and by the CPU that it used; another loads the same rules again
// and again, as the daemon does. The same run has a quiet part to compare with: how busy the
// machine is concerns both. CPU time tells what a reload makes a message do, whoever else wants the
// core.

#include "engine/base/alloc.h"
#include "engine/judge/judge.h"
#include "engine/stream/rule_load.h"

#include <inttypes.h>
#include <malloc.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define NICE  5
#define LOADS 3 // at least, however busy the machine is

struct loader {
    struct weir_paths paths;
    struct weir_rule_load load;
    struct weir_plan *plan;           // of the fresh one; then of the stale one
    _Atomic(struct weir_set *) fresh; // loaded, not yet taken
    _Atomic(struct weir_set *) stale; // to be freed
    atomic_bool is_over;
    atomic_size_t loads;
};

struct part {
    const char *name;
    uint64_t messages;
    uint64_t most_cpu_ns;
    uint64_t most_wall_ns;
    uint64_t over_5_ms; // by the clock
    uint64_t cpu_ns;
};

static uint64_t now_ns(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void nap(void)
{
    const struct timespec pause = {.tv_nsec = 2000000};
    nanosleep(&pause, NULL);
}

static void *load_for_ever(void *user)
{
    struct loader *loader = user;
    setpriority(PRIO_PROCESS, (id_t)gettid(), NICE);
    while (!loader->is_over) {
        weir_rule_load_settled(&loader->load, &loader->paths);
        weir_assert(loader->load.set);
        loader->plan = weir_take(loader->load.plan);
        loader->fresh = weir_take(loader->load.set);
        struct weir_set *old = NULL;
        while (!loader->is_over && !(old = atomic_exchange(&loader->stale, NULL))) {
            nap();
        }
        loader->loads += old != NULL;
        weir_plan_destroy(&loader->plan);
        weir_set_destroy(&old);
        malloc_trim(0);
    }
    return NULL;
}

static size_t resident_kib(void)
{
    size_t pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (file && fscanf(file, "%*u %zu", &pages) != 1) {
        pages = 0;
    }
    if (file) {
        fclose(file);
    }
    return pages * (size_t)sysconf(_SC_PAGESIZE) / 1024;
}

static void judge_one(struct weir_judge *judge, struct weir_memory *memory, struct weir_set *set,
                      uint64_t number)
{
    char text[80];
    int length = snprintf(text, sizeof(text), "hello number %" PRIu64 " of this chat", number);
    const struct weir_message message = {
        .room = WEIR_SPAN("r"),
        .id = WEIR_SPAN("m"),
        .ts_ms = 1700000000000 + (int64_t)number,
        .user = {.id = WEIR_SPAN("u"), .identity = WEIR_IDENTITY_STABLE},
        .text = {text, (size_t)length},
    };
    const struct weir_room_view room = {.id = message.room, .state = WEIR_SPAN("live")};
    weir_judge_message(judge, set, memory, &room, &message, message.ts_ms);
}

static void keep_most(uint64_t *most, uint64_t value)
{
    *most = value > *most ? value : *most;
}

static void run_part(struct part *part, struct loader *loader, struct weir_set **set,
                     struct weir_judge *judge, struct weir_memory *memory, double seconds)
{
    uint64_t end_ns = now_ns(CLOCK_MONOTONIC) + (uint64_t)(seconds * 1e9);
    uint64_t wall_ns;
    uint64_t last_ns = end_ns + (uint64_t)(seconds * 1e10);
    while ((wall_ns = now_ns(CLOCK_MONOTONIC)) < end_ns ||
           (loader && loader->loads < LOADS && wall_ns < last_ns)) {
        uint64_t cpu_ns = now_ns(CLOCK_THREAD_CPUTIME_ID);
        struct weir_set *fresh = loader ? atomic_exchange(&loader->fresh, NULL) : NULL;
        if (fresh) {
            struct weir_set *stale = *set;
            *set = fresh;
            weir_judge_exchange_plan(judge, loader->plan);
            loader->stale = stale;
        }
        judge_one(judge, memory, *set, part->messages++);
        cpu_ns = now_ns(CLOCK_THREAD_CPUTIME_ID) - cpu_ns;
        wall_ns = now_ns(CLOCK_MONOTONIC) - wall_ns;
        part->cpu_ns += cpu_ns;
        part->over_5_ms += wall_ns > 5000000;
        keep_most(&part->most_cpu_ns, cpu_ns);
        keep_most(&part->most_wall_ns, wall_ns);
    }
}

static void print_part(const struct part *part)
{
    printf("%-10s %9" PRIu64 " messages, %5.0f ns each; longest %8.3f ms of CPU, %8.3f ms by the "
           "clock; %" PRIu64 " over 5 ms\n",
           part->name, part->messages, (double)part->cpu_ns / (double)part->messages,
           (double)part->most_cpu_ns / 1e6, (double)part->most_wall_ns / 1e6, part->over_5_ms);
}

int main(int argc, char **argv)
{
    struct loader loader = {.loads = 0};
    struct part quiet = {.name = "quiet"};
    struct part busy = {.name = "reloading"};
    double seconds = argc > 2 ? strtod(argv[2], NULL) : 3;
    pthread_t thread;
    if (argc < 2) {
        fputs("usage: reload PACK [SECONDS]\n", stderr);
        return 3;
    }
    weir_paths_add(&loader.paths, argv[1]);
    weir_rule_load_run(&loader.load, &loader.paths);
    if (!loader.load.set) {
        fputs(loader.load.first_mistake, stderr);
        return 2;
    }
    struct weir_set *set = weir_take(loader.load.set);
    struct weir_judge *judge = weir_judge_create(2000);
    struct weir_memory *memory = weir_memory_create();
    run_part(&quiet, NULL, &set, judge, memory, seconds);
    malloc_trim(0);
    size_t before_kib = resident_kib();
    pthread_create(&thread, NULL, load_for_ever, &loader);
    run_part(&busy, &loader, &set, judge, memory, seconds * 2);
    loader.is_over = true;
    pthread_join(thread, NULL);
    struct weir_set *rest = loader.fresh;
    weir_set_destroy(&rest);
    rest = loader.stale;
    weir_set_destroy(&rest);
    malloc_trim(0);
    size_t after_kib = resident_kib();
    print_part(&quiet);
    print_part(&busy);
    printf("%zu rules, %zu reloads; %zu KiB before, %zu KiB after: %.2f of it\n", set->rule_count,
           (size_t)loader.loads, before_kib, after_kib, (double)after_kib / (double)before_kib);
    weir_judge_destroy(&judge);
    weir_memory_destroy(&memory);
    weir_set_destroy(&set);
    weir_rule_load_fini(&loader.load);
    weir_paths_fini(&loader.paths);
    return 0;
}
