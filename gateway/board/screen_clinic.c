/* screen_clinic.c */
#include "board/board.h"
#include "chart/words.h"

int board_clinic(const struct board_view *view, struct mk *m)
{
    board_begin(view, m, W_CLINIC, BOARD_CLINIC);
    board_end(view, m);
    return 0;
}
