#include "engine/store/spool.h"

#include "engine/base/alloc.h"
#include "engine/store/spool_disk.h"
#include "engine/store/spool_reading.h"
#include "engine/sys/directory.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <uv.h>

// Segments are removed strictly from the oldest on. A record that is still needed when its segment
// has become mostly waste is copied to the end, with its position, and then the old segment goes.
// So a release always stands behind every copy of its record and never has to be carried along, and
// one card that stays open for a week does not keep a week of others on disk.
//
// Where a frame will stand is fixed when it is appended; only one job writes at a time. A job that
// fails (disk full) is repeated as it is, and what is appended meanwhile waits in memory, bounded.

#define DEFAULT_MAX_BYTES      (1ull << 30)
#define DEFAULT_SEGMENT_BYTES  (8ull << 20)
#define SMALLEST_SEGMENT_BYTES 1024u
#define PENDING_MAX_BYTES      (16ull << 20)
#define RETRY_MS               500
// Syncing costs the disk and a core the same for one record as for hundreds. A card waits a little
// for company: its message is acknowledged that much later, nothing else hangs on it. Releases wait
// longer.
#define CARD_MS            4
#define RELEASE_MS         100
#define RELEASES_PER_FRAME 4096

struct segment {
    uint64_t id;
    uint64_t bytes;
    uint64_t live; // records in it that are needed
    bool copied;   // its live ones stand further on, in a batch that is not on disk yet
    bool is_stuck; // could not be read back: stays until its records are released
};

struct entry {
    uint64_t position;
    uint64_t segment;
    uint64_t offset;
    uint32_t bytes; // of the whole frame
    bool released;
};

struct weir_spool {
    struct weir_spool_options options;
    char *directory;
    void (*on_durable)(void *user, uint64_t position);
    void *user;
    int lock;
    uv_loop_t *uv;
    uv_timer_t timer;
    uv_work_t work;
    uv_sem_t work_done;

    struct segment *segments; // oldest first; the last is being written
    size_t segment_count;
    size_t segment_capacity;
    struct entry *entries; // by position; released ones go when they are many
    size_t entry_count;
    size_t entry_capacity;

    struct weir_buffer pending;
    uint64_t pending_start; // where it goes in the last segment
    bool pending_begins;    // and it is the first thing there
    struct weir_spool_ids releases;
    struct weir_spool_job job;
    bool is_running; // the job is on another thread
    bool is_failing; // the job failed and waits for its next try
    bool is_closed;
    bool is_urgent; // something pending should not wait for company

    uint64_t next_position;
    uint64_t durable;
    uint64_t live_bytes;
    bool was_full;
    char full_text[160];
    struct weir_spool_counters counters;
};

static struct segment *last_segment(struct weir_spool *spool)
{
    return &spool->segments[spool->segment_count - 1];
}

static struct segment *find_segment(struct weir_spool *spool, uint64_t id)
{
    for (size_t i = spool->segment_count; i > 0; i--) {
        if (spool->segments[i - 1].id == id) {
            return &spool->segments[i - 1];
        }
    }
    return NULL;
}

static struct entry *find_entry(struct weir_spool *spool, uint64_t position)
{
    size_t low = 0;
    size_t high = spool->entry_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (spool->entries[middle].position < position) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    bool found = low < spool->entry_count && spool->entries[low].position == position;
    return found && !spool->entries[low].released ? &spool->entries[low] : NULL;
}

static const struct entry *look_up(const struct weir_spool *spool, uint64_t position)
{
    return find_entry((struct weir_spool *)spool, position);
}

static struct segment *add_segment(struct weir_spool *spool, uint64_t id, uint64_t bytes)
{
    spool->segments = weir_grow(spool->segments, &spool->segment_capacity, spool->segment_count + 1,
                                sizeof(*spool->segments));
    spool->segments[spool->segment_count++] = (struct segment){.id = id, .bytes = bytes};
    spool->counters.disk_bytes += bytes;
    return last_segment(spool);
}

static void add_entry(struct weir_spool *spool, const struct entry *entry)
{
    spool->entries = weir_grow(spool->entries, &spool->entry_capacity, spool->entry_count + 1,
                               sizeof(*spool->entries));
    spool->entries[spool->entry_count++] = *entry;
    spool->live_bytes += entry->bytes;
    spool->counters.live++;
}

