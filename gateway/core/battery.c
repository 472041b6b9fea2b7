/* battery.c -- a battery that is nearly empty.
 *
 * The alert is the patient's and names the emptiest device. A device whose last level
 * is a week older than the patient's newest is in a drawer and does not count; nor does
 * one that was given to someone else, which the store knows. Between the two limits an
 * open alert stays and no new one opens.
 */
#include <string.h>

#include "core/judge.h"

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

struct sw_verdict sw_judge_battery(const struct sw_facts *facts,
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
