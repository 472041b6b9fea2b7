/* legend.h -- what the shapes of a chart mean: a list of samples, each with its word. */
#ifndef CHART_LEGEND_H
#define CHART_LEGEND_H

#include "chart/markup.h"

void chart_bands_legend(struct mk *m, size_t n_days);
/* The four classes of minutes, and rests over the limit where they are shown; id: of the
 * chart on the same page, for its hatch. */
void chart_classes_legend(struct mk *m, const char *id, bool has_rests);

#endif
