/* disk_model.h -- what a disk may hold after the power went.
 *
 *     struct disk *disk = disk_new();
 *     disk_apply(disk, &entry);                  // entry by entry
 *     disk_write_state(disk, DISK_MIXED, &seed, folder);
 *
 * The model of the disk, stricter than any that Linux runs on:
 *
 * A sync (fsync, fdatasync) of a file makes its content and length durable, and neither
 * its name nor that of its folder. A sync of a folder makes durable which names it
 * holds and what they lead to, and nothing of what is in there.
 *
 * Of a file's changes since its last sync the disk may hold any mixture: each sector of
 * 512 bytes shows what it showed after some number of the changes, independently of its
 * neighbours, and so does the length; what the length covers and no change reached is
 * zero. Writes may so be torn, reordered, and overtake a cut or lag behind one.
 *
 * Of a folder's changes since its last sync (new names, renames, removals) the disk
 * holds the first few, in order: the journals of ext4, xfs, btrfs and f2fs give that.
 * They may be ahead of the files' content: a rename may survive whose file does not.
 *
 * What a disk may not do: lose or change what was synced, show bytes that were never
 * written, or show half a sector of a write (SQLite rests on that, too).
 */
#ifndef TEST_DISK_MODEL_H
#define TEST_DISK_MODEL_H

#include <stdbool.h>

#include "journal.h"

enum { DISK_SECTOR = 512 };

enum disk_state {
    DISK_ALL,    /* everything written so far */
    DISK_SYNCED, /* only what was synced */
    DISK_MIXED,  /* a mixture, drawn from the seed */
};

struct disk;

struct disk *disk_new(void);
void disk_free(struct disk *disk);
void disk_apply(struct disk *disk, const struct journal_entry *entry);
/* Into an empty folder. */
void disk_write_state(const struct disk *disk, enum disk_state state, uint64_t *seed,
                      const char *folder);
/* The file of that path, or its name, is not there as it was synced. */
bool disk_is_unsynced(const struct disk *disk, const char *path);

/* The next number below n of a sequence that the seed begins. */
uint64_t draw_below(uint64_t *seed, uint64_t n);

#endif
