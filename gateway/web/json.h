/* json.h -- texts as JSON, for what the CLI's encoders do not write. */
#ifndef WEB_JSON_H
#define WEB_JSON_H

#include <stdio.h>

/* The text in quotes, on one line. */
void web_json_text(FILE *out, const char *text);
void web_json_bytes(FILE *out, const char *text, size_t n);

#endif
