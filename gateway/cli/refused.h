/* refused.h -- which of the refused messages are meant.
 *
 *     struct cli_refused refused;
 *     code = cli_refused_init(cli, &args, &refused);   // --reason and --patient
 *     if (code == CLI_OK && cli_refused_is_meant(&refused, rejected)) …
 *     cli_refused_fini(&refused);                      // always
 */
#ifndef CLI_REFUSED_H
#define CLI_REFUSED_H

#include "cli/cli.h"
#include "stepward/wire.h"

struct cli_refused {
    struct cli *cli;
    const char *reason;           /* NULL: any */
    struct sw_patient_id patient; /* "": any */
    struct sw_adapters *adapters; /* to know a source's topic, and whose a device is */
};

/* CLI_USAGE after saying what is wrong. */
int cli_refused_init(struct cli *cli, const struct cli_args *args,
                     struct cli_refused *ret);
void cli_refused_fini(struct cli_refused *refused);

/* Of a patient is what names it in the topic, and what came from a device that the
 * patient wore then. */
bool cli_refused_is_meant(const struct cli_refused *refused,
                          const struct sw_rejected *rejected);

/* What to do about it: of the reason, and of where it came from. */
const char *cli_refused_remedy(const struct cli_refused *refused,
                               const struct sw_rejected *rejected);

#endif
