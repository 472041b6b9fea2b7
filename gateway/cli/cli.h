/* cli.h -- what every command of `stepward` shares.
 *
 *     int cmd_alerts(struct cli *cli, int argc, char **argv) // argv[0]: the last word
 *     {                                                      // of the command's name
 *         struct cli_args args;
 *         int code = cli_parse(cli, argc, argv, &args);      // cli->command->options
 *         if (code == CLI_OK)
 *             code = cli_open_store(cli, SW_STORE_READ);
 *         …                                                  // cli->store is open now
 *         return code;                                       // cli_run() releases
 *     }
 *
 * A command is one file, cmd_*.c, with its function and the table of its options, and a
 * row in commands.c; some share a file. Help, the parser and the suggestions walk these
 * tables.
 */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include <stdio.h>

#include "stepward/civil.h"
#include "stepward/config.h"
#include "stepward/store.h"

/* Exit codes of the contract; a command returns one of them. */
enum { CLI_OK = 0, CLI_FAILED = 1, CLI_USAGE = 2 };

enum cli_format {
    CLI_TABLE,
    CLI_CSV,
    CLI_JSON,
    CLI_PROMETHEUS, /* `status` alone, whose option names it */
};

/* An option of a command; a table of them ends with an empty one. */
struct cli_option {
    const char *name;  /* "days", given as --days */
    const char *value; /* "N"; NULL: a flag that takes none */
    const char *help;  /* one line */
};
/* Every listing has these options; cli_parse() sets cli->format and cli->width. */
#define CLI_FORMAT_OPTION                                                              \
    {"format", "table|csv|json", "how to print the listing (default table)"},          \
    {                                                                                  \
        "wide", NULL, "every column of a table, however narrow the terminal"           \
    }

struct cli;
struct cli_command {
    const char *name; /* one word or two: "patient add" */
    /* Of the usage line, after the name: NULL takes none, "ID" exactly one; of "[ID]" and
     * "DEVICE ID" the command itself knows how many. */
    const char *words;
    const char *help; /* one line */
    const struct cli_option *options;
    bool takes_plan;              /* also an option for each field of a plan */
    const char *repeats;          /* the option that may be given again; or NULL */
    bool takes_o;                 /* -o stands for --out */
    bool runs_without_config;     /* cli->config_why says why there is none */
    void (*more_help)(FILE *out); /* printed before the example; NULL: nothing */
    const char *note;             /* lines before the example, too; or NULL */
    const char *example;
    int (*run)(struct cli *cli, int argc, char **argv);
};

enum { CLI_LOOKS_MAX = 8 };
struct cli_try;
struct cli {
    struct sw_config config;
    const char *config_why; /* why there is no configuration; NULL: there is */
    struct sw_zone zone;
    struct sw_store *store; /* NULL until cli_open_store() */
    const struct cli_command *command;
    enum cli_format format;
    bool color;                /* out is a terminal that wants it */
    int width;                 /* of the terminal, in columns; 0: as wide as the text */
    int64_t now_s;             /* read once, by main() */
    const char *broker_folder; /* mosquitto's settings; NULL: /etc/mosquitto */
    const char *actor;         /* the board's user who acts; NULL: see actor.h */
    /* Whether the board's user may act on the patient: 0, -ENOENT, or another negative
     * errno. A command asks where the patients are not its words; NULL: on all. */
    int (*may_act)(const struct cli *cli, const char *patient);
    void *acting;   /* for may_act */
    bool is_barred; /* set by a command that did nothing for that reason */
    /* Patients times days that a listing may cover; 0: any number. */
    int64_t rows_max;
    /* CSV and JSON rows state whether they are current: see gateway_state.h. */
    bool notes_freshness;
    int64_t stale_since_s; /* 0: they are current; or SW_STALE_NEVER */
    /* The patients whom the command showed: see actor.h. */
    struct sw_patient_id looks[CLI_LOOKS_MAX];
    size_t n_looks; /* may be more than there is room for */
    FILE *out, *err;
    char **argv; /* the whole command line */
    /* Set in the program that talks to the broker; NULL: run that program instead. */
    int (*simulate)(struct cli *cli, int argc, char **argv);
    int (*try_reading)(struct cli *cli, const struct cli_try *wishes);
};

