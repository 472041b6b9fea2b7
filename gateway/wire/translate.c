/* translate.c -- another device's payload, made into native ones by its section.
 *
 * A section says which items a payload has, and where each says its value, its time and
 * the rest. What is found is put under the native names, which are also the section's
 * keys; then decode_patient.c judges it by the rules for everyone. What is wrong is
 * refused by itself, as there. A value of a wrong
 * type is passed on as it is, to be refused there by name. payload.c reads the bytes,
 * and pointer.c finds the values. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "stepward/wire.h"
#include "util/array.h"
#include "wire/decode_patient.h"
#include "wire/fields.h"
#include "wire/payload.h"
#include "wire/pointer.h"

enum {
    DAY_S = 86400,
    TIME_TEXT_MAX = 64, /* "2026-03-29", a time of day, and an offset */
};

/* A message on its way through its section. */
struct translation {
    const struct sw_source *source;
    const struct sw_receipt *receipt;
    const char *device; /* as the topic names it; "" if it does not */
    struct sw_samples *out;
    int32_t left; /* see pointer.h */
    bool is_away; /* a value was a word such as "unavailable" */
    /* The time of the item before: the passes of an hour that comes twice follow it. */
    struct {
        struct sw_device_id device;
        int64_t at_s; /* 0: there is none */
        bool is_falling;
    } before;
};

/* An item on its way. */
struct step {
    struct translation *t;
    const struct sw_item *item;
    int32_t index; /* in the payload; -1: the payload is the item */
    cJSON *native;
    struct sw_device_id device;
    cJSON name; /* room for a value that is a name in the payload */
};

/* ---- what the section's pointers find ---- */

static bool is_set(const char *text)
{
    return text && *text;
}

/* Whether the payload has items, however many; else it is one. */
static bool is_of_many(const struct sw_source *source)
{
    return source->has_each || is_set(source->columns);
}

static cJSON *translate_find(struct step *s, const char *pointer)
{
    return is_set(pointer) ? sw_item_find(s->item, pointer, &s->t->left, &s->name)
                           : NULL;
}

/* Whether a value says this text: a number or a truth is compared as such. */
static bool is_text(const cJSON *value, const char *text)
{
    char *end;
    if (cJSON_IsString(value))
        return strcmp(value->valuestring, text) == 0;
    if (cJSON_IsBool(value))
        return strcmp(cJSON_IsTrue(value) ? "true" : "false", text) == 0;
    double number = strtod(text, &end);
    return cJSON_IsNumber(value) && end != text && *end == '\0' &&
           value->valuedouble == number;
}

/* when = "POINTER=VALUE" */
static bool is_wanted(struct step *s)
{
    const char *when = s->t->source->when;
    const char *equals = is_set(when) ? strchr(when, '=') : NULL;
    if (!equals)
        return true;
    char pointer[SW_WHY_MAX];
    snprintf(pointer, sizeof(pointer), "%.*s", (int)(equals - when), when);
    cJSON *value = sw_item_find(s->item, pointer, &s->t->left, &s->name);
    return value && is_text(value, equals + 1);
}

/* What the map makes of a value; NULL: it does not name it, so it means nothing here. */
static cJSON *look_up(struct step *s, cJSON *value)
{
    const struct sw_source *source = s->t->source;
    if (source->n_map == 0)
        return value;
    for (size_t i = 0; i < source->n_map; i++)
        if (is_text(value, source->map[i].from)) {
            s->name = (cJSON){.type = cJSON_String, .valuestring = source->map[i].to};
            return &s->name;
        }
    return NULL;
}

/* A sender that leaves zeros out says zero if the object is there without the value. */
static cJSON *find_zero(struct step *s, const char *pointer)
{
    const char *slash = strrchr(pointer, '/');
    char parent[SW_WHY_MAX];
    if (!s->t->source->absent_zero || !slash)
        return NULL;
    snprintf(parent, sizeof(parent), "%.*s", (int)(slash - pointer), pointer);
    cJSON ignored;
    cJSON *object = sw_item_find(s->item, parent, &s->t->left, &ignored);
    s->name = (cJSON){.type = cJSON_Number};
    return cJSON_IsObject(object) ? &s->name : NULL;
}

