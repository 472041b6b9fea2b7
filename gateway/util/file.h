/* file.h -- what the system calls on files leave to everybody: short writes, copies,
 * names that survive a power cut, and folders that cannot be read to their end. All
 * return 0 or a negative errno.
 */
#ifndef UTIL_FILE_H
#define UTIL_FILE_H

#include <dirent.h>
#include <stddef.h>
#include <stdint.h>

enum { SW_PATH_BYTES_MAX = 4096 }; /* as PATH_MAX, with the zero */

/* All of it, at the offset. */
int sw_file_write_all(int fd, const void *data, size_t len, int64_t offset);
/* len bytes from the one offset to the other; -EIO if there are not so many. */
int sw_file_copy(int from_fd, int64_t from, int64_t len, int to_fd, int64_t to);
/* What was written to the file at path is on the disk. */
int sw_file_sync(const char *path);
/* The name that path gives a file is on the disk: after it was created, renamed or
 * removed, a power cut may else undo that. */
int sw_file_sync_folder(const char *path);
/* The folder in which path stands, "." for a bare name; -ENAMETOOLONG. */
int sw_file_folder(const char *path, char out[static SW_PATH_BYTES_MAX]);
/* The next entry of a folder: 1 for each, 0 at the end. readdir() does not tell an error
 * from the end. */
int sw_folder_next(DIR *folder, struct dirent **ret);

#endif
