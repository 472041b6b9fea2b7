/* rights_hint.c -- whether the broker's access list that is in force names a therapist.
 * The list's content is cmd_site.c's business, writing it scripts/install's. */
#include "cli/rights_hint.h"

#include <stdlib.h>
#include <string.h>

#include "cli/table.h"
#include "stepward/wire.h"
#include "util/file.h"

/* The file that the broker's settings name as their list; false: there is none, or we
 * may not read the settings. */
static bool find_list(const struct cli *cli, char ret[static SW_PATH_BYTES_MAX])
{
    const char *folder = cli->broker_folder ? cli->broker_folder : "/etc/mosquitto";
    char *line = NULL;
    size_t size = 0;
    bool has_found = false;
    snprintf(ret, SW_PATH_BYTES_MAX, "%s/conf.d/stepward.conf", folder);
    FILE *file = fopen(ret, "re");
    while (file && !has_found && getline(&line, &size, file) >= 0)
        has_found = sscanf(line, "acl_file %4095s", ret) == 1;
    if (file)
        fclose(file);
    free(line);
    return has_found;
}

void cli_rights_hint(struct cli *cli, const char *therapist)
{
    char path[SW_PATH_BYTES_MAX], wanted[SW_TOPIC_MAX + 16];
    char *line = NULL;
    size_t size = 0;
    bool has_found = strcmp(therapist, "unassigned") == 0;
    if (has_found || !find_list(cli, path))
        return;
    FILE *file = fopen(path, "re");
    if (!file)
        return;
    snprintf(wanted, sizeof wanted, "topic write clinic/%s/alerts/%s/",
             cli->config.site, therapist);
    while (!has_found && getline(&line, &size, file) >= 0)
        has_found = strncmp(line, wanted, strlen(wanted)) == 0;
    fclose(file);
    free(line);
    if (!has_found)
        cli_heading(cli,
                    "the broker's access list does not name %s yet, who cannot see or "
                    "acknowledge alerts by it: `sudo scripts/install`",
                    therapist);
}