static void forget_released_entries(struct weir_spool *spool)
{
    if (spool->entry_count < 64 || spool->entry_count < 2 * spool->counters.live) {
        return;
    }
    size_t kept = 0;
    for (size_t i = 0; i < spool->entry_count; i++) {
        if (!spool->entries[i].released) {
            spool->entries[kept++] = spool->entries[i];
        }
    }
    spool->entry_count = kept;
}

// ---- what is to be written ----

// From here on new frames go to a new segment; what is pending must have been handed to a job.
static void begin_segment(struct weir_spool *spool)
{
    uint64_t id = spool->segment_count ? last_segment(spool)->id + 1 : 1;
    add_segment(spool, id, WEIR_SPOOL_SEGMENT_HEAD_BYTES);
    weir_spool_write_segment_head(&spool->pending, spool->next_position);
    spool->pending_start = 0;
    spool->pending_begins = true;
}

// Accounts for what was just added to `pending` from its byte `before` on; returns its offset.
static uint64_t account_frame(struct weir_spool *spool, size_t before)
{
    struct segment *segment = last_segment(spool);
    uint64_t offset = segment->bytes;
    segment->bytes += spool->pending.length - before;
    spool->counters.disk_bytes += spool->pending.length - before;
    return offset;
}

static void write_releases(struct weir_spool *spool)
{
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer list = {0};
    for (size_t i = 0; i < spool->releases.count; i++) {
        weir_spool_put_u64(weir_buffer_reserve(&list, 8), spool->releases.items[i]);
        list.length += 8;
        if (list.length == 8 * RELEASES_PER_FRAME || i + 1 == spool->releases.count) {
            size_t before = spool->pending.length;
            weir_spool_write_frame(&spool->pending, WEIR_SPOOL_FRAME_RELEASE, 0,
                                   weir_buffer_span(&list));
            account_frame(spool, before);
            weir_buffer_clear(&list);
        }
    }
    spool->releases.count = 0;
}

// Segments that nothing is needed of, oldest first, as long as they are not being written.
static void choose_drops(struct weir_spool *spool, struct weir_spool_job *job)
{
    size_t count = 0;
    for (; count < spool->segment_count; count++) {
        struct segment *segment = &spool->segments[count];
        if (segment->live > 0 || segment->id >= job->segment) {
            break;
        }
        // Behind one that must wait, all must: the order of removal is what releases rely on.
        bool must_wait = segment->copied || job->drop_after.count > 0;
        weir_spool_ids_add(must_wait ? &job->drop_after : &job->drop_first, segment->id);
        spool->counters.disk_bytes -= segment->bytes;
    }
    spool->segment_count -= count;
    memmove(spool->segments, spool->segments + count,
            spool->segment_count * sizeof(*spool->segments));
}

// The oldest segment, where it is mostly waste and the whole has become large for what is live.
static uint64_t choose_copy(struct weir_spool *spool)
{
    struct segment *oldest = &spool->segments[0];
    uint64_t disk = spool->counters.disk_bytes;
    uint64_t waste = disk > spool->live_bytes ? disk - spool->live_bytes : 0;
    uint64_t unit = spool->options.segment_bytes;
    bool is_nearly_full = disk > spool->options.max_bytes / 4 * 3;
    bool is_wasteful = waste > spool->live_bytes + 4 * unit || (is_nearly_full && waste > 2 * unit);
    bool can_copy = spool->segment_count > 1 && oldest->live > 0 && !oldest->copied &&
                    !oldest->is_stuck && oldest->id < spool->job.segment;
    return is_wasteful && can_copy ? oldest->id : 0;
}

static void fill_job(struct weir_spool *spool)
{
    struct weir_spool_job *job = &spool->job;
    struct weir_buffer emptied = job->data;
    weir_buffer_clear(&emptied);
    write_releases(spool);
    job->segment = last_segment(spool)->id;
    job->begins_segment = spool->pending_begins;
    job->offset = spool->pending_start;
    job->data = spool->pending;
    job->sync = spool->options.sync != WEIR_SPOOL_SYNC_OS;
    job->last_position = spool->next_position - 1;
    job->drop_first.count = 0;
    job->drop_after.count = 0;
    choose_drops(spool, job);
    job->read_segment = choose_copy(spool);

    spool->is_urgent = false;
    spool->pending = emptied;
    spool->pending_start = last_segment(spool)->bytes;
    spool->pending_begins = false;
    if (last_segment(spool)->bytes >= spool->options.segment_bytes) {
        begin_segment(spool);
    }
}

