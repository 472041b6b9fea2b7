/* disk_model.c -- files and folders with the changes that no sync has made durable yet.
 * What their states mean for the gateway is promises.c's business. */
#include "disk_private.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void *grow(void *items, size_t n, size_t *cap, size_t size)
{
    if (n < *cap)
        return items;
    *cap = *cap ? 2 * *cap : 16;
    void *more = realloc(items, *cap * size);
    if (!more)
        err(2, "memory");
    return more;
}

char *disk_resize(char *bytes, size_t from, size_t to)
{
    bytes = realloc(bytes, to ? to : 1);
    if (!bytes)
        err(2, "memory");
    if (to > from)
        memset(bytes + from, 0, to - from);
    return bytes;
}

/* ---- names ---- */

static int add_node(struct disk *disk, bool is_folder, uint64_t file)
{
    if (disk->n == NODES_MAX)
        errx(2, "too many files");
    disk->nodes[disk->n] = (struct node){.is_folder = is_folder, .file = file};
    return disk->n++;
}

int disk_look_up(const struct node *folder, const char *name, size_t n)
{
    while (n-- > 0)
        if (strcmp(folder->names[n].name, name) == 0)
            return folder->names[n].node;
    return -1;
}

static void set_name(struct node *folder, const char *name, int node)
{
    folder->names =
        grow(folder->names, folder->n_names, &folder->cap_names, sizeof(struct naming));
    struct naming *naming = &folder->names[folder->n_names++];
    naming->node = node;
    naming->with_last = false;
    snprintf(naming->name, sizeof naming->name, "%s", name);
}

/* The folder of a path, and in leaf its last part. The root's is the root, with "".
 * -1: there is none. */
static int find_folder(const struct disk *disk, const char *path,
                       char leaf[static NAME_SIZE])
{
    int at = 0;
    for (const char *slash; (slash = strchr(path, '/')); path = slash + 1) {
        snprintf(leaf, NAME_SIZE, "%.*s", (int)(slash - path), path);
        at = disk_look_up(&disk->nodes[at], leaf, disk->nodes[at].n_names);
        if (at < 0)
            return -1;
    }
    snprintf(leaf, NAME_SIZE, "%s", path);
    return at;
}

static int find(const struct disk *disk, const char *path)
{
    char leaf[NAME_SIZE];
    int folder = find_folder(disk, path, leaf);
    bool is_root = leaf[0] == '\0';
    if (is_root || folder < 0)
        return folder;
    return disk_look_up(&disk->nodes[folder], leaf, disk->nodes[folder].n_names);
}

static struct node *must_find_folder(struct disk *disk, const char *path,
                                     char leaf[static NAME_SIZE])
{
    int folder = find_folder(disk, path, leaf);
    if (folder < 0)
        errx(2, "the journal names no folder for %s", path);
    return &disk->nodes[folder];
}

/* ---- changes ---- */

static struct node *find_file(struct disk *disk, uint64_t file)
{
    for (int i = disk->n - 1; i > 0; i--)
        if (disk->nodes[i].file == file && !disk->nodes[i].is_folder)
            return &disk->nodes[i];
    errx(2, "the journal writes to a file that it never opened");
}

static void add_change(struct node *node, const char *data, size_t at, size_t len)
{
    node->changes =
        grow(node->changes, node->n_changes, &node->cap_changes, sizeof(struct change));
    node->changes[node->n_changes++] = (struct change){data, at, len};
}

size_t disk_len_after(const struct change *change, size_t len)
{
    if (!change->data)
        return change->at;
    return change->at + change->len > len ? change->at + change->len : len;
}

static void make(struct disk *disk, const char *path, bool is_folder, uint64_t file)
{
    char leaf[NAME_SIZE];
    struct node *folder = must_find_folder(disk, path, leaf);
    set_name(folder, leaf, add_node(disk, is_folder, file));
}

static void opened(struct disk *disk, const char *path, const struct journal_head *head)
{
    if (find(disk, path) < 0)
        make(disk, path, false, head->file);
    if (head->number != 0)
        add_change(find_file(disk, head->file), NULL, 0, 0);
}

static void renamed(struct disk *disk, const char *from, const char *to)
{
    char from_leaf[NAME_SIZE], to_leaf[NAME_SIZE];
    int node = find(disk, from);
    struct node *folder = must_find_folder(disk, from, from_leaf);
    if (node < 0 || must_find_folder(disk, to, to_leaf) != folder)
        errx(2, "the journal moves %s between folders", from);
    set_name(folder, to_leaf, node);
    set_name(folder, from_leaf, -1);
    folder->names[folder->n_names - 1].with_last = true;
}

void disk_sync_file(struct node *node)
{
    for (size_t i = 0; i < node->n_changes; i++) {
        const struct change *change = &node->changes[i];
        size_t len = disk_len_after(change, node->len);
        node->bytes = disk_resize(node->bytes, node->len, len);
        node->len = len;
        if (change->data)
            memcpy(node->bytes + change->at, change->data, change->len);
    }
    node->n_changes = 0;
}

static void removed(struct disk *disk, const char *path)
{
    char leaf[NAME_SIZE];
    set_name(must_find_folder(disk, path, leaf), leaf, -1);
}

static void folder_synced(struct disk *disk, const char *path)
{
    int folder = find(disk, path);
    if (folder < 0)
        errx(2, "the journal names no folder %s", path);
    disk->nodes[folder].n_synced = disk->nodes[folder].n_names;
}

void disk_apply(struct disk *disk, const struct journal_entry *entry)
{
    const struct journal_head *head = &entry->head;
    char path[NAME_SIZE], to[NAME_SIZE];
    snprintf(path, sizeof path, "%.*s", (int)head->name_len, entry->name);
    switch (head->kind) {
    case JOURNAL_OPEN:
        opened(disk, path, head);
        break;
    case JOURNAL_WRITE:
        add_change(find_file(disk, head->file), entry->data, (size_t)head->number,
                   head->data_len);
        break;
    case JOURNAL_TRUNCATE:
        add_change(find_file(disk, head->file), NULL, (size_t)head->number, 0);
        break;
    case JOURNAL_SYNC:
        disk_sync_file(find_file(disk, head->file));
        break;
    case JOURNAL_SYNC_FOLDER:
        folder_synced(disk, path);
        break;
    case JOURNAL_RENAME:
        snprintf(to, sizeof to, "%.*s", (int)head->data_len, entry->data);
        renamed(disk, path, to);
        break;
    case JOURNAL_UNLINK:
        removed(disk, path);
        break;
    case JOURNAL_MKDIR:
        make(disk, path, true, 0);
        break;
    default: /* what was said, and notes */
        break;
    }
}

/* ---- the whole ---- */

bool disk_is_unsynced(const struct disk *disk, const char *path)
{
    char leaf[NAME_SIZE];
    int at = find_folder(disk, path, leaf), node = find(disk, path);
    if (node < 0)
        return true;
    const struct node *folder = &disk->nodes[at];
    return disk->nodes[node].n_changes > 0 ||
           disk_look_up(folder, leaf, folder->n_synced) != node;
}

struct disk *disk_new(void)
{
    struct disk *disk = calloc(1, sizeof *disk);
    if (!disk)
        err(2, "memory");
    add_node(disk, true, 0); /* the recorded folder, which stays */
    return disk;
}

void disk_free(struct disk *disk)
{
    for (int i = 0; i < disk->n; i++) {
        free(disk->nodes[i].bytes);
        free(disk->nodes[i].changes);
        free(disk->nodes[i].names);
    }
    free(disk);
}
