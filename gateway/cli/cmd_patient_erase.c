/* cmd_patient_erase.c -- removes all that is stored of a patient, from the database and
 * from every backup; a tombstone stays.
 * The gateway clears what the broker retains. The lists that `alerts` keeps for other
 * users, in their homes, cannot be changed from here. The command may be run again to
 * remove what a failure left. */
#include <errno.h>
#include <string.h>

#include "cli/actor.h"
#include "cli/listed.h"
#include "cli/patient.h"
#include "cli/window.h"
#include "records/erase.h"
#include "stepward/backup_away.h"
#include "util/file.h"

const struct cli_option cmd_patient_erase_options[] = {
    {"yes", NULL, "erase; without it, what would go is only counted"},
    {0},
};

/* The patient, or what an erasure left of it; CLI_FAILED if there never was one. */
static int patient_erase_find(struct cli *cli, struct sw_patient_id id,
                              struct sw_patient *ret)
{
    int64_t erased_at_s;
    *ret = (struct sw_patient){.key = 0};
    int r = sw_store_find_patient(cli->store, id, ret);
    if (r == SW_STORE_NONE)
        r = sw_store_find_tombstone(cli->store, id, &erased_at_s);
    ret->id = id;
    if (r == SW_STORE_NONE)
        return cli_fail(cli, "no patient %s: see `stepward patient list`", id.str);
    return r < 0 ? cli_store_failed(cli, r) : CLI_OK;
}

static int print_what_would_go(struct cli *cli, const struct sw_patient *patient)
{
    struct sw_traces traces = {.readings = 0};
    int r = sw_store_begin_reading(cli->store); /* all of them as of one moment */
    if (r >= 0)
        r = sw_store_count_traces(cli->store, patient, &traces);
    if (r < 0)
        return cli_store_failed(cli, r);
    sw_store_rollback(cli->store);
    int n_backups = sw_backup_count(cli->config.data_dir);
    if (n_backups < 0)
        return cli_fail(cli, "cannot list the backups in %s: %s", cli->config.data_dir,
                        strerror(-n_backups));
    return cli_usage(
        cli,
        "%s has %lld reading%s, %lld day%s, %lld alert%s and %lld contact%s, "
        "and there %s %d backup%s: to remove it from all of them for ever, add --yes",
        patient->id.str, (long long)traces.readings, sw_plural(traces.readings),
        (long long)traces.days, sw_plural(traces.days), (long long)traces.alerts,
        sw_plural(traces.alerts), (long long)traces.contacts,
        sw_plural(traces.contacts), n_backups == 1 ? "is" : "are", n_backups,
        sw_plural(n_backups));
}

static int erase_from_copy(void *ctx, struct sw_store *copy)
{
    return sw_records_erase(copy, ctx);
}

/* Damaged files were set aside for a person to inspect, so they are left as they are.
 * Returns how many there are, or a negative errno. */
static int count_set_aside(const struct cli *cli)
{
    struct dirent *entry;
    int n = 0, r = 0;
    DIR *folder = opendir(cli->config.data_dir);
    if (!folder)
        return -errno;
    while ((r = sw_folder_next(folder, &entry)) > 0)
        n += strstr(entry->d_name, ".damaged-") != NULL;
    closedir(folder);
    return r < 0 ? r : n;
}

/* Of the copies off the card, which may be encrypted, one of now takes the place of
 * all. */
static int replace_copies(struct cli *cli)
{
    const char *data_dir = cli->config.data_dir;
    struct sw_away away = {cli->config.backup.to, cli->config.backup.recipient, 1};
    struct sw_backup made;
    char why[SW_WHY_MAX];
    if (*away.to == '\0')
        return CLI_OK;
    why[0] = '\0';
    int r = sw_backup_newest(data_dir, made.path);
    if (r == -ENOENT) /* or the copies would go, and none come */
        r = sw_backup_make(cli->store, data_dir, cli->now_s, &made, why);
    if (r == 0)
        r = sw_away_replace(&away, data_dir, made.path, cli->now_s, why);
    if (r < 0 && !*why)
        snprintf(why, sizeof why, "%s", strerror(-r));
    if (r < 0)
        return cli_fail(
            cli,
            "erased, but not from the copies of the backups: %s: then run it "
            "again",
            why);
    fprintf(cli->out, "the copies in %s were replaced\n", away.to);
    return CLI_OK;
}

static int erase(struct cli *cli, struct sw_erasure *erasure)
{
    char why[SW_WHY_MAX];
    size_t n_backups;
    int r = sw_records_erase(cli->store, erasure);
    if (r < 0)
        return cli_store_failed(cli, r);
    cli_touch_store(cli);
    erasure->is_live = false;
    r = sw_backup_change(cli->config.data_dir, erase_from_copy, erasure, &n_backups,
                         why);
    /* damaged, not ours, or not to be read */
    bool is_unfit = r == -EUCLEAN || r == -EPROTO || r == -EIO;
    if (r < 0)
        return cli_fail(cli, "erased, but not from all backups: %s: %srun it again",
                        *why ? why : strerror(-r),
                        is_unfit ? "remove that file, then " : "then ");
    fprintf(cli->out, "erased %s, from %zu backup%s too\n", erasure->patient.str,
            n_backups, sw_plural((int64_t)n_backups));
    int code = replace_copies(cli);
    if (code != CLI_OK)
        return code;
    int n_aside = count_set_aside(cli);
    if (n_aside < 0)
        return cli_fail(cli,
                        "erased, but %s cannot be read (%s): damaged files set aside "
                        "there may still hold data",
                        cli->config.data_dir, strerror(-n_aside));
    if (n_aside > 0)
        fprintf(cli->out,
                "%d damaged file%s set aside in %s may still hold data: remove what "
                "you do not need\n",
                n_aside, sw_plural(n_aside), cli->config.data_dir);
    return CLI_OK;
}

int cmd_patient_erase(struct cli *cli, int argc, char **argv)
{
    struct cli_args args;
    struct sw_erasure erasure = {.site = cli->config.site,
                                 .now_s = cli->now_s,
                                 .is_live = true,
                                 .by = cli_actor(cli),
                                 .how = cli->actor ? SW_AUDIT_BOARD : SW_AUDIT_COMMAND};
    struct sw_adapters *adapters = NULL;
    struct sw_patient patient;
    int code = cli_parse(cli, argc, argv, &args);
    if (code == CLI_OK)
        code = cli_patient_id(cli, args.words[0], &erasure.patient);
    if (code != CLI_OK)
        return code;
    bool is_meant = cli_value(cli, &args, "yes") != NULL;
    if (is_meant) /* as the calling user, and below as the database's owner */
        cli_listed_drop(erasure.patient);
    code = cli_open_existing(cli);
    if (code == CLI_OK)
        code = patient_erase_find(cli, erasure.patient, &patient);
    if (code != CLI_OK)
        return code;
    if (!is_meant)
        return print_what_would_go(cli, &patient);
    if (sw_adapters_new(&adapters, cli->config.sources, cli->config.n_sources) < 0)
        return cli_fail(cli, "out of memory");
    erasure.adapters = adapters;
    code = erase(cli, &erasure);
    sw_adapters_free(adapters);
    cli_listed_drop(erasure.patient);
    return code;
}
