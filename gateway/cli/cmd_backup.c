/* cmd_backup.c -- backup: a copy of the database in DATA_DIR/backup, while the gateway
 * runs, and of that copy another one off the card; restore: bring one back.
 *
 * When to make one is the timer's business. The gateway restores one of DATA_DIR/backup
 * by itself when it finds its database damaged or missing. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/gateway_state.h"
#include "stepward/backup_away.h"
#include "stepward/host.h"
#include "stepward/lock.h"
#include "stepward/wire.h"
#include "util/file.h"

enum {
    DEFAULT_KEEP = 4,
    KEEP_MAX = 1000,
};

const struct cli_option cmd_backup_options[] = {
    {"keep", "N", "remove all but the newest N (default 4)"},
    {"new-key", NULL, "make no backup, but a key for those that leave the card"},
    {0},
};

/* ---- a key: printed once, and kept by nobody here ---- */

static int print_new_key(struct cli *cli)
{
    char secret[SW_AWAY_KEY_MAX], recipient[SW_AWAY_KEY_MAX], why[SW_WHY_MAX];
    int r = sw_away_new_key(secret, recipient, why);
    if (r < 0)
        return cli_fail(cli, "%s", *why ? why : strerror(-r));
    fprintf(
        cli->out,
        "The key that opens the copies. It is shown this once, and is nowhere on this "
        "machine:\nwrite it down, or print it, and keep it where the machine is not. "
        "Without it nobody\nopens them.\n\n    %s\n\n",
        secret);
    fprintf(cli->out,
            "What encrypts them, for the configuration:\n\n"
            "    backup { to = \"%s\"  recipient = \"%s\" }\n",
            *cli->config.backup.to ? cli->config.backup.to : "/media/stick", recipient);
    explicit_bzero(secret, sizeof secret);
    return CLI_OK;
}

/* ---- backup ---- */

static int copy_away(struct cli *cli, const struct sw_backup *made, size_t keep)
{
    struct sw_away away = {cli->config.backup.to, cli->config.backup.recipient, keep};
    char why[SW_WHY_MAX];
    if (*away.to == '\0')
        return CLI_OK;
    int r = sw_away_copy(&away, cli->config.data_dir, made->path, cli->now_s, why);
    if (r < 0)
        return cli_fail(cli, "no copy of it was made: %s", why);
    fprintf(cli->out, "copied to %s%s, and read back\n", away.to,
            *away.recipient ? ", encrypted" : "");
    return CLI_OK;
}

/* The gateway does not mend web.db as it does its own database. */
static int users_failed(struct cli *cli, const struct sw_backup *made)
{
    int r = made->users_error;
    if (r == -EACCES || r == -EPERM)
        return cli_cannot_data(cli, "copy", "web.db", r);
    bool is_unfit = r == -EUCLEAN || r == -EPROTO;
    return cli_fail(cli, "the board's users are not in it: %s%s", made->users_why,
                    is_unfit ? ": stop stepward-web, and put the newest sound "
                               "backup/web-*.db in the place of web.db and web.db-*"
                             : "");
}

int cmd_backup(struct cli *cli, int argc, char **argv)
{
    struct cli_args args;
    struct sw_backup made;
    const char *data_dir = cli->config.data_dir;
    char why[SW_WHY_MAX];
    int64_t keep = DEFAULT_KEEP;
    size_t left = 0;
    int code = cli_parse(cli, argc, argv, &args);
    if (code == CLI_OK && cli_value(cli, &args, "new-key"))
        return print_new_key(cli);
    if (code == CLI_OK)
        code = cli_number(cli, &args, "keep", 1, KEEP_MAX, &keep);
    if (code == CLI_OK)
        code = cli_open_store(cli, SW_STORE_READ);
    if (code != CLI_OK)
        return code;
    int r = sw_backup_make(cli->store, data_dir, cli->now_s, &made, why);
    if (r == -EUCLEAN)
        return cli_fail(cli,
                        "%s: no backup was made; restart the gateway "
                        "(" SW_RESTART_GATEWAY "): it moves a damaged database aside",
                        why);
    if (r < 0)
        return cli_fail(cli, "%s", *why ? why : strerror(-r));
    if (sw_backup_prune(data_dir, (size_t)keep, &left, why) < 0)
        return cli_fail(cli, "%s", why);
    fprintf(cli->out, "backed up to %s (%lld KiB); %zu kept\n", made.path,
            (long long)(made.bytes + 1023) / 1024, left);
    code = copy_away(cli, &made, (size_t)keep);
    return made.users_error < 0 ? users_failed(cli, &made) : code;
}

/* ---- restore ---- */

