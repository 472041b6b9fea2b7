/* now_row.h -- a patient's row on the screen of now. Private to that screen. */
#ifndef BOARD_NOW_ROW_H
#define BOARD_NOW_ROW_H

#include "board/board.h"
#include "records/worklist.h"

/* A <li>, keyed; is_mine: no word of whose patient it is. The line has a glance. */
void now_row(const struct board_view *view, struct mk *m,
             const struct sw_worklist_line *line, bool is_mine);

/* Nothing to press: a wall, or a file. */
static inline bool now_is_to_read_only(const struct board_view *view)
{
    return view->role == BOARD_WALL || view->is_file;
}

#endif
