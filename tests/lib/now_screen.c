/* now_screen.c -- writes a screen of a believable clinic to a file, to be looked at.
 *
 *     now_screen now 12 anna therapist >now.html      # SCREEN PATIENTS USER ROLE [PATIENT]
 *     now_screen bench 1000                           # how long Now takes, first and again
 */
#include <time.h>

#include "board_clinic.h"

static enum board_role role_of(const char *word)
{
    if (strcmp(word, "wall") == 0)
        return BOARD_WALL;
    return strcmp(word, "admin") == 0 ? BOARD_ADMIN : BOARD_THERAPIST;
}

/* Of the processor, so that others who use it do not count. */
static double now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static int bench(struct board_clinic *clinic)
{
    struct sw_glances glances = {.day = NULL};
    struct board_view view = board_clinic_view(clinic, "anna", BOARD_THERAPIST);
    enum { TURNS = 20 };
    double first_ms = 0, best_ms = 1e9, all_ms = 0;
    size_t n = 0;
    view.glances = &glances;
    for (int i = 0; i <= TURNS; i++) {
        struct mk page = {0};
        char *bytes = NULL;
        double begin_ms = now_ms();
        board_clinic_must(board_now(&view, &page), "now");
        board_clinic_must(mk_end(&page, &bytes, &n), "page");
        double took_ms = now_ms() - begin_ms;
        free(bytes);
        if (i == 0)
            first_ms = took_ms;
        else
            all_ms += took_ms;
        if (i > 0 && took_ms < best_ms)
            best_ms = took_ms;
    }
    printf("first %.1f ms, again %.2f ms (best %.2f), %zu bytes\n", first_ms,
           all_ms / TURNS, best_ms, n);
    sw_glances_fini(&glances);
    return 0;
}

static int draw(struct board_view *view, const char *screen, const char *patient,
                struct mk *page)
{
    if (strcmp(screen, "patient") == 0)
        return board_patient(view, patient, page);
    if (strcmp(screen, "alerts") == 0)
        return board_alerts(view, page);
    if (strcmp(screen, "clinic") == 0)
        return board_clinic(view, page);
    return board_now(view, page);
}

int main(int argc, char **argv)
{
    struct board_clinic clinic;
    struct mk page = {0};
    char *bytes = NULL;
    size_t n = 0;
    if (argc < 3)
        return 2;
    board_clinic_open(&clinic, atoi(argv[2]));
    if (strcmp(argv[1], "bench") == 0) {
        bench(&clinic);
        board_clinic_close(&clinic);
        return 0;
    }
    struct board_view view =
        board_clinic_view(&clinic, argc > 3 ? argv[3] : "anna",
                          role_of(argc > 4 ? argv[4] : "therapist"));
    board_clinic_must(draw(&view, argv[1], argc > 5 ? argv[5] : "p003", &page),
                      "screen");
    board_clinic_must(mk_end(&page, &bytes, &n), "page");
    fwrite(bytes, 1, n, stdout);
    free(bytes);
    board_clinic_close(&clinic);
    return 0;
}
