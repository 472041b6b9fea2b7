/* screen.c -- the screens of a made-up patient as files, for a look at them:
 *
 *     screen FOLDER         writes patient-7.html … day-DATE.html, and board.css
 *     screen --time         how long the screens take of the processor: p50 and p99
 *     screen --fill FOLDER ZONE   the last 28 days alone, until now, as FOLDER/stepward.db
 *
 * Serve the folder (python3 -m http.server) and look; the pages ask for /board.css.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "board/board.h"
#include "stepward/host.h"
#include "year.h"

#define NOW_S INT64_C(1796048520) /* 2026-11-30 15:22 in Berlin */

static const char *query_days(void *ctx, const char *name)
{
    return strcmp(name, "days") == 0 ? ctx : NULL;
}

static void write_page(const char *folder, const char *name, struct mk *page)
{
    char path[512], *bytes;
    size_t n;
    snprintf(path, sizeof path, "%s/%s.html", folder, name);
    FILE *file = fopen(path, "w");
    if (!file || mk_end(page, &bytes, &n) < 0 || fwrite(bytes, 1, n, file) != n ||
        fclose(file) != 0)
        exit(1);
    free(bytes);
    printf("%s %zu bytes\n", path, n);
}

static void patient_page(struct board_view *view, const char *days, struct mk *page)
{
    char copy[8];
    snprintf(copy, sizeof copy, "%s", days);
    view->query = query_days;
    view->ctx = copy;
    if (board_patient(view, "p017", page) < 0)
        exit(1);
}

static int by_size(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static void time_screen(struct board_view *view, const char *what, int n)
{
    double *ms = calloc((size_t)n, sizeof *ms);
    for (int i = 0; ms && i < n; i++) {
        struct timespec from, to;
        struct mk page = {0};
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
        if (strcmp(what, "day") != 0)
            patient_page(view, what, &page);
        else if (board_day(view, "p017", "2026-11-27", &page) < 0)
            exit(1);
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
        ms[i] = (double)(to.tv_sec - from.tv_sec) * 1e3 +
                (double)(to.tv_nsec - from.tv_nsec) / 1e6;
        mk_fini(&page);
    }
    if (!ms)
        exit(1);
    qsort(ms, (size_t)n, sizeof *ms, by_size);
    printf("%-4s p50 %.1f ms, p99 %.1f ms\n", what, ms[n / 2], ms[n * 99 / 100]);
    free(ms);
}

static int time_screens(struct board_view *view)
{
    time_screen(view, "7", 100);
    time_screen(view, "28", 100);
    time_screen(view, "90", 50);
    time_screen(view, "365", 20);
    time_screen(view, "day", 50);
    return 0;
}

static int write_screens(struct board_view *view, const char *folder)
{
    static const char *const spans[] = {"7", "28", "90", "365"};
    static const char *const days[] = {"2026-11-30", "2026-11-27", "2026-11-21",
                                       "2026-10-25", "2026-07-30"};
    char name[32];
    for (size_t i = 0; i < sizeof spans / sizeof *spans; i++) {
        struct mk page = {0};
        patient_page(view, spans[i], &page);
        snprintf(name, sizeof name, "patient-%s", spans[i]);
        write_page(folder, name, &page);
    }
    for (size_t i = 0; i < sizeof days / sizeof *days; i++) {
        struct mk page = {0};
        if (board_day(view, "p017", days[i], &page) < 0)
            return 1;
        snprintf(name, sizeof name, "day-%s", days[i]);
        write_page(folder, name, &page);
    }
    return 0;
}

int main(int argc, char **argv)
{
    bool is_fill = argc == 4 && strcmp(argv[1], "--fill") == 0;
    char site[] = "main", timezone[] = "Europe/Berlin";
    char path[] = "/tmp/stepward-screen-XXXXXX", file[512], why[SW_WHY_MAX];
    struct sw_config config = {.site = site, .timezone = timezone};
    struct sw_zone zone;
    struct year year = {.zone = &zone, .now_s = NOW_S, .n_days = 365};
    if ((argc != 2 && !is_fill) || (!is_fill && !mkdtemp(path)) ||
        sw_zone_load(&zone, is_fill ? argv[3] : timezone) < 0)
        return 2;
    snprintf(file, sizeof file, "%s/stepward.db", is_fill ? argv[2] : path);
    if (sw_store_open(&year.store, file, SW_STORE_WRITE, why) < 0)
        return 1;
    if (is_fill) {
        year.now_s = time(NULL);
        year.n_days = 28;
    }
    config.plan = sw_plan_default();
    year_fill(&year, "p017", "Ada Example");
    struct board_view view = {.store = year.store,
                              .config = &config,
                              .zone = &zone,
                              .now_s = NOW_S,
                              .user = "anna",
                              .role = BOARD_ADMIN};
    int code = is_fill                          ? 0
               : strcmp(argv[1], "--time") == 0 ? time_screens(&view)
                                                : write_screens(&view, argv[1]);
    sw_store_close(year.store);
    sw_zone_fini(&zone);
    if (is_fill)
        return 0;
    unlink(file);
    rmdir(path);
    return code;
}
