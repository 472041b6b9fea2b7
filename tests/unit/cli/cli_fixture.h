/* cli_fixture.h -- a clinic in a temporary folder, and the command line run on it.
 *
 *     struct clinic clinic;
 *     clinic_init(&clinic);
 *     assert_int_equal(RUN(&clinic, "patient", "add", "p1"), CLI_OK);
 *     assert_string_equal(clinic.out, "added p1\n");
 *     clinic_fini(&clinic);
 *
 * It is 2026-10-25 15:00 in Berlin, the day of 25 hours.
 */
#ifndef TESTS_CLI_FIXTURE_H
#define TESTS_CLI_FIXTURE_H

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <uniwidth.h>

#include "cli/cli.h"
#include "stepward/host.h"
#include "stepward/lock.h"

#define NOW_S   INT64_C(1792936800) /* 2026-10-25T14:00:00Z */
#define TODAY_S INT64_C(1792879200) /* 2026-10-24T22:00:00Z: midnight in Berlin */

struct clinic {
    char folder[64], config[96];
    int64_t now_s;
    int width;                 /* of the terminal; 0: a pipe */
    const char *broker_folder; /* NULL: a broker without settings */
    char *out, *err;           /* of the last run */
    struct sw_store *store;
    struct sw_zone zone;
    int lock_fd; /* 0: no gateway runs */
};

static inline void clinic_init(struct clinic *clinic)
{
    memset(clinic, 0, sizeof *clinic);
    clinic->now_s = NOW_S;
    strcpy(clinic->folder, "/tmp/stepward-cli-XXXXXX");
    assert_non_null(mkdtemp(clinic->folder));
    assert_int_equal(setenv("XDG_RUNTIME_DIR", clinic->folder, 1), 0);
    assert_int_equal(unsetenv("XDG_STATE_HOME"), 0);
    assert_int_equal(unsetenv("HOME"), 0);
    snprintf(clinic->config, sizeof clinic->config, "%s/stepward.conf", clinic->folder);
    FILE *file = fopen(clinic->config, "w");
    assert_non_null(file);
    fprintf(file,
            "site = \"main\"\n"
            "timezone = \"Europe/Berlin\"\n"
            "data_dir = \"%s/data\"\n"
            "plan { therapist = \"anna\" goal = 6000 }\n",
            clinic->folder);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(sw_zone_load(&clinic->zone, "Europe/Berlin"), 0);
}

static inline void clinic_path(const struct clinic *clinic, const char *name,
                               char out[static 128])
{
    snprintf(out, 128, "%s/data/%s", clinic->folder, name);
}

/* The same database through the store's own functions. */
static inline struct sw_store *clinic_store(struct clinic *clinic)
{
    char path[128], why[SW_WHY_MAX];
    clinic_path(clinic, "stepward.db", path);
    if (!clinic->store && sw_store_open(&clinic->store, path, SW_STORE_WRITE, why) < 0)
        fail_msg("%s", why);
    return clinic->store;
}

/* The lock of a gateway that runs and is in this state, which is told to who asks. */
static inline void clinic_gateway(struct clinic *clinic, struct sw_lock_state state,
                                  const char *problem)
{
    struct sw_lock_note last, note = {.pid = 4711, .state = state};
    char folder[128], why[SW_WHY_MAX];
    clinic_path(clinic, "", folder);
    if (clinic->lock_fd == 0 && sw_lock_take(folder, &clinic->lock_fd, &last, why) < 0)
        fail_msg("%s", why);
    snprintf(note.problem, sizeof note.problem, "%s", problem);
    assert_int_equal(sw_lock_write(clinic->lock_fd, &note), 0);
}
static inline void clinic_gateway_is_well(struct clinic *clinic)
{
    struct sw_lock_state well = {.is_known = true,
                                 .has_reported = true,
                                 .connected = true,
                                 .clock_trusted = true,
                                 .is_current = true};
    clinic_gateway(clinic, well, "");
}
static inline void clinic_gateway_ends(struct clinic *clinic)
{
    close(clinic->lock_fd);
    clinic->lock_fd = 0;
}

/* What `alerts` remembers of terminals. */
static inline void clinic_forget(struct clinic *clinic)
{
    char folder[128], path[512];
    snprintf(folder, sizeof folder, "%s/stepward", clinic->folder);
    DIR *dir = opendir(folder);
    for (struct dirent *entry; dir && (entry = readdir(dir));) {
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        unlink(path);
    }
    if (dir)
        closedir(dir);
    rmdir(folder);
}

static inline void clinic_fini(struct clinic *clinic)
{
    static const char *const names[] = {"stepward.db", "stepward.db-wal",
                                        "stepward.db-shm", "gateway.lock"};
    char path[128];
    if (clinic->lock_fd != 0)
        clinic_gateway_ends(clinic);
    sw_store_close(clinic->store);
    sw_zone_fini(&clinic->zone);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        clinic_path(clinic, names[i], path);
        unlink(path);
    }
    clinic_path(clinic, "", path);
    rmdir(path);
    unlink(clinic->config);
    clinic_forget(clinic);
    assert_int_equal(rmdir(clinic->folder), 0);
    free(clinic->out);
    free(clinic->err);
}

/* Run `stepward -c CONFIG words…`; every error must be one line that says who speaks.
 */
