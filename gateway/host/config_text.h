/* config_text.h -- the configuration file's bytes, made fit for libconfuse. */
#ifndef HOST_CONFIG_TEXT_H
#define HOST_CONFIG_TEXT_H

#include "stepward/types.h"

enum { CONFIG_FILE_MAX = 1024 * 1024 }; /* nobody writes more by hand */

/* The whole file, NUL-terminated; the caller frees. Negative errno: -EISDIR, -EFBIG… */
int config_text_read(const char *path, char **ret, size_t *ret_len);

/* Blank the comments, and refuse what libconfuse would accept in silence or take for
 * something else. False with the line and why. */
bool config_text_prepare(char *text, size_t len, int *ret_line,
                         char why[static SW_WHY_MAX]);

#endif