const struct cli_option cmd_restore_options[] = {
    {"latest", NULL, "the newest copy in `to` of the configuration, else in backup/"},
    {"key", "FILE", "the file with the key that opens an encrypted one"},
    {"replace", NULL,
     "in place of a database that is there, of which a backup is made"},
    {0},
};

/* The file to be restored, into path. */
static int find_source(struct cli *cli, const struct cli_args *args,
                       char path[static SW_BACKUP_PATH_MAX])
{
    char why[SW_WHY_MAX];
    struct sw_away away = {cli->config.backup.to, "", 0};
    bool is_latest = cli_value(cli, args, "latest") != NULL;
    if (is_latest == (args->n_words == 1))
        return cli_usage(cli, "name a file, or say --latest");
    if (!is_latest) {
        snprintf(path, SW_BACKUP_PATH_MAX, "%s", args->words[0]);
        return CLI_OK;
    }
    if (*away.to == '\0') {
        int r = sw_backup_newest(cli->config.data_dir, path);
        return r < 0 ? cli_fail(cli,
                                "no backup in %s/backup, and no `backup { to }` in the "
                                "configuration: name a file",
                                cli->config.data_dir)
                     : CLI_OK;
    }
    if (sw_away_is_there(&away, cli->config.data_dir, why) < 0)
        return cli_fail(cli, "%s", why);
    int r = sw_away_newest(away.to, path);
    if (r == -ENOENT)
        return cli_fail(cli, "no copy of a backup in %s: name a file", away.to);
    return r < 0 ? cli_cannot(cli, "read", away.to, r) : CLI_OK;
}

static bool has_database(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && st.st_size > 0;
}

/* The gateway must not write to what is being replaced, nor begin to meanwhile: its lock
 * is ours until *ret_fd is closed. */
static int keep_stopped(struct cli *cli, int *ret_fd)
{
    struct sw_lock_note note;
    char why[SW_WHY_MAX];
    int r = sw_lock_take(cli->config.data_dir, ret_fd, &note, why);
    if (r == -EBUSY)
        return cli_fail(cli, "the gateway runs: first "
                             "`sudo systemctl stop stepward-gateway`");
    return r < 0 ? cli_fail(cli, "%s", why) : CLI_OK;
}

/* Without its file a log is no database, but SQLite would take it for the next one's. */
static int set_aside(struct cli *cli, const char *database, const char *what)
{
    char why[SW_WHY_MAX], moved[SW_BACKUP_PATH_MAX];
    int r = sw_store_quarantine(database, moved, sizeof moved, why);
    if (r == 0)
        fprintf(cli->out, "%s: it is now %s\n", what, moved);
    return r < 0 && r != -ENOENT ? cli_fail(cli, "%s", why) : CLI_OK;
}

/* A backup of what is there, or the damaged file set aside. */
static int put_away(struct cli *cli, const char *database)
{
    static const char *const suffixes[] = {"-wal", "-shm", "-journal", ""};
    char why[SW_WHY_MAX], path[SW_BACKUP_PATH_MAX];
    struct sw_store *store = NULL;
    struct sw_backup made;
    int r = sw_store_open(&store, database, SW_STORE_READ, why);
    if (r == 0)
        r = sw_backup_make(store, cli->config.data_dir, cli->now_s, &made, why);
    sw_store_close(store);
    if (r == -EUCLEAN || r == -EPROTO)
        return set_aside(cli, database, "what was there is damaged");
    if (r < 0)
        return cli_fail(cli, "%s: nothing was restored", *why ? why : strerror(-r));
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
        snprintf(path, sizeof path, "%s%s", database, suffixes[i]);
        if (unlink(path) < 0 && errno != ENOENT)
            return cli_cannot(cli, "remove", path, -errno);
    }
    fprintf(cli->out, "what was there is now %s\n", made.path);
    return CLI_OK;
}

static int print_restored(struct cli *cli, const char *source)
{
    struct sw_health health = {.written_at_s = 0};
    char at[SW_INSTANT_LEN + 1] = "";
    int code = cli_open_store(cli, SW_STORE_READ); /* root gives it to its owner */
    if (code != CLI_OK)
        return code;
    int r = sw_store_get_health(cli->store, &health);
    if (r < 0)
        return cli_store_failed(cli, r);
    if (health.last_message_at_s != 0)
        sw_instant_format(health.last_message_at_s, at);
    char *local = sw_local_times(&cli->zone, at, cli->now_s);
    fprintf(cli->out,
            "restored %s; its last message is of %s\nstart the gateway: `sudo "
            "systemctl start stepward-gateway`: it takes what waits at the broker, and "
            "compares its alerts\n",
            source,
            !*at    ? "no time yet"
            : local ? local
                    : at);
    free(local);
    return CLI_OK;
}

