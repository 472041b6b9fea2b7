/* plan_options.c -- an option for each field of a plan: --rest-limit 2h. */
#include "cli/plan_options.h"

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
    bool was_sound = !sw_plan_contradiction(plan, why); /* it may be an old one */
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
