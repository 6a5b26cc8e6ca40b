// What rooms cost to remember, and whether remembering gets dearer: messages of many users in many
// rooms are judged with every check over time, and resident memory and speed are printed for each
// tenth of the way.
//
//   memory ROOMS USERS MESSAGES [users]      users of each room, messages of all rooms together;
//                                            users: strikes and trust alone, nothing counted
//
// Users come in turn, so each room meets all of them; texts differ, one in eight is a repetition.

#include "engine/base/alloc.h"
#include "engine/judge/judge.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

static const char pack[] =
    "pack: memory\n"
    "policy: {strikes: {ladder: {5: [{timeout: 1m}]}}, breaker: {delete: {max: 50, per: 1m}}}\n"
    "rules:\n"
    "  - {id: flood, when: {rate: {max: 5, per: 10s}}, then: {do: [{strike: 1}]}}\n"
    "  - {id: room, when: {rate: {by: room, max: 200, low: 50, per: 5s}}, then: {score: 1}}\n"
    "  - {id: text, when: {distinct: {by: text, max: 20, per: 30s}}, then: {score: 1}}\n"
    "  - {id: copies, when: {same_text: {max: 3, per: 1m}}, then: {do: [delete]}}\n"
    "  - {id: raid, when: {campaign: {accounts: 5, per: 1m, fresh: 60}}, then: {score: 1}}\n"
    "  - {id: new, when: {all: [{link: any}, {trust: {clean: {max: 3}}}]}, then: {do: [hold]}}\n";

static const char users_pack[] =
    "pack: users\n"
    "policy: {strikes: {ladder: {5: [{timeout: 1m}]}}}\n"
    "rules:\n"
    "  - {id: new, when: {all: [{link: any}, {trust: {clean: {max: 3}}}]}, then: {do: [hold]}}\n";

struct bench {
    struct weir_set *set;
    struct weir_judge *judge;
    struct weir_memory **rooms;
    struct weir_memory_budget budget;
    uint64_t room_count;
    uint64_t user_count;
    uint64_t messages;
};

static double cpu_seconds(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)usage.ru_utime.tv_sec + (double)usage.ru_utime.tv_usec / 1e6;
}

static double resident_mib(void)
{
    long pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (file && fscanf(file, "%*d %ld", &pages) != 1) {
        pages = 0;
    }
    if (file) {
        fclose(file);
    }
    return (double)pages * (double)sysconf(_SC_PAGESIZE) / 1048576;
}

static struct weir_set *load(const char *text)
{
    struct weir_diagnostics diagnostics = {0};
    struct weir_pack_file file = {"memory.yaml", weir_span_of(text)};
    struct weir_set *set = weir_set_load(&file, 1, NULL, NULL, &diagnostics);
    weir_diagnostics_fini(&diagnostics);
    weir_assert(set);
    return set;
}

static uint64_t mix(uint64_t number)
{
    number = (number ^ number >> 30) * 0xbf58476d1ce4e5b9u;
    number = (number ^ number >> 27) * 0x94d049bb133111ebu;
    return number ^ number >> 31;
}

// Ten messages a second in each room.
static void judge_message(struct bench *bench, uint64_t number)
{
    char user[24];
    char text[96];
    uint64_t room = number % bench->room_count;
    uint64_t turn = number / bench->room_count;
    uint64_t words = mix(number % 8 == 0 ? turn / 64 : number);
    int user_length =
        snprintf(user, sizeof(user), "u%llu", (unsigned long long)(turn % bench->user_count));
    int text_length = snprintf(
        text, sizeof(text), "%s %llx and %s %llx", words % 3 ? "what about" : "主播今天玩的是",
        (unsigned long long)(words >> 40 & 0xfffff), words % 5 ? "then" : "好不好看",
        (unsigned long long)(words >> 8 & 0xffffff));
    struct weir_room_view view = {.id = WEIR_SPAN("room")};
    struct weir_message message = {.room = view.id,
                                   .ts_ms = 1000000 + (int64_t)turn * 100,
                                   .user = {.id = {user, (size_t)user_length}},
                                   .text = {text, (size_t)text_length}};
    if (!bench->rooms[room]) {
        bench->rooms[room] = weir_memory_create_for(weir_memory_grant(&bench->budget), mix(room));
    }
    weir_judge_message(bench->judge, bench->set, bench->rooms[room], &view, &message,
                       message.ts_ms);
}

static void print_counts(const struct bench *bench)
{
    struct weir_memory_counts sum = {0};
    for (uint64_t i = 0; i < bench->room_count; i++) {
        struct weir_memory_counts counts;
        weir_memory_count(bench->rooms[i], &counts);
        sum.users += counts.users;
        sum.keys += counts.keys;
        sum.users_evicted += counts.users_evicted;
        sum.strikes_evicted += counts.strikes_evicted;
        sum.keys_evicted += counts.keys_evicted;
    }
    printf("users %llu, keys %llu; evicted: users %llu (with strikes or history %llu), keys %llu\n",
           (unsigned long long)sum.users, (unsigned long long)sum.keys,
           (unsigned long long)sum.users_evicted, (unsigned long long)sum.strikes_evicted,
           (unsigned long long)sum.keys_evicted);
}

static void run(struct bench *bench)
{
    double empty_mib = resident_mib();
    uint64_t part = bench->messages / 10;
    for (uint64_t tenth = 0; tenth < 10; tenth++) {
        double before = cpu_seconds();
        for (uint64_t i = 0; i < part; i++) {
            judge_message(bench, tenth * part + i);
        }
        printf("%10llu messages  %8.0f a second  %7.1f MiB\n",
               (unsigned long long)((tenth + 1) * part), (double)part / (cpu_seconds() - before),
               resident_mib() - empty_mib);
        fflush(stdout);
    }
}

int main(int argc, char **argv)
{
    struct bench bench = {.budget = {.most = 8000000}};
    if (argc != 4 && (argc != 5 || strcmp(argv[4], "users") != 0)) {
        fputs("usage: memory ROOMS USERS MESSAGES [users]\n", stderr);
        return 3;
    }
    bench.room_count = strtoull(argv[1], NULL, 10);
    bench.user_count = strtoull(argv[2], NULL, 10);
    bench.messages = strtoull(argv[3], NULL, 10);
    if (bench.room_count == 0 || bench.user_count == 0 || bench.messages < bench.room_count) {
        fputs("memory: needs a room, a user, and a message for each room\n", stderr);
        return 3;
    }
    bench.set = load(argc == 5 ? users_pack : pack);
    bench.judge = weir_judge_create(500);
    bench.rooms = weir_new_array(struct weir_memory *, bench.room_count);
    run(&bench);
    print_counts(&bench);
    for (uint64_t i = 0; i < bench.room_count; i++) {
        weir_memory_destroy(&bench.rooms[i]);
    }
    free(bench.rooms);
    weir_judge_destroy(&bench.judge);
    weir_set_destroy(&bench.set);
    return 0;
}
