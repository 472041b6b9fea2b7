/* table.c -- a listing, cell by cell, as a table for people, as CSV or as JSON.
 * How texts are made harmless is text.c's business, JSON is wire's. */
#include "cli/table.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "cli/text.h"
#include "cli/typed.h"
#include "records/gateway_state.h"
#include "stepward/wire.h"
#include "util/array.h"
#include "util/line.h"
#include "wire/listing.h"

enum {
    COLUMNS_MAX = 32,
    GAP = 2,               /* spaces between columns */
    NUMBER_TEXT_MAX = 24,  /* a sign and 19 digits */
    SHORT_WIDTH = 24,      /* a name, a time: up to this width... */
    SHORT_ENOUGH = 12,     /* ...this much is readable */
    LONG_ENOUGH = 28,      /* a longer text needs this much */
    WORD_WIDTH_MAX = 40,   /* a longer word is broken: an id has 36 letters */
    LINE_BYTES_MAX = 1024, /* the titles of all columns */
    TERMINAL_WIDTH = 80,   /* of a terminal that does not report it */
    KEEP_MAX = COLUMNS_MAX,
};

#define STALE_SINCE "stale_since"

struct cell {
    enum sw_cell_kind kind;
    enum cli_style style;
    bool is_formula;
    int64_t number;
    size_t text, len; /* where its text begins in `texts` */
    int width;        /* of the text, in columns */
};

struct cli_table {
    struct cli *cli;
    const struct cli_column *columns;
    size_t n_columns;
    size_t n_rows;
    enum cli_style style; /* of the next cell */
    bool failed;          /* out of memory */
    /* CLI_TABLE: of all rows; else of the row so far. */
    struct cell *cells;
    size_t n_cells, cap_cells;
    char *texts; /* of the cells, one after the other, each with a zero at its end */
    size_t n_texts, cap_texts;
    FILE *gathered; /* CLI_CSV, CLI_JSON: what is to be printed, in .bytes */
    char *bytes;
    size_t n_bytes;
};

struct cli_table *cli_table_new(struct cli *cli, const struct cli_column *columns,
                                size_t n)
{
    struct cli_table *table = n <= COLUMNS_MAX ? calloc(1, sizeof *table) : NULL;
    FILE *gathered = table ? open_memstream(&table->bytes, &table->n_bytes) : NULL;
    if (!gathered) {
        free(table);
        cli_fail(cli, "out of memory");
        return NULL;
    }
    table->gathered = gathered;
    table->cli = cli;
    table->columns = columns;
    table->n_columns = n;
    for (size_t i = 0; cli->format == CLI_CSV && i < n; i++)
        fprintf(gathered, "%s%s", columns[i].name, i + 1 < n ? "," : "");
    if (cli->format == CLI_CSV)
        fputs(cli->notes_freshness ? "," STALE_SINCE "\n" : "\n", gathered);
    return table;
}

int cli_table_drop(struct cli_table *table, int code)
{
    if (!table)
        return code;
    free(table->cells);
    free(table->texts);
    fclose(table->gathered);
    free(table->bytes);
    free(table);
    return code;
}

const struct cli *cli_table_cli(const struct cli_table *table)
{
    return table->cli;
}

/* ---- rows for programs ---- */

/* The last field: empty if the row is current. */
static void format_stale_since(const struct cli *cli, char out[static CLI_TIME_LEN + 1])
{
    out[0] = '\0';
    if (cli->stale_since_s == SW_STALE_NEVER)
        strcpy(out, "never");
    else if (cli->stale_since_s != 0)
        cli_time_format(&cli->zone, cli->stale_since_s, out);
}

