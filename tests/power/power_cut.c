/* power_cut.c -- cut the power of a recorded life, again and again, and look what is
 * left.
 *
 *     power_cut note JOURNAL TEXT      a promise made to a person: see promises.h
 *     power_cut write JOURNAL FOLDER   what the life left on a disk that lost nothing
 *     power_cut try JOURNAL FOLDER COMMIT_INTERVAL_S [TRIES [SEED]]
 *
 * try writes states that a cut could have left (disk_model.h) into FOLDER, one after
 * the other, and opens each. It must open; an inbox may be damaged only where it was
 * not synced; every promise (promises.h) must be kept: with an interval, messages
 * acknowledged longer ago than that and SLACK_S. The last line is the result (in one
 * line):
 *
 *     tries 400 lost 0 doubled 0 worst_loss_s 1.9 lost_within_interval 12 unopened 0
 *     promises 658 entries 4600
 *
 * and the exit code is 0 if nothing was lost, doubled, or would not open.
 */
#include <err.h>
#include <ftw.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "disk_model.h"
#include "promises.h"
#include "state.h"

enum {
    TRIES = 200,
    SLACK_S = 8, /* a commit may wait 5 s for another program's, and has work to do */
    SHOWN_MAX = 5,
    FDS_OPEN = 8,
    PATH_SIZE = 4096,
};
static const int64_t ns_per_s = 1000000000;

/* The power goes right before `next`, the journal's entry of that number. */
struct cut {
    size_t next;
    enum disk_state state;
};

/* ---- which cuts ---- */

/* Entries at which something may go wrong, by their numbers. */
struct places {
    size_t *entries;
    size_t n;
};

struct life {
    struct journal_head *heads;
    size_t n;
    struct places places[JOURNAL_KINDS];
};

/* Around these anything may be wrong. Each kind gets its share, or the rare ones, as
 * the renaming of an inbox, would be missed. */
static const enum journal_kind turns[] = {
    JOURNAL_SYNC,   JOURNAL_SYNC_FOLDER, JOURNAL_TRUNCATE, JOURNAL_OPEN,
    JOURNAL_RENAME, JOURNAL_UNLINK,      JOURNAL_MKDIR,    JOURNAL_NOTE,
};
enum { TURNS = sizeof turns / sizeof *turns };

static void *allocate(size_t n, size_t size)
{
    void *items = calloc(n, size);
    if (!items)
        err(2, "memory");
    return items;
}

static void read_life(struct life *life, const char *path)
{
    struct journal journal;
    struct journal_entry entry;
    *life = (struct life){0};
    journal_open(&journal, path);
    while (journal_next(&journal, &entry))
        life->n++;
    life->heads = allocate(life->n, sizeof *life->heads);
    for (int kind = 0; kind < JOURNAL_KINDS; kind++)
        life->places[kind].entries = allocate(life->n, sizeof(size_t));
    journal.at = 0;
    for (size_t i = 0; journal_next(&journal, &entry); i++) {
        struct places *places = &life->places[entry.head.kind];
        life->heads[i] = entry.head;
        places->entries[places->n++] = i;
    }
    journal_close(&journal);
}

static void forget_life(struct life *life)
{
    free(life->heads);
    for (int kind = 0; kind < JOURNAL_KINDS; kind++)
        free(life->places[kind].entries);
}

/* Right before an entry of the kind, or right after it. */
static size_t draw_place(const struct life *life, enum journal_kind kind,
                         uint64_t *seed)
{
    const struct places *places = &life->places[kind];
    if (places->n == 0)
        return (size_t)draw_below(seed, life->n + 1);
    return places->entries[draw_below(seed, places->n)] + (size_t)draw_below(seed, 2);
}

static size_t draw_next(const struct life *life, uint64_t *seed)
{
    switch (draw_below(seed, 4)) {
    case 0:
        return (size_t)draw_below(seed, life->n + 1);
    case 1:
        return draw_place(life, JOURNAL_SENT, seed);
    default:
        return draw_place(life, turns[draw_below(seed, TURNS)], seed);
    }
}

static int by_next(const void *a, const void *b)
{
    const struct cut *x = a, *y = b;
    return (x->next > y->next) - (x->next < y->next);
}

static struct cut *draw_cuts(const struct life *life, size_t tries, uint64_t *seed)
{
    static const enum disk_state states[] = {DISK_ALL, DISK_SYNCED, DISK_MIXED,
                                             DISK_MIXED};
    struct cut *cuts = allocate(tries, sizeof *cuts);
    for (size_t i = 0; i < tries; i++)
        cuts[i] = (struct cut){draw_next(life, seed), states[i % 4]};
    qsort(cuts, tries, sizeof *cuts, by_next);
    return cuts;
}

/* ---- when ---- */

/* The latest moment at which the cut may have happened, by the gateway's clock: until
 * the next entry. It stands still while no gateway runs. */
static int64_t latest_ns(const struct life *life, size_t next, int32_t run)
{
    size_t last_of_run = next;
    for (size_t i = next; i < life->n; i++)
        if (life->heads[i].pid == run)
            return life->heads[next].at_ns;
    while (last_of_run > 0 && life->heads[last_of_run - 1].pid != run)
        last_of_run--;
    return last_of_run > 0 ? life->heads[last_of_run - 1].at_ns : 0;
}

/* ---- the states ---- */

static int remove_one(const char *path, const struct stat *st, int kind,
                      struct FTW *where)
{
    (void)st;
    (void)kind;
    return where->level > 0 ? remove(path) : 0;
}

