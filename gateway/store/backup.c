/* backup.c -- the folder of backups: make a backup, keep the newest, restore one,
 * change all. Beside each lies a copy of web.db, if there is one, so that the board's users
 * survive a dead card: it comes and goes with its backup, and is restored where there are no
 * users. How a database is copied and checked is the store's business. */
#include "stepward/backup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include "stepward/host.h"
#include "store/store_private.h"
#include "util/file.h"
#include "util/line.h"

#define NAME_FORMAT "stepward-%Y%m%dT%H%M%SZ.db"
#define OURS        "stepward-"
#define USERS       "web-"  /* in place of that, for the copy of web.db */
#define PART_SUFFIX ".part" /* while it is being made */
enum {
    NAME_LEN = sizeof "stepward-20261123T124100Z.db" - 1,
    USERS_LEN = NAME_LEN - (sizeof OURS - sizeof USERS),
    /* People may have put other files there; more than this is not read. */
    LISTED_MAX = 4096,
    REMEDY_MAX = SW_WHY_MAX - 50, /* the rest of the line names the failure */
};

struct name {
    char str[NAME_LEN + 1];
};
struct names { /* newest first */
    struct name *items;
    size_t n;
};

static int path_of(char out[static SW_BACKUP_PATH_MAX], const char *data_dir,
                   const char *name, const char *suffix)
{
    int n = snprintf(out, SW_BACKUP_PATH_MAX, "%s/backup%s%s%s", data_dir,
                     *name ? "/" : "", name, suffix);
    return n < 0 || n >= SW_BACKUP_PATH_MAX ? -ENAMETOOLONG : 0;
}

/* The copy of web.db that belongs to the backup. */
static int users_path_of(char out[static SW_BACKUP_PATH_MAX], const char *data_dir,
                         const char *name, const char *suffix)
{
    char users[NAME_LEN + 1];
    snprintf(users, sizeof users, USERS "%s", name + strlen(OURS));
    return path_of(out, data_dir, users, suffix);
}

static int web_path(char out[static SW_BACKUP_PATH_MAX], const char *data_dir)
{
    int n = snprintf(out, SW_BACKUP_PATH_MAX, "%s/web.db", data_dir);
    return n < 0 || n >= SW_BACKUP_PATH_MAX ? -ENAMETOOLONG : 0;
}

/* ---- names ---- */

static bool parse_name(const char *name, int64_t *ret_made_at_s)
{
    struct tm tm = {0};
    if (strlen(name) != NAME_LEN)
        return false;
    const char *end = strptime(name, NAME_FORMAT, &tm);
    if (!end || *end != '\0')
        return false;
    *ret_made_at_s = timegm(&tm);
    return true;
}

static int make_name(int64_t now_s, struct name *ret)
{
    time_t at_s = now_s;
    struct tm tm;
    if (!gmtime_r(&at_s, &tm))
        return -errno;
    bool fits = strftime(ret->str, sizeof ret->str, NAME_FORMAT, &tm) == NAME_LEN;
    return fits ? 0 : -EINVAL;
}

static int newest_first(const void *a, const void *b)
{
    return strcmp(((const struct name *)b)->str, ((const struct name *)a)->str);
}

static int read_names(DIR *folder, struct names *ret)
{
    int64_t made_at_s;
    struct name *items = calloc(LISTED_MAX, sizeof *items);
    struct dirent *entry;
    size_t n = 0;
    int r = 0;
    if (!items)
        return -ENOMEM;
    while (n < LISTED_MAX && (r = sw_folder_next(folder, &entry)) > 0)
        if (parse_name(entry->d_name, &made_at_s))
            memcpy(items[n++].str, entry->d_name, NAME_LEN);
    if (r < 0) {
        free(items);
        return r;
    }
    qsort(items, n, sizeof *items, newest_first);
    *ret = (struct names){items, n};
    return 0;
}

/* A missing folder means no backups. */
static int backup_list(const char *data_dir, struct names *ret)
{
    char path[SW_BACKUP_PATH_MAX];
    *ret = (struct names){0};
    int r = path_of(path, data_dir, "", "");
    if (r < 0)
        return r;
    DIR *folder = opendir(path);
    if (!folder)
        return errno == ENOENT ? 0 : -errno;
    r = read_names(folder, ret);
    closedir(folder);
    return r;
}

static void names_fini(struct names *names)
{
    free(names->items);
}

/* ---- making one ---- */

