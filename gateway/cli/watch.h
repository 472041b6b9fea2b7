/* watch.h -- a listing that stays on the terminal, and is drawn again when the database
 * changes or a minute begins.
 *
 *     code = cli_watch(cli, draw, ctx);     // draw() prints to cli->out, as ever
 *
 * It ends with q, Ctrl-C or a signal to end, and leaves the terminal as it was. Where
 * the output is no terminal it draws once.
 */
#ifndef CLI_WATCH_H
#define CLI_WATCH_H

#include "cli/cli.h"

/* The store is open. What draw() returns, if it is not CLI_OK, ends it. */
int cli_watch(struct cli *cli, int (*draw)(struct cli *cli, void *ctx), void *ctx);

#endif
