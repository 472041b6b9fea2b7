/* qr.h -- a text as a QR code: on a terminal, and as SVG in a page.
 *
 *     r = qr_print(cli->out, uri, cli->color);   // two rows of the code a line
 *     r = qr_svg(&page, uri);                    // an element <svg>, as wide as its place
 */
#ifndef CHART_QR_H
#define CHART_QR_H

#include <stdio.h>

#include "chart/markup.h"

enum {
    QR_TEXT_MAX =
        1024,     /* bytes: beyond, the code is too fine for a terminal and a phone */
    QR_QUIET = 4, /* modules of light around it, as the standard wants */
};
/* With colours it is black on white whatever the terminal's own are; without, light is
 * drawn, as a dark terminal needs it; phones read both. 0, -EINVAL for a text that is
 * empty or too long, or -ENOMEM. */
int qr_print(FILE *out, const char *text, bool has_colors);
int qr_svg(struct mk *m, const char *text);

#endif
