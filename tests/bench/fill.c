/* fill.c -- the database of a clinic that has been at work for years, made in minutes.
 *
 *     fill -d DATABASE -P PATIENTS [-D DAYS] [-m MINUTES] [-z ZONE]
 *
 * Patients p0000, p0001, … of therapist anna, with the default plan. For each of the
 * DAYS before today every patient has a reading for every MINUTES (1) around the clock,
 * and the day's row. All of it goes through the calls of the store and the book, in an
 * order in which a gateway would have stored it: everybody's minute after everybody's
 * minute before; longer readings as of devices that tell their day at its end.
 */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "records/records.h"
#include "steps.h"
#include "stepward/host.h"

enum {
    PATIENTS_MAX = 20000,
    COMMIT_ROWS = 20000,
    DAY_MIN = 1440, /* days are of UTC's length here; a clock change is not missed */
};

struct fill {
    struct sw_store *store;
    struct sw_zone zone;
    int patients, days, minutes, n_uncommitted;
    int64_t keys[PATIENTS_MAX];
};

static int add_patients(struct fill *fill)
{
    struct sw_plan plan = sw_plan_default();
    int r = sw_store_begin(fill->store);
    snprintf(plan.therapist.str, sizeof(plan.therapist.str), "anna");
    for (int i = 0; r == 0 && i < fill->patients; i++) {
        struct sw_patient patient = {.added_at_s = time(NULL)};
        snprintf(patient.id.str, sizeof(patient.id.str), "p%04d", i);
        r = sw_store_add_patient(fill->store, &patient, &plan, &fill->keys[i]);
    }
    return r == 0 ? sw_store_commit(fill->store) : r;
}

static int put_reading(struct fill *fill, int patient, int64_t minute)
{
    static const struct sw_device_id device;
    struct sw_reading reading = {.start_s = minute * 60,
                                 .seconds = fill->minutes * 60,
                                 .steps = 0,
                                 .worn = true};
    for (int i = 0; i < fill->minutes; i++)
        reading.steps += (int32_t)steps_of(patient, minute + i);
    int r = sw_store_put_reading(fill->store, fill->keys[patient], &device, &reading);
    return r < 0 ? r : 0;
}

static int commit_some(struct fill *fill)
{
    if (++fill->n_uncommitted % COMMIT_ROWS != 0)
        return 0;
    int r = sw_store_commit(fill->store);
    return r == 0 ? sw_store_begin(fill->store) : r;
}

static int put_by_minute(struct fill *fill, int64_t first_minute)
{
    int r = 0;
    for (int64_t i = 0; r == 0 && i < DAY_MIN; i++)
        for (int patient = 0; r == 0 && patient < fill->patients; patient++) {
            r = put_reading(fill, patient, first_minute + i);
            if (r == 0)
                r = commit_some(fill);
        }
    return r;
}

static int put_by_patient(struct fill *fill, int patient, int64_t first_minute)
{
    int r = 0;
    for (int64_t i = 0; r == 0 && i < DAY_MIN; i += fill->minutes)
        r = put_reading(fill, patient, first_minute + i);
    return r;
}

static int put_day(struct fill *fill, int32_t day)
{
    int64_t first_minute = sw_day_begin(&fill->zone, day) / 60;
    int r = sw_store_begin(fill->store);
    if (r == 0 && fill->minutes == 1)
        r = put_by_minute(fill, first_minute);
    for (int patient = 0; r == 0 && patient < fill->patients; patient++) {
        if (fill->minutes > 1)
            r = put_by_patient(fill, patient, first_minute);
        if (r == 0)
            r = sw_records_refresh(fill->store, &fill->zone, fill->keys[patient], day);
    }
    return r == 0 ? sw_store_commit(fill->store) : r;
}

static int put_days(struct fill *fill)
{
    int32_t today = sw_day_of(&fill->zone, time(NULL));
    int r = 0;
    for (int32_t day = today - fill->days; r == 0 && day < today; day++)
        r = put_day(fill, day);
    return r;
}

static int run(struct fill *fill, const char *database, const char *zone)
{
    char why[SW_WHY_MAX] = "";
    int r = sw_zone_load(&fill->zone, zone);
    if (r == 0)
        r = sw_store_open(&fill->store, database, SW_STORE_WRITE, why);
    if (r == 0)
        r = add_patients(fill);
    if (r == 0)
        r = put_days(fill);
    if (r < 0)
        fprintf(stderr, "fill: %s %s\n", strerror(-r), why);
    sw_store_close(fill->store);
    sw_zone_fini(&fill->zone);
    return r == 0 ? 0 : 1;
}

static int usage(void)
{
    fprintf(stderr, "usage: fill -d DATABASE -P PATIENTS [-D DAYS] [-m MINUTES] "
                    "[-z ZONE]\n");
    return 2;
}

int main(int argc, char **argv)
{
    static struct fill fill = {.minutes = 1};
    const char *database = NULL, *zone = "Europe/Berlin";
    for (int key; (key = getopt(argc, argv, "d:P:D:m:z:")) != -1;) {
        if (key == 'd')
            database = optarg;
        else if (key == 'P')
            fill.patients = atoi(optarg);
        else if (key == 'D')
            fill.days = atoi(optarg);
        else if (key == 'm')
            fill.minutes = atoi(optarg);
        else if (key == 'z')
            zone = optarg;
        else
            return usage();
    }
    bool is_right = database && fill.patients > 0 && fill.patients <= PATIENTS_MAX &&
                    fill.days >= 0 && fill.minutes > 0 && DAY_MIN % fill.minutes == 0;
    return is_right ? run(&fill, database, zone) : usage();
}
