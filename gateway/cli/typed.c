/* typed.c -- commands in a text, as the reader has to type them.
 * A remedy that fails for lack of rights is no remedy. */
#include "cli/typed.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { GROUPS_MAX = 256, ENTRY_BYTES_MAX = 16384 };
#define MARK "`stepward "

static bool is_member(const char *user, gid_t gid)
{
    char entry[ENTRY_BYTES_MAX];
    struct passwd passwd, *found = NULL;
    gid_t groups[GROUPS_MAX];
    int n = GROUPS_MAX;
    if (getpwnam_r(user, &passwd, entry, sizeof entry, &found) != 0 || !found)
        return false;
    if (getgrouplist(user, passwd.pw_gid, groups, &n) < 0)
        return false;
    for (int i = 0; i < n; i++)
        if (groups[i] == gid)
            return true;
    return false;
}

/* "sudo -u stepward ", or "" if it works without. */
static void put_sudo(const struct cli *cli, char out[static SW_WHY_MAX])
{
    const char *user = getenv("SUDO_USER"), *data_dir = cli->config.data_dir;
    char entry[ENTRY_BYTES_MAX];
    struct passwd passwd, *owner = NULL;
    struct stat st;
    out[0] = '\0';
    if (!user || !*user || strcmp(user, "root") == 0 || !data_dir ||
        stat(data_dir, &st) < 0)
        return;
    bool is_known = getpwuid_r(st.st_uid, &passwd, entry, sizeof entry, &owner) == 0;
    if (!is_known || !owner || strcmp(owner->pw_name, user) == 0 ||
        is_member(user, st.st_gid))
        return;
    snprintf(out, SW_WHY_MAX, "sudo -u %.64s ", owner->pw_name);
}

char *cli_typed(const struct cli *cli, const char *text)
{
    char *typed = NULL, sudo[SW_WHY_MAX];
    size_t size = 0;
    if (!strstr(text, MARK))
        return strdup(text);
    put_sudo(cli, sudo);
    FILE *out = open_memstream(&typed, &size);
    if (!out)
        return NULL;
    for (const char *next; (next = strstr(text, MARK)); text = next + strlen(MARK))
        fprintf(out, "%.*s`%sstepward ", (int)(next - text), text, sudo);
    fputs(text, out);
    if (fclose(out) != 0) {
        free(typed);
        return NULL;
    }
    return typed;
}
