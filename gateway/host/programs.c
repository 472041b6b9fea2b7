/* programs.c -- the programs of notify { run }, and who may write to them. To run them is
 * daemon/notify.c's business. */
#include "stepward/programs.h"

#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/file.h"

enum { OTHERS_MAY_WRITE = 022 };

static uid_t owner_of_config(const struct sw_config *config)
{
    struct stat st;
    return config->path && stat(config->path, &st) == 0 ? st.st_uid : 0;
}

/* What is wrong with one file or folder; a folder such as /tmp, in which nobody can
 * replace what is another's, is not. */
static bool is_closed(const char *path, const struct stat *st, uid_t owner,
                      char why[static SW_WHY_MAX])
{
    bool is_sticky = S_ISDIR(st->st_mode) && (st->st_mode & S_ISVTX);
    if (st->st_uid != 0 && st->st_uid != owner) {
        snprintf(why, SW_WHY_MAX, "%.80s is not root's: sudo chown root %.80s", path,
                 path);
        return false;
    }
    if ((st->st_mode & OTHERS_MAY_WRITE) && !is_sticky) {
        snprintf(why, SW_WHY_MAX, "others may write to %.70s: sudo chmod go-w %.70s",
                 path, path);
        return false;
    }
    return true;
}

/* The file and every folder above it, by its real name. */
static bool is_safe(const char *path, uid_t owner, struct stat *ret,
                    char why[static SW_WHY_MAX])
{
    char at[SW_PATH_BYTES_MAX], above[SW_PATH_BYTES_MAX];
    struct stat st;
    char *real = realpath(path, NULL);
    if (!real || stat(real, ret) < 0) {
        snprintf(why, SW_WHY_MAX, "%.120s: %s", path, strerror(errno));
        free(real);
        return false;
    }
    snprintf(at, sizeof at, "%s", real);
    free(real);
    bool ok = is_closed(at, ret, owner, why);
    while (ok && strcmp(at, "/") != 0) {
        strcpy(above, at);
        strcpy(at, dirname(above));
        ok = stat(at, &st) == 0 && is_closed(at, &st, owner, why);
    }
    return ok;
}

static bool is_left_out(const char *name)
{
    static const char *const patterns[] = {".*",    "*~",       "*.conf",
                                           "*.bak", "*.dpkg-*", "README*"};
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++)
        if (fnmatch(patterns[i], name, 0) == 0)
            return true;
    return false;
}

static bool is_program_name(const char *name)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                "0123456789-._";
    size_t len = strlen(name);
    return len <= SW_PROGRAM_NAME_MAX && strspn(name, plain) == len;
}

static void look_at(struct sw_program *program, const char *folder, uid_t owner)
{
    char path[SW_PATH_BYTES_MAX];
    struct stat st;
    snprintf(path, sizeof path, "%s/%s", folder, program->name);
    if (!is_safe(path, owner, &st, program->why))
        return;
    if (!S_ISREG(st.st_mode))
        snprintf(program->why, SW_WHY_MAX, "%.100s is not a file: remove it", path);
    else if ((st.st_mode & 0111) == 0 || access(path, X_OK) < 0)
        snprintf(program->why, SW_WHY_MAX,
                 "%.60s cannot be run: sudo chmod 755 %.60s, or remove it", path, path);
}

static int compare_programs(const void *a, const void *b)
{
    const struct sw_program *left = a, *right = b;
    return strcmp(left->name, right->name);
}

static int list_programs(struct sw_programs *ret, const char *path)
{
    DIR *folder = opendir(path);
    struct dirent *entry;
    int r = folder ? 0 : -errno;
    while (folder && (r = sw_folder_next(folder, &entry)) > 0) {
        if (is_left_out(entry->d_name))
            continue;
        if (!is_program_name(entry->d_name))
            snprintf(ret->why, sizeof ret->why,
                     "%.80s holds a name that is not 1 to 40 of A-Z a-z 0-9 - _ .: "
                     "rename it",
                     path);
        else if (ret->n == SW_PROGRAMS_MAX)
            snprintf(ret->why, sizeof ret->why,
                     "%.80s holds more than 8 programs: put several into one", path);
        else
            strcpy(ret->items[ret->n++].name, entry->d_name);
    }
    if (folder)
        closedir(folder);
    return r;
}

void sw_programs_find(const struct sw_config *config, struct sw_programs *ret)
{
    const char *folder = config->notify.run;
    uid_t owner = owner_of_config(config);
    struct stat st;
    *ret = (struct sw_programs){.n = 0};
    if (!is_safe(folder, owner, &st, ret->why))
        return;
    int r = list_programs(ret, folder);
    if (r < 0)
        snprintf(ret->why, sizeof ret->why, "%.120s: %s", folder, strerror(-r));
    else if (ret->n == 0 && ret->why[0] == '\0')
        snprintf(ret->why, sizeof ret->why,
                 "no program is in %.60s: /usr/share/stepward/notify.d has some, "
                 "or leave notify out",
                 folder);
    qsort(ret->items, ret->n, sizeof *ret->items, compare_programs);
    for (size_t i = 0; i < ret->n; i++)
        look_at(&ret->items[i], folder, owner);
}

const char *sw_programs_fault(const struct sw_programs *programs)
{
    if (programs->why[0])
        return programs->why;
    for (size_t i = 0; i < programs->n; i++)
        if (programs->items[i].why[0])
            return programs->items[i].why;
    return "";
}
