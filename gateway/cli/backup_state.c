/* backup_state.c -- what status says of the backups: failed, or old.
 * What is in their folder is backup.c's business. */
#include "cli/backup_state.h"

#include <string.h>

#include "stepward/backup.h"

enum { OLD_S = 48 * 3600 }; /* made every night: one was missed, and the next, too */
#define MAKE_ONE "`sudo -u stepward stepward backup`"

bool cli_backups_are_well(struct cli *cli, char why[static CLI_GATEWAY_WHY_MAX])
{
    struct sw_backups backups;
    char at[SW_INSTANT_LEN + 1];
    int64_t begun_s = 0;
    why[0] = '\0';
    int r = sw_backup_list(cli->config.data_dir, &backups);
    if (r < 0) {
        snprintf(why, CLI_GATEWAY_WHY_MAX,
                 "cannot look at the backups in %s/backup: %s", cli->config.data_dir,
                 strerror(-r));
        return false;
    }
    if (backups.failed_at_s > backups.newest_s) {
        sw_instant_format(backups.failed_at_s, at);
        snprintf(why, CLI_GATEWAY_WHY_MAX,
                 "the backup of %s failed: %s: mend that, then " MAKE_ONE, at,
                 backups.failure);
        return false;
    }
    if (sw_store_online_since(cli->store, &begun_s) < 0 || begun_s == 0)
        return true; /* nothing was ever taken in */
    bool is_young = cli->now_s - begun_s < OLD_S;
    if (is_young || cli->now_s - backups.newest_s < OLD_S)
        return true;
    sw_instant_format(backups.newest_s, at);
    snprintf(
        why, CLI_GATEWAY_WHY_MAX,
        "%s%s: see `systemctl status stepward-backup.timer`, and make one: " MAKE_ONE,
        backups.n > 0 ? "no backup was made for 48 hours, the newest is of "
                      : "there is no backup",
        backups.n > 0 ? at : "");
    return false;
}
