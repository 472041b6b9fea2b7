/* file.h -- what the system calls on files leave to every caller: short writes, copies,
 * names that survive a power cut, and folders that cannot be read to their end. All
 * functions return 0 or a negative errno.
 */
#ifndef UTIL_FILE_H
#define UTIL_FILE_H

#include <dirent.h>
#include <stddef.h>
#include <stdint.h>

enum { SW_PATH_BYTES_MAX = 4096 }; /* as PATH_MAX, with the zero */

/* Write all of it at the offset. */
int sw_file_write_all(int fd, const void *data, size_t len, int64_t offset);
/* Copy len bytes from one offset to the other; -EIO if there are not so many. */
int sw_file_copy(int from_fd, int64_t from, int64_t len, int to_fd, int64_t to);
/* Make sure that what was written to the file or folder at path is on the disk. */
int sw_file_sync(const char *path);
/* Make sure that the name that path gives a file is on the disk. Otherwise a power cut
 * may undo that it was created, renamed or removed. */
int sw_file_sync_folder(const char *path);
/* The folder in which path stands, "." for a bare name; -ENAMETOOLONG. */
int sw_file_folder(const char *path, char out[static SW_PATH_BYTES_MAX]);
/* The next entry of a folder: returns 1 for each and 0 at the end. readdir() does not
 * tell an error from the end. */
int sw_folder_next(DIR *folder, struct dirent **ret);

#endif
