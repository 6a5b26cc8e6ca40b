/**
 * One run of the checker: clients that call at random, servers that break, and the history of it.
 *
 * One thread and one poll loop drive all clients, so a run costs little beside redis-server itself.
 * What a client chooses comes from the seed; when it is answered does not.
 */
#ifndef WEIR_TESTS_QUEUES_RUN_H
#define WEIR_TESTS_QUEUES_RUN_H

#include "tests/queues/history.h"
#include "tests/queues/server.h"
#include "tests/queues/verify.h"

#define QUEUES    3
#define ROOMS     4
#define HELD_MOST 4
#define LOST_MOST 128
#define RING      4096

/** Queue 2 forgets what is finished after so long. */
#define SWEPT_QUEUE  2
#define RETENTION_MS 1500

struct options {
    uint64_t operations;
    uint64_t seed;
    unsigned clients;
    unsigned faults;
    bool failover; // two servers; only what WAIT 1 confirmed counts
    bool evalsha;  // a Redis without functions
    const char *fsync;
    const char *variant; // a mistake to make, NULL = none
    const char *history; // file to write all calls to, NULL = none
};

/** Random numbers of a client's own. */
uint64_t next_random(uint64_t *state);

static inline unsigned choose(uint64_t *state, unsigned below)
{
    return (unsigned)(next_random(state) % below);
}

/** What a card's id alone says about it, so that a repeated add is the same. */
struct card_plan {
    uint8_t queue;
    uint8_t room;
    bool is_flag;
    uint32_t fp; // 0 = merges with nothing
    uint32_t age_ms;
    uint32_t target_ms;
    uint32_t asker;
};

struct card_plan card_plan_of(uint64_t seed, uint32_t card);

enum job {
    JOB_NONE,
    JOB_GREET, // its answer means that nothing sent on older connections can still happen
    JOB_CALL,  // one call of the library that the history keeps
    JOB_LOOK,  // list, show, stats: only that they answer
    JOB_TAKE_OUT,
    JOB_RELAY,
    JOB_RELAYED,
    JOB_TAKE_ACTIONS,
    JOB_TAKEN,
};

enum mood { MOOD_WORK, MOOD_LATE, MOOD_AGAIN };

/** A card that a client believes it owns. */
struct held {
    uint64_t token;
    int64_t lease_ms;
    uint32_t card;
    uint8_t queue;
    uint8_t mood;
    uint8_t kind;    // the decision that is repeated
    uint8_t verdict; // and its words
};

enum state { STATE_DOWN, STATE_IDLE, STATE_BUSY };

struct client {
    uint16_t number;
    uint8_t role;
    uint8_t state;
    uint8_t job;
    int fd;
    uint64_t random;
    int64_t wake_us;     // idle or down until then
    int64_t deadline_us; // busy: gives up then
    struct weir_buffer out;
    size_t written;
    struct weir_buffer in;
    unsigned expected; // replies
    bool dies;         // cuts its connection once the request is written
    struct call call;  // of JOB_CALL
    unsigned asked;    // a claim's most
    uint8_t verdict;
    struct held held[HELD_MOST];
    unsigned held_count;
    size_t lost[LOST_MOST]; // calls that may still happen, by their place in the history
    unsigned lost_count;
    struct weir_buffer
        entries; // a relayer's: what it has relayed, or the owner was given, NUL after each
    unsigned entry_count;
    uint8_t relayed_queue;
    bool starts_over;  // a room's owner asks for all again
    bool has_capacity; // it named one: a claim may give it less than there is
};

enum role { ROLE_ANY, ROLE_RELAY, ROLE_OWNER };

struct decided {
    uint64_t token;
    uint32_t card;
    uint8_t queue;
};

struct run {
    struct options options;
    struct server servers[2];
    unsigned master;
    struct client *clients;
    int epoll;
    int64_t looked_us; // when every client was looked at
    struct history history;
    char sha[41]; // of the library as a script
    struct weir_buffer library;
    bool lacks_library; // scripts are forgotten in a restart
    uint32_t cards;     // so many ids were used
    struct decided decided[RING];
    uint64_t decided_count;
    int64_t waiting;
    bool is_draining;
    uint64_t answered; // operations with an answer
    uint64_t unknown;  // and without one
    uint64_t refused;
    uint64_t looked;
    uint64_t relayed;
    uint64_t unexpected; // answers that no client should get
    uint64_t broken[8];  // faults by kind
};

/** ---- library.c: the calls ---- */

/** Adds one call of the library to what the client will write. `words` end with NULL. */
void request(struct run *run, struct client *client, const char *function, const char *key,
             const char *const *words);

/** Loads the library into the master, as functions or as a script. */
void load_library(struct run *run);

/** ---- work.c: what a client does next ---- */

void next_work(struct run *run, struct client *client);

/** ---- relay.c: what relayers and owners of rooms do next ---- */

void next_relay(struct run *run, struct client *client);
void next_owner(struct run *run, struct client *client);
void on_relay_answer(struct run *run, struct client *client, const struct resp_reply *reply,
                     bool confirmed);

/** ---- answers.c: what came back ---- */

void on_answer(struct run *run, struct client *client, const struct resp_reply *reply,
               bool confirmed);

/** The call of a client has no answer and never will have one. */
void on_no_answer(struct run *run, struct client *client);

/** ---- clients.c: connections ---- */

void clients_open(struct run *run);
void clients_close(struct run *run);

/** One turn of the loop. */
void clients_turn(struct run *run);

/** Cuts every `nth` connection. */
void clients_cut(struct run *run, unsigned nth);

/** ---- faults.c ---- */

struct faults {
    uint64_t random;
    unsigned done;
    int step;
    int kind;
    int64_t next_us;
};

/** Breaks or mends something when it is time. True while something is broken. */
bool faults_tick(struct run *run, struct faults *faults);

/** ---- final.c ---- */

/** Reads every card as it is stored. The caller frees the list. */
struct final_card *read_finals(struct run *run);

/** What is left in queues and streams; 0 when everything was worked off. */
uint64_t count_left(struct run *run);

#endif
