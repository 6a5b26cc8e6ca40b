// What breaks, one thing after the other, at even distances of the operations. Each kind is a list
// of steps with a wait before each; the last step waits until the servers are whole again.

#include "tests/queues/run.h"

#include <stdlib.h>

enum fault {
    FAULT_KILL,
    FAULT_HANG,
    FAULT_CUT,
    FAULT_FAIL_KILLED,
    FAULT_FAIL_HUNG,
    FAULT_HANG_REPLICA
};

static struct server *master_of(struct run *run)
{
    return &run->servers[run->master];
}

static struct server *other_of(struct run *run)
{
    return &run->servers[1 - run->master];
}

static void promote_other(struct run *run)
{
    server_must(other_of(run), 5000, (const char *const[]){"REPLICAOF", "NO", "ONE", NULL});
    run->master = 1 - run->master;
}

static void follow_master(struct run *run)
{
    char port[16];
    snprintf(port, sizeof(port), "%d", master_of(run)->port);
    server_must(other_of(run), 10000, (const char *const[]){"REPLICAOF", "127.0.0.1", port, NULL});
}

// ---- the steps of each kind: each returns how many milliseconds the next one waits, -1 = that was
// all ----

static int kill_step(struct run *run, struct faults *faults)
{
    if (faults->step == 0) {
        server_kill(master_of(run));
        return (int)choose(&faults->random, 60);
    }
    server_start(master_of(run), NULL);
    return -1;
}

static int hang_step(struct run *run, struct faults *faults)
{
    if (faults->step == 0) {
        server_hang(master_of(run));
        return 20 + (int)choose(&faults->random, 1000);
    }
    server_resume(master_of(run));
    return -1;
}

static int cut_step(struct run *run, struct faults *faults)
{
    clients_cut(run, 1 + choose(&faults->random, 3));
    return -1;
}

static int fail_killed_step(struct run *run, struct faults *faults)
{
    if (faults->step == 0) {
        server_kill(master_of(run));
        return (int)choose(&faults->random, 60);
    }
    promote_other(run);
    server_start(other_of(run), master_of(run));
    return -1;
}

// The old master comes back and believes for a while that it still is one.
static int fail_hung_step(struct run *run, struct faults *faults)
{
    switch (faults->step) {
    case 0:
        server_hang(master_of(run));
        return 20 + (int)choose(&faults->random, 300);
    case 1:
        promote_other(run);
        return 20 + (int)choose(&faults->random, 300);
    case 2:
        server_resume(other_of(run));
        return (int)choose(&faults->random, 200);
    default:
        follow_master(run);
        return -1;
    }
}

static int hang_replica_step(struct run *run, struct faults *faults)
{
    if (faults->step == 0) {
        server_hang(other_of(run));
        return 20 + (int)choose(&faults->random, 600);
    }
    server_resume(other_of(run));
    return -1;
}

static int (*const steps[])(struct run *run, struct faults *faults) = {
    kill_step, hang_step, cut_step, fail_killed_step, fail_hung_step, hang_replica_step};

// ---- when ----

static enum fault choose_fault(struct run *run, struct faults *faults)
{
    static const enum fault alone[] = {FAULT_KILL, FAULT_HANG, FAULT_KILL, FAULT_CUT};
    static const enum fault two[] = {FAULT_FAIL_KILLED, FAULT_FAIL_HUNG, FAULT_HANG_REPLICA,
                                     FAULT_CUT};
    return run->options.failover ? two[choose(&faults->random, 4)]
                                 : alone[choose(&faults->random, 4)];
}

static bool is_due(const struct run *run, const struct faults *faults)
{
    uint64_t done = run->answered + run->refused;
    return !run->is_draining && faults->done < run->options.faults &&
           done >= (faults->done + 1) * run->options.operations / (run->options.faults + 1);
}

bool faults_tick(struct run *run, struct faults *faults)
{
    int64_t now_us = wall_us();
    if (now_us < faults->next_us) {
        return true;
    }
    if (faults->step < 0) { // all was done: is it whole again?
        if (!server_is_ready(master_of(run), run->options.failover)) {
            faults->next_us = now_us + 10000;
            return true;
        }
        faults->step = 0;
        faults->kind = -1;
    }
    if (faults->kind < 0) {
        if (!is_due(run, faults)) {
            return false;
        }
        faults->kind = (int)choose_fault(run, faults);
        faults->done++;
        run->broken[faults->kind]++;
    }
    int wait_ms = steps[faults->kind](run, faults);
    faults->step = wait_ms < 0 ? -1 : faults->step + 1;
    faults->next_us = now_us + 1000 * (int64_t)(wait_ms < 0 ? 5 : wait_ms);
    return true;
}
