/* screen_now.c */
#include "board/board.h"
#include "chart/words.h"

int board_now(const struct board_view *view, struct mk *m)
{
    board_begin(view, m, W_NOW, BOARD_NOW);
    board_end(view, m);
    return 0;
}
