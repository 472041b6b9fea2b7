/* out_file.h -- a file that a person asked for, such as a page to print. */
#ifndef CLI_OUT_FILE_H
#define CLI_OUT_FILE_H

#include "cli/cli.h"

/* Write the file, for its maker alone to read; an older one is replaced. Whoever reads it
 * finds the old one or the new one, never a part. CLI_FAILED after printing why not. */
int cli_write_file(struct cli *cli, const char *path, const char *bytes, size_t n);

#endif
