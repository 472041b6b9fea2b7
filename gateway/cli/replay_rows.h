/* replay_rows.h -- what a replay told, as rows of a listing. */
#ifndef CLI_REPLAY_ROWS_H
#define CLI_REPLAY_ROWS_H

#include "cli/comparison.h"
#include "cli/window.h"

/* Each prints a listing and returns an exit code. */
int replay_print_alerts(const struct comparison *comparison,
                        const struct cli_window *window);
int replay_print_events(const struct comparison *comparison,
                        const struct cli_window *window);
int replay_print_patients(const struct comparison *comparison,
                          const struct cli_window *window);
int replay_print_therapists(const struct comparison *comparison,
                            const struct cli_window *window);

#endif