static bool has_work(const struct weir_spool *spool)
{
    return spool->pending.length > 0 || spool->releases.count > 0;
}

// ---- jobs ----

static void on_work(uv_work_t *work)
{
    struct weir_spool *spool = work->data;
    weir_spool_job_run(&spool->job);
    uv_sem_post(&spool->work_done);
}

static void copy_entry(struct weir_spool *spool, struct entry *entry, struct weir_span old)
{
    struct weir_spool_frame frame;
    find_segment(spool, entry->segment)->live--;
    if (!weir_spool_read_frame(old, entry->offset, &frame) || frame.position != entry->position) {
        spool->counters.damaged++; // the disk lost it; its owner still has it in memory
        entry->released = true;
        spool->counters.live--;
        spool->live_bytes -= entry->bytes;
        return;
    }
    size_t before = spool->pending.length;
    weir_buffer_add(&spool->pending,
                    weir_span_slice(old, entry->offset, entry->offset + entry->bytes));
    entry->offset = account_frame(spool, before);
    entry->segment = last_segment(spool)->id;
    last_segment(spool)->live++;
    spool->counters.moved++;
}

// Copies what is live in the segment that the job has read to the end.
static void copy_forward(struct weir_spool *spool)
{
    struct segment *old = find_segment(spool, spool->job.read_segment);
    struct weir_span bytes = weir_buffer_span(&spool->job.read);
    if (!old) {
        return; // released entirely meanwhile
    }
    uint64_t id = old->id;
    old->is_stuck = bytes.length < old->bytes;
    old->copied = !old->is_stuck;
    for (size_t i = 0; old->copied && i < spool->entry_count && old->live > 0; i++) {
        struct entry *entry = &spool->entries[i];
        if (!entry->released && entry->segment == id) {
            copy_entry(spool, entry, bytes);
        }
    }
}

static void start_job(struct weir_spool *spool);
static void on_time(uv_timer_t *timer);

static void schedule(struct weir_spool *spool, uint64_t after_ms)
{
    after_ms = spool->options.sync == WEIR_SPOOL_SYNC_ALWAYS && !spool->is_failing ? 0 : after_ms;
    if (spool->is_running || spool->is_closed) {
        return;
    }
    bool waits = uv_is_active((uv_handle_t *)&spool->timer);
    if (!waits || (!spool->is_failing && after_ms < uv_timer_get_due_in(&spool->timer))) {
        uv_timer_start(&spool->timer, on_time, after_ms, 0);
    }
}

static void finish_job(struct weir_spool *spool)
{
    spool->is_failing = spool->job.failure.text[0] != '\0';
    if (spool->is_failing) {
        spool->counters.failures++;
        return;
    }
    spool->counters.batches++;
    spool->durable = spool->job.last_position;
    weir_buffer_clear(&spool->job.data);
    if (spool->job.read_segment > 0) {
        copy_forward(spool);
    }
}

static void free_spool(struct weir_spool *spool)
{
    weir_spool_job_fini(&spool->job);
    weir_buffer_fini(&spool->pending);
    uv_sem_destroy(&spool->work_done);
    free(spool->releases.items);
    free(spool->segments);
    free(spool->entries);
    free(spool->directory);
    free(spool);
}

static void on_timer_closed(uv_handle_t *handle)
{
    struct weir_spool *spool = handle->data;
    spool->timer.data = NULL;
    if (!spool->is_running) {
        free_spool(spool);
    }
}

static void on_work_done(uv_work_t *work, int status)
{
    struct weir_spool *spool = work->data;
    spool->is_running = false;
    if (spool->is_closed) {
        if (!spool->timer.data) {
            free_spool(spool);
        }
        return;
    }
    (void)status; // only close cancels
    uv_sem_wait(&spool->work_done);
    uint64_t before = spool->durable;
    finish_job(spool);
    if (spool->is_failing) {
        schedule(spool, RETRY_MS);
    } else if (has_work(spool)) {
        schedule(spool, spool->is_urgent ? 0 : CARD_MS);
    }
    if (spool->durable > before) {
        spool->on_durable(spool->user, spool->durable);
    }
}

