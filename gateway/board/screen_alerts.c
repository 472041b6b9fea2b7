/* screen_alerts.c */
#include "board/board.h"
#include "chart/words.h"

int board_alerts(const struct board_view *view, struct mk *m)
{
    board_begin(view, m, W_ALERTS, BOARD_ALERTS);
    board_end(view, m);
    return 0;
}