/* The row is an object with at least one member; the last field goes in at its end. */
void cli_row_json(struct cli_table *table, char *json)
{
    char since[CLI_TIME_LEN + 1];
    if (!table) {
        free(json);
        return;
    }
    json = sw_json_harmless(json);
    table->failed = table->failed || !json;
    fputs(table->n_rows++ ? ",\n" : "[\n", table->gathered);
    format_stale_since(table->cli, since);
    const char *quote = *since ? "\"" : "";
    if (json && table->cli->notes_freshness)
        fprintf(table->gathered, "%.*s,\"" STALE_SINCE "\":%s%s%s}",
                (int)strlen(json) - 1, json, quote, *since ? since : "null", quote);
    else if (json)
        fputs(json, table->gathered);
    free(json);
}

static void end_json_row(struct cli_table *table)
{
    const char *names[COLUMNS_MAX];
    struct sw_cell row[COLUMNS_MAX];
    for (size_t i = 0; i < table->n_columns; i++) {
        const struct cell *cell = &table->cells[i];
        names[i] = table->columns[i].name;
        row[i] = (struct sw_cell){.kind = cell->kind,
                                  .text = table->texts + cell->text,
                                  .len = cell->len,
                                  .number = cell->number};
    }
    cli_row_json(table, sw_encode_row(names, row, table->n_columns));
}

/* A spreadsheet would calculate such a text, or run it: OWASP's "CSV injection". */
static bool is_formula(const char *text, size_t len)
{
    static const char *const signs[] = {"=",  "+",  "-",  "@",  "\t", "\r",
                                        "\n", "＝", "＋", "－", "＠"};
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
        size_t n = strlen(signs[i]);
        if (len >= n && memcmp(text, signs[i], n) == 0)
            return true;
    }
    return false;
}

static void end_csv_row(struct cli_table *table)
{
    FILE *out = table->gathered;
    char since[CLI_TIME_LEN + 1];
    for (size_t i = 0; i < table->n_columns; i++) {
        const char *text = table->texts + table->cells[i].text;
        const char *quote = strpbrk(text, ",\"") ? "\"" : "";
        fprintf(out, "%s%s%s", i > 0 ? "," : "", quote,
                table->cells[i].is_formula ? "'" : "");
        for (; *text; text++) {
            if (*text == '"')
                fputc('"', out);
            fputc(*text, out);
        }
        fputs(quote, out);
    }
    format_stale_since(table->cli, since);
    if (table->cli->notes_freshness)
        fprintf(out, ",%s", since);
    fputc('\n', out);
    table->n_rows++;
}

/* ---- tables ---- */

static const char *const style_codes[] = {
    [CLI_PLAIN] = "",          [CLI_BOLD] = "\033[1m", [CLI_RED] = "\033[1;31m",
    [CLI_YELLOW] = "\033[33m", [CLI_DIM] = "\033[2m",
};

/* The widths of the columns. CLI_WORDS wrap at their blanks, down to a readable width,
 * or to one word a line where it is tight. In other columns only the title wraps. */
struct layout {
    int total; /* the room; 0: as much as needed */
    bool is_shown[COLUMNS_MAX];
    bool is_empty[COLUMNS_MAX]; /* in every row: it is left out */
    int natural[COLUMNS_MAX], least[COLUMNS_MAX], tight[COLUMNS_MAX];
    int widths[COLUMNS_MAX];
};

static int larger(int a, int b)
{
    return a > b ? a : b;
}