static void start_job(struct weir_spool *spool)
{
    if (spool->is_failing) {
        choose_drops(spool, &spool->job); // what was released meanwhile may be what makes room
    } else {
        fill_job(spool);
    }
    spool->is_running = true;
    spool->work.data = spool;
    weir_assert(uv_queue_work(spool->uv, &spool->work, on_work, on_work_done) == 0);
}

static void on_time(uv_timer_t *timer)
{
    struct weir_spool *spool = timer->data;
    if (!spool->is_running && (spool->is_failing || has_work(spool))) {
        start_job(spool);
    }
}

// ---- opening ----

struct found_record {
    struct entry entry;
    uint8_t kind;
    struct weir_span payload;
};

struct recovery {
    uint64_t segment;
    struct found_record *records;
    size_t record_count;
    size_t record_capacity;
    struct weir_spool_ids releases;
};

static void on_found_frame(void *user, const struct weir_spool_frame *frame)
{
    struct recovery *recovery = user;
    if (frame->kind == WEIR_SPOOL_FRAME_RELEASE) {
        for (size_t at = 0; at + 8 <= frame->payload.length; at += 8) {
            weir_spool_ids_add(&recovery->releases, weir_spool_get_u64(frame->payload.data + at));
        }
        return;
    }
    recovery->records = weir_grow(recovery->records, &recovery->record_capacity,
                                  recovery->record_count + 1, sizeof(*recovery->records));
    recovery->records[recovery->record_count++] = (struct found_record){
        .entry = {.position = frame->position,
                  .segment = recovery->segment,
                  .offset = frame->offset,
                  .bytes = (uint32_t)(WEIR_SPOOL_FRAME_HEAD_BYTES + frame->payload.length)},
        .kind = frame->kind,
        .payload = frame->payload,
    };
}

// By position; of two copies the newer one first, since the older's segment will go first.
static int compare_records(const void *a, const void *b)
{
    const struct entry *left = &((const struct found_record *)a)->entry;
    const struct entry *right = &((const struct found_record *)b)->entry;
    if (left->position != right->position) {
        return left->position < right->position ? -1 : 1;
    }
    return (left->segment < right->segment) - (left->segment > right->segment);
}

static int compare_u64(const void *a, const void *b)
{
    uint64_t left = *(const uint64_t *)a;
    uint64_t right = *(const uint64_t *)b;
    return (left > right) - (left < right);
}

static void scan_found(struct weir_spool *spool, struct recovery *recovery,
                       const struct weir_spool_found *found)
{
    recovery->segment = found->id;
    struct weir_spool_scan scan = weir_spool_scan(found->bytes, on_found_frame, recovery);
    spool->counters.torn_bytes += scan.torn_bytes;
    spool->counters.damaged += scan.damaged;
    if (scan.max_position >= spool->next_position) {
        spool->next_position = scan.max_position + 1;
    }
    add_segment(spool, found->id, scan.good_bytes);
}

static bool is_released(const struct recovery *recovery, uint64_t position)
{
    return recovery->releases.count > 0 &&
           bsearch(&position, recovery->releases.items, recovery->releases.count, sizeof(uint64_t),
                   compare_u64) != NULL;
}

static void sort_recovery(struct recovery *recovery)
{
    if (recovery->record_count > 0) {
        qsort(recovery->records, recovery->record_count, sizeof(*recovery->records),
              compare_records);
    }
    if (recovery->releases.count > 0) {
        qsort(recovery->releases.items, recovery->releases.count, sizeof(uint64_t), compare_u64);
    }
}

typedef void (*record_fn)(void *user, enum weir_spool_kind kind, uint64_t position,
                          struct weir_span record);

static void give_records(struct weir_spool *spool, struct recovery *recovery, record_fn on_record)
{
    uint64_t last = 0;
    sort_recovery(recovery);
    for (size_t i = 0; i < recovery->record_count; i++) {
        const struct found_record *record = &recovery->records[i];
        if (record->entry.position == last || is_released(recovery, record->entry.position)) {
            continue;
        }
        last = record->entry.position;
        add_entry(spool, &record->entry);
        find_segment(spool, record->entry.segment)->live++;
        spool->counters.recovered++;
        on_record(spool->user, (enum weir_spool_kind)record->kind, last, record->payload);
    }
}

