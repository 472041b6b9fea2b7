/* screen_day.c */
#include "board/board.h"

int board_day(const struct board_view *view, const char *id, const char *day,
              struct mk *m)
{
    struct sw_patient patient;
    struct sw_plan plan;
    int r = board_find_patient(view, id, &patient, &plan);
    if (r < 0)
        return r;
    board_begin(view, m, day, BOARD_NOW);
    board_end(view, m);
    return 0;
}
