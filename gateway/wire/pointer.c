/* pointer.c -- follow a JSON Pointer, token by token.
 * Whether a pointer is well written was judged where it was configured; one that is not
 * finds nothing. */
#include "wire/pointer.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

enum { INDEX_DIGITS_MAX = 6 }; /* a payload has less than 65536 bytes, so items */

struct token {
    const char *str;
    size_t len;
};

/* The character at *at of a token, with "~1" as '/' and "~0" as '~'; steps over it. */
static char next_char(const struct token *token, size_t *at)
{
    char c = token->str[(*at)++];
    if (c != '~' || *at == token->len)
        return c;
    return token->str[(*at)++] == '1' ? '/' : '~';
}

static bool is_name(const struct token *token, const char *name)
{
    size_t at = 0;
    while (at < token->len)
        if (*name == '\0' || next_char(token, &at) != *name++)
            return false;
    return *name == '\0';
}

static cJSON *find_member(cJSON *object, const struct token *token)
{
    for (cJSON *member = object->child; member; member = member->next)
        if (is_name(token, member->string))
            return member;
    return NULL;
}

/* Digits without a leading zero; "-", the place after the last item, is none. */
static bool is_index(const struct token *token)
{
    bool has_leading_zero = token->len > 1 && token->str[0] == '0';
    return token->len >= 1 && token->len <= INDEX_DIGITS_MAX && !has_leading_zero &&
           strspn(token->str, "0123456789") >= token->len;
}

static cJSON *find_item(cJSON *array, const struct token *token)
{
    size_t index = 0;
    if (!is_index(token))
        return NULL;
    for (size_t i = 0; i < token->len; i++)
        index = 10 * index + (size_t)(token->str[i] - '0');
    cJSON *item = array->child;
    while (item && index-- > 0)
        item = item->next;
    return item;
}

static cJSON *step(cJSON *value, const struct token *token)
{
    if (cJSON_IsObject(value))
        return find_member(value, token);
    return cJSON_IsArray(value) ? find_item(value, token) : NULL;
}

cJSON *sw_pointer_find(cJSON *root, const char *pointer)
{
    cJSON *value = root;
    while (value && *pointer == '/') {
        struct token token = {pointer + 1, strcspn(pointer + 1, "/")};
        value = step(value, &token);
        pointer = token.str + token.len;
    }
    return *pointer == '\0' ? value : NULL;
}
