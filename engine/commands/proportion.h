/** A part of a whole, and how far the truth may be from what a sample shows. */
#ifndef WEIR_COMMANDS_PROPORTION_H
#define WEIR_COMMANDS_PROPORTION_H

#include <stdbool.h>
#include <stdint.h>

/** `low` to `high` is the 95 % interval. Nothing of nothing is not known. */
struct weir_proportion {
    bool is_known;
    double value;
    double low;
    double high;
};

/** Wilson's score interval: right for few cases and for shares near 0 and 1, too. */
struct weir_proportion weir_proportion_of(uint64_t part, uint64_t whole);

/** How a classifier did. */
struct weir_confusion {
    uint64_t true_positives;
    uint64_t false_positives;
    uint64_t true_negatives;
    uint64_t false_negatives;
};

struct weir_proportion weir_precision_of(const struct weir_confusion *confusion);
struct weir_proportion weir_recall_of(const struct weir_confusion *confusion);
struct weir_proportion weir_false_positive_rate_of(const struct weir_confusion *confusion);

/**
 * F1 = 2J / (1 + J), with J = the share of the true positives among all that was positive in either
 * way. J is a proportion, so its interval gives that of F1.
 */
struct weir_proportion weir_f1_of(const struct weir_confusion *confusion);

#endif
