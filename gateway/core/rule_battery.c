/* rule_battery.c -- a battery that is nearly empty.
 *
 * The alert belongs to the patient and names the emptiest device. A device whose last
 * level is a week older than the patient's newest lies in a drawer and does not count.
 * Neither does a device that was given to someone else, which the store knows. Between
 * the two limits an open alert stays and no new one opens.
 */
#include <string.h>

#include "stepward/rule.h"

enum {
    battery_urgency = 7,
    battery_traits = SW_RULE_NAMES_DEVICE | SW_RULE_PAST_UNKNOWN,
    battery_inhibited_by = 0,
};

static const struct sw_rule_text battery_text = {
    "the battery of the patient's emptiest device is at 20 % or less",
    "low",
    "30 % or more (`charged`)",
};

static const struct sw_evidence battery_evidence[] = {
    {"battery_pct", SW_PERCENT}, {"limit_pct", SW_PERCENT}, {0}};

static const struct sw_rule_words battery_words = {
    "battery low",
    "battery {battery_pct}",
    "The battery of {patient}'s device[ {device}] is low: {battery_pct}.",
    {{SW_REASON_CHARGED,
      "The battery of {patient}'s device[ {device}] is charged again: {battery_pct}."},
     {SW_REASON_WITHDRAWN,
      "{patient}'s device[ {device}], of which the battery was low, was given away or "
      "has not told of its battery for a week."}},
};

/* ---- facts ---- */

void sw_facts_clear_batteries(struct sw_facts *facts)
{
    facts->battery_newest_s = 0;
    facts->battery_pct = facts->alert_battery_pct = 0;
    facts->battery_device = (struct sw_device_id){.str = ""};
    facts->alert_battery_is_known = false;
}

void sw_facts_add_battery(struct sw_facts *facts, const struct sw_battery *battery,
                          const struct sw_alert *open)
{
    bool is_first = facts->battery_newest_s == 0;
    bool is_of_alert = open && strcmp(battery->device.str, open->device.str) == 0;
    if (is_first)
        facts->battery_newest_s = battery->at_s;
    if (facts->battery_newest_s - battery->at_s > SW_BATTERY_STALE_S)
        return;
    if (is_first || battery->pct < facts->battery_pct) {
        facts->battery_pct = battery->pct;
        facts->battery_device = battery->device;
    }
    if (is_of_alert) {
        facts->alert_battery_is_known = true;
        facts->alert_battery_pct = battery->pct;
    }
}

/* ---- judging ---- */

static struct sw_verdict battery_judge(const struct sw_facts *facts,
                                       const struct sw_alert *open)
{
    struct sw_verdict verdict = {
        .due = facts->battery_newest_s != 0 && facts->battery_pct <= SW_BATTERY_LOW_PCT,
        .level = SW_LEVEL_LOW,
        .evidence = {facts->battery_pct, SW_BATTERY_LOW_PCT},
        .device = facts->battery_device,
    };
    if (!open || verdict.due)
        return verdict;
    if (!facts->alert_battery_is_known)
        return sw_verdict_over(open, SW_REASON_WITHDRAWN);
    if (facts->alert_battery_pct >= SW_BATTERY_CHARGED_PCT) {
        verdict = sw_verdict_over(open, SW_REASON_CHARGED);
        verdict.evidence[0] = facts->alert_battery_pct;
    }
    return verdict;
}

/* Between the two limits nothing opens, but another device may become the emptiest. */
static int64_t battery_bound_s(const struct sw_outlook *outlook,
                               const struct sw_alert *open)
{
    const struct sw_facts *facts = outlook->facts;
    bool is_known = outlook->battery_pct >= 0;
    bool was_low =
        facts->battery_newest_s != 0 && facts->battery_pct <= SW_BATTERY_CHARGED_PCT;
    bool is_low = outlook->battery_pct <= SW_BATTERY_LOW_PCT;
    return is_known && (open || was_low || is_low) ? outlook->at_s : SW_NEVER;
}

static void battery_why_not(const struct sw_judged_day *day,
                            struct sw_sentence *sentence)
{
    (void)day;
    sw_sentence_add(sentence, "the level of that day is not stored");
}

SW_RULE(battery);
