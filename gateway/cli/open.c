/* open.c -- opens the store for the command line, and prints why when it cannot. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/text.h"
#include "stepward/backup.h"
#include "stepward/host.h"
#include "stepward/lock.h"
#include "stepward/store_watch.h"
#include "stepward/wire.h"
#include "util/file.h"

#define DATABASE "stepward.db"
#define MEND                                                                           \
    "%s the gateway (`sudo systemctl restart stepward-gateway`): it moves the "        \
    "damaged one aside and brings back the newest backup"

/* The gateway, which has a user of its own, could not open files that root left behind:
 * act as the owner of the folder from here on. */
int cli_become_owner(struct cli *cli, char why[static SW_WHY_MAX])
{
    struct stat folder;
    int n = sw_owner_mend(cli->config.data_dir);
    if (n > 0)
        cli_fail(cli, "in %s %d file%s not the gateway's, or open to others: mended",
                 cli->config.data_dir, n, n == 1 ? " was" : "s were");
    if (geteuid() != 0 || stat(cli->config.data_dir, &folder) < 0 || folder.st_uid == 0)
        return 0;
    if (setegid(folder.st_gid) == 0 && seteuid(folder.st_uid) == 0)
        return 0;
    int r = -errno;
    snprintf(why, SW_WHY_MAX, "cannot act as the owner of %.120s: %s",
             cli->config.data_dir, strerror(-r));
    return r;
}

/* Files that a member of the group creates beside the database must belong to the
 * group, or the gateway cannot open them: the folder must hand its group down, or our
 * own group must be the same. */
static int require_handing_down(const struct cli *cli, const char *path,
                                char why[static SW_WHY_MAX])
{
    struct stat folder;
    bool is_ours = stat(cli->config.data_dir, &folder) < 0 ||
                   folder.st_uid == geteuid() || folder.st_gid == getegid();
    bool is_usable = eaccess(path, R_OK | W_OK) == 0; /* else opening reports it */
    if (is_ours || !is_usable || (folder.st_mode & S_ISGID) != 0 ||
        (folder.st_mode & S_ISVTX) != 0 || (folder.st_mode & 070) == 0)
        return 0;
    snprintf(why, SW_WHY_MAX,
             "%.60s does not hand its group down to files that others make in it: "
             "sudo chmod 2770 %.60s",
             cli->config.data_dir, cli->config.data_dir);
    return -EPERM;
}

int cli_reach_store(struct cli *cli, enum sw_store_mode mode,
                    char why[static SW_WHY_MAX])
{
    char path[SW_PATH_BYTES_MAX];
    why[0] = '\0';
    if (cli->store)
        return 0;
    int n = snprintf(path, sizeof path, "%s/" DATABASE, cli->config.data_dir);
    int r = n >= (int)sizeof path ? -ENAMETOOLONG : cli_become_owner(cli, why);
    if (r == 0 && sw_backup_waits(cli->config.data_dir, why)) {
        char *local = sw_local_times(&cli->zone, why, cli->now_s);
        if (local)
            snprintf(why, SW_WHY_MAX, "%s", local);
        free(local);
        return -ENODATA; /* an empty database would hide the backups */
    }
    if (r == 0)
        r = require_handing_down(cli, path, why);
    if (r == 0)
        r = sw_store_open(&cli->store, path, mode, why);
    if (cli->store)
        sw_store_limit_newest(cli->store, cli->now_s + cli->config.max_future_s);
    if (r == -ENOENT && mode == SW_STORE_READ)
        snprintf(
            why, SW_WHY_MAX,
            "no database in %.60s yet: begin with `sudo -u stepward stepward patient "
            "add ID`",
            cli->config.data_dir);
    if (r < 0 && !*why)
        snprintf(why, SW_WHY_MAX, "%s", strerror(-r));
    return r;
}

/* The gateway checks its database when it starts, and only then. */
static const char *start_it(const struct cli *cli)
{
    struct sw_lock_note note;
    bool running = false;
    sw_lock_read(cli->config.data_dir, &note, &running);
    return running ? "restart" : "start";
}

int cli_cannot(struct cli *cli, const char *verb, const char *path, int error)
{
    char remedy[SW_WHY_MAX];
    bool is_forbidden = error == -EACCES || error == -EPERM;
    if (!is_forbidden || !sw_permission_hint(path, remedy))
        return cli_fail(cli, "cannot %s %s: %s", verb, path, strerror(-error));
    return cli_fail(cli, "cannot %s %s: %s: %s", verb, path, strerror(-error), remedy);
}