static inline int clinic_run(struct clinic *clinic, const char *const *words)
{
    char *argv[32] = {strdup("stepward"), strdup("-c"), strdup(clinic->config)};
    int argc = 3;
    size_t n_out, n_err;
    struct cli cli = {.now_s = clinic->now_s, .width = clinic->width};
    cli.broker_folder = clinic->broker_folder ? clinic->broker_folder : clinic->folder;
    free(clinic->out);
    free(clinic->err);
    cli.out = open_memstream(&clinic->out, &n_out);
    cli.err = open_memstream(&clinic->err, &n_err);
    for (; *words; words++)
        argv[argc++] = strdup(*words);
    char *own[32]; /* getopt permutes argv */
    memcpy(own, argv, sizeof own);
    int code = cli_run(&cli, argc, argv);
    fclose(cli.out);
    fclose(cli.err);
    for (int i = 0; i < argc; i++)
        free(own[i]);
    if (code == CLI_OK) {
        const char *warning = "stepward: out of date";
        assert_true(!*clinic->err ||
                    strncmp(clinic->err, warning, strlen(warning)) == 0);
    } else {
        assert_int_equal(strncmp(clinic->err, "stepward: ", 10), 0);
        assert_ptr_equal(strchr(clinic->err, '\n'), clinic->err + n_err - 1);
    }
    return code;
}
#define RUN(clinic, ...) clinic_run(clinic, (const char *const[]){__VA_ARGS__, NULL})

static inline void assert_says(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("no \"%s\" in:\n%s", part, text);
}
static inline void assert_silent_about(const char *text, const char *part)
{
    if (strstr(text, part))
        fail_msg("\"%s\" in:\n%s", part, text);
}

static inline char *read_text(const char *path)
{
    char *text = NULL;
    size_t n = 0;
    FILE *file = fopen(path, "r");
    if (!file)
        fail_msg("cannot read %s", path);
    if (getdelim(&text, &n, '\0', file) < 0)
        text = strdup("");
    fclose(file);
    return text;
}

/* The formats are stable: compare with tests/golden/cli/NAME. With UPDATE_GOLDEN=1 in
 * the environment the file is written instead, to be read before it is committed. */
static inline void assert_golden(const char *text, const char *name)
{
    char path[256];
    snprintf(path, sizeof path, SOURCE_DIR "/tests/golden/cli/%s", name);
    if (getenv("UPDATE_GOLDEN")) {
        FILE *file = fopen(path, "w");
        assert_non_null(file);
        assert_true(fputs(text, file) >= 0);
        assert_int_equal(fclose(file), 0);
    }
    char *expected = read_text(path);
    assert_string_equal(text, expected);
    free(expected);
}

/* The table on a terminal of 80 columns: no line is longer. */
static inline void assert_golden_table(struct clinic *clinic, const char *const *words,
                                       const char *name)
{
    clinic->width = 80;
    assert_int_equal(clinic_run(clinic, words), CLI_OK);
    clinic->width = 0;
    for (const char *line = clinic->out; *line; line += strcspn(line, "\n") + 1) {
        size_t len = strcspn(line, "\n");
        if (u8_width((const uint8_t *)line, len, "UTF-8") > 80)
            fail_msg("longer than 80 columns: %.*s", (int)len, line);
    }
    assert_golden(clinic->out, name);
}
#define GOLDEN_TABLE(clinic, name, ...)                                                \
    assert_golden_table(clinic, (const char *const[]){__VA_ARGS__, NULL}, name)

static inline struct sw_patient_id patient_id(const char *str)
{
    struct sw_patient_id id = {0};
    assert_true(strlen(str) < sizeof id.str);
    strcpy(id.str, str);
    return id;
}

static inline int64_t patient_key(struct clinic *clinic, const char *id)
{
    struct sw_patient patient;
    assert_int_equal(
        sw_store_find_patient(clinic_store(clinic), patient_id(id), &patient), 0);
    return patient.key;
}

static inline void put_reading(struct clinic *clinic, const char *patient,
                               int64_t start_s, int32_t steps, bool worn)
{
    struct sw_device_id device = {"band"};
    struct sw_reading reading = {
        .start_s = start_s, .seconds = 60, .steps = steps, .worn = worn};
    assert_true(sw_store_put_reading(clinic_store(clinic), patient_key(clinic, patient),
                                     &device, &reading) >= 0);
}

static inline struct sw_alert make_alert(const char *patient, enum sw_alert_kind kind,
                                         int64_t opened_at_s)
{
    return (struct sw_alert){
        .patient = patient_id(patient),
        .therapist = {"anna"},
        .kind = kind,
        .level = SW_LEVEL_LOW,
        .state = SW_STATE_OPEN,
        .rev = 1,
        .opened_at_s = opened_at_s,
        .updated_at_s = opened_at_s,
        .evidence = {125, 120, 1204},
        .span = {opened_at_s - 125 * 60, opened_at_s},
    };
}

static inline void put_alert(struct clinic *clinic, const struct sw_alert *alert)
{
    assert_int_equal(sw_store_put_alert(clinic_store(clinic),
                                        patient_key(clinic, alert->patient.str), alert,
                                        SW_STATE_NONE, "gateway", "opened"),
                     0);
}

#endif
