/* plan_fields.c -- the fields of a plan, as options and as columns of a listing.
 * Durations and the window are printed as `patient set` takes them. */
#include "cli/plan_fields.h"

#include <inttypes.h>
#include <string.h>

/* ---- options: --rest-limit 2h ---- */

void cli_plan_option_name(const struct sw_plan_field *field,
                          char out[static CLI_PLAN_NAME_MAX])
{
    size_t i = 0;
    for (; field->key[i] && i + 1 < CLI_PLAN_NAME_MAX; i++)
        out[i] = field->key[i] == '_' ? '-' : field->key[i];
    out[i] = '\0';
}

const char *cli_plan_value_name(const struct sw_plan_field *field)
{
    switch (field->type) {
    case SW_PLAN_ID:
        return "ID";
    case SW_PLAN_WINDOW:
        return "HH:MM-HH:MM";
    case SW_PLAN_DURATION:
        return "DURATION";
    case SW_PLAN_NUMBER:
        break;
    }
    return "N";
}

bool cli_plan_is_given(const struct cli_args *args)
{
    for (size_t i = 0; sw_plan_field(i); i++)
        if (args->plan[i])
            return true;
    return false;
}

int cli_plan_apply(struct cli *cli, const struct cli_args *args, struct sw_plan *plan)
{
    const struct sw_plan_field *field;
    char name[CLI_PLAN_NAME_MAX], why[SW_WHY_MAX];
    bool was_sound = !sw_plan_contradiction(plan, why); /* an old plan may not be */
    for (size_t i = 0; (field = sw_plan_field(i)); i++) {
        if (!args->plan[i] || sw_plan_set(plan, field->key, args->plan[i], why))
            continue;
        cli_plan_option_name(field, name);
        return cli_usage(cli, "--%s %s: %s", name, args->plan[i], why);
    }
    const char *key = sw_plan_contradiction(plan, why);
    if (key && was_sound)
        return cli_usage(cli,
                         "the plan would not fit together: %s %s: change both, or set "
                         "one to 0 for none",
                         key, why);
    return CLI_OK;
}

/* ---- columns ---- */

/* The columns that matter least go first where there is no room: see struct cli_column.
 * The columns before those of a plan have 1, 2 and 20. */
static const struct {
    const char *key;
    int keep;
} keeps[] = {
    {"therapist", 3}, {"rest_limit", 4}, {"goal", 5},         {"wake", 6},
    {"floor", 7},     {"ceiling", 8},    {"silent_after", 9}, {"nudge_after", 10},
};
enum { N_KEEPS = sizeof keeps / sizeof *keeps, KEEP_LEAST = 11 };

static int keep_of(const char *key)
{
    for (size_t i = 0; i < N_KEEPS; i++)
        if (strcmp(keeps[i].key, key) == 0)
            return keeps[i].keep;
    return KEEP_LEAST;
}

/* "rest limit": a title wraps at its blanks. */
static const char *title_of(size_t i, const char *key)
{
    static char titles[CLI_OPTIONS_MAX][CLI_PLAN_NAME_MAX];
    if (i >= CLI_OPTIONS_MAX)
        return key;
    snprintf(titles[i], sizeof titles[i], "%s", key);
    for (char *at = titles[i]; (at = strchr(at, '_'));)
        *at = ' ';
    return titles[i];
}

size_t cli_plan_columns(struct cli_column *columns, size_t n, size_t max)
{
    const struct sw_plan_field *field;
    for (size_t i = 0; n < max && (field = sw_plan_field(i)); i++)
        columns[n++] = (struct cli_column){
            .name = field->key,
            .title = title_of(i, field->key),
            .type = field->type == SW_PLAN_NUMBER ? CLI_NUMBER : CLI_TEXT,
            .keep = keep_of(field->key),
        };
    return n;
}

void cli_plan_cells(struct cli_table *table, const struct sw_plan *plan)
{
    const struct sw_plan_field *field;
    for (size_t i = 0; (field = sw_plan_field(i)); i++) {
        char text[SW_PLAN_TEXT_MAX] = "";
        int64_t number;
        sw_plan_get(plan, field->key, text);
        bool is_number = field->type == SW_PLAN_NUMBER &&
                         sw_number_parse(text, 0, INT32_MAX, &number);
        if (is_number)
            cli_cell_number(table, number);
        else
            cli_cell_text(table, text);
    }
}
