/** What others cost that look for the same words, and what a process with one set holds. */
#ifndef WEIR_BENCH_OTHERS_H
#define WEIR_BENCH_OTHERS_H

#include "bench/lines.h"

/** Resident memory of this process in MB. */
double others_resident_mb(void);

/** Runs `program --resident` with these words, all regexes and the chat, and prints what it says.
 */
void others_print_resident(const char *program, const struct lines *words, size_t word_count,
                           const struct lines *regexes, const struct lines *chat);

/** RE2::Set and the filters for Node of bench/node-filters, where they are installed. */
void others_print(const struct lines *words, size_t word_count, const struct lines *chat,
                  double weir_ns);

#endif