/* The board's users, if a copy of them is beside the source; who are there are newer, and
 * stay. */
static int bring_users_back(struct cli *cli, const struct sw_away_file *users)
{
    char why[SW_WHY_MAX], path[SW_BACKUP_PATH_MAX];
    int n = snprintf(path, sizeof path, "%s/web.db", cli->config.data_dir);
    if (users->fd < 0 || n >= (int)sizeof path || access(path, F_OK) == 0)
        return CLI_OK;
    if (sw_away_fetch_users(users, cli->config.data_dir, why) < 0)
        return cli_fail(cli, "the board's users were not restored: %s", why);
    fprintf(cli->out, "the board's users are restored from %s\n", users->path);
    return CLI_OK;
}

/* The source, checked, in the database's place, with nothing of another beside it. */
static int bring_back(struct cli *cli, const struct sw_away_file *source,
                      const char *database)
{
    char part[SW_BACKUP_PATH_MAX + sizeof ".part"], why[SW_WHY_MAX];
    snprintf(part, sizeof part, "%s.part", database);
    int r = sw_away_fetch(source, part, why);
    if (r < 0)
        return cli_fail(cli, "%s: nothing was restored", why);
    int code = has_database(database)
                   ? put_away(cli, database)
                   : set_aside(cli, database, "what was left there is no database");
    if (code == CLI_OK && rename(part, database) < 0)
        code = cli_cannot(cli, "name", database, -errno);
    if (code != CLI_OK) {
        unlink(part);
        return code;
    }
    r = sw_file_sync_folder(database);
    return r < 0 ? cli_cannot(cli, "write", database, r)
                 : print_restored(cli, source->path);
}

/* The source and its key are opened as who calls, who may be root. */
static int open_source(struct cli *cli, const char *path, const char *key,
                       struct sw_away_file *ret)
{
    int r = sw_away_open(path, ret);
    if (r < 0)
        return cli_cannot(cli, "read", path, r);
    if (ret->is_encrypted && !key)
        return cli_usage(
            cli,
            "%s is encrypted: --key FILE, a file with the key that `backup "
            "--new-key` printed",
            path);
    if (ret->is_encrypted && (ret->key_fd = open(key, O_RDONLY | O_CLOEXEC)) < 0)
        return cli_cannot(cli, "read", key, -errno);
    return CLI_OK;
}

/* As the owner of data_dir, or others who may write there would lead root elsewhere by a
 * link. */
static int restore_as_owner(struct cli *cli, const struct sw_away_file *source,
                            const struct sw_away_file *users, bool replaces)
{
    const char *data_dir = cli->config.data_dir;
    char database[SW_BACKUP_PATH_MAX], why[SW_WHY_MAX];
    int lock_fd;
    int n = snprintf(database, sizeof database, "%s/stepward.db", data_dir);
    if (n < 0 || (size_t)n >= sizeof database)
        return cli_cannot(cli, "restore", data_dir, -ENAMETOOLONG);
    if (cli_become_owner(cli, why) < 0)
        return cli_fail(cli, "%s", why);
    int code = keep_stopped(cli, &lock_fd);
    if (code != CLI_OK)
        return code;
    if (has_database(database) && !replaces)
        code =
            cli_fail(cli,
                     "there is a database in %s already: --replace makes a backup of "
                     "it first",
                     data_dir);
    else
        code = bring_back(cli, source, database);
    if (code == CLI_OK)
        code = bring_users_back(cli, users);
    close(lock_fd);
    return code;
}

int cmd_restore(struct cli *cli, int argc, char **argv)
{
    struct cli_args args;
    struct sw_away_file source = {.fd = -1, .key_fd = -1}, users = source;
    char path[SW_BACKUP_PATH_MAX], users_path[SW_BACKUP_PATH_MAX];
    int r;
    int code = cli_parse(cli, argc, argv, &args);
    if (code == CLI_OK)
        code = find_source(cli, &args, path);
    if (code == CLI_OK)
        code = open_source(cli, path, cli_value(cli, &args, "key"), &source);
    if (code == CLI_OK && sw_away_open_users(path, users_path, &users) == 0 &&
        users.is_encrypted && cli_value(cli, &args, "key"))
        users.key_fd = open(cli_value(cli, &args, "key"), O_RDONLY | O_CLOEXEC);
    if (code == CLI_OK && (r = sw_make_data_folder(cli->config.data_dir)) < 0)
        code = cli_cannot(cli, "create", cli->config.data_dir, r);
    if (code == CLI_OK)
        code = restore_as_owner(cli, &source, &users,
                                cli_value(cli, &args, "replace") != NULL);
    sw_away_close(&users);
    sw_away_close(&source);
    return code;
}
