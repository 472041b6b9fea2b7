/* owner_mend.c -- files in data_dir that are not the gateway's, because root copied
 * them there: given to it. Only what the gateway itself would have made is touched, by
 * its name; no link is followed, and nothing that has a second name elsewhere.
 *
 * Whose data_dir it is says owner.c. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "stepward/host.h"
#include "util/file.h"

enum {
    FILE_RIGHTS = 0600,
    FOLDER_RIGHTS = 0700,
    OTHERS_RIGHTS = 0007,
};
#define BACKUPS "backup"

struct mend {
    const struct sw_owner *owner;
    bool is_for_group; /* as data_dir is */
    dev_t device;      /* what is mounted below is somebody else's */
    int n;             /* of files that were mended */
    int r;             /* the first failure */
};

static bool begins(const char *name, const char *word)
{
    return strncmp(name, word, strlen(word)) == 0;
}

static bool is_ours(const char *name, bool is_backup)
{
    if (is_backup)
        return begins(name, "stepward-") || strcmp(name, "failed") == 0;
    return begins(name, "stepward.db") || begins(name, "inbox") ||
           strcmp(name, "gateway.lock") == 0 || strcmp(name, BACKUPS) == 0;
}

/* The group's rights stay: there may be more than the owner who may read. */
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
    bool is_foreign = st.st_uid != mend->owner->uid || st.st_gid != mend->owner->gid;
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
    /* one that is root's is where root runs the gateway */
    bool has_owner =
        fstat(fd, &st) == 0 && st.st_uid != 0 && sw_owner_of(data_dir, &owner);
    mend.device = st.st_dev;
    mend.is_for_group = (st.st_mode & SW_DATA_FOLDER_MODE) == SW_DATA_FOLDER_MODE;
    if (has_owner)
        mend_folder(&mend, fd, false);
    close(fd);
    return mend.r < 0 ? mend.r : mend.n;
}