/* Create and lock the folder, and return its descriptor: only one backup is made
 * at a time. */
static int lock_folder(const char *data_dir, char why[static SW_WHY_MAX])
{
    char path[SW_BACKUP_PATH_MAX];
    int r = path_of(path, data_dir, "", "");
    if (r < 0)
        return sw_store_format_errno(r, why, data_dir, "cannot keep backups");
    r = sw_make_folder_within(data_dir, path);
    if (r < 0)
        return sw_store_format_errno(r, why, path, "cannot create the folder");
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return sw_store_format_errno(-errno, why, path, "cannot open the folder");
    if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
        close(fd);
        return sw_store_format_error(-EBUSY, why, path, "another backup is being made");
    }
    return fd;
}

/* If the clock were behind the newest backup, the new one would sort among the old. */
static int check_clock(const char *data_dir, int64_t now_s, char why[static SW_WHY_MAX])
{
    struct names names;
    int64_t newest_s = 0;
    int r = backup_list(data_dir, &names);
    if (r < 0)
        return sw_store_format_errno(r, why, data_dir, "cannot list the backups");
    if (names.n > 0)
        parse_name(names.items[0].str, &newest_s);
    if (names.n > 0 && newest_s == now_s)
        r = sw_store_format_error(-EEXIST, why, names.items[0].str,
                                  "made this very second");
    if (names.n > 0 && newest_s > now_s)
        r = sw_store_format_error(-ETIME, why, names.items[0].str,
                                  "the clock stands before this backup: set it first");
    names_fini(&names);
    return r;
}

static int check_space(struct sw_store *store, const char *data_dir,
                       char why[static SW_WHY_MAX])
{
    struct statvfs fs;
    char text[SW_WHAT_BYTES_MAX];
    if (statvfs(data_dir, &fs) < 0)
        return sw_store_format_errno(-errno, why, data_dir, "cannot look at the disk");
    int64_t free_bytes = (int64_t)fs.f_bavail * (int64_t)fs.f_frsize;
    int64_t needed = sw_store_bytes(store) + SW_BACKUP_SPARE_BYTES;
    if (free_bytes >= needed)
        return 0;
    snprintf(text, sizeof text,
             "a backup needs %lld MiB free, there are %lld: make room, or --keep fewer",
             (long long)(needed >> 20) + 1, (long long)(free_bytes >> 20));
    return sw_store_format_error(-ENOSPC, why, data_dir, text);
}

static int copy_and_name(struct sw_store *store, const char *data_dir,
                         const struct name *name, struct sw_backup *ret,
                         char why[static SW_WHY_MAX])
{
    char part[SW_BACKUP_PATH_MAX];
    struct stat st;
    int r = path_of(part, data_dir, name->str, PART_SUFFIX);
    if (r == 0)
        r = path_of(ret->path, data_dir, name->str, "");
    if (r < 0)
        return sw_store_format_errno(r, why, data_dir, "cannot keep backups");
    r = sw_store_copy(store, part, why);
    if (r < 0)
        return r;
    if (stat(part, &st) < 0 || rename(part, ret->path) < 0)
        r = -errno;
    if (r == 0)
        r = sw_file_sync_folder(ret->path);
    if (r < 0)
        return sw_store_format_errno(r, why, part, "cannot give it its name");
    ret->bytes = st.st_size;
    return 0;
}

static int copy_users_to(struct sw_store *web, const char *data_dir,
                         const struct name *name, char why[static SW_WHY_MAX])
{
    char part[SW_BACKUP_PATH_MAX], path[SW_BACKUP_PATH_MAX];
    int r = users_path_of(part, data_dir, name->str, PART_SUFFIX);
    if (r == 0)
        r = users_path_of(path, data_dir, name->str, "");
    if (r < 0)
        return sw_store_format_errno(r, why, data_dir, "cannot keep backups");
    r = sw_store_copy(web, part, why);
    if (r < 0)
        return r;
    r = rename(part, path) < 0 ? -errno : sw_file_sync_folder(path);
    return r < 0 ? sw_store_format_errno(r, why, part, "cannot give it its name") : 0;
}

/* The users of the board, if there are any. */
static int copy_users(const char *data_dir, const struct name *name,
                      char why[static SW_WHY_MAX])
{
    char path[SW_BACKUP_PATH_MAX];
    struct sw_store *web;
    int r = web_path(path, data_dir);
    if (r < 0 || (access(path, F_OK) < 0 && errno == ENOENT))
        return 0;
    r = sw_store_open_as(&web, &sw_schema_web, path, SW_STORE_READ, why);
    if (r == -ENOENT) /* nobody was ever added */
        return 0;
    if (r < 0)
        return r;
    r = copy_users_to(web, data_dir, name, why);
    sw_store_close(web);
    return r;
}

