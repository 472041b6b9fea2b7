/* grid.h -- one patient's days in a row of cells: how much, in five shades of one colour.
 *
 *     chart_grid_hatch(m);                           // once a page
 *     chart_grid(m, "goal", cells, 28, "in words");
 */
#ifndef CHART_GRID_H
#define CHART_GRID_H

#include "chart/markup.h"

enum { CHART_GRID_SHADES = 5 };
enum chart_cell {
    CHART_CELL_SHADE,                    /* the first shade; four follow */
    CHART_CELL_NONE = CHART_GRID_SHADES, /* no data: a dotted edge */
    CHART_CELL_PART,                     /* not enough data: hatched */
    CHART_CELL_BEFORE,                   /* not a patient yet, or no value: nothing */
    CHART_CELLS,
};

/* The pattern that the cells without enough data are filled with. */
void chart_grid_hatch(struct mk *m);
enum { CHART_CELL_OVER = 0x80 }; /* beside a cell: a mark in it, "over the ceiling" */
/* what: the class of the chart, which has its colour. cells: enum chart_cell, with
 * CHART_CELL_OVER. */
void chart_grid(struct mk *m, const char *what, const uint8_t *cells, size_t n,
                const char *label);
/* One cell alone, for a legend. */
void chart_grid_sample(struct mk *m, const char *what, uint8_t cell);

#endif
