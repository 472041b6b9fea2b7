/* owner.c -- whom the data belong to, how files come back to them, and how a user gets
 * the rights to a file. Whether rights are what is missing, the caller knows. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <libgen.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "stepward/host.h"
#include "util/file.h"

enum {
    NAME_BYTES_MAX = 64,     /* of a user: login names take 32 */
    ENTRY_BYTES_MAX = 16384, /* of the user database */
    FILE_RIGHTS = 0600,
    FOLDER_RIGHTS = 0700,
    OTHERS_RIGHTS = 0007,
};
#define BACKUPS "backup"

/* Find what is to be opened, or the nearest folder above it that can be looked at. */
static bool find_nearest(const char *path, char at[static SW_PATH_BYTES_MAX],
                         struct stat *ret)
{
    char above[SW_PATH_BYTES_MAX];
    if (snprintf(at, SW_PATH_BYTES_MAX, "%s", path) >= SW_PATH_BYTES_MAX)
        return false;
    while (stat(at, ret) < 0) {
        bool is_top = strcmp(at, "/") == 0 || strcmp(at, ".") == 0;
        if (is_top || (errno != EACCES && errno != ENOENT))
            return false;
        strcpy(above, at);
        strcpy(at, dirname(above));
    }
    return true;
}

static void name_user(uid_t uid, char out[static NAME_BYTES_MAX])
{
    char entry[ENTRY_BYTES_MAX];
    struct passwd passwd, *found = NULL;
    bool is_known = getpwuid_r(uid, &passwd, entry, sizeof entry, &found) == 0 && found;
    if (is_known && strlen(passwd.pw_name) < NAME_BYTES_MAX)
        strcpy(out, passwd.pw_name);
    else
        snprintf(out, NAME_BYTES_MAX, "'#%u'", (unsigned)uid); /* as sudo takes it */
}

/* Somebody else's file in a folder of ours was put there by mistake. */
static bool owner_is_stray(const char *at, const struct stat *st)
{
    char above[SW_PATH_BYTES_MAX];
    struct stat folder;
    strcpy(above, at);
    return S_ISREG(st->st_mode) && stat(dirname(above), &folder) == 0 &&
           folder.st_uid == geteuid();
}

/* ---- the gateway's user ---- */

#define GATEWAY_USER "stepward"

static bool find_user(const char *name, struct sw_owner *ret)
{
    char entry[ENTRY_BYTES_MAX];
    struct passwd passwd, *found = NULL;
    if (getpwnam_r(name, &passwd, entry, sizeof entry, &found) != 0 || !found)
        return false;
    ret->uid = passwd.pw_uid;
    ret->gid = passwd.pw_gid;
    snprintf(ret->name, sizeof ret->name, "%s", name);
    return true;
}

bool sw_owner_of(const char *data_dir, struct sw_owner *ret)
{
    struct stat st;
    if (stat(data_dir, &st) < 0 || st.st_uid == 0)
        return find_user(GATEWAY_USER, ret);
    ret->uid = st.st_uid;
    ret->gid = st.st_gid;
    name_user(st.st_uid, ret->name);
    return true;
}

int sw_owner_become(const struct sw_owner *owner)
{
    bool is_named = owner->name[0] != '\'';
    int r = is_named ? initgroups(owner->name, owner->gid) : setgroups(0, NULL);
    if (r < 0 || setegid(owner->gid) < 0 || seteuid(owner->uid) < 0) {
        r = -errno;
        sw_owner_be_root();
    }
    return r;
}

int sw_owner_be_root(void)
{
    return seteuid(0) < 0 || setegid(0) < 0 || setgroups(0, NULL) < 0 ? -errno : 0;
}