/* Remove what a killed backup left. We hold the lock, so nobody is writing it. */
static int remove_parts(const char *data_dir, char why[static SW_WHY_MAX])
{
    char path[SW_BACKUP_PATH_MAX];
    struct dirent *entry;
    int r = path_of(path, data_dir, "", "");
    DIR *folder = r == 0 ? opendir(path) : NULL;
    if (r == 0 && !folder)
        r = -errno;
    while (r >= 0 && (r = sw_folder_next(folder, &entry)) > 0) {
        size_t len = strlen(entry->d_name);
        bool is_users = strncmp(entry->d_name, USERS, strlen(USERS)) == 0;
        size_t n = is_users ? USERS_LEN : NAME_LEN;
        bool is_ours = is_users || strncmp(entry->d_name, OURS, strlen(OURS)) == 0;
        bool is_part = is_ours && len > n && strstr(entry->d_name + n, PART_SUFFIX);
        if (is_part)
            unlinkat(dirfd(folder), entry->d_name, 0);
    }
    if (folder)
        closedir(folder);
    return r < 0 ? sw_store_format_errno(r, why, path, "cannot read the folder") : 0;
}

/* ---- the last failure, for `status` ---- */

/* The file lies beside the backups: its first line is the time, its second the
 * reason. If the disk has no room even for this file, the age of the newest backup
 * shows the failure. */
static int failure_path(const char *data_dir, char out[static SW_BACKUP_PATH_MAX])
{
    return path_of(out, data_dir, "failed", "");
}

static void note_failure(const char *data_dir, int64_t now_s, const char *why)
{
    char path[SW_BACKUP_PATH_MAX];
    if (failure_path(data_dir, path) < 0)
        return;
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC,
                  SW_DATA_FILE_MODE);
    if (fd < 0)
        return;
    dprintf(fd, "%lld\n%s\n", (long long)now_s, why);
    close(fd);
}

static void read_failure(const char *data_dir, struct sw_backups *ret)
{
    char path[SW_BACKUP_PATH_MAX], line[SW_WHY_MAX];
    long long at_s;
    FILE *file = failure_path(data_dir, path) == 0 ? fopen(path, "re") : NULL;
    if (!file)
        return;
    bool is_whole = fgets(line, sizeof line, file) &&
                    sscanf(line, "%lld", &at_s) == 1 && fgets(line, sizeof line, file);
    if (is_whole) {
        line[strcspn(line, "\n")] = '\0';
        ret->failed_at_s = at_s;
        snprintf(ret->failure, sizeof ret->failure, "%s", line);
    }
    fclose(file);
}

static int backup_make_copy(struct sw_store *store, const char *data_dir, int64_t now_s,
                            struct sw_backup *ret, char why[static SW_WHY_MAX])
{
    struct name name;
    int fd = lock_folder(data_dir, why);
    if (fd < 0)
        return fd;
    int r = remove_parts(data_dir, why);
    ret->made_at_s = now_s;
    if (r == 0 && (r = make_name(now_s, &name)) < 0)
        sw_store_format_errno(r, why, data_dir, "the clock is wrong");
    if (r == 0)
        r = check_clock(data_dir, now_s, why);
    if (r == 0)
        r = check_space(store, data_dir, why);
    if (r == 0)
        r = copy_and_name(store, data_dir, &name, ret, why);
    ret->users_error = 0;
    ret->users_why[0] = '\0';
    if (r == 0)
        ret->users_error = copy_users(data_dir, &name, ret->users_why);
    close(fd);
    return r;
}

int sw_backup_make(struct sw_store *store, const char *data_dir, int64_t now_s,
                   struct sw_backup *ret, char why[static SW_WHY_MAX])
{
    why[0] = '\0';
    int r = backup_make_copy(store, data_dir, now_s, ret, why);
    bool is_another = r == -EBUSY || r == -EEXIST; /* it reports its own result */
    char path[SW_BACKUP_PATH_MAX];
    if (r < 0 && !is_another)
        note_failure(data_dir, now_s, why);
    if (r == 0 && ret->users_error < 0)
        note_failure(data_dir, now_s, ret->users_why);
    else if (r == 0 && failure_path(data_dir, path) == 0)
        unlink(path);
    return r;
}