/* ---- what is refused of an item ---- */

static enum sw_refusal refuse_item(struct step *s, enum sw_refusal refusal,
                                   const char *why)
{
    struct sw_samples *out = s->t->out;
    sw_samples_refuse(out, (struct sw_place){s->index, -1, out->n_items++}, refusal,
                      why);
    return refusal;
}

static enum sw_refusal refuse_value(struct step *s, const char *name,
                                    const cJSON *value, const char *expected)
{
    char why[SW_WHY_MAX];
    struct sw_fields fields = {.index = s->index, .why = why};
    sw_field_wrong(&fields, name, -1, value, expected);
    return refuse_item(s, SW_REFUSED_SHAPE, why);
}

static enum sw_refusal refuse_text(struct step *s, enum sw_refusal refusal,
                                   const char *text)
{
    char why[SW_WHY_MAX], place[SW_PLACE_MAX];
    struct sw_fields fields = {.index = s->index};
    sw_field_place(&fields, "", -1, place);
    snprintf(why, sizeof(why), "%s%s", place, text);
    return refuse_item(s, refusal, why);
}

/* ---- putting values under native names ---- */

static enum sw_refusal kept(bool is_put)
{
    return is_put ? SW_ACCEPTED : SW_OUT_OF_MEMORY;
}

static enum sw_refusal translate_put_number(struct step *s, const char *name,
                                            int64_t number)
{
    return kept(cJSON_AddNumberToObject(s->native, name, (double)number));
}

/* A copy: the value may be a word of the section's. */
static enum sw_refusal put_value(cJSON *native, const char *name, const cJSON *value)
{
    double number;
    if (!sw_number_of(value, &number))
        return kept(cJSON_AddNumberToObject(native, name, number));
    cJSON *copy = cJSON_Duplicate(value, false);
    bool is_put = copy && cJSON_AddItemToObject(native, name, copy);
    if (!is_put)
        cJSON_Delete(copy);
    return kept(is_put);
}

/* Put the items of a batch one by one; an item without data becomes null. */
static enum sw_refusal put_batch(struct step *s, const cJSON *values)
{
    int n = cJSON_GetArraySize(values);
    s->t->left -= n;
    if (n > SW_BATCH_ITEMS_MAX)
        return refuse_value(s, "steps", values, "one of at most 1440");
    cJSON *batch = cJSON_AddArrayToObject(s->native, "steps");
    for (cJSON *value = values->child; batch && value; value = value->next) {
        double number;
        cJSON *item = sw_is_no_data(value)            ? cJSON_CreateNull()
                      : !sw_number_of(value, &number) ? cJSON_CreateNumber(number)
                                                      : cJSON_Duplicate(value, false);
        if (!item || !cJSON_AddItemToArray(batch, item)) {
            cJSON_Delete(item);
            return SW_OUT_OF_MEMORY;
        }
    }
    return kept(batch);
}

static enum sw_refusal put_device(struct step *s)
{
    const char *pointer = s->t->source->device;
    s->t->out->device = (struct sw_device_id){""};
    if (is_set(pointer)) {
        const cJSON *value = translate_find(s, pointer);
        const char *expected = sw_id_of(value, s->device.str);
        if (expected)
            return refuse_value(s, "device", value, expected);
        s->t->out->device = s->device;
    }
    const char *device = is_set(pointer) ? s->device.str : s->t->device;
    return *device ? kept(cJSON_AddStringToObject(s->native, "device", device))
                   : SW_ACCEPTED;
}

/* What a wrong one would cost is the steps it came with: so it is left out. */
static enum sw_refusal put_worn(struct step *s)
{
    bool worn;
    const cJSON *value = translate_find(s, s->t->source->worn);
    if (sw_is_absent(value))
        return SW_ACCEPTED;
    return sw_truth_of(value, &worn)
               ? put_value(s->native, "worn", value)
               : kept(cJSON_AddBoolToObject(s->native, "worn", worn));
}

