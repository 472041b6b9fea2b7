/* store_pages.c -- a checksum at the end of every page of the database.
 *
 * SQLite's own check finds a broken tree, not a bit that flipped in somebody's steps.
 * So each page keeps 8 bytes free at its end (a setting in the file's header), and they
 * are "SWPG" and the CRC-32 of the page's number and of all before them. It is filled
 * in when the page is written to the file and compared when it is read; the log has
 * checksums of its own. A page that is wrong is SQLITE_IOERR_DATA: damage.
 *
 * Another program can read such a file, and doing so may move pages from the log to the
 * file: `sqlite3` does when it ends. In the log the 8 bytes are zero, for SQLite is
 * never shown a seal, and a page that comes to the file like that is taken as it is,
 * until it is written again. A program that changes pages leaves wrong checksums.
 */
#include "io/store_pages.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <zlib.h>

enum {
    PAGE_BYTES = 4096, /* SQLite's default; another size has no checksums */
    SEAL_BYTES = 8,
    SEALED_BYTES = PAGE_BYTES - SEAL_BYTES,
    HEADER_BYTES = 100, /* of the file; with the size of a page and what is kept free */
    PAGE_SIZE_AT = 16,
    RESERVED_AT = 20,
};
static const unsigned char seal_magic[4] = {'S', 'W', 'P', 'G'};
#define VFS_NAME "stepward-pages"

/* The file of SQLite's own VFS stands behind it. */
struct page_file {
    sqlite3_file base;
    bool is_sealed;
};

static sqlite3_vfs *own_vfs; /* SQLite's */
static sqlite3_vfs pages_vfs;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static sqlite3_file *real_of(sqlite3_file *file)
{
    return (sqlite3_file *)((struct page_file *)file + 1);
}

static bool is_sealed(const sqlite3_file *file)
{
    return ((const struct page_file *)file)->is_sealed;
}

/* ---- seals ---- */

static void make_seal(const unsigned char *page, sqlite3_int64 at,
                      unsigned char seal[static SEAL_BYTES])
{
    unsigned char number[8];
    for (size_t i = 0; i < sizeof number; i++)
        number[i] = (unsigned char)((uint64_t)at >> (8 * i));
    uLong crc = crc32(0, number, sizeof number);
    crc = crc32(crc, page, SEALED_BYTES);
    memcpy(seal, seal_magic, sizeof seal_magic);
    for (size_t i = 0; i < 4; i++)
        seal[4 + i] = (unsigned char)(crc >> (8 * i));
}

/* Another program brought it here from the log; or it was counted and never written,
 * because nothing is on it. */
static bool is_unsealed(const unsigned char *page)
{
    static const unsigned char none[SEAL_BYTES];
    return memcmp(page + SEALED_BYTES, none, SEAL_BYTES) == 0;
}

static bool is_sound(const unsigned char *page, sqlite3_int64 at)
{
    unsigned char seal[SEAL_BYTES];
    make_seal(page, at, seal);
    return memcmp(seal, page + SEALED_BYTES, SEAL_BYTES) == 0 || is_unsealed(page);
}

static bool is_page(int n, sqlite3_int64 at)
{
    return n == PAGE_BYTES && at % PAGE_BYTES == 0;
}

/* A new file is ours, and gets seals; else its header says whether it has them. */
static bool has_seals(sqlite3_file *real)
{
    unsigned char header[HEADER_BYTES];
    sqlite3_int64 size = 0;
    if (real->pMethods->xFileSize(real, &size) != SQLITE_OK)
        return false;
    if (size == 0)
        return true;
    if (real->pMethods->xRead(real, header, HEADER_BYTES, 0) != SQLITE_OK)
        return false;
    int page_bytes = header[PAGE_SIZE_AT] << 8 | header[PAGE_SIZE_AT + 1];
    return page_bytes == PAGE_BYTES && header[RESERVED_AT] == SEAL_BYTES;
}

/* ---- the file ---- */

static int read_page(sqlite3_file *file, void *out, int n, sqlite3_int64 at)
{
    sqlite3_file *real = real_of(file);
    int rc = real->pMethods->xRead(real, out, n, at);
    bool is_checked = rc == SQLITE_OK && is_sealed(file) && is_page(n, at);
    if (is_checked && !is_sound(out, at))
        return SQLITE_IOERR_DATA;
    if (is_checked) /* what SQLite saw there would be stale in its log */
        memset((unsigned char *)out + SEALED_BYTES, 0, SEAL_BYTES);
    return rc;
}

