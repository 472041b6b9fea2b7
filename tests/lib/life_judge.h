/* life_judge.h -- the watch kept on a life. Private to life.c. */
#ifndef TEST_LIFE_JUDGE_H
#define TEST_LIFE_JUDGE_H

#include "life.h"

/* Compute today and hold it against the model. */
void life_check_day(struct life *life);
/* That, and judge: nudge and alerts. */
void life_judge(struct life *life);

#endif
