/* grid.c -- days in a row of cells. One path for each shade, so that a clinic of a hundred
 * patients stays a small page. */
#include "chart/grid.h"

#include "chart/svg.h"

enum { CELL_WIDE = 12, CELL_HIGH = 18, GAP = 2 };

void chart_grid_hatch(struct mk *m)
{
    mk_open(m, "svg");
    mk_attr(m, "class", "hidden");
    mk_attr(m, "aria-hidden", "true");
    svg_hatch(m, "grid", "part", false);
    mk_close(m);
}

static void put_cells(struct mk *m, const uint8_t *cells, size_t n,
                      enum chart_cell which)
{
    static const char *const classes[CHART_CELLS] = {"v0", "v1",   "v2",   "v3",
                                                     "v4", "none", "part", "before"};
    struct svg_path path = {0};
    int inset = which == CHART_CELL_NONE ? 1 : 0;
    for (size_t i = 0; i < n; i++)
        if ((cells[i] & ~CHART_CELL_OVER) == (int)which)
            svg_path_add(&path, "M%d %dh%dv%dh-%dz", (int)i * CELL_WIDE + inset, inset,
                         CELL_WIDE - GAP - 2 * inset, CELL_HIGH - 2 * inset,
                         CELL_WIDE - GAP - 2 * inset);
    if (!svg_path_open(m, &path, classes[which]))
        return;
    if (which == CHART_CELL_PART)
        svg_paint(m, "fill", "grid", "part");
    mk_close(m);
}

/* Drawn over the cell: a shape of its own, seen on every shade. */
static void put_overs(struct mk *m, const uint8_t *cells, size_t n)
{
    struct svg_path path = {0};
    for (size_t i = 0; i < n; i++)
        if (cells[i] & CHART_CELL_OVER)
            svg_path_add(&path, "M%d 5l4 7h-8z",
                         (int)i * CELL_WIDE + CELL_WIDE / 2 - 1);
    if (svg_path_open(m, &path, "over"))
        mk_close(m);
}

static void open_grid(struct mk *m, const char *what, size_t n)
{
    mk_open(m, "svg");
    mk_attrf(m, "class", "grid %s", what);
    mk_attrf(m, "viewBox", "0 0 %d %d", (int)n * CELL_WIDE, CELL_HIGH);
}

void chart_grid(struct mk *m, const char *what, const uint8_t *cells, size_t n,
                const char *label)
{
    open_grid(m, what, n);
    mk_attr(m, "role", "img");
    mk_attr(m, "aria-label", label);
    for (enum chart_cell which = 0; which < CHART_CELL_BEFORE; which++)
        put_cells(m, cells, n, which);
    put_overs(m, cells, n);
    mk_close(m);
}

void chart_grid_sample(struct mk *m, const char *what, uint8_t cell)
{
    open_grid(m, what, 1);
    mk_attr(m, "aria-hidden", "true");
    put_cells(m, &cell, 1, (enum chart_cell)(cell & ~CHART_CELL_OVER));
    put_overs(m, &cell, 1);
    mk_close(m);
}
