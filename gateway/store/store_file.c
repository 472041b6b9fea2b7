/* store_file.c -- the database as a file in a folder: is it there, make it, for whom;
 * and why not, in one line. What is in it is store_open.c's business. */
#include "store/store_private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "stepward/host.h"
#include "util/file.h"

int sw_store_format_error(int r, char why[static SW_WHY_MAX], const char *path,
                          const char *what)
{
    /* the path gives way, not the reason: it may be as long as the whole line */
    int room = SW_WHY_MAX - 3 - (int)strlen(what);
    snprintf(why, SW_WHY_MAX, "%.*s: %s", room > 0 ? room : 0, path, what);
    for (char *c = why; (c = strchr(c, '\n'));)
        *c = ' '; /* a check's findings come in several lines */
    return r;
}

int sw_store_format_errno(int r, char why[static SW_WHY_MAX], const char *path,
                          const char *what)
{
    char text[SW_WHAT_BYTES_MAX];
    snprintf(text, sizeof text, "%s: %s", what, strerror(-r));
    return sw_store_format_error(r, why, path, text);
}

/* An administrator who makes the database makes it for whoever owns the folder. */
static int give_to_owner_of(const char *folder, int fd)
{
    struct stat st;
    if (geteuid() != 0)
        return 0;
    if (stat(folder, &st) < 0 || fchown(fd, st.st_uid, st.st_gid) < 0)
        return -errno;
    return 0;
}

/* Only a new file is ever opened here: closing a second descriptor of one that SQLite
 * has open in this process would drop SQLite's locks. */
static int create_file(const char *path, const char *folder)
{
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, SW_DATA_FILE_MODE);
    if (fd < 0)
        return errno == EEXIST ? 0 : -errno;
    int r = give_to_owner_of(folder, fd);
    close(fd);
    return r;
}

/* While the database is empty, its name and its folder's are perhaps new, and not on
 * the disk: also when whoever made them was killed. A parent that we may not look at is
 * not one in which we made the folder. */
static int keep_names(const char *path, const char *folder)
{
    struct stat st;
    if (stat(path, &st) == 0 && st.st_size > 0)
        return 0;
    int r = sw_file_sync_folder(folder);
    if (r < 0 && r != -EACCES)
        return r;
    return sw_file_sync_folder(path);
}

int sw_store_ensure_file(const char *path, char why[static SW_WHY_MAX])
{
    char folder[SW_PATH_BYTES_MAX];
    int r = sw_file_folder(path, folder);
    if (r < 0)
        return sw_store_format_errno(r, why, path, "cannot create the database");
    r = sw_make_data_folder(folder);
    if (r < 0)
        return sw_store_format_errno(r, why, folder, "cannot create the folder");
    r = create_file(path, folder);
    if (r == 0)
        r = keep_names(path, folder);
    return r < 0 ? sw_store_format_errno(r, why, path, "cannot create the database")
                 : 0;
}

int sw_store_require_file(const char *path, char why[static SW_WHY_MAX])
{
    struct stat st;
    if (stat(path, &st) < 0 && errno == ENOENT)
        return sw_store_format_error(-ENOENT, why, path, "there is no database yet");
    if (access(path, R_OK) < 0)
        return sw_store_format_errno(-errno, why, path, "cannot read the database");
    if (stat(path, &st) == 0 && st.st_size == 0)
        return sw_store_format_error(-ENOENT, why, path, "the database is still empty");
    return 0;
}
