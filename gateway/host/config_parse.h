/* config_parse.h -- the configuration as libconfuse's tree of checked values. */
#ifndef HOST_CONFIG_PARSE_H
#define HOST_CONFIG_PARSE_H

#include <confuse.h>

#include "stepward/config.h"

/* Parse the text, which ends with a NUL at len and is changed; every value in the tree is
 * present and checked, file names as written. path is the file's name in errors, folder
 * what relative names start from. NULL with "FILE:LINE: what and why" in why; cfg_free()
 * the tree. */
cfg_t *config_parse(char *text, size_t len, const char *path, const char *folder,
                    enum sw_config_reader reader, char why[static SW_WHY_MAX]);

/* Line where an option was set; 0: it was not. */
int config_line(cfg_t *section, const char *key);

/* "FILE:LINE: ", then the words. */
__attribute__((format(printf, 4, 5))) void config_error(char why[static SW_WHY_MAX],
                                                        const char *path, int line,
                                                        const char *format, ...);

/* The file a name means, seen from folder; the caller frees. NULL: no memory. */
char *config_resolve(const char *folder, const char *name);

#endif
