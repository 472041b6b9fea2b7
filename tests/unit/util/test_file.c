/* test_file.c -- whole writes, whole copies, and the folder of a path. */
#include "util/file.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

enum { LONG = 100 * 1000 }; /* several chunks of a copy */

static int open_new(char *path)
{
    strcpy(path, "/tmp/test-file-XXXXXX");
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    return fd;
}

static void test_file__a_part_is_copied_to_another_place(void **state)
{
    (void)state;
    char from_path[64], to_path[64];
    int from = open_new(from_path), to = open_new(to_path);
    unsigned char *bytes = malloc(LONG), *back = malloc(LONG);
    for (int i = 0; i < LONG; i++)
        bytes[i] = (unsigned char)(i * 31);
    assert_int_equal(sw_file_write_all(from, bytes, LONG, 0), 0);
    assert_int_equal(sw_file_copy(from, 7, LONG - 7, to, 3), 0);
    assert_int_equal(pread(to, back, LONG - 7, 3), LONG - 7);
    assert_memory_equal(back, bytes + 7, LONG - 7);
    assert_int_equal(sw_file_copy(from, 7, LONG, to, 0), -EIO);
    assert_int_equal(sw_file_sync(to_path), 0);
    assert_int_equal(sw_file_sync_folder(to_path), 0);
    free(bytes);
    free(back);
    close(from);
    close(to);
    unlink(from_path);
    unlink(to_path);
}

static void test_file__what_fails_is_told(void **state)
{
    (void)state;
    int ends[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    assert_int_equal(sw_file_write_all(ends[0], "x", 1, 0), -ESPIPE);
    assert_int_equal(sw_file_copy(ends[0], 0, 1, ends[1], 0), -ESPIPE);
    close(ends[0]);
    close(ends[1]);
    assert_int_equal(sw_file_sync("/nowhere/at/all"), -ENOENT);
    assert_int_equal(sw_file_sync_folder("/nowhere/at/all"), -ENOENT);
}

static void test_file__folder_of_a_path(void **state)
{
    (void)state;
    char folder[SW_PATH_BYTES_MAX], too_long[SW_PATH_BYTES_MAX + 1];
    assert_int_equal(sw_file_folder("/var/lib/stepward/stepward.db", folder), 0);
    assert_string_equal(folder, "/var/lib/stepward");
    assert_int_equal(sw_file_folder("stepward.db", folder), 0);
    assert_string_equal(folder, ".");
    assert_int_equal(sw_file_folder("/stepward.db", folder), 0);
    assert_string_equal(folder, "/");
    memset(too_long, 'a', sizeof too_long - 1);
    too_long[sizeof too_long - 1] = '\0';
    assert_int_equal(sw_file_folder(too_long, folder), -ENAMETOOLONG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_file__a_part_is_copied_to_another_place),
        cmocka_unit_test(test_file__what_fails_is_told),
        cmocka_unit_test(test_file__folder_of_a_path),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