int cli_cannot_data(struct cli *cli, const char *verb, const char *name, int error)
{
    char path[SW_PATH_BYTES_MAX];
    snprintf(path, sizeof path, "%s/%s", cli->config.data_dir, name);
    return cli_cannot(cli, verb, path, error);
}

/* SQLite reports a file that we may not write as read-only, like a read-only disk. */
static bool may_be_rights(int error)
{
    return error == -EACCES || error == -EPERM || error == -EROFS;
}

static bool lacks_rights(const char *path, int wanted)
{
    return eaccess(path, wanted) < 0 && errno == EACCES;
}

/* The path for which we lack rights: the database's folder or the database itself;
 * NULL: neither. Even a reader creates files beside it. */
static const char *find_forbidden(const char *data_dir,
                                  char path[static SW_PATH_BYTES_MAX])
{
    snprintf(path, SW_PATH_BYTES_MAX, "%s/" DATABASE, data_dir);
    if (lacks_rights(data_dir, W_OK | X_OK))
        return data_dir;
    return lacks_rights(path, R_OK | W_OK) ? path : NULL;
}

int cli_out_of_reach(struct cli *cli, int error, const char *why)
{
    const char *data_dir = cli->config.data_dir;
    char path[SW_PATH_BYTES_MAX];
    struct stat st;
    if (error == -EUCLEAN)
        return cli_fail(cli, "%s: " MEND, why, start_it(cli));
    if (!may_be_rights(error))
        return cli_fail(cli, "%s", why);
    bool is_absent = stat(data_dir, &st) < 0 && errno == ENOENT;
    const char *forbidden = find_forbidden(data_dir, path);
    if (!sw_service_may_write("", &cli->config))
        return cli_fail(cli,
                        "%s: the gateway's service cannot write there: `sudo "
                        "scripts/install` makes the folder, and lets it",
                        data_dir);
    if (is_absent && error != -EROFS)
        return cli_fail(cli,
                        "cannot create the folder %s: %s: start the gateway first, "
                        "which makes it, or change data_dir",
                        data_dir, strerror(-error));
    return forbidden ? cli_cannot(cli, "open", forbidden, -EACCES)
                     : cli_fail(cli, "%s", why);
}

int cli_open_store(struct cli *cli, enum sw_store_mode mode)
{
    char why[SW_WHY_MAX];
    int r = cli_reach_store(cli, mode, why);
    return r < 0 ? cli_out_of_reach(cli, r, why) : CLI_OK;
}

int cli_open_existing(struct cli *cli)
{
    int code = cli_open_store(cli, SW_STORE_READ);
    if (code != CLI_OK)
        return code;
    sw_store_close(cli->store);
    cli->store = NULL;
    return cli_open_store(cli, SW_STORE_WRITE);
}

int cli_at_once(struct cli *cli, int (*work)(struct cli *cli, void *ctx), void *ctx)
{
    int r = sw_store_begin(cli->store);
    if (r < 0)
        return cli_store_failed(cli, r);
    int code = work(cli, ctx);
    if (code != CLI_OK) {
        sw_store_rollback(cli->store);
        return code;
    }
    r = sw_store_commit(cli->store);
    if (r < 0)
        return cli_store_failed(cli, r);
    cli_touch_store(cli);
    return CLI_OK;
}

void cli_touch_store(const struct cli *cli)
{
    char path[SW_PATH_BYTES_MAX];
    snprintf(path, sizeof path, "%s/" DATABASE, cli->config.data_dir);
    sw_store_watch_touch(path);
}

int cli_store_failed(struct cli *cli, int error)
{
    if (error == -EBUSY)
        return cli_fail(cli, "the database is busy: try again");
    if (error == -ENOMEM)
        return cli_fail(cli, "out of memory");
    char path[SW_PATH_BYTES_MAX];
    const char *forbidden =
        may_be_rights(error) ? find_forbidden(cli->config.data_dir, path) : NULL;
    if (forbidden)
        return cli_cannot(cli, "write", forbidden, -EACCES);
    const char *words = cli->store ? sw_store_error(cli->store) : "";
    if (error == -EUCLEAN)
        return cli_fail(cli, "%s/" DATABASE ": damaged: %s%s" MEND,
                        cli->config.data_dir, words, *words ? ": " : "", start_it(cli));
    return cli_fail(cli, "%s/" DATABASE ": %s%s%s", cli->config.data_dir,
                    error < 0 ? strerror(-error) : "failed", *words ? ": " : "", words);
}
