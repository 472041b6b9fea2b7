/* test_disk_model.c -- the disk of the power-cut test loses all that a disk may lose,
 * and nothing else. Each promise is looked for in many mixtures. */
#include "disk_model.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { MIXTURES = 300, BLOCK = DISK_SECTOR };

static char folder[64];
static struct disk *disk;
static uint64_t seed;

static int set_up(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/stepward-disk-XXXXXX");
    disk = disk_new();
    seed = 1;
    return mkdtemp(folder) ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    disk_free(disk);
    return rmdir(folder);
}

static void apply(enum journal_kind kind, const char *name, uint64_t file,
                  int64_t number, const char *data, size_t len)
{
    struct journal_entry entry = {
        .head = {.kind = kind,
                 .name_len = (uint32_t)strlen(name),
                 .data_len = (uint32_t)len,
                 .file = file,
                 .number = number},
        .name = name,
        .data = data,
    };
    disk_apply(disk, &entry);
}

static const char *block_of(char c)
{
    static char blocks[128][BLOCK];
    return memset(blocks[(int)c], c, BLOCK);
}

static void create(const char *name, uint64_t file)
{
    apply(JOURNAL_OPEN, name, file, 0, NULL, 0);
}

static void write_block(uint64_t file, int64_t i, char c)
{
    apply(JOURNAL_WRITE, "", file, i * BLOCK, block_of(c), BLOCK);
}

static void sync_file(uint64_t file)
{
    apply(JOURNAL_SYNC, "", file, 0, NULL, 0);
}

static void sync_folder(void)
{
    apply(JOURNAL_SYNC_FOLDER, "", 0, 0, NULL, 0);
}

/* The file as a letter a block ('.' zeros), "-" if there is none; it is removed. */
static const char *take(const char *name)
{
    static char letters[64];
    char path[128], block[BLOCK];
    size_t n = 0;
    snprintf(path, sizeof path, "%s/%s", folder, name);
    int fd = open(path, O_RDONLY);
    if (fd < 0)
        return "-";
    while (read(fd, block, BLOCK) == BLOCK) {
        for (int i = 1; i < BLOCK; i++)
            assert_int_equal(block[i], block[0]); /* no half sectors */
        letters[n++] = block[0] ? block[0] : '.';
    }
    letters[n] = '\0';
    close(fd);
    unlink(path);
    return letters;
}

/* Every mixture's file is one of the words, and each of them comes. */
static void mixtures_are(const char *name, const char *const *words, int n_words)
{
    int seen[16] = {0};
    for (int i = 0; i < MIXTURES; i++) {
        disk_write_state(disk, DISK_MIXED, &seed, folder);
        const char *word = take(name);
        int at = 0;
        while (at < n_words && strcmp(words[at], word) != 0)
            at++;
        if (at == n_words)
            fail_msg("%s is none of the mixtures", word);
        seen[at]++;
    }
    for (int i = 0; i < n_words; i++)
        if (seen[i] == 0)
            fail_msg("%s never came", words[i]);
}
#define MIXTURES_ARE(name, ...)                                                        \
    mixtures_are(name, (const char *const[]){__VA_ARGS__},                             \
                 (int)(sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *)))

static void test_disk_model__what_was_synced_stays(void **state)
{
    (void)state;
    create("f", 7);
    write_block(7, 0, 'a');
    write_block(7, 1, 'b');
    sync_file(7);
    sync_folder();
    MIXTURES_ARE("f", "ab");
}

static void test_disk_model__a_sync_keeps_content_and_not_the_name(void **state)
{
    (void)state;
    create("f", 7);
    write_block(7, 0, 'a');
    sync_file(7);
    MIXTURES_ARE("f", "-", "a");
}

static void test_disk_model__a_folders_sync_keeps_the_name_and_not_content(void **state)
{
    (void)state;
    create("f", 7);
    sync_folder();
    write_block(7, 0, 'a');
    MIXTURES_ARE("f", "", ".", "a");
}

static void test_disk_model__unsynced_blocks_come_one_by_one_in_any_order(void **state)
{
    (void)state;
    create("f", 7);
    write_block(7, 0, 'a');
    write_block(7, 1, 'b');
    sync_file(7);
    sync_folder();
    write_block(7, 0, 'A');
    write_block(7, 1, 'B');
    MIXTURES_ARE("f", "ab", "Ab", "aB", "AB");
}

static void test_disk_model__old_content_shows_through_a_cut(void **state)
{
    (void)state;
    create("f", 7);
    write_block(7, 0, 'a');
    write_block(7, 1, 'b');
    sync_file(7);
    sync_folder();
    apply(JOURNAL_TRUNCATE, "", 7, 0, NULL, 0);
    write_block(7, 0, 'A');
    MIXTURES_ARE("f", "ab", "a.", ".b", "..", "Ab", "A.", "", "a", ".", "A");
}

static void
test_disk_model__a_rename_may_overtake_its_file_and_is_never_half(void **state)
{
    (void)state;
    create("f", 7);
    write_block(7, 0, 'a');
    sync_file(7);
    sync_folder();
    create("new", 8);
    write_block(8, 0, 'n');
    apply(JOURNAL_RENAME, "new", 0, 0, "f", 1);
    for (int i = 0; i < MIXTURES; i++) {
        disk_write_state(disk, DISK_MIXED, &seed, folder);
        char old = take("f")[0];
        char new = take("new")[0];
        assert_true(old == 'a' || new == '-'); /* the name is no longer new's */
    }
    disk_write_state(disk, DISK_SYNCED, &seed, folder);
    assert_string_equal(take("f"), "a");
    disk_write_state(disk, DISK_ALL, &seed, folder);
    assert_string_equal(take("f"), "n");
    sync_folder();
    MIXTURES_ARE("f", "", ".", "n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_disk_model__what_was_synced_stays),
        TEST(test_disk_model__a_sync_keeps_content_and_not_the_name),
        TEST(test_disk_model__a_folders_sync_keeps_the_name_and_not_content),
        TEST(test_disk_model__unsynced_blocks_come_one_by_one_in_any_order),
        TEST(test_disk_model__old_content_shows_through_a_cut),
        TEST(test_disk_model__a_rename_may_overtake_its_file_and_is_never_half),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
