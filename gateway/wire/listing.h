/* listing.h -- a row of any listing as JSON.
 *
 * What the columns are and how tables and CSV look is the command line's business.
 */
#ifndef WIRE_LISTING_H
#define WIRE_LISTING_H

#include "stepward/types.h"

enum sw_cell_kind { SW_CELL_NONE, SW_CELL_TEXT, SW_CELL_NUMBER, SW_CELL_BOOL };
struct sw_cell {
    enum sw_cell_kind kind; /* SW_CELL_NONE is null */
    const char *text;       /* may hold anything; invalid UTF-8 becomes U+FFFD */
    size_t len;
    int64_t number; /* SW_CELL_BOOL: 0 or 1 */
};

/* One object of names[i] with cells[i] in this order, which the caller frees; NULL
 * without memory. */
char *sw_encode_row(const char *const *names, const struct sw_cell *cells, size_t n);

/* Write every control character in the JSON as \uNNNN, so that it is fit for a
 * terminal; JSON allows C1 and bidirectional ones raw. Consumes json; NULL gives
 * NULL. */
char *sw_json_harmless(char *json);

/* Characters that a terminal would obey instead of showing. */
bool sw_is_control(uint32_t code_point);

#endif