static enum sw_refusal put_battery(struct step *s)
{
    const cJSON *value = translate_find(s, s->t->source->battery);
    return sw_is_no_data(value) ? SW_ACCEPTED : put_value(s->native, "battery", value);
}

/* ---- times ---- */

/* A day, and a time of day that stands elsewhere: "2026-03-29" and "00:01" or nothing. */
static bool join_time(const cJSON *date, const cJSON *time,
                      char out[static TIME_TEXT_MAX])
{
    const char *text = cJSON_IsString(time) ? time->valuestring : time ? NULL : "00:00";
    if (!cJSON_IsString(date) || !text)
        return false;
    bool has_seconds = strlen(text) != strlen("00:00");
    int n = snprintf(out, TIME_TEXT_MAX, "%.10sT%s%s", date->valuestring, text,
                     has_seconds ? "" : ":00");
    return n < TIME_TEXT_MAX;
}

/* Whether it is a time of the zone's clocks, and not an instant. */
static bool is_local(const cJSON *value, const struct sw_zone *zone)
{
    int64_t ignored_s;
    if (!zone || !cJSON_IsString(value))
        return false;
    size_t len = strlen(value->valuestring);
    return sw_instant_parse(value->valuestring, len, zone, &ignored_s) &&
           !sw_instant_parse(value->valuestring, len, NULL, &ignored_s);
}

/* Clocks that are set back show an hour twice. An item follows the one before it, up or
 * down, and the end of a span its begin. Without one of that device the pass that is
 * nearer to the time of receipt counts. None is later than it by more than max_future. */
static int64_t choose_pass(const struct step *s, int64_t first_s, int64_t from_s)
{
    const struct translation *t = s->t;
    const struct sw_receipt *receipt = t->receipt;
    int64_t second_s = sw_shown_again(t->source->zone, first_s);
    int64_t latest_s = receipt->cut_s != 0 ? receipt->cut_s : receipt->at_s;
    bool follows =
        t->before.at_s != 0 && strcmp(t->before.device.str, s->device.str) == 0;
    if (from_s != 0)
        return first_s > from_s ? first_s : second_s;
    if (second_s > latest_s)
        return first_s;
    if (!follows) /* and both are in the past, or nearly */
        return llabs(receipt->at_s - second_s) < llabs(receipt->at_s - first_s)
                   ? second_s
                   : first_s;
    bool is_falling = t->before.is_falling || t->before.at_s > second_s;
    if (is_falling)
        return second_s < t->before.at_s ? second_s : first_s;
    return first_s > t->before.at_s ? first_s : second_s;
}

static void note_time(struct step *s, int64_t at_s)
{
    bool is_theirs = strcmp(s->t->before.device.str, s->device.str) == 0;
    s->t->before.is_falling =
        is_theirs && s->t->before.at_s != 0 && at_s < s->t->before.at_s;
    s->t->before.at_s = at_s;
    s->t->before.device = s->device;
}

/* An absent time is fine, and leaves *ret_is_there false. from_s: the time that it ends
 * a span of; 0: it ends none. */
static enum sw_refusal read_time(struct step *s, const char *name, const char *pointer,
                                 int64_t from_s, bool *ret_is_there, int64_t *ret_s)
{
    static const int64_t units_per_s[SW_UNITS] = {0, 1000, 1000000, 1000000000};
    const struct sw_source *source = s->t->source;
    struct sw_time_form form = {.zone = source->zone,
                                .units_per_s = units_per_s[source->unit],
                                .numbers_as_texts = true};
    const cJSON *value = translate_find(s, pointer);
    cJSON joined = {.type = cJSON_String};
    char text[TIME_TEXT_MAX];
    if (is_set(source->date)) {
        const cJSON *date = translate_find(s, source->date);
        bool is_joined = !sw_is_absent(date) && join_time(date, value, text);
        if (!is_joined && !sw_is_absent(date) && !sw_is_absent(value))
            return refuse_value(s, "date", date, "a day beside a time of day");
        joined.valuestring = text;
        value = is_joined ? &joined : date;
    }
    *ret_is_there = !sw_is_absent(value);
    if (!*ret_is_there)
        return SW_ACCEPTED;
    const char *expected = sw_time_of(value, &form, ret_s);
    if (expected)
        return refuse_value(s, name, value, expected);
    if (is_local(value, source->zone))
        *ret_s = choose_pass(s, *ret_s, from_s);
    if (from_s == 0)
        note_time(s, *ret_s);
    return SW_ACCEPTED;
}