int sw_backup_prune(const char *data_dir, size_t keep, size_t *ret_left,
                    char why[static SW_WHY_MAX])
{
    char path[SW_BACKUP_PATH_MAX];
    struct names names;
    why[0] = '\0';
    int r = backup_list(data_dir, &names);
    for (size_t i = keep; r == 0 && i < names.n; i++) {
        r = path_of(path, data_dir, names.items[i].str, "");
        if (r == 0 && unlink(path) < 0)
            r = -errno;
        if (r == 0 && users_path_of(path, data_dir, names.items[i].str, "") == 0 &&
            unlink(path) < 0 && errno != ENOENT)
            r = -errno;
    }
    *ret_left = names.n < keep ? names.n : keep;
    names_fini(&names);
    return r < 0 ? sw_store_format_errno(r, why, data_dir, "cannot remove old backups")
                 : 0;
}

/* ---- bringing one back ---- */

static int copy_file(const char *from, const char *to)
{
    struct stat st;
    int r = 0;
    int to_fd = -1, from_fd = open(from, O_RDONLY | O_CLOEXEC);
    if (from_fd >= 0)
        to_fd = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, SW_DATA_FILE_MODE);
    if (from_fd < 0 || to_fd < 0)
        r = -errno;
    if (r == 0 && fstat(from_fd, &st) < 0)
        r = -errno;
    if (r == 0)
        r = sw_file_copy(from_fd, 0, st.st_size, to_fd, 0);
    if (r == 0 && fsync(to_fd) < 0)
        r = -errno;
    if (to_fd >= 0)
        close(to_fd);
    if (from_fd >= 0)
        close(from_fd);
    return r;
}

/* The database appears whole or not at all: a kill leaves only a copy
 * under another name. */
static int backup_put_back(const char *backup, const char *database)
{
    char part[SW_BACKUP_PATH_MAX];
    int n = snprintf(part, sizeof part, "%s" PART_SUFFIX, database);
    if (n < 0 || (size_t)n >= sizeof part)
        return -ENAMETOOLONG;
    int r = copy_file(backup, part);
    if (r == 0 && renameat2(AT_FDCWD, part, AT_FDCWD, database, RENAME_NOREPLACE) < 0)
        r = -errno;
    if (r < 0)
        unlink(part);
    return r == 0 ? sw_file_sync_folder(database) : r;
}

/* For backups that root copied there, as when a Pi is replaced: `why` says how to give
 * them to the gateway's user. */
static int format_closed(int r, const char *path, const char *data_dir,
                         char why[static SW_WHY_MAX])
{
    char remedy[SW_WHY_MAX];
    sw_permission_give_back(path, data_dir, remedy);
    snprintf(why, SW_WHY_MAX, "cannot read the backups: %.*s", REMEDY_MAX, remedy);
    return r;
}

int sw_backup_take_users(const char *data_dir, const char *part,
                         char why[static SW_WHY_MAX])
{
    char path[SW_BACKUP_PATH_MAX], moved[SW_BACKUP_PATH_MAX];
    int r = web_path(path, data_dir);
    if (r == 0)
        r = access(path, F_OK) == 0 ? -EEXIST : sw_store_drop_logins(part);
    if (r == 0)
        r = sw_file_sync(part);
    if (r < 0) {
        unlink(part);
        return sw_store_format_errno(r, why, path, "cannot restore");
    }
    /* What is left of a lost one would be taken for this one's. */
    r = sw_store_quarantine(path, moved, sizeof moved, why);
    if (r == 0 || r == -ENOENT) {
        r = renameat2(AT_FDCWD, part, AT_FDCWD, path, RENAME_NOREPLACE) < 0
                ? -errno
                : sw_file_sync_folder(path);
        if (r < 0)
            sw_store_format_errno(r, why, path, "cannot restore");
    }
    if (r < 0)
        unlink(part);
    return r;
}

/* Users who are there stay, as they are newer; a copy that is not sound, or cannot be put
 * back, is no reason to be without the patients. */
