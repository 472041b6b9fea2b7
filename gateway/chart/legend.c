/* legend.c -- what the shapes of a chart mean. */
#include "chart/legend.h"

#include <stdio.h>

#include "chart/bands.h"
#include "chart/svg.h"
#include "chart/words.h"

enum { SAMPLE_WIDE = 20, SAMPLE_HIGH = 14 };

static void open_sample(struct mk *m)
{
    mk_open(m, "li");
    mk_open(m, "svg");
    mk_attr(m, "class", "chart sample");
    mk_attr_int(m, "width", SAMPLE_WIDE);
    mk_attr_int(m, "height", SAMPLE_HIGH);
    mk_attr(m, "aria-hidden", "true");
}

static void close_sample(struct mk *m, const char *word)
{
    mk_close(m);
    mk_text(m, " ");
    mk_text(m, word);
    mk_close(m);
}

static void mark_sample(struct mk *m, const char *mark, const char *word)
{
    open_sample(m);
    mk_open(m, "use");
    mk_attrf(m, "href", "#bands-%s", mark);
    mk_attr_int(m, "x", SAMPLE_WIDE / 2);
    mk_attr_int(m, "y", SAMPLE_HIGH / 2);
    mk_close(m);
    close_sample(m, word);
}

static void column_sample(struct mk *m, const char *class, const char *word)
{
    open_sample(m);
    svg_rect(m, class, 25, 0, 50, SAMPLE_HIGH);
    close_sample(m, word);
}

void chart_bands_legend(struct mk *m, size_t n_days)
{
    mk_open(m, "ul");
    mk_attr(m, "class", "samples");
    column_sample(m, "walked", W_CHART_LEGEND_STEPS);
    open_sample(m);
    svg_open_rect(m, "too-little", 25, 0, 50, SAMPLE_HIGH);
    svg_paint(m, "fill", "bands", "void");
    mk_close(m);
    svg_rect(m, "walked partial", 25, SAMPLE_HIGH / 2.0, 50, SAMPLE_HIGH / 2.0);
    close_sample(m, W_CHART_LEGEND_PART);
    column_sample(m, "resting", W_CHART_LEGEND_REST);
    column_sample(m, "resting long", W_CHART_LONG_REST);
    mark_sample(m, "pain", W_CHART_LEGEND_PAIN);
    mark_sample(m, "flare", W_CHART_LEGEND_FLARE);
    mark_sample(m, "plan", W_CHART_LEGEND_PLAN);
    if (chart_bands_counts_alerts(n_days)) {
        column_sample(m, "week-alerts", W_CHART_LEGEND_WEEK);
    } else {
        mark_sample(m, "low", W_CHART_LEGEND_LOW);
        mark_sample(m, "medium", W_CHART_LEGEND_MEDIUM);
    }
    mark_sample(m, "contact", W_CHART_LEGEND_TALK);
    mark_sample(m, "device", W_CHART_LEGEND_DEVICE);
    mk_close(m);
}

/* shade: a pattern of the chart; NULL: the class has a colour. high 0: a thin line. */
static void class_sample(struct mk *m, const char *id, const char *class, int high,
                         const char *shade, const char *word)
{
    struct svg_path path = {0};
    open_sample(m);
    svg_path_add(&path, "M0 %dh%d", SAMPLE_HIGH / 2, SAMPLE_WIDE);
    svg_path_open(m, &path, class);
    if (high > 0)
        mk_attr_int(m, "stroke-width", high);
    if (shade)
        svg_paint(m, "stroke", id, shade);
    mk_close(m);
    close_sample(m, word);
}

void chart_classes_legend(struct mk *m, const char *id, bool has_rests)
{
    mk_open(m, "ul");
    mk_attr(m, "class", "samples");
    class_sample(m, id, "active", SAMPLE_HIGH, NULL, W_ACTIVE);
    class_sample(m, id, "still", SAMPLE_HIGH, NULL, W_STILL);
    class_sample(m, id, "unworn", SAMPLE_HIGH, "unworn", W_UNWORN);
    class_sample(m, id, "unknown", 0, NULL, W_UNKNOWN);
    if (has_rests)
        class_sample(m, id, "long-rest", 0, NULL, W_CHART_LONG_REST);
    mk_close(m);
}
