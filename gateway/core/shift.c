/* shift.c -- whether the clocks of two devices that a patient wore on the same day
 * disagree: the shift at which their steps fit each other best.
 *
 * Nothing is corrected by it. Which days are compared, and who is told, is the callers'
 * business. */
#include "stepward/day.h"

enum {
    SHIFT_MAX_MIN = 120,   /* a time zone is off by more, and is seen without us */
    SHIFT_LEAST_MIN = 2,   /* less is how devices cut their minutes */
    SHIFT_KNOWN_MIN = 240, /* minutes that both must know */
    SHIFT_STEPS_MIN = 30,  /* of them with steps, from each */
};
/* Of the squared correlation: at the shift, and above that without one. Two devices on
 * one body agree within a minute to 0.8 and more; unrelated walks stay below 0.1. */
static const double SHIFT_FITS = 0.5, SHIFT_GAINS = 0.25;

/* How well b's minutes, moved back by that many, fit a's: the squared correlation of
 * their steps. 0 also if there are too few minutes to tell, or if one goes up where the
 * other goes down. */
static double shift_fit(const struct sw_day *a, const struct sw_day *b,
                        int32_t shift_min)
{
    double n = 0, sum_a = 0, sum_b = 0, aa = 0, bb = 0, ab = 0;
    int32_t with_a = 0, with_b = 0;
    for (int32_t i = 0; i < a->n_minutes; i++) {
        int32_t j = i + shift_min;
        if (j < 0 || j >= b->n_minutes || !sw_minute_is_known(&a->minutes[i]) ||
            !sw_minute_is_known(&b->minutes[j]))
            continue;
        double x = a->minutes[i].steps, y = b->minutes[j].steps;
        n++;
        sum_a += x;
        sum_b += y;
        aa += x * x;
        bb += y * y;
        ab += x * y;
        with_a += x > 0;
        with_b += y > 0;
    }
    if (n < SHIFT_KNOWN_MIN || with_a < SHIFT_STEPS_MIN || with_b < SHIFT_STEPS_MIN)
        return 0;
    double cov = ab - sum_a * sum_b / n;
    double spread = (aa - sum_a * sum_a / n) * (bb - sum_b * sum_b / n);
    return cov > 0 && spread > 0 ? cov * cov / spread : 0;
}

int32_t sw_day_shift_min(const struct sw_day *a, const struct sw_day *b)
{
    double best = 0, unmoved = shift_fit(a, b, 0);
    int32_t best_min = 0;
    for (int32_t shift_min = -SHIFT_MAX_MIN; shift_min <= SHIFT_MAX_MIN; shift_min++) {
        double fit = shift_fit(a, b, shift_min);
        if (fit > best) {
            best = fit;
            best_min = shift_min;
        }
    }
    bool is_shifted = best >= SHIFT_FITS && best >= unmoved + SHIFT_GAINS &&
                      (best_min >= SHIFT_LEAST_MIN || best_min <= -SHIFT_LEAST_MIN);
    return is_shifted ? best_min : 0;
}
