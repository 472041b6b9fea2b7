/* disk_state.c -- write out what a disk may hold after the power went. How it came
 * there is disk_model.c's business. */
#include "disk_private.h"

#include <err.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { RECENT = 8 }; /* changes: what a cut catches in flight, most likely */

uint64_t draw_below(uint64_t *seed, uint64_t n)
{
    uint64_t z = *seed += UINT64_C(0x9e3779b97f4a7c15); /* splitmix64 */
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return (z ^ (z >> 31)) % n;
}

struct image {
    char *bytes;
    size_t len;
};

/* How many of n changes reached the disk: none, all, all but the last few, any. */
static size_t draw_version(uint64_t *seed, size_t n)
{
    size_t recent = n < RECENT ? n : RECENT;
    switch (draw_below(seed, 4)) {
    case 0:
        return 0;
    case 1:
        return n;
    case 2:
        return n - (size_t)draw_below(seed, recent + 1);
    default:
        return (size_t)draw_below(seed, n + 1);
    }
}

static size_t len_of_version(const struct node *node, size_t version)
{
    size_t len = node->len;
    for (size_t i = 0; i < version; i++)
        len = disk_len_after(&node->changes[i], len);
    return len;
}

static size_t longest(const struct node *node)
{
    size_t len = node->len, max = len;
    for (size_t i = 0; i < node->n_changes; i++) {
        len = disk_len_after(&node->changes[i], len);
        max = len > max ? len : max;
    }
    return max;
}

/* The part of the change that lies in the block [from, to). */
static void change_block(char *bytes, const struct change *change, size_t from,
                         size_t to)
{
    size_t end = change->data ? change->at + change->len : to;
    from = change->at > from ? change->at : from;
    to = end < to ? end : to;
    if (from >= to)
        return;
    if (change->data)
        memcpy(bytes + from, change->data + (from - change->at), to - from);
    else
        memset(bytes + from, 0, to - from);
}

/* Each block of `grain` bytes as it was after some number of the changes. */
static struct image mix(const struct node *node, size_t grain, uint64_t *seed)
{
    size_t max = longest(node), n_blocks = max / grain + 1, *versions = NULL;
    struct image image = {disk_resize(NULL, 0, max), 0};
    versions = calloc(n_blocks, sizeof *versions);
    if (!versions)
        err(2, "memory");
    if (node->len > 0)
        memcpy(image.bytes, node->bytes, node->len);
    for (size_t b = 0; b < n_blocks; b++)
        versions[b] = draw_version(seed, node->n_changes);
    for (size_t i = 0; i < node->n_changes; i++) {
        const struct change *change = &node->changes[i];
        size_t end = change->data ? change->at + change->len : max;
        for (size_t b = change->at / grain; b * grain < end && b < n_blocks; b++)
            if (i < versions[b])
                change_block(image.bytes, change, b * grain,
                             (b + 1) * grain < max ? (b + 1) * grain : max);
    }
    bool is_in_step = n_blocks == 1 && draw_below(seed, 2) == 0;
    size_t version = is_in_step ? versions[0] : draw_version(seed, node->n_changes);
    image.len = len_of_version(node, version);
    free(versions);
    return image;
}

static struct image image_of(const struct node *node, enum disk_state state,
                             uint64_t *seed)
{
    static const size_t grains[] = {DISK_SECTOR, 4096, (size_t)1 << 30};
    if (state == DISK_MIXED && node->n_changes > 0)
        return mix(node, grains[draw_below(seed, 3)], seed);
    struct node copy = *node;
    copy.bytes = disk_resize(NULL, 0, node->len);
    if (node->len > 0)
        memcpy(copy.bytes, node->bytes, node->len);
    if (state == DISK_ALL)
        disk_sync_file(&copy);
    return (struct image){copy.bytes, copy.len};
}

static void write_file(const struct image *image, const char *path)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        err(2, "%s", path);
    for (size_t done = 0; done < image->len;) {
        ssize_t n = write(fd, image->bytes + done, image->len - done);
        if (n < 0)
            err(2, "%s", path);
        done += (size_t)n;
    }
    close(fd);
}

static size_t draw_names(const struct node *folder, enum disk_state state,
                         uint64_t *seed)
{
    size_t unsynced = folder->n_names - folder->n_synced;
    if (state != DISK_MIXED)
        return state == DISK_ALL ? folder->n_names : folder->n_synced;
    size_t n = folder->n_synced + (size_t)draw_below(seed, unsynced + 1);
    bool splits = n < folder->n_names && folder->names[n].with_last;
    return splits ? n + 1 : n;
}

static void write_folder(const struct disk *disk, const struct node *folder,
                         enum disk_state state, uint64_t *seed, const char *path)
{
    size_t n = draw_names(folder, state, seed);
    for (size_t i = 0; i < n; i++) {
        const struct naming *naming = &folder->names[i];
        char inner[PATH_MAX];
        bool is_last_word =
            disk_look_up(folder, naming->name, n) == naming->node && naming->node >= 0;
        snprintf(inner, sizeof inner, "%s/%s", path, naming->name);
        if (!is_last_word || access(inner, F_OK) == 0)
            continue;
        const struct node *node = &disk->nodes[naming->node];
        if (node->is_folder) {
            if (mkdir(inner, 0700) < 0)
                err(2, "%s", inner);
            write_folder(disk, node, state, seed, inner);
        } else {
            struct image image = image_of(node, state, seed);
            write_file(&image, inner);
            free(image.bytes);
        }
    }
}

void disk_write_state(const struct disk *disk, enum disk_state state, uint64_t *seed,
                      const char *folder)
{
    write_folder(disk, &disk->nodes[0], state, seed, folder);
}