/* Find the command, load the configuration, run it; returns an exit code. */
int cli_run(struct cli *cli, int argc, char **argv);
/* Run the command of that name with the configuration, zone and time that cli has
 * already, and its store if that is open: for the board, which answers in this process.
 * argv[0] is the last word of the name. The store that the command leaves open stays in
 * cli->store. Returns an exit code. */
int cli_answer(struct cli *cli, const char *name, int argc, char **argv);
/* The same with this program's streams, terminal and clock: all that main() does. */
int cli_main(struct cli *cli, int argc, char **argv);

enum {
    CLI_OPTIONS_MAX = 32, /* of one command, the fields of a plan included */
    CLI_REPEATED_MAX = 32,
};
/* The parsed command line. */
struct cli_args {
    /* values[i] belongs to options[i]; NULL: not given; "": a flag that was. */
    const char *values[CLI_OPTIONS_MAX];
    /* plan[i] belongs to sw_plan_field(i). */
    const char *plan[CLI_OPTIONS_MAX];
    /* The values of the option that repeats, in order. */
    const char *repeated[CLI_REPEATED_MAX];
    size_t n_repeated;
    char **words; /* the rest, in order; they live in argv */
    size_t n_words;
};
/* Parse by cli->command; CLI_USAGE after printing what is wrong, such as words where the
 * command takes none, or none where it takes one. */
int cli_parse(struct cli *cli, int argc, char **argv, struct cli_args *ret);
/* The value of --name, or NULL if it was not given. */
const char *cli_value(const struct cli *cli, const struct cli_args *args,
                      const char *name);
/* --name as a whole number of [min, max]; *ret is unchanged if it was not given. */
int cli_number(struct cli *cli, const struct cli_args *args, const char *name,
               int64_t min, int64_t max, int64_t *ret);

/* Exactly one word; CLI_USAGE after printing an error. */
int cli_one_word(struct cli *cli, const struct cli_args *args, const char **ret);

enum { CLI_PLAN_NAME_MAX = 32 };
/* The option for a field of a plan: "rest_limit" -> "rest-limit". */
void cli_plan_option_name(const struct sw_plan_field *field,
                          char out[static CLI_PLAN_NAME_MAX]);

/* "-c", "-cFILE", "--config" or "--config=FILE": it belongs to the program, not to a
 * command. cli_config_misplaced() prints where it goes; returns CLI_USAGE. */
bool cli_is_config_option(const char *word);
int cli_config_misplaced(struct cli *cli, const char *command);

/* Print one line to cli->err, "stepward: …": the place and the remedy. They return
 * CLI_FAILED and CLI_USAGE. Control characters in arguments are escaped. */
__attribute__((format(printf, 2, 3))) int cli_fail(struct cli *cli, const char *format,
                                                   ...);
__attribute__((format(printf, 2, 3))) int cli_usage(struct cli *cli, const char *format,
                                                    ...);

/* Print that a file cannot be …, and how to get the rights if those are missing; error
 * is a negative errno. Returns CLI_FAILED. */
int cli_cannot(struct cli *cli, const char *verb, const char *path, int error);
/* The same for a file in DATA_DIR. */
int cli_cannot_data(struct cli *cli, const char *verb, const char *name, int error);

/* Root acts as the owner of DATA_DIR from here on, and mends what is not the owner's. */
int cli_become_owner(struct cli *cli, char why[static SW_WHY_MAX]);
/* Open cli->store once (DATA_DIR/stepward.db): 0, or a negative errno and why not.
 * -ENOENT: there was none yet; -ENODATA: there was one, and its backups wait. */
int cli_reach_store(struct cli *cli, enum sw_store_mode mode,
                    char why[static SW_WHY_MAX]);
