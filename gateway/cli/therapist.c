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

/* Find the line that begins so; ret, unless it is NULL, becomes its next word. 1, 0 if
 * there is no such line, or -1 if we may not read the file. */
static int find_line(const char *path, const char *begin, char *ret)
{
    char *line = NULL;
    size_t size = 0, n = strlen(begin);
    bool is_found = false;
    FILE *file = fopen(path, "re");
    if (!file)
        return -1;
    while (!is_found && getline(&line, &size, file) >= 0)
        is_found = strncmp(line, begin, n) == 0 &&
                   (!ret || sscanf(line + n, "%4095s", ret) == 1);
    fclose(file);
    free(line);
    return is_found;
}

void cli_rights_hint(struct cli *cli, const char *therapist)
{
    const char *folder = cli->broker_folder ? cli->broker_folder : "/etc/mosquitto";
    char settings[SW_PATH_BYTES_MAX], list[SW_PATH_BYTES_MAX];
    char wanted[SW_TOPIC_MAX + 16];
    snprintf(settings, sizeof settings, "%s/conf.d/stepward.conf", folder);
    snprintf(wanted, sizeof wanted, "topic write clinic/%s/alerts/%s/",
             cli->config.site, therapist);
    if (strcmp(therapist, "unassigned") == 0 ||
        find_line(settings, "acl_file", list) != 1 ||
        find_line(list, wanted, NULL) != 0)
        return;
    cli_heading(cli,
                "the broker's access list does not name %s yet, who cannot see or "
                "acknowledge alerts by it: `sudo scripts/install`",
                therapist);
}
