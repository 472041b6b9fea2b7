/* config_parse.h -- the configuration as libconfuse's tree of checked values. */
#ifndef HOST_CONFIG_PARSE_H
#define HOST_CONFIG_PARSE_H

#include <confuse.h>

#include "stepward/config.h"

/* Parse the text, which ends with a NUL at len and is changed. Every value in the tree
 * is present and checked, with file names as they were written. path is the file's name
 * in errors, and relative names start from folder. The caller frees the tree with
 * cfg_free(). NULL with "FILE:LINE: what and why" in why. */
cfg_t *config_parse(char *text, size_t len, const char *path, const char *folder,
                    enum sw_config_reader reader, char why[static SW_WHY_MAX]);

/* The line on which an option was set; 0: it was not. */
int config_line(cfg_t *section, const char *key);

/* Put "FILE:LINE: " and the words into why. */
__attribute__((format(printf, 4, 5))) void config_error(char why[static SW_WHY_MAX],
                                                        const char *path, int line,
                                                        const char *format, ...);

/* The file that a name means, seen from folder, which the caller frees. NULL: no
 * memory. */
char *config_resolve(const char *folder, const char *name);

#endif