/* A length as it is written: seconds, or {"value": 1, "unit": "min"} as Open mHealth
 * has it. */
static bool length_of(cJSON *value, double *ret_s)
{
    static const struct {
        const char *unit;
        int32_t seconds;
    } units[] = {{"s", 1}, {"sec", 1}, {"min", 60}, {"h", 3600}, {"d", 86400}};
    if (!cJSON_IsObject(value))
        return !sw_number_of(value, ret_s);
    const cJSON *unit = cJSON_GetObjectItemCaseSensitive(value, "unit");
    const cJSON *number = cJSON_GetObjectItemCaseSensitive(value, "value");
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
        if (cJSON_IsString(unit) && strcmp(unit->valuestring, units[i].unit) == 0 &&
            !sw_number_of(number, ret_s)) {
            *ret_s *= units[i].seconds;
            return true;
        }
    return false;
}

static enum sw_refusal read_seconds(struct step *s, int64_t *ret)
{
    const char *seconds = s->t->source->seconds;
    double length_s = SW_DEFAULT_SECONDS;
    bool is_pointer = is_set(seconds) && strchr("/^", *seconds);
    if (is_set(seconds) && !is_pointer)
        length_s = strtod(seconds, NULL);
    if (is_pointer) {
        cJSON *value = translate_find(s, seconds);
        bool is_length = length_of(value, &length_s) && length_s >= 0.5 &&
                         length_s < SW_READING_SECONDS_MAX + 0.5;
        if (!is_length)
            return refuse_value(s, "seconds", value, "a length of 1 to 90000 s");
    }
    *ret = length_s > 0 ? llround(length_s) : SW_DEFAULT_SECONDS;
    return SW_ACCEPTED;
}

/* Put `from` and `to`: a native reading says how long it is. */
static enum sw_refusal put_span(struct step *s)
{
    int64_t from_s = 0, to_s = 0;
    bool has_from, has_to;
    enum sw_refusal r = read_time(s, "from", s->t->source->from, 0, &has_from, &from_s);
    if (r == SW_ACCEPTED)
        r = read_time(s, "to", s->t->source->to, from_s, &has_to, &to_s);
    if (r != SW_ACCEPTED)
        return r;
    if (!has_from || !has_to)
        return refuse_text(s, SW_REFUSED_NO_TIME, "steps without from and to");
    if (is_set(s->t->source->date) && to_s <= from_s)
        to_s += DAY_S; /* the day's last ends at 00:00 */
    if (to_s <= from_s || to_s - from_s > SW_READING_SECONDS_MAX)
        return refuse_text(s, SW_REFUSED_SHAPE,
                           "from and to are not 1 to 90000 s apart");
    r = translate_put_number(s, "start", from_s);
    return r == SW_ACCEPTED ? translate_put_number(s, "seconds", to_s - from_s) : r;
}