static void empty(const char *folder)
{
    if (nftw(folder, remove_one, FDS_OPEN, FTW_DEPTH | FTW_PHYS) != 0)
        err(2, "%s", folder);
}

struct trial {
    struct life life;
    struct disk *disk;
    struct promises *promises;
    const char *folder;
    struct sw_config config; /* of the gateway that starts when the power is back */
    long lost, doubled, lost_in_time, unopened;
    int64_t worst_loss_ns;
    int shown;
};

static void show(struct trial *trial, const struct cut *cut, uint64_t seed,
                 const char *what, const char *which)
{
    static const char *const states[] = {"all", "synced", "mixed"};
    if (trial->shown++ < SHOWN_MAX)
        printf("before entry %zu, %s (%#" PRIx64 "): %s: %s\n", cut->next,
               states[cut->state], seed, what, which);
}

static void judge(struct trial *trial, const struct cut *cut, uint64_t seed,
                  struct state *state, bool may_be_damaged)
{
    struct broken broken;
    int64_t now_ns = latest_ns(&trial->life, cut->next, promises_run(trial->promises));
    promises_check(trial->promises, &state->facts, now_ns, &broken);
    trial->lost += broken.lost;
    trial->lost_in_time += broken.lost_in_time;
    trial->doubled += state->doubled;
    if (broken.worst_loss_ns > trial->worst_loss_ns)
        trial->worst_loss_ns = broken.worst_loss_ns;
    if (broken.lost > 0)
        show(trial, cut, seed, "lost", broken.text);
    if (state->doubled > 0)
        show(trial, cut, seed, "doubled", "readings or steps that nobody sent");
    if (state->inbox_damaged && !may_be_damaged) {
        trial->unopened++;
        show(trial, cut, seed, "damaged", state->why);
    }
}

static void try_one(struct trial *trial, const struct cut *cut, uint64_t *seed)
{
    struct state state;
    uint64_t own_seed = *seed;
    bool may_be_damaged =
        cut->state == DISK_MIXED && disk_is_unsynced(trial->disk, "data/inbox");
    empty(trial->folder);
    disk_write_state(trial->disk, cut->state, seed, trial->folder);
    if (state_open(&state, &trial->config, promises_received(trial->promises))) {
        judge(trial, cut, own_seed, &state, may_be_damaged);
    } else {
        trial->unopened++;
        show(trial, cut, own_seed, "does not open", state.why);
    }
    state_fini(&state);
}

static void try_all(struct trial *trial, const char *path, const struct cut *cuts,
                    size_t n, uint64_t *seed)
{
    struct journal journal;
    struct journal_entry entry;
    journal_open(&journal, path);
    for (size_t at = 0, next = 0; next < n; at++) {
        for (; next < n && cuts[next].next == at; next++)
            try_one(trial, &cuts[next], seed);
        if (!journal_next(&journal, &entry))
            break;
        disk_apply(trial->disk, &entry);
        promises_hear(trial->promises, &entry);
    }
    journal_close(&journal);
}

static int report(const struct trial *trial, size_t tries)
{
    printf("tries %zu lost %ld doubled %ld worst_loss_s %.1f lost_within_interval %ld "
           "unopened %ld promises %ld entries %zu\n",
           tries, trial->lost, trial->doubled,
           (double)trial->worst_loss_ns / (double)ns_per_s, trial->lost_in_time,
           trial->unopened, promises_count(trial->promises), trial->life.n);
    return trial->lost > 0 || trial->doubled > 0 || trial->unopened > 0;
}

static int try_cuts(const char *path, const char *folder, int64_t interval_s,
                    size_t tries, uint64_t seed)
{
    char data_dir[PATH_SIZE];
    int64_t within_s = interval_s == 0 ? 0 : interval_s + SLACK_S;
    struct trial trial = {
        .disk = disk_new(),
        .promises = promises_new("main", within_s * ns_per_s),
        .folder = folder,
        .config = {.data_dir = data_dir, .commit_interval_s = interval_s},
    };
    snprintf(data_dir, sizeof data_dir, "%s/data", folder);
    read_life(&trial.life, path);
    printf("seed %" PRIu64 "\n", seed);
    struct cut *cuts = draw_cuts(&trial.life, tries, &seed);
    try_all(&trial, path, cuts, tries, &seed);
    int code = report(&trial, tries);
    free(cuts);
    forget_life(&trial.life);
    promises_free(trial.promises);
    disk_free(trial.disk);
    return code;
}

static int write_all(const char *path, const char *folder)
{
    struct journal journal;
    struct journal_entry entry;
    struct disk *disk = disk_new();
    uint64_t seed = 0;
    journal_open(&journal, path);
    while (journal_next(&journal, &entry))
        disk_apply(disk, &entry);
    disk_write_state(disk, DISK_ALL, &seed, folder);
    journal_close(&journal);
    disk_free(disk);
    return 0;
}

int main(int argc, char **argv)
{
    const char *command = argc > 3 ? argv[1] : "";
    if (strcmp(command, "note") == 0) {
        journal_note(argv[2], argv[3]);
        return 0;
    }
    if (strcmp(command, "write") == 0)
        return write_all(argv[2], argv[3]);
    if (strcmp(command, "try") == 0 && argc > 4) {
        size_t tries = argc > 5 ? (size_t)strtoul(argv[5], NULL, 10) : TRIES;
        uint64_t seed = argc > 6 ? (uint64_t)strtoull(argv[6], NULL, 0)
                                 : (uint64_t)(unsigned)getpid();
        return try_cuts(argv[2], argv[3], atol(argv[4]), tries, seed);
    }
    errx(2, "usage: power_cut note|write|try JOURNAL …");
}
