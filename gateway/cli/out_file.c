/* out_file.c -- writes what a person asked for into a file. */
#include "cli/out_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util/file.h"
#include "util/number.h"

/* What root writes for the person behind sudo is that person's. */
static int give_to_person(int fd)
{
    int64_t uid, gid;
    const char *user = getenv("SUDO_UID"), *group = getenv("SUDO_GID");
    if (geteuid() != 0 || !user || !group ||
        !sw_number_parse(user, 0, UINT32_MAX - 1, &uid) ||
        !sw_number_parse(group, 0, UINT32_MAX - 1, &gid))
        return 0;
    return fchown(fd, (uid_t)uid, (gid_t)gid) < 0 ? -errno : 0;
}

int cli_write_file(struct cli *cli, const char *path, const char *bytes, size_t n)
{
    char made[SW_PATH_BYTES_MAX];
    if (snprintf(made, sizeof made, "%s.XXXXXX", path) >= (int)sizeof made)
        return cli_fail(cli, "%s: that name is too long", path);
    int fd = mkostemp(made, O_CLOEXEC);
    if (fd < 0)
        return cli_fail(
            cli, "cannot create %s: %s%s", path, strerror(errno),
            errno == EACCES
                ? ": put `> FILE` in place of `--out FILE`, then your shell "
                  "makes it"
                : "");
    int r = give_to_person(fd);
    if (r >= 0)
        r = sw_file_write_all(fd, bytes, n, 0);
    if (r >= 0 && fsync(fd) < 0)
        r = -errno;
    close(fd);
    if (r >= 0 && rename(made, path) < 0)
        r = -errno;
    if (r < 0)
        unlink(made);
    else
        r = sw_file_sync_folder(path);
    return r < 0 ? cli_fail(cli, "cannot write %s: %s", path, strerror(-r)) : CLI_OK;
}