/* Put `start` or `at`, when n_periods periods begin or end. */
static enum sw_refusal put_start(struct step *s, int32_t n_periods)
{
    const struct sw_source *source = s->t->source;
    bool has_at = is_set(source->at), is_there;
    int64_t at_s = 0, seconds = 0;
    enum sw_refusal r =
        read_time(s, has_at ? "at" : "start", has_at ? source->at : source->start, 0,
                  &is_there, &at_s);
    if (r == SW_ACCEPTED && is_there)
        r = read_seconds(s, &seconds);
    if (r != SW_ACCEPTED || !is_there)
        return r; /* the native rules have a word for steps without a time */
    if (source->stamp_end)
        at_s -= seconds * n_periods;
    r = translate_put_number(s, "start", at_s);
    return r == SW_ACCEPTED ? translate_put_number(s, "seconds", seconds) : r;
}

static enum sw_refusal put_at(struct step *s)
{
    const struct sw_source *source = s->t->source;
    bool is_there = false;
    int64_t at_s = 0;
    if (!is_set(source->at) && !is_set(source->date))
        return SW_ACCEPTED;
    enum sw_refusal r = read_time(s, "at", source->at, 0, &is_there, &at_s);
    return r == SW_ACCEPTED && is_there ? translate_put_number(s, "at", at_s) : r;
}

/* ---- an item ---- */

static enum sw_refusal translate_put_steps(struct step *s, const cJSON *value)
{
    bool has_span = is_set(s->t->source->from), is_array = cJSON_IsArray(value);
    if (has_span && is_array)
        return refuse_value(s, "steps", value, "a whole number");
    enum sw_refusal r =
        is_array ? put_batch(s, value) : put_value(s->native, "steps", value);
    if (r != SW_ACCEPTED)
        return r;
    return has_span ? put_span(s)
                    : put_start(s, is_array ? cJSON_GetArraySize(value) : 1);
}

static enum sw_refusal put_reading(struct step *s, const cJSON *value)
{
    enum sw_refusal r = s->t->source->has_steps ? translate_put_steps(s, value)
                                                : put_value(s->native, "total", value);
    if (r == SW_ACCEPTED && !s->t->source->has_steps)
        r = put_at(s);
    if (r == SW_ACCEPTED)
        r = put_worn(s);
    return r == SW_ACCEPTED ? put_battery(s) : r;
}

static enum sw_refusal put_score(struct step *s, const cJSON *value)
{
    enum sw_refusal r = put_value(s->native, "score", value);
    return r == SW_ACCEPTED ? put_at(s) : r;
}

static const char *value_pointer(const struct sw_source *source)
{
    return source->has_score   ? source->score
           : source->has_total ? source->total
                               : source->steps;
}

/* Of the first that is missed: what its section looks for. A word that may be a person's
 * own is not repeated. */
static void note_missed(struct step *s, const cJSON *unmapped)
{
    struct sw_samples *out = s->t->out;
    char place[SW_PLACE_MAX];
    struct sw_fields fields = {.index = s->index};
    if (out->n_missed++ > 0)
        return;
    sw_field_place(&fields, "", -1, place);
    const char *word = cJSON_IsString(unmapped) ? unmapped->valuestring : "";
    if (!unmapped)
        snprintf(out->missed, SW_WHY_MAX, "%snothing at \"%.100s\"", place,
                 value_pointer(s->t->source));
    else if (cJSON_IsNumber(unmapped))
        snprintf(out->missed, SW_WHY_MAX, "%sthe map lacks %.15g", place,
                 unmapped->valuedouble);
    else if (sw_id_is_valid(word, strlen(word)))
        snprintf(out->missed, SW_WHY_MAX, "%sthe map lacks \"%s\"", place, word);
    else
        snprintf(out->missed, SW_WHY_MAX, "%sthe map lacks what \"%.100s\" says", place,
                 value_pointer(s->t->source));
}

/* The item's value, mapped; NULL: the pointers find nothing that means something. */
static cJSON *find_value(struct step *s)
{
    const char *pointer = value_pointer(s->t->source);
    cJSON *found = sw_item_find(s->item, pointer, &s->t->left, &s->name);
    cJSON said = found ? *found : (cJSON){0}; /* the room for a name is needed again */
    cJSON *value = found ? look_up(s, found) : find_zero(s, pointer);
    bool needs_no_word = found && sw_is_absent(&said); /* a button that was let go */
    if (!value && !needs_no_word)
        note_missed(s, found ? &said : NULL);
    return value;
}

