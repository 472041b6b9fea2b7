/* therapist.c -- the word after --therapist, and whether there is such a therapist. */
#include "cli/therapist.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/text.h"
#include "util/array.h"
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
    const char *word;
    bool is_there;
    char **names;
    size_t n, cap;
};

static int therapist_note(void *ctx, const char *therapist)
{
    struct therapists *all = ctx;
    all->is_there = all->is_there || strcmp(all->word, therapist) == 0;
    int r = GROW(all->names, all->n, all->cap);
    if (r < 0)
        return r;
    all->names[all->n] = strdup(therapist);
    return all->names[all->n++] ? 0 : -ENOMEM;
}

static const char *therapist_name_of(const void *ctx, size_t i)
{
    const struct therapists *all = ctx;
    return i < all->n ? all->names[i] : NULL;
}

static int therapist_report_unknown(struct cli *cli, const struct therapists *all)
{
    const char *near = sw_nearest(all->word, therapist_name_of, all);
    if (near)
        return cli_fail(cli, "no therapist %s: did you mean %s?", all->word, near);
    return cli_fail(cli,
                    "no therapist %s: no patient's plan and no alert names one; see "
                    "`stepward patient list`",
                    all->word);
}

int cli_find_therapist(struct cli *cli, const char *word)
{
    struct sw_therapist_id id;
    struct therapists all = {.word = word};
    int code = cli_therapist_id(cli, word, &id);
    if (code != CLI_OK)
        return code;
    int r = sw_store_each_therapist(cli->store, 0, therapist_note, &all);
    if (r < 0)
        code = cli_store_failed(cli, r);
    else if (!all.is_there)
        code = therapist_report_unknown(cli, &all);
    for (size_t i = 0; i < all.n; i++)
        free(all.names[i]);
    free(all.names);
    return code;
}
