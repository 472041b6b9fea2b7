/* openapi.h -- the description of the API, made of the table of routes. */
#ifndef WEB_OPENAPI_H
#define WEB_OPENAPI_H

#include <stdio.h>

void web_openapi_write(FILE *out);

#endif
