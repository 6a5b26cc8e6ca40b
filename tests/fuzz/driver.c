// Runs a fuzz target without libFuzzer: every seed, then seeded random mutations of the seeds.
// Finds what a short run can find and keeps the targets building; scripts/fuzz does the long runs.

#include "engine/base/alloc.h"
#include "engine/base/buffer.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ROUNDS_PER_SEED 2000
#define LARGEST_INPUT   4096

static uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static void run_input(struct weir_span input)
{
    // A copy of its exact size on the heap, so that the address sanitizer sees a read past its end.
    char *copy = weir_strndup(input.data, input.length);
    copy = weir_realloc_array(copy, input.length, 1);
    LLVMFuzzerTestOneInput((const uint8_t *)copy, input.length);
    free(copy);
}

static void mutate(struct weir_buffer *input, uint64_t *random)
{
    for (uint64_t edits = next_random(random) % 4 + 1; edits > 0; edits--) {
        size_t at = input->length ? next_random(random) % input->length : 0;
        switch (next_random(random) % 4) {
        case 0:
            if (input->length > 0) {
                input->data[at] = (char)next_random(random);
            }
            break;
        case 1:
            weir_buffer_add_byte(input, (char)next_random(random));
            break;
        case 2:
            input->length = at;
            break;
        default:
            if (input->length < LARGEST_INPUT / 2) {
                weir_buffer_reserve(input, input->length - at);
                weir_buffer_add(input, weir_span_slice(weir_buffer_span(input), at, input->length));
            }
            break;
        }
    }
}

static void read_file(const char *path, struct weir_buffer *out)
{
    FILE *file = fopen(path, "rb");
    if (!file) {
        return;
    }
    weir_buffer_reserve(out, 1 << 16);
    out->length = fread(out->data, 1, 1 << 16, file);
    fclose(file);
}

int main(int argc, char **argv)
{
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer seed = {0};
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer input = {0};
    uint64_t random = 0x9e3779b97f4a7c15u;
    size_t seeds = 0;

    run_input((struct weir_span){NULL, 0});
    DIR *folder = argc > 1 ? opendir(argv[1]) : NULL;
    for (struct dirent *entry = folder ? readdir(folder) : NULL; entry; entry = readdir(folder)) {
        char path[4096];
        if (entry->d_name[0] == '.') {
            continue;
        }
        snprintf(path, sizeof(path), "%s/%s", argv[1], entry->d_name);
        weir_buffer_clear(&seed);
        read_file(path, &seed);
        run_input(weir_buffer_span(&seed));
        for (int round = 0; round < ROUNDS_PER_SEED; round++) {
            weir_buffer_clear(&input);
            weir_buffer_add(&input, weir_buffer_span(&seed));
            mutate(&input, &random);
            run_input(weir_buffer_span(&input));
        }
        seeds++;
    }
    if (folder) {
        closedir(folder);
    }
    printf("1..1\n%s 1 - %zu seeds, %d mutations each\n", seeds ? "ok" : "not ok", seeds,
           ROUNDS_PER_SEED);
    return seeds ? 0 : 1;
}
