/* owner.c -- what to do where rights to a file are missing: who has them, or how to get
 * them. Whether it is rights that are missing, the caller knows. */
#include <errno.h>
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
};

/* What is to be opened, or the nearest folder above that can be looked at. */
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

/* A file of somebody else's in a folder of ours: put there by mistake. */
static bool is_stray(const char *at, const struct stat *st)
{
    char above[SW_PATH_BYTES_MAX];
    struct stat folder;
    strcpy(above, at);
    return S_ISREG(st->st_mode) && stat(dirname(above), &folder) == 0 &&
           folder.st_uid == geteuid();
}

bool sw_owner_remedy(const char *path, char out[static SW_WHY_MAX])
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
    } else if (is_stray(at, &st)) {
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
