/* try_reading.h -- `stepward try`, where it is done: a reading, and what came of it. */
#ifndef SIMULATE_TRY_READING_H
#define SIMULATE_TRY_READING_H

#include "cli/try.h"

/* Publish one reading as a device does, and watch the database until it is stored or
 * refused. CLI_OK only if it is stored. */
int try_reading(struct cli *cli, const struct cli_try *wishes);

#endif
