/* screen_plan.c */
#include "board/board.h"

int board_plan(const struct board_view *view, const char *id, struct mk *m)
{
    struct sw_patient patient;
    struct sw_plan plan;
    int r = board_find_patient(view, id, &patient, &plan);
    if (r < 0)
        return r;
    board_begin(view, m, id, BOARD_NOW);
    board_end(view, m);
    return 0;
}