void sw_permission_grant(const char *path, const char *user,
                         char out[static SW_WHY_MAX])
{
    struct sw_owner service;
    struct stat st;
    bool is_closed = stat(path, &st) < 0 && errno == EACCES;
    if (!user)
        user = find_user(GATEWAY_USER, &service) ? GATEWAY_USER : "USER";
    if (is_closed)
        snprintf(out, SW_WHY_MAX,
                 "%s cannot enter its folder: move it to /etc/stepward", user);
    else
        snprintf(out, SW_WHY_MAX, "sudo chown %s %.100s", user, path);
}

void sw_permission_give_back(const char *path, const char *data_dir,
                             char out[static SW_WHY_MAX])
{
    struct sw_owner owner;
    char whose[NAME_BYTES_MAX] = "another user";
    struct stat st;
    if (!sw_owner_of(data_dir, &owner))
        snprintf(owner.name, sizeof owner.name, "USER");
    if (stat(path, &st) == 0)
        name_user(st.st_uid, whose);
    snprintf(out, SW_WHY_MAX, "it is %.30s's: sudo chown -R %.40s: %.100s", whose,
             owner.name, path);
}

/* ---- who has the rights ---- */

bool sw_permission_hint(const char *path, char out[static SW_WHY_MAX])
{
    char at[SW_PATH_BYTES_MAX], name[NAME_BYTES_MAX];
    struct stat st;
    const char *program = program_invocation_short_name;
    if (!find_nearest(path, at, &st))
        return false;
    name_user(st.st_uid, name);
    if (st.st_uid == geteuid()) {
        snprintf(out, SW_WHY_MAX, "it is yours: chmod u+rw%s %.120s",
                 S_ISDIR(st.st_mode) ? "x" : "", at);
    } else if (owner_is_stray(at, &st)) {
        name_user(geteuid(), name);
        snprintf(out, SW_WHY_MAX, "it is another user's: sudo chown %s %.80s", name,
                 at);
    } else if (st.st_uid == 0) {
        snprintf(out, SW_WHY_MAX, "run it as root: sudo %s ...", program);
    } else {
        snprintf(out, SW_WHY_MAX, "run it as the owner: sudo -u %s %s ...", name,
                 program);
    }
    return true;
}

/* ---- for whom the data are ---- */

bool sw_group_is_own(unsigned gid)
{
    char entry[ENTRY_BYTES_MAX], name[NAME_BYTES_MAX];
    struct group group, *found = NULL;
    name_user(geteuid(), name);
    return getgrgid_r(gid, &group, entry, sizeof entry, &found) == 0 && found &&
           strcmp(group.gr_name, name) == 0;
}

int sw_make_data_folder(const char *path)
{
    struct stat st;
    if (mkdir(path, 0700) < 0)
        return errno == EEXIST ? 0 : -errno;
    bool is_open = stat(path, &st) == 0 && sw_group_is_own(st.st_gid);
    return is_open && chmod(path, SW_DATA_FOLDER_MODE) < 0 ? -errno : 0;
}

int sw_make_folder_within(const char *data_dir, const char *path)
{
    struct stat st;
    mode_t group = stat(data_dir, &st) == 0 ? st.st_mode & 070 : 0;
    if (mkdir(path, 0700 | group) < 0 && errno != EEXIST)
        return -errno;
    return 0;
}

/* ---- files in data_dir that root copied there are given to the gateway; those that an
 * older version made for the user alone are opened to the group ----
 *
 * Only what the gateway itself would have made is touched, by its name. No link is
 * followed, and nothing is touched that has a second name elsewhere. */

struct mend {
    const struct sw_owner *owner; /* NULL: only this process's own files are touched */
    bool is_for_group;            /* as data_dir itself is */
    dev_t device;                 /* what is mounted below is not ours */
    int n;                        /* how many files were mended */
    int r;                        /* the first failure */
};

/* Whether the gateway itself makes files of that name. */
static bool is_ours(const char *name, bool is_backup)
{
    if (is_backup)
        return strncmp(name, "stepward-", 9) == 0 || strcmp(name, "failed") == 0;
    return strncmp(name, "stepward.db", 11) == 0 || strncmp(name, "inbox", 5) == 0 ||
           strcmp(name, "gateway.lock") == 0 || strcmp(name, BACKUPS) == 0;
}