static void restore_users(const char *data_dir, const char *name)
{
    char copy[SW_BACKUP_PATH_MAX], path[SW_BACKUP_PATH_MAX],
        part[SW_BACKUP_PATH_MAX + sizeof PART_SUFFIX], why[SW_WHY_MAX];
    int r = users_path_of(copy, data_dir, name, "");
    if (r == 0)
        r = web_path(path, data_dir);
    if (r < 0 || access(path, F_OK) == 0 || access(copy, F_OK) < 0)
        return;
    r = sw_store_inspect_as(&sw_schema_web, copy, why);
    snprintf(part, sizeof part, "%s" PART_SUFFIX, path);
    if (r == 0 && (r = copy_file(copy, part)) < 0) {
        sw_store_format_errno(r, why, part, "cannot copy it");
        unlink(part);
    }
    if (r == 0)
        r = sw_backup_take_users(data_dir, part, why);
    if (r < 0)
        sw_log(SW_LOG_ERROR, "nobody may log in to the board any more: %s", why);
    else
        sw_log(SW_LOG_NOTICE, "the board's users are restored from %s", copy);
}

static int restore(const char *data_dir, const char *name, const char *database,
                   struct sw_backup *ret, char why[static SW_WHY_MAX])
{
    struct stat st = {0};
    int r = path_of(ret->path, data_dir, name, "");
    if (r < 0)
        return sw_store_format_errno(r, why, data_dir, "cannot keep backups");
    r = sw_store_inspect(ret->path, why);
    bool is_unfit = r == -EUCLEAN || r == -EPROTO || r == -ENOENT;
    if (r == -EACCES || r == -EPERM)
        return format_closed(r, ret->path, data_dir, why);
    if (r < 0)
        return is_unfit ? SW_BACKUP_NONE : r;
    stat(ret->path, &st);
    ret->bytes = st.st_size;
    parse_name(name, &ret->made_at_s);
    r = backup_put_back(ret->path, database);
    if (r < 0)
        return sw_store_format_errno(r, why, database, "cannot restore");
    restore_users(data_dir, name);
    return 0;
}

int sw_backup_restore(const char *data_dir, const char *database, int64_t after_s,
                      struct sw_backup *ret, char why[static SW_WHY_MAX])
{
    struct names names;
    int64_t made_at_s;
    why[0] = '\0';
    char folder[SW_BACKUP_PATH_MAX];
    int r = backup_list(data_dir, &names);
    if ((r == -EACCES || r == -EPERM) && path_of(folder, data_dir, "", "") == 0)
        return format_closed(r, folder, data_dir, why);
    if (r < 0)
        return sw_store_format_errno(r, why, data_dir, "cannot list the backups");
    r = SW_BACKUP_NONE;
    for (size_t i = 0; r == SW_BACKUP_NONE && i < names.n; i++) {
        bool is_older =
            parse_name(names.items[i].str, &made_at_s) && made_at_s <= after_s;
        if (is_older)
            break;
        r = restore(data_dir, names.items[i].str, database, ret, why);
    }
    names_fini(&names);
    return r;
}

/* ---- changing them ---- */

#define NEW_SUFFIX PART_SUFFIX ".new" /* the copy that replaces a backup */

static void remove_log(const char *path)
{
    static const char *const suffixes[] = {"", "-wal", "-shm"};
    char name[SW_BACKUP_PATH_MAX + sizeof "-wal"];
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
        snprintf(name, sizeof name, "%s%s", path, suffixes[i]);
        unlink(name);
    }
}

/* Change a copy, then copy its rows to a fresh file, which holds nothing else. */
static int change_copy(const char *part, const char *fresh,
                       int (*change)(void *ctx, struct sw_store *copy), void *ctx,
                       char why[static SW_WHY_MAX])
{
    struct sw_store *copy;
    int r = sw_store_open(&copy, part, SW_STORE_WRITE, why);
    if (r < 0)
        return r;
    r = change(ctx, copy);
    if (r < 0)
        sw_store_format_error(r, why, part, sw_store_why(copy, r));
    if (r >= 0)
        r = sw_store_copy(copy, fresh, why);
    sw_store_close(copy);
    return r;
}

