/* number.h -- numbers as people read them: "1,204", "2 h 5 min". English, whatever the
 * locale says. */
#ifndef UTIL_NUMBER_H
#define UTIL_NUMBER_H

#include <stdint.h>

enum { SW_COUNT_TEXT_MAX = 32 /* "9,223,372,036,854,775,807" */ };
/* Below 0 it is "0". */
void sw_count_format(int64_t count, char out[static SW_COUNT_TEXT_MAX]);

enum { SW_LENGTH_TEXT_MAX = 32 };
/* "2 h 5 min", "2 h", "45 min". */
void sw_length_format(int64_t minutes, char out[static SW_LENGTH_TEXT_MAX]);

#endif
