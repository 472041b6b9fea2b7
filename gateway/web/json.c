/* json.c -- texts as JSON; see json.h. */
#include "web/json.h"

#include <string.h>

void web_json_bytes(FILE *out, const char *text, size_t n)
{
    fputc('"', out);
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c == '"' || c == '\\')
            fputc('\\', out);
        if (c < ' ')
            fprintf(out, "\\u%04x", c);
        else
            fputc(c, out);
    }
    fputc('"', out);
}

void web_json_text(FILE *out, const char *text)
{
    web_json_bytes(out, text, strlen(text));
}