static int change_one(const char *data_dir, const char *name,
                      int (*change)(void *ctx, struct sw_store *copy), void *ctx,
                      char why[static SW_WHY_MAX])
{
    char path[SW_BACKUP_PATH_MAX], part[SW_BACKUP_PATH_MAX], fresh[SW_BACKUP_PATH_MAX];
    int r = path_of(path, data_dir, name, "");
    if (r == 0)
        r = path_of(part, data_dir, name, PART_SUFFIX);
    if (r == 0)
        r = path_of(fresh, data_dir, name, NEW_SUFFIX);
    if (r < 0)
        return sw_store_format_errno(r, why, name, "cannot copy it");
    r = copy_file(path, part);
    if (r < 0) { /* half a copy would take the room of the next */
        remove_log(part);
        return sw_store_format_errno(r, why, name, "cannot copy it");
    }
    r = change_copy(part, fresh, change, ctx, why);
    if (r >= 0) {
        r = rename(fresh, path) < 0 ? -errno : sw_file_sync_folder(path);
        if (r < 0)
            sw_store_format_errno(r, why, path, "cannot replace it");
    }
    remove_log(part);
    unlink(fresh);
    return r;
}

int sw_backup_change(const char *data_dir,
                     int (*change)(void *ctx, struct sw_store *copy), void *ctx,
                     size_t *ret_n, char why[static SW_WHY_MAX])
{
    struct names names = {0};
    why[0] = '\0';
    *ret_n = 0;
    int fd = lock_folder(data_dir, why);
    if (fd < 0)
        return fd;
    int r = remove_parts(data_dir, why);
    if (r == 0 && (r = backup_list(data_dir, &names)) < 0)
        sw_store_format_errno(r, why, data_dir, "cannot list the backups");
    size_t n = r == 0 ? names.n : 0;
    for (size_t i = 0; i < n; i++) {
        char text[SW_WHY_MAX] = "", path[SW_BACKUP_PATH_MAX];
        int changed = change_one(data_dir, names.items[i].str, change, ctx, text);
        if (changed >= 0) {
            ++*ret_n;
        } else if (r == 0) { /* the text begins with the name of a copy, now gone */
            const char *colon = strstr(text, ": ");
            r = changed;
            path_of(path, data_dir, names.items[i].str, "");
            sw_store_format_error(r, why, path, colon ? colon + 2 : text);
        }
    }
    names_fini(&names);
    close(fd);
    return r;
}

int sw_backup_list(const char *data_dir, struct sw_backups *ret)
{
    struct names names;
    *ret = (struct sw_backups){0};
    int r = backup_list(data_dir, &names);
    if (r < 0)
        return r;
    ret->n = names.n;
    if (names.n > 0)
        parse_name(names.items[0].str, &ret->newest_s);
    names_fini(&names);
    read_failure(data_dir, ret);
    if (ret->failed_at_s < ret->newest_s) /* of the same second: of its users */
        ret->failed_at_s = 0;
    return 0;
}

bool sw_backup_waits(const char *data_dir, char why[static SW_WHY_MAX])
{
    char path[SW_BACKUP_PATH_MAX], remedy[SW_WHY_MAX], at[SW_INSTANT_LEN + 1];
    struct sw_backups backups;
    struct stat st;
    why[0] = '\0';
    int n = snprintf(path, sizeof path, "%s/stepward.db", data_dir);
    if (n < 0 || (size_t)n >= sizeof path)
        return false;
    bool is_gone = stat(path, &st) < 0 ? errno == ENOENT : st.st_size == 0;
    if (!is_gone)
        return false;
    int r = sw_backup_list(data_dir, &backups);
    if (r == 0 && backups.n == 0)
        return false;
    if (r < 0) {
        path_of(path, data_dir, "", "");
        sw_permission_give_back(path, data_dir, remedy);
        snprintf(why, SW_WHY_MAX, "no database, and the backups cannot be read: %.*s",
                 REMEDY_MAX, remedy);
        return true;
    }
    sw_instant_format(backups.newest_s, at);
    struct sw_line line = sw_line(why, SW_WHY_MAX);
    sw_line_add(&line,
                "no database, but %zu backup%s in %.40s, the newest of %s: ", backups.n,
                sw_plural((int64_t)backups.n), data_dir, at);
    sw_line_add(&line, "`sudo systemctl restart stepward-gateway` brings it back (or "
                       "move backup/ away)");
    return true;
}

int sw_backup_newest(const char *data_dir, char ret[static SW_BACKUP_PATH_MAX])
{
    struct names names;
    int r = backup_list(data_dir, &names);
    if (r == 0)
        r = names.n > 0 ? path_of(ret, data_dir, names.items[0].str, "") : -ENOENT;
    names_fini(&names);
    return r;
}

int sw_backup_count(const char *data_dir)
{
    struct names names;
    int r = backup_list(data_dir, &names);
    if (r < 0)
        return r;
    r = (int)names.n;
    names_fini(&names);
    return r;
}