/* Translated, it says what a native object would. What is wrong in it is refused by
 * itself; SW_ACCEPTED or SW_OUT_OF_MEMORY. */
static enum sw_refusal take_item(struct step *s)
{
    struct translation *t = s->t;
    bool is_score = t->source->has_score;
    const cJSON *value = find_value(s);
    t->out->n_seen++;
    if (sw_is_no_data(value)) {
        t->is_away = t->is_away || (cJSON_IsString(value) && sw_is_absent(value));
        return SW_ACCEPTED;
    }
    /* The room for a name is needed again. */
    cJSON said = *value, *native = s->native = cJSON_CreateObject();
    if (!native)
        return SW_OUT_OF_MEMORY;
    enum sw_refusal r = put_device(s);
    if (r == SW_ACCEPTED)
        r = is_score ? put_score(s, &said) : put_reading(s, &said);
    if (r == SW_ACCEPTED)
        r = (is_score ? sw_take_score : sw_take_steps)(native, s->index, t->receipt,
                                                       t->out);
    cJSON_Delete(native);
    return r < 0 ? r : SW_ACCEPTED;
}

/* Which of the payload's items comes next. */
static int32_t index_of_next(const struct sw_samples *out)
{
    return (int32_t)(out->n_seen + out->n_others);
}

/* Also returns SW_REFUSED_SIZE. */
static int translate_on_item(void *ctx, const struct sw_item *item)
{
    struct translation *t = ctx;
    struct sw_samples *out = t->out;
    struct step step = {
        .t = t, .item = item, .index = is_of_many(t->source) ? index_of_next(out) : -1};
    /* A payload has fewer numbers than bytes, unless pointers find one again and again. */
    if (out->n_seen >= SW_ITEMS_MAX || out->n_items >= SW_PAYLOAD_MAX)
        return SW_REFUSED_SIZE;
    if (is_wanted(&step))
        return (int)take_item(&step);
    out->n_others++;
    return SW_ACCEPTED;
}

/* ---- the whole ---- */

static int each_item(const struct sw_source *source, cJSON *root, int32_t *left,
                     int (*on_item)(void *ctx, const struct sw_item *item), void *ctx)
{
    struct sw_item item = sw_item_of_root(root);
    const char *each = source->has_each ? source->each : "";
    return is_of_many(source) ? sw_each_item(&item, each, left, on_item, ctx)
                              : on_item(ctx, &item);
}

static enum sw_refusal translate(struct translation *t, cJSON *root,
                                 enum sw_value_state *ret_said)
{
    struct sw_samples *out = t->out;
    char why[SW_WHY_MAX] = "too much to look through";
    int r = each_item(t->source, root, &t->left, translate_on_item, t);
    if (r == SW_REFUSED_SIZE)
        snprintf(why, sizeof(why), "over %d items", SW_ITEMS_MAX);
    if (r == SW_ACCEPTED && t->left <= 0)
        r = SW_REFUSED_SIZE;
    if (r != SW_ACCEPTED)
        return sw_refuse_message(out, (enum sw_refusal)r, why);
    *ret_said = out->n_items > 0 ? SW_VALUE_GIVEN
                : t->is_away     ? SW_VALUE_AWAY
                                 : SW_VALUE_NONE;
    return SW_ACCEPTED;
}

enum sw_refusal sw_decode_source(const struct sw_origin *origin, const char *payload,
                                 size_t len, const struct sw_receipt *receipt,
                                 struct sw_samples *out, enum sw_value_state *ret_said,
                                 char why[static SW_WHY_MAX])
{
    struct translation t = {.source = origin->source,
                            .receipt = receipt,
                            .device = origin->device.str,
                            .out = out,
                            .left = SW_LOOKS_MAX};
    cJSON *root;
    sw_samples_begin(out);
    *ret_said = SW_VALUE_GIVEN;
    enum sw_refusal r =
        sw_payload_parse(payload, len, origin->source->columns, &root, why);
    if (r != SW_ACCEPTED)
        return sw_refuse_message(out, r, why);
    if (root)
        r = translate(&t, root, ret_said);
    else
        *ret_said = SW_VALUE_AWAY;
    cJSON_Delete(root);
    return r < 0 ? sw_refuse_message(out, r, "") : sw_samples_end(out, why);
}

