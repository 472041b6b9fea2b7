/* table.h -- a listing, cell by cell, as a table for people, as CSV or as JSON.
 *
 *     static const struct cli_column columns[] = {
 *         {"patient", "patient", CLI_TEXT, 0, 0},
 *         {"steps", "steps", CLI_NUMBER, 0, 0},
 *     };
 *     struct cli_table *table = cli_table_new(cli, columns, 2);
 *     cli_cell_text(table, "p017");   // row by row; the last column ends the row
 *     cli_cell_number(table, 1204);
 *     …
 *     return cli_table_end(table, "no patients"); // prints, frees; an exit code
 *
 * CSV is that of RFC 4180 with lines ending in LF, and with a ' before a text that a
 * spreadsheet would take for a formula; JSON is an array of objects. Nothing is printed
 * before the end: a reader that waits (a pager) would hold back the database's log
 * through the transaction we read in. Texts may contain anything. Lack of memory is
 * reported at the end; NULL for a table is fine.
 *
 * A table for people fits cli->width: texts wrap at blanks, then the columns that
 * matter least are left out, and named in a last line.
 */
#ifndef CLI_TABLE_H
#define CLI_TABLE_H

#include "cli/cli.h"

enum cli_column_type {
    CLI_TEXT,
    CLI_NUMBER, /* aligned right */
    CLI_WORDS, /* a sentence or a name: it wraps at its blanks where there is no room */
};
struct cli_column {
    const char *name;  /* CSV header and JSON key: stable */
    const char *title; /* for people */
    enum cli_column_type type;
    int max_width; /* in a table; 0: as wide as needed */
    /* On a terminal that is too narrow, columns with 0 stay, and of the others the
     * highest go first. They are also left out where they are empty in every row. */
    int keep;
};

struct cli_table;
struct cli_table *cli_table_new(struct cli *cli, const struct cli_column *columns,
                                size_t n);

void cli_cell_text(struct cli_table *table, const char *text);
void cli_cell_bytes(struct cli_table *table, const char *bytes, size_t len);
void cli_cell_number(struct cli_table *table, int64_t number);
void cli_cell_bool(struct cli_table *table, bool yes);
void cli_cell_none(struct cli_table *table);               /* empty, null */
void cli_cell_time(struct cli_table *table, int64_t at_s); /* 0: none */
/* A text that may contain instants and commands: people get local times, and commands
 * as they have to type them. */
void cli_cell_quoted(struct cli_table *table, const char *text);
/* One text for people, another for CSV and JSON. */
void cli_cell_either(struct cli_table *table, const char *people, const char *others);

/* CLI_JSON only: a whole row, encoded by wire. Frees json; NULL: out of memory. */
void cli_row_json(struct cli_table *table, char *json);

enum cli_style { CLI_PLAIN, CLI_BOLD, CLI_RED, CLI_YELLOW, CLI_DIM };
/* How the next cell looks, if there is colour. */
void cli_cell_style(struct cli_table *table, enum cli_style style);

const struct cli *cli_table_cli(const struct cli_table *table); /* not NULL */

/* Print the listing and free it; a table without rows prints `none` instead. */
int cli_table_end(struct cli_table *table, const char *none);
/* Free without printing; returns code. */
int cli_table_drop(struct cli_table *table, int code);

/* Print a line above a table, wrapped; nothing in the other formats. */
__attribute__((format(printf, 2, 3))) void cli_heading(struct cli *cli,
                                                       const char *format, ...);

/* Whether to colour a stream, by the values of NO_COLOR and TERM, or NULL. */
bool cli_wants_color(bool is_terminal, const char *no_color, const char *term);
/* The width of a terminal that reports so many columns (0: none), with the value of
 * COLUMNS or NULL. 0 if it is no terminal: a pipe gets all. */
int cli_terminal_width(bool is_terminal, int reported, const char *columns);

#endif