/* The group's rights stay, for others than the owner may have to read. */
static void mend_open(struct mend *mend, int fd)
{
    struct stat st;
    if (fstat(fd, &st) < 0)
        return;
    bool is_folder = S_ISDIR(st.st_mode);
    bool is_single = is_folder || (S_ISREG(st.st_mode) && st.st_nlink == 1);
    mode_t wanted = st.st_mode & 07777 & ~(mode_t)OTHERS_RIGHTS;
    wanted |= is_folder ? FOLDER_RIGHTS : FILE_RIGHTS;
    if (mend->is_for_group)
        wanted |= is_folder ? SW_DATA_FOLDER_MODE : SW_DATA_FILE_MODE;
    if (!mend->owner && st.st_uid != geteuid())
        return;
    bool is_foreign =
        mend->owner && (st.st_uid != mend->owner->uid || st.st_gid != mend->owner->gid);
    bool is_closed = (st.st_mode & 07777) != wanted;
    if (!is_single || st.st_dev != mend->device || (!is_foreign && !is_closed))
        return;
    int r = is_foreign ? fchown(fd, mend->owner->uid, mend->owner->gid) : 0;
    if (r == 0 && is_closed)
        r = fchmod(fd, wanted);
    if (r < 0 && mend->r == 0)
        mend->r = -errno;
    mend->n += r == 0;
}

static void mend_folder(struct mend *mend, int folder_fd, bool is_backup);

static void mend_entry(struct mend *mend, int folder_fd, const char *name)
{
    struct stat st;
    bool is_file = fstatat(folder_fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
                   (S_ISREG(st.st_mode) || S_ISDIR(st.st_mode));
    int fd = is_file ? openat(folder_fd, name,
                              O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
                     : -1;
    if (fd < 0)
        return;
    mend_open(mend, fd);
    if (S_ISDIR(st.st_mode) && strcmp(name, BACKUPS) == 0)
        mend_folder(mend, fd, true);
    close(fd);
}

static void mend_folder(struct mend *mend, int folder_fd, bool is_backup)
{
    int fd = dup(folder_fd);
    DIR *folder = fd >= 0 ? fdopendir(fd) : NULL;
    struct dirent *entry;
    int r = folder ? 0 : -errno;
    while (folder && (r = sw_folder_next(folder, &entry)) > 0)
        if (is_ours(entry->d_name, is_backup))
            mend_entry(mend, folder_fd, entry->d_name);
    if (folder)
        closedir(folder);
    else if (fd >= 0)
        close(fd);
    if (r < 0 && mend->r == 0)
        mend->r = r;
}

int sw_owner_mend(const char *data_dir)
{
    struct sw_owner owner;
    struct mend mend = {.owner = &owner};
    struct stat st;
    bool is_root = geteuid() == 0;
    int fd = is_root ? open(data_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    if (fd < 0)
        return 0;
    /* Where root owns the folder, root runs the gateway. */
    bool has_owner =
        fstat(fd, &st) == 0 && st.st_uid != 0 && sw_owner_of(data_dir, &owner);
    mend.device = st.st_dev;
    mend.is_for_group = (st.st_mode & SW_DATA_FOLDER_MODE) == SW_DATA_FOLDER_MODE;
    if (has_owner)
        mend_folder(&mend, fd, false);
    close(fd);
    return mend.r < 0 ? mend.r : mend.n;
}

void sw_owner_share(const char *data_dir)
{
    struct mend mend = {.is_for_group = true};
    struct stat st;
    int fd = open(data_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return;
    bool is_for_group = fstat(fd, &st) == 0 && (st.st_mode & S_ISVTX) == 0 &&
                        (st.st_mode & SW_DATA_FOLDER_MODE) == SW_DATA_FOLDER_MODE;
    mend.device = st.st_dev;
    if (is_for_group)
        mend_folder(&mend, fd, false);
    close(fd);
}
