/* actor.c -- who acts, and the record of what was done. */
#include "cli/actor.h"

#include <pwd.h>
#include <stdarg.h>
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

const char *cli_actor(const struct cli *cli)
{
    static const char *const variables[] = {"SUDO_USER", "LOGNAME", "USER"};
    if (cli->actor)
        return cli->actor;
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

int cli_audit(struct cli *cli, enum sw_audit_act act, const char *patient,
              const char *format, ...)
{
    char detail[SW_AUDIT_DETAIL_MAX + 1] = "";
    struct sw_audit audit = {.at_s = cli->now_s,
                             .who = cli_actor(cli),
                             .how = cli->actor ? SW_AUDIT_BOARD : SW_AUDIT_COMMAND,
                             .act = act,
                             .patient = patient,
                             .detail = detail};
    va_list args;
    va_start(args, format);
    if (format)
        vsnprintf(detail, sizeof detail, format, args);
    va_end(args);
    int r = sw_store_put_audit(cli->store, &audit);
    return r < 0 ? cli_store_failed(cli, r) : CLI_OK;
}
