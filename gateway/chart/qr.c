/* qr.c -- draws QR codes. How a text becomes modules is libqrencode's business. */
#include "chart/qr.h"

#include <errno.h>
#include <qrencode.h>
#include <stdlib.h>
#include <string.h>

#define BLACK_ON_WHITE "\033[38;5;16;48;5;231m"
#define AS_BEFORE      "\033[0m"

static int encode(const char *text, QRcode **ret)
{
    size_t n = strlen(text);
    if (n == 0 || n > QR_TEXT_MAX)
        return -EINVAL;
    *ret = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_L);
    return *ret ? 0 : -errno;
}

/* Beyond the code all is light. */
static bool is_dark(const QRcode *code, int row, int column)
{
    bool is_inside =
        row >= 0 && row < code->width && column >= 0 && column < code->width;
    return is_inside && (code->data[row * code->width + column] & 1) != 0;
}

int qr_print(FILE *out, const char *text, bool has_colors)
{
    static const char *const blocks[] = {" ", "▀", "▄", "█"}; /* upper 1, lower 2 */
    QRcode *code;
    int r = encode(text, &code);
    if (r < 0)
        return r;
    for (int row = -QR_QUIET; row < code->width + QR_QUIET; row += 2) {
        fputs(has_colors ? BLACK_ON_WHITE : "", out);
        for (int column = -QR_QUIET; column < code->width + QR_QUIET; column++) {
            unsigned dark = (unsigned)is_dark(code, row, column) |
                            (unsigned)is_dark(code, row + 1, column) << 1;
            fputs(blocks[has_colors ? dark : 3 - dark], out);
        }
        fprintf(out, "%s\n", has_colors ? AS_BEFORE : "");
    }
    QRcode_free(code);
    return 0;
}

/* Each run of dark modules in a row is a rectangle of the path. */
static char *draw_path(const QRcode *code)
{
    char *path = NULL;
    size_t len;
    FILE *out = open_memstream(&path, &len);
    if (!out)
        return NULL;
    for (int row = 0; row < code->width; row++)
        for (int from = 0, to; from < code->width; from = to + 1) {
            for (to = from; is_dark(code, row, to);)
                to++;
            if (to > from)
                fprintf(out, "M%d %dh%dv1h-%dz", from + QR_QUIET, row + QR_QUIET,
                        to - from, to - from);
        }
    if (fclose(out) != 0) {
        free(path);
        return NULL;
    }
    return path;
}

int qr_svg(struct mk *m, const char *text)
{
    QRcode *code;
    int r = encode(text, &code);
    if (r < 0)
        return r;
    int size = code->width + 2 * QR_QUIET;
    char *path = draw_path(code);
    QRcode_free(code);
    if (!path)
        return -ENOMEM;
    mk_open(m, "svg");
    mk_attr(m, "xmlns", "http://www.w3.org/2000/svg");
    mk_attrf(m, "viewBox", "0 0 %d %d", size, size);
    mk_attr(m, "class", "qr");
    mk_attr(m, "role", "img");
    mk_attr(m, "aria-label", "QR code of the login");
    mk_open(m, "rect");
    mk_attr_int(m, "width", size);
    mk_attr_int(m, "height", size);
    mk_attr(m, "fill", "#fff");
    mk_close(m);
    mk_open(m, "path");
    mk_attr(m, "d", path);
    mk_attr(m, "fill", "#000");
    mk_close(m);
    mk_close(m);
    free(path);
    return 0;
}
