/* folder.c -- the entries of a folder, one by one; readdir() says "the end" for an
 * error too, and only errno tells them apart. */
#include <errno.h>

#include "stepward/host.h"

int sw_folder_next(DIR *folder, struct dirent **ret)
{
    errno = 0;
    *ret = readdir(folder);
    return *ret ? 1 : -errno;
}
