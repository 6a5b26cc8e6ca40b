#include "engine/commands/proportion.h"

#include <math.h>

#define Z 1.959963984540054 // of the normal distribution, for 95 %

struct weir_proportion weir_proportion_of(uint64_t part, uint64_t whole)
{
    if (whole == 0) {
        return (struct weir_proportion){.is_known = false};
    }
    double n = (double)whole;
    double share = (double)part / n;
    double middle = share + Z * Z / (2 * n);
    double half = Z * sqrt(share * (1 - share) / n + Z * Z / (4 * n * n));
    double scale = 1 + Z * Z / n;
    return (struct weir_proportion){
        .is_known = true,
        .value = share,
        .low = part == 0 ? 0 : (middle - half) / scale, // exact there, whatever rounding says
        .high = part == whole ? 1 : (middle + half) / scale,
    };
}

struct weir_proportion weir_precision_of(const struct weir_confusion *confusion)
{
    return weir_proportion_of(confusion->true_positives,
                              confusion->true_positives + confusion->false_positives);
}

struct weir_proportion weir_recall_of(const struct weir_confusion *confusion)
{
    return weir_proportion_of(confusion->true_positives,
                              confusion->true_positives + confusion->false_negatives);
}

struct weir_proportion weir_false_positive_rate_of(const struct weir_confusion *confusion)
{
    return weir_proportion_of(confusion->false_positives,
                              confusion->false_positives + confusion->true_negatives);
}

static double f1_of_overlap(double overlap)
{
    return 2 * overlap / (1 + overlap);
}

struct weir_proportion weir_f1_of(const struct weir_confusion *confusion)
{
    uint64_t either =
        confusion->true_positives + confusion->false_positives + confusion->false_negatives;
    struct weir_proportion f1 = weir_proportion_of(confusion->true_positives, either);
    f1.value = f1_of_overlap(f1.value);
    f1.low = f1_of_overlap(f1.low);
    f1.high = f1_of_overlap(f1.high);
    return f1;
}