/* ---- a part of a message ---- */

/* Whether items are where an index says, so that they must not move up. */
static bool is_by_index(const char *each)
{
    const char *slash = strrchr(each, '/');
    return slash && strspn(slash + 1, "0123456789") == strlen(slash + 1);
}

struct cutting {
    const struct sw_source *source;
    const struct sw_refused_items *refused;
    int32_t index, left;
    struct cut_item {
        cJSON *parent, *item;
    } * others; /* to be cut out */
    size_t n, cap;
};

static void cut_out(const struct cut_item *cut, bool by_index)
{
    if (by_index)
        cJSON_ReplaceItemViaPointer(cut->parent, cut->item, cJSON_CreateNull());
    else
        cJSON_Delete(cJSON_DetachItemViaPointer(cut->parent, cut->item));
}

static int cut_on_item(void *ctx, const struct sw_item *item)
{
    struct cutting *cutting = ctx;
    const struct sw_refused_items *refused = cutting->refused;
    int32_t index = is_of_many(cutting->source) ? cutting->index++ : -1;
    cJSON name;
    if (index >= refused->from.object && index <= refused->to.object) {
        sw_batch_part(
            sw_item_find(item, value_pointer(cutting->source), &cutting->left, &name),
            index, refused);
        return 0;
    }
    if (GROW(cutting->others, cutting->n, cutting->cap) < 0)
        return -ENOMEM;
    cutting->others[cutting->n++] =
        (struct cut_item){item->levels[item->n - 2], item->levels[item->n - 1]};
    return 0;
}

char *sw_source_part(const struct sw_source *source, const char *payload, size_t len,
                     const struct sw_refused_items *refused)
{
    struct cutting cutting = {
        .source = source, .refused = refused, .left = SW_LOOKS_MAX};
    char why[SW_WHY_MAX], *part = NULL;
    cJSON *root = NULL;
    enum sw_refusal r = sw_payload_parse(payload, len, source->columns, &root, why);
    if (r == SW_ACCEPTED &&
        each_item(source, root, &cutting.left, cut_on_item, &cutting) == 0) {
        bool by_index = source->has_each && is_by_index(source->each);
        for (size_t i = 0; i < cutting.n; i++)
            cut_out(&cutting.others[i], by_index);
        part = sw_part_print(root);
    }
    free(cutting.others);
    cJSON_Delete(root);
    return part;
}

/* ---- whose items they are ---- */

struct naming {
    const struct sw_source *source;
    int32_t left;
    int (*each)(void *ctx, const struct sw_device_id *device);
    void *ctx;
};

static int name_device(void *ctx, const struct sw_item *item)
{
    struct naming *naming = ctx;
    struct sw_device_id id;
    cJSON name;
    const cJSON *value =
        sw_item_find(item, naming->source->device, &naming->left, &name);
    return value && !sw_id_of(value, id.str) ? naming->each(naming->ctx, &id) : 0;
}

int sw_source_each_device(const struct sw_source *source, const char *payload,
                          size_t len,
                          int (*each)(void *ctx, const struct sw_device_id *device),
                          void *ctx)
{
    struct naming naming = {source, SW_LOOKS_MAX, each, ctx};
    char why[SW_WHY_MAX];
    cJSON *root = NULL;
    if (!is_set(source->device))
        return 0;
    enum sw_refusal r = sw_payload_parse(payload, len, source->columns, &root, why);
    int result = r < 0 ? -ENOMEM : 0;
    if (root)
        result = each_item(source, root, &naming.left, name_device, &naming);
    cJSON_Delete(root);
    return result;
}