static void measure(const struct cli_table *table, struct layout *layout)
{
    const struct cli_column *columns = table->columns;
    memset(layout, 0, sizeof *layout);
    layout->total = table->cli->width;
    for (size_t i = 0; i < table->n_columns; i++) {
        layout->natural[i] = cli_width(columns[i].title);
        layout->least[i] = layout->tight[i] =
            cli_longest_word(columns[i].title, WORD_WIDTH_MAX);
        layout->is_empty[i] = layout->total > 0 && columns[i].keep > 0;
    }
    for (size_t i = 0; i < table->n_cells; i++) {
        const struct cell *cell = &table->cells[i];
        size_t column = i % table->n_columns;
        int tight = cell->width, least = cell->width;
        if (columns[column].type == CLI_WORDS) {
            int enough = cell->width <= SHORT_WIDTH ? SHORT_ENOUGH : LONG_ENOUGH;
            tight = cli_longest_word(table->texts + cell->text, WORD_WIDTH_MAX);
            least = larger(tight, cell->width < enough ? cell->width : enough);
        }
        layout->natural[column] = larger(layout->natural[column], cell->width);
        layout->least[column] = larger(layout->least[column], least);
        layout->tight[column] = larger(layout->tight[column], tight);
        layout->is_empty[column] = layout->is_empty[column] && cell->width == 0;
    }
    for (size_t i = 0; i < table->n_columns; i++)
        layout->is_shown[i] = !layout->is_empty[i];
}

/* Set the widths so that no column is wider than cap, as far as that is possible, and
 * return that of a line. */
static int line_width(const struct cli_table *table, struct layout *layout, int cap)
{
    int width = -GAP;
    for (size_t i = 0; i < table->n_columns; i++) {
        int narrowed = layout->natural[i] < cap ? layout->natural[i] : cap;
        layout->widths[i] = larger(narrowed, layout->least[i]);
        width += layout->is_shown[i] ? layout->widths[i] + GAP : 0;
    }
    return width;
}

static void lay_out(const struct cli_table *table, struct layout *layout)
{
    const struct cli_column *columns = table->columns;
    size_t n = table->n_columns;
    measure(table, layout);
    int width = line_width(table, layout, INT_MAX);
    if (layout->total == 0 || width <= layout->total)
        return;
    for (size_t i = 0; i < n; i++)
        layout->is_shown[i] = columns[i].keep == 0;
    if (line_width(table, layout, 0) > layout->total)
        memcpy(layout->least, layout->tight, sizeof layout->least);
    for (size_t i = 0; i < 2 * n; i++) { /* nothing helps: break words */
        enum cli_column_type next = i < n ? CLI_WORDS : CLI_TEXT;
        if (columns[i % n].type == next && line_width(table, layout, 0) > layout->total)
            layout->least[i % n] = 1;
    }
    /* The columns that matter most come first; behind a wide one for which there is no
     * room, narrower ones may fit. */
    for (int keep = 1; keep <= KEEP_MAX; keep++)
        for (size_t i = 0; i < n; i++)
            if (columns[i].keep == keep && !layout->is_empty[i]) {
                layout->is_shown[i] = true;
                layout->is_shown[i] = line_width(table, layout, 0) <= layout->total;
            }
    for (int cap = layout->total; cap > 0; cap--)
        if (line_width(table, layout, cap) <= layout->total)
            return;
}

/* The part of a cell that is not printed yet. */
struct row_cell {
    const char *text;
    enum cli_style style;
};

/* Print a row in as many lines as its cells need, without blanks at their ends. */
static void print_row(const struct cli_table *table, const struct layout *layout,
                      struct row_cell *row)
{
    FILE *out = table->cli->out;
    bool is_more;
    do {
        int spaces = 0;
        is_more = false;
        for (size_t i = 0; i < table->n_columns; i++) {
            if (!layout->is_shown[i])
                continue;
            int width = 0;
            size_t next = 0, len = 0;
            if (*row[i].text)
                len = cli_line(row[i].text, layout->widths[i], &width, &next);
            bool is_right = table->columns[i].type == CLI_NUMBER;
            bool is_colored = table->cli->color && row[i].style != CLI_PLAIN;
            int pad = layout->widths[i] - width;
            spaces += is_right ? pad : 0;
            if (len > 0) {
                for (; spaces > 0; spaces--)
                    putc(' ', out);
                if (is_colored)
                    fputs(style_codes[row[i].style], out);
                fwrite(row[i].text, 1, len, out);
                if (is_colored)
                    fputs("\033[0m", out);
            }
            spaces += (is_right ? 0 : pad) + GAP;
            row[i].text += next;
            is_more = is_more || *row[i].text;
        }
        fputc('\n', out);
    } while (is_more);
}

