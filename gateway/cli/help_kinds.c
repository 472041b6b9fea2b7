/* help_kinds.c -- the table of the kinds of alerts, for people at a terminal.
 * The table itself is the core's; README shows it too, and a test compares them. */
#include <string.h>

#include "cli/help.h"
#include "stepward/rule.h"

enum { INDENT = 11, LINE_WIDTH = 80, TEXT_MAX = 400 };

/* Text as a terminal shows it: without the marks of `code`. */
static void put_plain(char out[static TEXT_MAX], const char *text)
{
    size_t n = 0;
    for (; *text && n < TEXT_MAX - 1; text++)
        if (*text != '`')
            out[n++] = *text;
    out[n] = '\0';
}

/* A paragraph under its label. */
static void print_wrapped(const char *label, const char *text, FILE *out)
{
    char plain[TEXT_MAX], *rest = plain;
    put_plain(plain, text);
    size_t column = INDENT + strlen(label);
    fprintf(out, "%*s%s", INDENT, "", label);
    for (char *word; (word = strsep(&rest, " "));) {
        if (column + 1 + strlen(word) > LINE_WIDTH) {
            fprintf(out, "\n%*s", INDENT - 1, "");
            column = INDENT - 1;
        }
        fprintf(out, " %s", word);
        column += 1 + strlen(word);
    }
    fputc('\n', out);
}

void cli_help_kinds(FILE *out)
{
    fputs("\nkinds of alerts:\n", out);
    for (int kind = 0; kind < SW_ALERT_KINDS; kind++) {
        const struct sw_rule *rule = sw_rule((enum sw_alert_kind)kind);
        char level[TEXT_MAX];
        put_plain(level, rule->text->level);
        fprintf(out, "  %-*s%s\n", INDENT - 2, rule->name, level);
        print_wrapped("raised:", rule->text->raised, out);
        print_wrapped("closes:", rule->text->closes, out);
    }
}
