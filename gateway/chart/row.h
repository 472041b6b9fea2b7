/* row.h -- the small charts in a patient's row: today's steps against goal, floor and
 * ceiling, and the squares of a week. See strip.h for the day itself. */
#ifndef CHART_ROW_H
#define CHART_ROW_H

#include <stddef.h>
#include <stdint.h>

#include "chart/markup.h"

struct chart_steps {
    int64_t steps;
    int64_t goal, floor, ceiling; /* 0: none */
};
/* A bar that is full at the goal (without one at the floor, or the ceiling), with a mark
 * for each limit. Nothing is drawn of a plan without limits. */
void chart_steps(struct mk *m, const struct chart_steps *steps);

enum chart_square {
    CHART_SQUARE_NO_DATA, /* a dotted edge */
    CHART_SQUARE_THIN,    /* hatched: not enough data */
    CHART_SQUARE_BELOW,   /* hollow */
    CHART_SQUARE_MET,     /* filled */
    CHART_SQUARE_NO_GOAL, /* a dot */
    CHART_SQUARE_SO_FAR,  /* half: today */
    CHART_SQUARES,
};
/* From left to right; chart_hatches() of strip.h comes before them. */
void chart_squares(struct mk *m, const enum chart_square *squares, size_t n);
/* What they mean, as pairs for a <dl>. */
void chart_squares_legend(struct mk *m);

#endif
