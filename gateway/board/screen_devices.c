/* screen_devices.c */
#include "board/board.h"
#include "chart/words.h"

int board_devices(const struct board_view *view, struct mk *m)
{
    board_begin(view, m, W_DEVICES, BOARD_DEVICES);
    board_end(view, m);
    return 0;
}