/* The column's title, or its name in CSV and JSON where others have the same title. */
static const char *table_name_of(const struct cli_table *table, size_t column)
{
    const struct cli_column *columns = table->columns;
    for (size_t i = 0; i < table->n_columns; i++)
        if (i != column && strcmp(columns[i].title, columns[column].title) == 0)
            return columns[column].name;
    return columns[column].title;
}

static void print_left_out(const struct cli_table *table, const struct layout *layout)
{
    char text[LINE_BYTES_MAX];
    struct sw_line line = sw_line(text, sizeof text);
    for (size_t i = 0; i < table->n_columns; i++)
        if (!layout->is_shown[i] && !layout->is_empty[i])
            sw_line_add(&line, "%s%s",
                        line.n > 0 ? ", " : "left out: ", table_name_of(table, i));
    if (line.n == 0)
        return;
    sw_line_add(&line, " (--wide shows all)");
    cli_print_wrapped(table->cli->out, text, layout->total, 0);
}

static void print_table(const struct cli_table *table)
{
    struct layout layout;
    struct row_cell row[COLUMNS_MAX];
    lay_out(table, &layout);
    for (size_t i = 0; i < table->n_columns; i++)
        row[i] = (struct row_cell){table->columns[i].title, CLI_BOLD};
    print_row(table, &layout, row);
    for (size_t i = 0; i < table->n_cells; i++) {
        const struct cell *cell = &table->cells[i];
        size_t column = i % table->n_columns;
        row[column] = (struct row_cell){table->texts + cell->text, cell->style};
        if (column + 1 == table->n_columns)
            print_row(table, &layout, row);
    }
    print_left_out(table, &layout);
}

/* ---- cells ---- */

static void end_row(struct cli_table *table)
{
    if (table->cli->format == CLI_TABLE) {
        table->n_rows++;
        return;
    }
    if (table->cli->format == CLI_CSV)
        end_csv_row(table);
    else
        end_json_row(table);
    table->n_cells = table->n_texts = 0;
}

static void add_cell(struct cli_table *table, enum sw_cell_kind kind, int64_t number,
                     const char *text, size_t len)
{
    if (!table || table->failed)
        return;
    enum cli_format format = table->cli->format;
    size_t column = table->n_cells % table->n_columns;
    int max_width = format == CLI_TABLE ? table->columns[column].max_width : 0;
    bool fits = max_width == 0 || len <= (size_t)max_width;
    bool is_as_is = format == CLI_JSON || (fits && cli_is_plain(text, len));
    char *shown = is_as_is ? NULL : cli_shown(text, len, max_width);
    struct cell cell = {.kind = kind,
                        .style = table->style,
                        .is_formula = kind == SW_CELL_TEXT && is_formula(text, len),
                        .number = number,
                        .text = table->n_texts,
                        .len = shown ? strlen(shown) : len,
                        .width = shown ? cli_width(shown) : (int)len};
    table->failed =
        (!is_as_is && !shown) ||
        GROW(table->cells, table->n_cells, table->cap_cells) < 0 ||
        RESERVE(table->texts, cell.text + cell.len + 1, table->cap_texts) < 0;
    if (!table->failed) {
        memcpy(table->texts + cell.text, shown ? shown : text, cell.len);
        table->texts[cell.text + cell.len] = '\0';
        table->n_texts += cell.len + 1;
        table->cells[table->n_cells++] = cell;
        table->style = CLI_PLAIN;
        if (column + 1 == table->n_columns)
            end_row(table);
    }
    free(shown);
}

void cli_cell_bytes(struct cli_table *table, const char *bytes, size_t len)
{
    add_cell(table, SW_CELL_TEXT, 0, bytes, len);
}

