/* therapist.c -- the word after --therapist, whether there is such a therapist, and
 * whether the broker's access list that is in force names them.
 * The list's content is cmd_site.c's business, writing it scripts/install's. */
#include "cli/therapist.h"

#include <stdlib.h>
#include <string.h>

#include "cli/table.h"
#include "stepward/wire.h"
#include "util/array.h"
#include "util/file.h"
#include "util/nearest.h"

int cli_therapist_id(struct cli *cli, const char *word, struct sw_therapist_id *ret)
{
    if (!sw_id_is_valid(word, strlen(word)))
        return cli_usage(cli,
                         "--therapist %s: that is no id: 1 to %d of A-Z a-z 0-9 _ . -",
                         word, SW_ID_MAX);
    strcpy(ret->str, word);
    return CLI_OK;
}

struct therapists {
    struct sw_therapist_id *ids;
    size_t n, cap;
};

static int therapist_note(void *ctx, const char *therapist)
{
    struct therapists *all = ctx;
    int r = GROW(all->ids, all->n, all->cap);
    if (r == 0)
        snprintf(all->ids[all->n++].str, sizeof all->ids->str, "%s", therapist);
    return r;
}

static const char *therapist_name_of(const void *ctx, size_t i)
{
    const struct therapists *all = ctx;
    return i < all->n ? all->ids[i].str : NULL;
}

int cli_find_therapist(struct cli *cli, const char *word)
{
    struct sw_therapist_id id;
    struct therapists all = {.n = 0};
    int code = cli_therapist_id(cli, word, &id);
    if (code != CLI_OK)
        return code;
    int r = sw_store_find_therapist(cli->store, word);
    if (r == 0)
        return CLI_OK;
    if (r == SW_STORE_NONE)
        r = sw_store_each_therapist(cli->store, 0, therapist_note, &all);
    const char *near = sw_nearest(word, therapist_name_of, &all);
    if (r < 0)
        code = cli_store_failed(cli, r);
    else if (near)
        code = cli_fail(cli, "no therapist %s: did you mean %s?", word, near);
    else
        code = cli_fail(cli,
                        "no therapist %s: no patient's plan and no alert names one; "
                        "see `stepward patient list`",
                        word);
    free(all.ids);
    return code;
}

/* ---- the broker's access list ---- */

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
