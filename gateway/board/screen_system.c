/* screen_system.c */
#include "board/board.h"
#include "chart/words.h"

int board_system(const struct board_view *view, struct mk *m)
{
    board_begin(view, m, W_SYSTEM, BOARD_SYSTEM);
    board_end(view, m);
    return 0;
}