void cli_cell_text(struct cli_table *table, const char *text)
{
    cli_cell_bytes(table, text, strlen(text));
}

void cli_cell_number(struct cli_table *table, int64_t number)
{
    char text[NUMBER_TEXT_MAX];
    int len = snprintf(text, sizeof text, "%" PRId64, number);
    add_cell(table, SW_CELL_NUMBER, number, text, (size_t)len);
}

void cli_cell_bool(struct cli_table *table, bool yes)
{
    bool for_people = table && table->cli->format == CLI_TABLE;
    const char *text = yes ? "true" : "false";
    if (for_people)
        text = yes ? "yes" : "no";
    add_cell(table, SW_CELL_BOOL, yes, text, strlen(text));
}

void cli_cell_none(struct cli_table *table)
{
    add_cell(table, SW_CELL_NONE, 0, "", 0);
}

void cli_cell_either(struct cli_table *table, const char *people, const char *others)
{
    bool for_people = table && table->cli->format == CLI_TABLE;
    cli_cell_text(table, for_people ? people : others);
}

void cli_cell_time(struct cli_table *table, int64_t at_s)
{
    char text[CLI_TIME_LEN + 1];
    if (!table || at_s == 0) {
        cli_cell_none(table);
        return;
    }
    if (table->cli->format == CLI_TABLE)
        cli_when_format(&table->cli->zone, at_s, table->cli->now_s, text);
    else
        cli_time_format(&table->cli->zone, at_s, text);
    cli_cell_text(table, text);
}

void cli_cell_quoted(struct cli_table *table, const char *text)
{
    if (!table)
        return;
    char *local = sw_local_times(&table->cli->zone, text, table->cli->now_s);
    char *typed = local ? cli_typed(table->cli, local) : NULL;
    table->failed = table->failed || !typed;
    cli_cell_either(table, typed ? typed : "", text);
    free(typed);
    free(local);
}

void cli_cell_style(struct cli_table *table, enum cli_style style)
{
    if (table)
        table->style = style;
}

/* ---- the end ---- */

int cli_table_end(struct cli_table *table, const char *none)
{
    if (!table)
        return CLI_FAILED;
    struct cli *cli = table->cli;
    if (table->failed || fflush(table->gathered) != 0)
        return cli_table_drop(table, cli_fail(cli, "out of memory"));
    bool is_empty = table->n_rows == 0;
    if (table->bytes)
        fwrite(table->bytes, 1, table->n_bytes, cli->out);
    if (cli->format == CLI_JSON) {
        fputs(is_empty ? "[]\n" : "\n]\n", cli->out);
    } else if (cli->format == CLI_TABLE && is_empty) {
        char *typed = cli_typed(cli, none);
        cli_print_wrapped(cli->out, typed ? typed : none, cli->width, 0);
        free(typed);
    } else if (cli->format == CLI_TABLE) {
        print_table(table);
    }
    return cli_table_drop(table, CLI_OK);
}

void cli_heading(struct cli *cli, const char *format, ...)
{
    va_list args;
    char *text = NULL;
    if (cli->format != CLI_TABLE)
        return;
    va_start(args, format);
    int n = vasprintf(&text, format, args);
    va_end(args);
    cli_print_wrapped(cli->out, n < 0 ? "" : text, cli->width, 0);
    if (n >= 0)
        free(text);
}

int cli_terminal_width(bool is_terminal, int reported, const char *columns)
{
    int64_t wanted;
    if (!is_terminal)
        return 0;
    if (columns && sw_number_parse(columns, 1, INT16_MAX, &wanted))
        return (int)wanted;
    return reported > 0 ? reported : TERMINAL_WIDTH;
}

bool cli_wants_color(bool is_terminal, const char *no_color, const char *term)
{
    bool is_refused = no_color && *no_color;
    bool is_dumb = !term || !*term || strcmp(term, "dumb") == 0;
    return is_terminal && !is_refused && !is_dumb;
}
