/* disk_private.h -- a disk, for the files that share it. */
#ifndef TEST_DISK_PRIVATE_H
#define TEST_DISK_PRIVATE_H

#include "disk_model.h"

enum {
    NAME_SIZE = 256,
    NODES_MAX = 65536, /* files and folders ever made */
};

/* data NULL: cut or extended to `at` bytes; else len bytes written at `at`. */
struct change {
    const char *data;
    size_t at, len;
};

struct naming {
    char name[NAME_SIZE];
    int node;       /* -1: the name goes */
    bool with_last; /* one change with the one before it: a rename */
};

struct node {
    bool is_folder;
    uint64_t file; /* the inode's number; given again when a file is gone */

    char *bytes; /* of a file: as synced */
    size_t len;
    struct change *changes; /* since then */
    size_t n_changes, cap_changes;

    struct naming *names; /* of a folder, in order; the last of a name holds */
    size_t n_names, cap_names, n_synced;
};

struct disk {
    struct node nodes[NODES_MAX];
    int n;
};

/* What the name leads to after the folder's first n changes; -1: nothing. */
int disk_look_up(const struct node *folder, const char *name, size_t n);
/* A file's length after the change of one of that length. */
size_t disk_len_after(const struct change *change, size_t len);
/* All changes are durable. */
void disk_sync_file(struct node *node);
/* What comes new is zero. */
char *disk_resize(char *bytes, size_t from, size_t to);

#endif
