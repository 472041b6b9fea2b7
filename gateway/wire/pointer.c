/* pointer.c -- JSON Pointers into a payload, and to and from its items. What the values
 * mean is translate.c's business. */
#include "wire/pointer.h"

#include <stdbool.h>
#include <string.h>

enum { INDEX_DIGITS_MAX = 6 }; /* a payload has fewer than 65536 bytes, and so items */

struct token {
    const char *str;
    size_t len;
};

/* Step over the character at *at of a token and return it: "~1" is '/', and "~0" is
 * '~'. */
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

static cJSON *find_member(cJSON *array, const struct token *token, int32_t *left)
{
    size_t index = 0;
    /* Digits without a leading zero. "-", the place after the last item, is none. */
    bool is_index = token->len >= 1 && token->len <= INDEX_DIGITS_MAX &&
                    (token->len == 1 || token->str[0] != '0') &&
                    strspn(token->str, "0123456789") >= token->len;
    if (!is_index)
        return NULL;
    for (size_t i = 0; i < token->len; i++)
        index = 10 * index + (size_t)(token->str[i] - '0');
    cJSON *item = array->child;
    while (item && index-- > 0 && --*left > 0)
        item = item->next;
    return *left > 0 ? item : NULL;
}

/* What the token names in the value; NULL if nothing. */
static cJSON *find_child(cJSON *value, const struct token *token, int32_t *left)
{
    if (--*left <= 0)
        return NULL;
    if (cJSON_IsArray(value))
        return find_member(value, token, left);
    cJSON *child = cJSON_IsObject(value) ? value->child : NULL;
    while (child && --*left > 0 && !is_name(token, child->string))
        child = child->next;
    return *left > 0 ? child : NULL;
}

/* The pointer's first token; *pointer becomes the rest. */
static struct token take_token(const char **pointer)
{
    struct token token = {*pointer + 1, strcspn(*pointer + 1, "/")};
    *pointer = token.str + token.len;
    return token;
}

cJSON *sw_pointer_find(cJSON *root, const char *pointer, int32_t *left)
{
    cJSON *value = root;
    while (value && *pointer == '/') {
        struct token token = take_token(&pointer);
        value = find_child(value, &token, left);
    }
    return *pointer == '\0' ? value : NULL;
}

/* ---- items ---- */

struct walk {
    struct sw_item item;
    int32_t *left;
    int (*on_item)(void *ctx, const struct sw_item *item);
    void *ctx;
};

struct sw_item sw_item_of_root(cJSON *root)
{
    return (struct sw_item){.levels = {root}, .n = 1};
}

static int walk_on(struct walk *walk, const char *pointer);

static int walk_into(struct walk *walk, cJSON *child, const char *pointer)
{
    if (!child || --*walk->left <= 0 || walk->item.n == SW_ITEM_LEVELS_MAX)
        return 0;
    walk->item.levels[walk->item.n++] = child;
    int r = pointer ? walk_on(walk, pointer) : walk->on_item(walk->ctx, &walk->item);
    walk->item.n--;
    return r;
}

/* The pointer is NULL where the members are the items. */
static int walk_all(struct walk *walk, cJSON *value, const char *pointer)
{
    int r = 0;
    for (cJSON *child = value->child; r == 0 && child; child = child->next)
        r = walk_into(walk, child, pointer);
    return r;
}

static int walk_on(struct walk *walk, const char *pointer)
{
    cJSON *value = walk->item.levels[walk->item.n - 1];
    if (*pointer == '\0' && cJSON_IsArray(value))
        return walk_all(walk, value, NULL);
    if (*pointer != '/')
        return *pointer == '\0' ? walk->on_item(walk->ctx, &walk->item) : 0;
    struct token token = take_token(&pointer);
    if (token.len == 1 && *token.str == '*')
        return walk_all(walk, value, pointer);
    return walk_into(walk, find_child(value, &token, walk->left), pointer);
}

int sw_each_item(const struct sw_item *item, const char *pointer, int32_t *left,
                 int (*on_item)(void *ctx, const struct sw_item *item), void *ctx)
{
    struct walk walk = {*item, left, on_item, ctx};
    return walk_on(&walk, pointer);
}

cJSON *sw_item_find(const struct sw_item *item, const char *pointer, int32_t *left,
                    cJSON *name)
{
    size_t up = strspn(pointer, "^");
    if (up >= item->n)
        return NULL;
    size_t level = item->n - 1 - up;
    pointer += up;
    if (strcmp(pointer, "#") == 0) {
        *name =
            (cJSON){.type = cJSON_String, .valuestring = item->levels[level]->string};
        return name->valuestring ? name : NULL;
    }
    while (up > 0 && level > 0 && cJSON_IsArray(item->levels[level]))
        level--;
    return sw_pointer_find(item->levels[level], pointer, left);
}