/* Print why, and what to do about it; returns CLI_FAILED. */
int cli_out_of_reach(struct cli *cli, int error, const char *why);
/* Open cli->store once (DATA_DIR/stepward.db); CLI_FAILED after printing why not. */
int cli_open_store(struct cli *cli, enum sw_store_mode mode);
/* Open it for writing, but do not create it: for commands that change what is there. */
int cli_open_existing(struct cli *cli);
/* Do the work in one transaction, which is committed only if it returns CLI_OK. */
int cli_at_once(struct cli *cli, int (*work)(struct cli *cli, void *ctx), void *ctx);
void cli_touch_store(const struct cli *cli); /* wakes the gateway to read it */
/* Print that the store failed, in SQLite's words; returns CLI_FAILED. */
int cli_store_failed(struct cli *cli, int error);

/* ---- the commands, and their tables of options ---- */

#define CLI_COMMAND(name)                                                              \
    int cmd_##name(struct cli *cli, int argc, char **argv);                            \
    extern const struct cli_option cmd_##name##_options[]
CLI_COMMAND(today);
CLI_COMMAND(summary);
CLI_COMMAND(minutes);
CLI_COMMAND(report);
CLI_COMMAND(patient_add);
CLI_COMMAND(patient_set);
CLI_COMMAND(patient_show);
CLI_COMMAND(patient_list);
CLI_COMMAND(patient_erase);
CLI_COMMAND(patient_export);
CLI_COMMAND(device_assign);
CLI_COMMAND(device_release);
CLI_COMMAND(device_list);
CLI_COMMAND(device_add);
CLI_COMMAND(device_renew);
CLI_COMMAND(device_lock);
CLI_COMMAND(therapist_add);
CLI_COMMAND(therapist_renew);
CLI_COMMAND(therapist_lock);
CLI_COMMAND(plan_suggest);
CLI_COMMAND(plan_accept);
CLI_COMMAND(alerts);
CLI_COMMAND(digest);
CLI_COMMAND(ack);
CLI_COMMAND(unack);
CLI_COMMAND(shelve);
CLI_COMMAND(unshelve);
CLI_COMMAND(contact);
CLI_COMMAND(rejected);
CLI_COMMAND(status);
CLI_COMMAND(doctor);
CLI_COMMAND(incidents);
CLI_COMMAND(audit);
CLI_COMMAND(user_add);
CLI_COMMAND(user_list);
CLI_COMMAND(user_password);
CLI_COMMAND(user_lock);
CLI_COMMAND(user_unlock);
CLI_COMMAND(user_remove);
CLI_COMMAND(user_token);
CLI_COMMAND(user_tokens);
CLI_COMMAND(explain);
CLI_COMMAND(replay);
CLI_COMMAND(backup);
CLI_COMMAND(restore);
CLI_COMMAND(setup);
CLI_COMMAND(site);
CLI_COMMAND(try);
CLI_COMMAND(source_try);
CLI_COMMAND(simulate);

/* The i-th command; NULL after the last. */
const struct cli_command *cli_command(size_t i);
/* The command of that name: "patient add"; or NULL. */
const struct cli_command *cli_command_named(const char *name);

/* Run the program for the commands that talk to the broker with the same command line,
 * in place of this one. Returns CLI_FAILED after printing why it cannot be run. */
int cli_become_helper(struct cli *cli);

/* ---- help, printed from the tables of commands, plan fields and rules ---- */

void cli_help(FILE *out);
/* Of cli->command; n words follow its name. A plan's values are those of the patient
 * among them, or the defaults of the configuration at path, as far as these can be
 * read. */
void cli_help_command(struct cli *cli, const char *path, int n, char *const *words);
/* All commands that begin with this word: "patient". */
void cli_help_group(const char *word, FILE *out);
/* The kinds of alerts: when each is raised, how urgent it is, and what closes it. */
void cli_help_kinds(FILE *out);

#endif