static bool recover(struct weir_spool *spool, record_fn on_record, struct weir_error *err)
{
    struct weir_spool_found *found = NULL;
    size_t count = 0;
    struct recovery recovery = {0};
    bool readable = weir_spool_map_all(spool->directory, &found, &count, err);
    for (size_t i = 0; readable && i < count; i++) {
        scan_found(spool, &recovery, &found[i]);
    }
    if (readable) {
        give_records(spool, &recovery, on_record);
    }
    for (size_t i = 0; readable && i < count; i++) {
        if (spool->segments[i].bytes < found[i].bytes.length) {
            weir_spool_cut(spool->directory, found[i].id, spool->segments[i].bytes);
        }
    }
    weir_spool_unmap_all(found, count);
    free(recovery.records);
    free(recovery.releases.items);
    return readable;
}

// The segment of this run is begun at once, so that a directory that can't be written to is found
// out before anything relies on it, and positions go on rising even when nothing else is left.
static bool begin_writing(struct weir_spool *spool, struct weir_error *err)
{
    spool->durable = spool->next_position - 1;
    begin_segment(spool);
    fill_job(spool);
    weir_spool_job_run(&spool->job);
    if (spool->job.failure.text[0] != '\0') {
        return weir_error_set(err, "%s", spool->job.failure.text);
    }
    finish_job(spool);
    return true;
}

static struct weir_spool *make_spool(struct weir_loop *loop,
                                     const struct weir_spool_options *options)
{
    struct weir_spool *spool = weir_new(struct weir_spool);
    spool->options = *options;
    if (spool->options.max_bytes == 0) {
        spool->options.max_bytes = DEFAULT_MAX_BYTES;
    }
    if (spool->options.segment_bytes == 0) {
        spool->options.segment_bytes = DEFAULT_SEGMENT_BYTES;
    }
    if (spool->options.segment_bytes > spool->options.max_bytes / 8) {
        spool->options.segment_bytes = spool->options.max_bytes / 8;
    }
    if (spool->options.segment_bytes < SMALLEST_SEGMENT_BYTES) {
        spool->options.segment_bytes = SMALLEST_SEGMENT_BYTES;
    }
    spool->directory = weir_strdup(options->directory);
    spool->job = (struct weir_spool_job){.directory = spool->directory, .fd = -1};
    spool->lock = -1;
    spool->next_position = 1;
    spool->uv = weir_loop_uv(loop);
    uv_sem_init(&spool->work_done, 0);
    return spool;
}

struct weir_spool *weir_spool_open(struct weir_loop *loop, const struct weir_spool_options *options,
                                   void (*on_record)(void *user, enum weir_spool_kind kind,
                                                     uint64_t position, struct weir_span record),
                                   void (*on_durable)(void *user, uint64_t position), void *user,
                                   struct weir_error *err)
{
    if (!weir_directory_make(options->directory, err)) {
        return NULL;
    }
    struct weir_spool *spool = make_spool(loop, options);
    spool->on_durable = on_durable;
    spool->user = user;
    spool->lock = weir_spool_lock(spool->directory, err);
    if (spool->lock < 0 || !recover(spool, on_record, err) || !begin_writing(spool, err)) {
        if (spool->lock >= 0) {
            close(spool->lock);
        }
        free_spool(spool);
        return NULL;
    }
    uv_timer_init(spool->uv, &spool->timer);
    spool->timer.data = spool;
    if (has_work(spool)) {
        schedule(spool, 0); // what was copied forward to give room
    }
    return spool;
}

// ---- the rest ----

// Waits for the job that another thread may be running, or takes it back before it began.
static void join_job(struct weir_spool *spool)
{
    if (!spool->is_running) {
        return;
    }
    if (uv_cancel((uv_req_t *)&spool->work) == 0) {
        spool->is_failing = true; // it still has to be run
        return;
    }
    uv_sem_wait(&spool->work_done);
    finish_job(spool);
}

void weir_spool_close(struct weir_spool **spool_at)
{
    struct weir_spool *spool = *spool_at;
    *spool_at = NULL;
    if (!spool) {
        return;
    }
    join_job(spool);
    if (spool->is_failing) {
        weir_spool_job_run(&spool->job);
        finish_job(spool);
    }
    while (!spool->is_failing && has_work(spool)) {
        fill_job(spool);
        spool->job.read_segment = 0;
        weir_spool_job_run(&spool->job);
        finish_job(spool);
    }
    close(spool->lock);
    spool->is_closed = true;
    uv_close((uv_handle_t *)&spool->timer, on_timer_closed);
}

