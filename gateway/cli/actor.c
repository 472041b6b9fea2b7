/* actor.c -- who acts at this command line, for the record of what was done. */
#include "cli/actor.h"

#include <stdlib.h>

#include "cli/text.h"
#include "stepward/alert.h"

const char *cli_actor(void)
{
    static const char *const variables[] = {"SUDO_USER", "LOGNAME", "USER"};
    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++) {
        const char *name = getenv(variables[i]);
        if (name && *name && cli_text_is_fit(name, SW_ALERT_BY_MAX))
            return name;
    }
    return "stepward";
}
