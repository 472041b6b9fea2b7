/* file.c -- write all, copy, sync, list. What the files hold is their owners'
 * business. */
#include "util/file.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <string.h>
#include <unistd.h>

static_assert(sizeof(off_t) == 8, "files end at 2 GB: build with _FILE_OFFSET_BITS=64");

int sw_file_write_all(int fd, const void *data, size_t len, int64_t offset)
{
    for (size_t done = 0; done < len;) {
        ssize_t n =
            pwrite(fd, (const char *)data + done, len - done, offset + (int64_t)done);
        if (n < 0 && errno != EINTR)
            return -errno;
        if (n == 0)
            return -EIO;
        done += n > 0 ? (size_t)n : 0;
    }
    return 0;
}

int sw_file_copy(int from_fd, int64_t from, int64_t len, int to_fd, int64_t to)
{
    char chunk[16 * 1024];
    while (len > 0) {
        size_t want = len < (int64_t)sizeof chunk ? (size_t)len : sizeof chunk;
        ssize_t n = pread(from_fd, chunk, want, from);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n < 0 ? -errno : -EIO;
        int r = sw_file_write_all(to_fd, chunk, (size_t)n, to);
        if (r < 0)
            return r;
        from += n;
        to += n;
        len -= n;
    }
    return 0;
}

int sw_file_sync(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    int r = fsync(fd) < 0 ? -errno : 0;
    close(fd);
    return r;
}

int sw_file_folder(const char *path, char out[static SW_PATH_BYTES_MAX])
{
    char copy[SW_PATH_BYTES_MAX];
    if (strlen(path) >= sizeof copy)
        return -ENAMETOOLONG;
    strcpy(copy, path);
    strcpy(out, dirname(copy));
    return 0;
}

int sw_file_sync_folder(const char *path)
{
    char folder[SW_PATH_BYTES_MAX];
    int r = sw_file_folder(path, folder);
    return r < 0 ? r : sw_file_sync(folder);
}

int sw_folder_next(DIR *folder, struct dirent **ret)
{
    errno = 0;
    *ret = readdir(folder);
    return *ret ? 1 : -errno;
}