static bool has_room(struct weir_spool *spool, enum weir_spool_kind kind, size_t bytes)
{
    bool is_card = kind == WEIR_SPOOL_CARD;
    uint64_t reserve = is_card ? 0 : spool->options.max_bytes / 4;
    uint64_t waiting_max = is_card ? PENDING_MAX_BYTES : PENDING_MAX_BYTES + PENDING_MAX_BYTES / 4;
    if (spool->counters.disk_bytes + bytes > spool->options.max_bytes + reserve) {
        snprintf(
            spool->full_text, sizeof(spool->full_text),
            "the spool is full (%llu of %llu bytes): cards are refused until some are finished",
            (unsigned long long)spool->counters.disk_bytes,
            (unsigned long long)spool->options.max_bytes);
        return false;
    }
    if (spool->is_failing && spool->pending.length + bytes > waiting_max) {
        snprintf(spool->full_text, sizeof(spool->full_text),
                 "the spool's disk takes nothing and memory for what waits is full");
        return false;
    }
    return true;
}

uint64_t weir_spool_append(struct weir_spool *spool, enum weir_spool_kind kind,
                           struct weir_span record)
{
    weir_assert(kind > 0 && (unsigned)kind < WEIR_SPOOL_FRAME_RELEASE);
    if (record.length > WEIR_SPOOL_RECORD_BYTES) {
        spool->counters.refused++;
        return 0;
    }
    spool->was_full = !has_room(spool, kind, WEIR_SPOOL_FRAME_HEAD_BYTES + record.length);
    if (spool->was_full) {
        spool->counters.refused++;
        return 0;
    }
    size_t before = spool->pending.length;
    struct entry entry = {.position = spool->next_position++, .segment = last_segment(spool)->id};
    weir_spool_write_frame(&spool->pending, (uint8_t)kind, entry.position, record);
    entry.bytes = (uint32_t)(spool->pending.length - before);
    entry.offset = account_frame(spool, before);
    last_segment(spool)->live++;
    add_entry(spool, &entry);
    spool->counters.appended++;
    spool->is_urgent = spool->is_urgent || kind != WEIR_SPOOL_CARD;
    schedule(spool, kind == WEIR_SPOOL_CARD ? CARD_MS : 0);
    return entry.position;
}

void weir_spool_release(struct weir_spool *spool, uint64_t position)
{
    struct entry *entry = find_entry(spool, position);
    if (!entry) {
        return;
    }
    entry->released = true;
    find_segment(spool, entry->segment)->live--;
    spool->live_bytes -= entry->bytes;
    spool->counters.live--;
    spool->counters.released++;
    weir_spool_ids_add(&spool->releases, position);
    forget_released_entries(spool);
    schedule(spool, RELEASE_MS);
}

bool weir_spool_has(const struct weir_spool *spool, uint64_t position)
{
    return look_up(spool, position) != NULL;
}

struct weir_spool_reading *
weir_spool_read(struct weir_spool *spool, const uint64_t *positions, size_t count,
                void (*on_read)(void *user, const struct weir_spool_kept *kept, size_t count),
                void *user)
{
    struct weir_spool_reading *reading =
        weir_spool_reading_create(spool->directory, count, on_read, user);
    for (size_t i = 0; i < count; i++) {
        const struct entry *entry =
            positions[i] <= spool->durable ? look_up(spool, positions[i]) : NULL;
        const struct weir_spool_place place = {
            .position = positions[i],
            .segment = entry ? entry->segment : 0,
            .offset = entry ? entry->offset : 0,
            .bytes = entry ? entry->bytes : 0,
        };
        weir_spool_reading_add(reading, &place);
    }
    weir_spool_reading_start(reading, spool->uv);
    return reading;
}

uint64_t weir_spool_durable(const struct weir_spool *spool)
{
    return spool->durable;
}

const char *weir_spool_trouble(const struct weir_spool *spool)
{
    if (spool->is_failing) {
        return spool->job.failure.text;
    }
    return spool->was_full ? spool->full_text : "";
}

struct weir_spool_counters weir_spool_counters(const struct weir_spool *spool)
{
    struct weir_spool_counters counters = spool->counters;
    counters.live_bytes = spool->live_bytes;
    return counters;
}