static int write_page(sqlite3_file *file, const void *data, int n, sqlite3_int64 at)
{
    unsigned char page[PAGE_BYTES];
    sqlite3_file *real = real_of(file);
    if (is_sealed(file) && is_page(n, at)) {
        memcpy(page, data, SEALED_BYTES);
        make_seal(page, at, page + SEALED_BYTES);
        data = page;
    }
    return real->pMethods->xWrite(real, data, n, at);
}

#define REAL(file) real_of(file)->pMethods
static int close_file(sqlite3_file *file)
{
    return REAL(file)->xClose(real_of(file));
}
static int truncate_file(sqlite3_file *file, sqlite3_int64 size)
{
    return REAL(file)->xTruncate(real_of(file), size);
}
static int sync_file(sqlite3_file *file, int flags)
{
    return REAL(file)->xSync(real_of(file), flags);
}
static int file_size(sqlite3_file *file, sqlite3_int64 *ret_size)
{
    return REAL(file)->xFileSize(real_of(file), ret_size);
}
static int lock(sqlite3_file *file, int level)
{
    return REAL(file)->xLock(real_of(file), level);
}
static int unlock(sqlite3_file *file, int level)
{
    return REAL(file)->xUnlock(real_of(file), level);
}
static int check_reserved_lock(sqlite3_file *file, int *ret)
{
    return REAL(file)->xCheckReservedLock(real_of(file), ret);
}
static int file_control(sqlite3_file *file, int op, void *arg)
{
    return REAL(file)->xFileControl(real_of(file), op, arg);
}
static int sector_size(sqlite3_file *file)
{
    return REAL(file)->xSectorSize(real_of(file));
}
static int device_characteristics(sqlite3_file *file)
{
    return REAL(file)->xDeviceCharacteristics(real_of(file));
}
static int shm_map(sqlite3_file *file, int region, int size, int extend,
                   void volatile **ret)
{
    return REAL(file)->xShmMap(real_of(file), region, size, extend, ret);
}
static int shm_lock(sqlite3_file *file, int offset, int n, int flags)
{
    return REAL(file)->xShmLock(real_of(file), offset, n, flags);
}
static void shm_barrier(sqlite3_file *file)
{
    REAL(file)->xShmBarrier(real_of(file));
}
static int shm_unmap(sqlite3_file *file, int remove)
{
    return REAL(file)->xShmUnmap(real_of(file), remove);
}

static const sqlite3_io_methods methods = {
    .iVersion = 2, /* no memory map: what it shows could not be checked */
    .xClose = close_file,
    .xRead = read_page,
    .xWrite = write_page,
    .xTruncate = truncate_file,
    .xSync = sync_file,
    .xFileSize = file_size,
    .xLock = lock,
    .xUnlock = unlock,
    .xCheckReservedLock = check_reserved_lock,
    .xFileControl = file_control,
    .xSectorSize = sector_size,
    .xDeviceCharacteristics = device_characteristics,
    .xShmMap = shm_map,
    .xShmLock = shm_lock,
    .xShmBarrier = shm_barrier,
    .xShmUnmap = shm_unmap,
};

/* ---- the VFS ---- */

/* Logs and temporary files are SQLite's alone. */
static int open_file(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags,
                     int *ret_flags)
{
    struct page_file *pages = (struct page_file *)file;
    (void)vfs;
    if (!(flags & SQLITE_OPEN_MAIN_DB))
        return own_vfs->xOpen(own_vfs, name, file, flags, ret_flags);
    memset(pages, 0, sizeof *pages);
    int rc = own_vfs->xOpen(own_vfs, name, real_of(file), flags, ret_flags);
    if (rc != SQLITE_OK) {
        if (real_of(file)->pMethods) /* SQLite closes what has methods */
            REAL(file)->xClose(real_of(file));
        return rc;
    }
    pages->base.pMethods = &methods;
    pages->is_sealed = has_seals(real_of(file));
    return SQLITE_OK;
}

static void make_vfs(void)
{
    own_vfs = sqlite3_vfs_find(NULL);
    if (!own_vfs)
        return;
    pages_vfs = *own_vfs; /* what is not about an open file is done by it */
    pages_vfs.zName = VFS_NAME;
    pages_vfs.pNext = NULL;
    pages_vfs.szOsFile += (int)sizeof(struct page_file);
    pages_vfs.xOpen = open_file;
    sqlite3_vfs_register(&pages_vfs, 0);
}

const char *sw_pages_vfs(void)
{
    pthread_once(&once, make_vfs);
    return own_vfs ? VFS_NAME : NULL;
}

void sw_pages_reserve(sqlite3 *db)
{
    int bytes = SEAL_BYTES;
    sqlite3_file_control(db, "main", SQLITE_FCNTL_RESERVE_BYTES, &bytes);
}
