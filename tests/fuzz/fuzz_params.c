/* fuzz_params.c -- any bytes as a query, a path, a Cookie header and a Host header: what
 * is taken is text, and nothing is read beyond its end. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistr.h>

#include "web/guard.h"
#include "web/params.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_text(const char *text)
{
    assert(!u8_check((const uint8_t *)text, strlen(text)));
    for (; *text; text++)
        assert((unsigned char)*text >= ' ' || strchr("\t\r\n", *text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct web_params params;
    struct web_path path;
    char value[33], name[WEB_HOST_MAX];
    char *text = malloc(size + 1);
    if (!text)
        return 0;
    memcpy(text, data, size);
    text[size] = '\0';
    if (web_params_decode(&params, text, size) == 0) {
        assert(params.n <= WEB_PARAMS_MAX);
        for (size_t i = 0; i < params.n; i++) {
            check_text(params.items[i].name);
            check_text(params.items[i].value);
            assert(web_param(&params, params.items[i].name));
        }
        web_params_fini(&params);
    }
    if (web_path_split(&path, text, size) == 0)
        for (size_t i = 0; i < path.n; i++) {
            check_text(path.segments[i]);
            assert(*path.segments[i] && !strpbrk(path.segments[i], "/\r\n\t"));
        }
    if (web_cookie(text, "stepward", value, sizeof value))
        assert(strlen(value) < sizeof value && strstr(text, value));
    if (web_host_name(text, name)) {
        assert(*name && strlen(name) < sizeof name && !strpbrk(name, " @/\\"));
        web_host_is_ours(name, "pi", "10.0.0.1", "a b");
    }
    free(text);
    return 0;
}
