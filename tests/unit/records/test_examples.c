/* test_examples.c -- the contract's worked cases through decoder, store and core.
 *
 * Looks for the examples in ../shared/examples-2 beside the source; skips, saying so,
 * where they are not. tests/integration/examples.bats takes the same through a broker.
 */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "draw.h"

#include "records/records.h"
#include "stepward/host.h"
#include "stepward/wire.h"
#include "util/file.h"

enum { SKIP = 77 };
static const char EXAMPLES[] = SOURCE_DIR "/../shared/examples-2";
static const char *example; /* the folder of the running test */

static int64_t patient_key(struct sw_store *store, const char *id)
{
    struct sw_patient patient = {.added_at_s = 1};
    struct sw_plan plan = sw_plan_default();
    int64_t key;
    snprintf(patient.id.str, sizeof(patient.id.str), "%s", id);
    if (sw_store_find_patient(store, patient.id, &patient) == 0)
        return patient.key;
    assert_int_equal(sw_store_add_patient(store, &patient, &plan, &key), 0);
    return key;
}

static void refresh_span(struct sw_store *store, const struct sw_zone *zone,
                         int64_t key, int64_t from_s, int64_t to_s)
{
    for (int32_t day = sw_day_of(zone, from_s); day <= sw_day_of(zone, to_s); day++)
        assert_int_equal(sw_records_refresh(store, zone, key, day), 0);
}

struct dirty {
    int64_t key, from_s, to_s;
};

static int by_key_and_time(const void *a, const void *b)
{
    const struct dirty *x = a, *y = b;
    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    return (x->from_s > y->from_s) - (x->from_s < y->from_s);
}

static void take(struct sw_store *store, const char *line, struct dirty *dirty,
                 size_t *n)
{
    static struct sw_samples samples;
    struct sw_receipt receipt = {.at_s = 2000000000, .newest_s = 2000000000};
    char why[SW_WHY_MAX];
    cJSON *message = cJSON_Parse(line);
    assert_non_null(message);
    int64_t key =
        patient_key(store, cJSON_GetObjectItem(message, "patient")->valuestring);
    char *payload = cJSON_PrintUnformatted(cJSON_GetObjectItem(message, "payload"));
    assert_true(sw_decode_steps(payload, strlen(payload), &receipt, &samples, why) >=
                0);
    for (size_t i = 0; i < samples.n; i++) {
        const struct sw_sample *s = &samples.items[i];
        struct sw_span span = {s->reading.start_s,
                               s->reading.start_s + s->reading.seconds - 1};
        int r = s->kind == SW_SAMPLE_READING
                    ? sw_store_put_reading(store, key, &s->device, &s->reading)
                    : sw_store_put_total(store, key, &s->device, &s->total, &span);
        assert_true(r >= 0);
        dirty[(*n)++] = (struct dirty){key, span.from_s, span.to_s};
    }
    cJSON_free(payload);
    cJSON_Delete(message);
    sw_samples_fini(&samples);
}

static int print_row(void *ctx, const struct sw_day_row *row)
{
    char fields[SW_DAY_FIELDS][SW_DAY_FIELD_MAX];
    sw_day_fields(row, fields);
    for (int i = 0; i < 14; i++) /* the columns up to `valid` */
        fprintf(ctx, "%s%s", i ? "," : "", fields[i]);
    fputc('\n', ctx);
    return 0;
}

static char *read_file(const char *name)
{
    char path[600];
    snprintf(path, sizeof(path), "%s/%s/%s", EXAMPLES, example, name);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    char *text = calloc(1, 4 * 1024 * 1024);
    assert_non_null(text);
    assert_true(fread(text, 1, 4 * 1024 * 1024 - 1, file) > 0);
    fclose(file);
    return text;
}

static void test_example__rows_are_as_expected_byte_for_byte(void **state)
{
    (void)state;
    char folder[] = "/tmp/stepward-XXXXXX", path[64], why[SW_WHY_MAX], *got;
    struct dirty *dirty = calloc(100000, sizeof(*dirty));
    struct sw_store *store;
    struct sw_zone zone;
    size_t n = 0, size;
    char *name = read_file("timezone"), *messages = read_file("messages.jsonl");
    char *expected = read_file("expected.csv");
    name[strcspn(name, "\n")] = '\0';
    assert_int_equal(sw_zone_load(&zone, name), 0);
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/t.db", folder);
    assert_int_equal(sw_store_open(&store, path, SW_STORE_WRITE, why), 0);

    assert_int_equal(sw_store_begin(store), 0);
    char *rest = messages;
    for (char *line; (line = strsep(&rest, "\n"));)
        if (line[0])
            take(store, line, dirty, &n);
    qsort(dirty, n, sizeof(*dirty), by_key_and_time);
    int64_t done_to_s = 0;
    for (size_t i = 0; i < n; i++) {
        bool is_same = i > 0 && dirty[i].key == dirty[i - 1].key;
        done_to_s = is_same ? done_to_s : 0;
        if (sw_day_of(&zone, dirty[i].to_s) <= sw_day_of(&zone, done_to_s) && done_to_s)
            continue; /* its days were computed */
        refresh_span(store, &zone, dirty[i].key, dirty[i].from_s, dirty[i].to_s);
        done_to_s = dirty[i].to_s;
    }
    assert_int_equal(sw_store_commit(store), 0);

    FILE *out = open_memstream(&got, &size);
    fputs("patient,day,steps,active_min,still_min,unworn_min,unknown_min,coverage_pct,"
          "longest_rest_min,longest_rest_from,rests_60,active_hours,brisk_min,valid\n",
          out);
    assert_int_equal(sw_store_each_day(store, NULL, 0, INT32_MAX, print_row, out), 0);
    fclose(out);
    assert_string_equal(got, expected);

    sw_store_close(store);
    sw_zone_fini(&zone);
    free(got);
    free(dirty);
    free(name);
    free(messages);
    free(expected);
    static const char *const files[] = {"t.db", "t.db-wal", "t.db-shm"};
    for (size_t i = 0; i < 3; i++) {
        snprintf(path, sizeof(path), "%s/%s", folder, files[i]);
        unlink(path);
    }
    rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_example__rows_are_as_expected_byte_for_byte),
    };
    DIR *folder = opendir(EXAMPLES);
    int failed = 0, n = 0;
    if (!folder) {
        printf("skipped: no %s\n", EXAMPLES);
        return SKIP;
    }
    struct dirent *entry;
    int r;
    while ((r = sw_folder_next(folder, &entry)) > 0) {
        if (entry->d_name[0] == '.')
            continue;
        example = entry->d_name;
        printf("%s\n", example);
        failed += cmocka_run_group_tests(tests, NULL, NULL);
        n++;
    }
    closedir(folder);
    return failed || n == 0 || r < 0;
}
