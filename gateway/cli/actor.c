/* actor.c -- who acts, and the record of what was done. */
#include "cli/actor.h"

#include <errno.h>
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

/* ---- looks ---- */

enum { LOOK_S = 15 * 60 }; /* a look at the same patient within so long is the same */

void cli_look(struct cli *cli, const struct sw_patient *patient)
{
    if (cli->n_looks < CLI_LOOKS_MAX)
        cli->looks[cli->n_looks] = patient->id;
    cli->n_looks++;
}

static int find_row(void *ctx, const struct sw_audit_row *row)
{
    bool *is_noted = ctx;
    *is_noted = strcmp(row->what, sw_audit_name(SW_AUDIT_LOOKED)) == 0;
    return *is_noted;
}

static bool is_noted(struct cli *cli, const char *patient)
{
    bool is_there = false;
    struct sw_audit_filter filter = {.patient = patient,
                                     .who = cli_actor(cli),
                                     .from_s = cli->now_s - LOOK_S + 1,
                                     .limit = 100};
    int r = sw_store_each_audit(cli->store, &filter, find_row, &is_there);
    return r >= 0 && is_there;
}

static int put_looks(struct cli *cli, void *ctx)
{
    int code = CLI_OK;
    (void)ctx;
    if (cli->n_looks > CLI_LOOKS_MAX)
        return cli_audit(cli, SW_AUDIT_LOOKED, NULL, "%zu patients: %s", cli->n_looks,
                         cli->command->name);
    for (size_t i = 0; code == CLI_OK && i < cli->n_looks; i++)
        if (!is_noted(cli, cli->looks[i].str))
            code = cli_audit(cli, SW_AUDIT_LOOKED, cli->looks[i].str, NULL);
    return code;
}

/* Most looks are the same as one before: then nothing is opened to write. */
void cli_note_looks(struct cli *cli)
{
    bool is_new = cli->n_looks > CLI_LOOKS_MAX;
    for (size_t i = 0; !is_new && i < cli->n_looks; i++)
        is_new = !is_noted(cli, cli->looks[i].str);
    if (!is_new || !cli->store)
        return;
    fflush(cli->out); /* nobody waits for the disk */
    sw_store_close(cli->store);
    cli->store = NULL;
    char why[SW_WHY_MAX];
    int r = cli_reach_store(cli, SW_STORE_WRITE, why);
    if (r == -EUCLEAN)
        cli_out_of_reach(cli, r, why);
    else if (r < 0)
        cli_fail(cli, "the audit does not say that you looked: %s", why);
    else
        cli_at_once(cli, put_looks, NULL);
}
