/* actor.c -- who acts at this command line, for the record of what was done. */
#include "cli/actor.h"

#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/text.h"
#include "stepward/alert.h"

/* Root, and the gateway's user, act for the person behind sudo. */
static bool is_for_others(const struct passwd *user)
{
    return user->pw_uid == 0 || strcmp(user->pw_name, "stepward") == 0;
}

const char *cli_actor(void)
{
    static const char *const variables[] = {"SUDO_USER", "LOGNAME", "USER"};
    const struct passwd *user = getpwuid(getuid());
    if (user && !is_for_others(user) && cli_text_is_fit(user->pw_name, SW_ALERT_BY_MAX))
        return user->pw_name;
    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++) {
        const char *name = getenv(variables[i]);
        if (name && *name && cli_text_is_fit(name, SW_ALERT_BY_MAX))
            return name;
    }
    return "stepward";
}
