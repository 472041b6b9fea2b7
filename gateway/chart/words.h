/* words.h -- every word that a screen shows, in English: another language is another file
 * like this one. Words with values are formats of printf, so the compiler checks them.
 *
 * The language is a therapist's, and kind to patients: "rested", "moved", "not enough
 * data", never "failed" or "non-compliant". Ids, names and the sentences of alerts come
 * from the records. A section for each screen; what several of them say stands first.
 */
#ifndef CHART_WORDS_H
#define CHART_WORDS_H

/* ---- on every screen ---- */

#define W_STEPWARD "Stepward"
#define W_NOW      "Now"
#define W_ALERTS   "Alerts"
#define W_CLINIC   "Clinic"
#define W_DEVICES  "Devices"
#define W_SYSTEM   "System"
#define W_LOG_OUT  "Log out"
#define W_SKIP     "Skip to the content"
#define W_AS_OF    "as of %s"
#define W_DISCLAIMER                                                                   \
    "Supports a therapist's plan. Not an emergency or diagnostic device."

/* ---- what a minute was ---- */

#define W_ACTIVE     "moved"
#define W_STILL      "still"
#define W_UNWORN     "not worn"
#define W_UNKNOWN    "no data"
#define W_NOT_ENOUGH "not enough data"

/* ---- charts ---- */

#define W_MONTHS                                                                       \
    {                                                                                  \
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov",   \
            "Dec"                                                                      \
    }
#define W_WEEKDAYS                                                                     \
    {                                                                                  \
        "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"                                \
    }

#define W_BANDS_LABEL "Day by day, %s to %s"
#define W_BANDS_WORDS                                                                  \
    "%zu of %zu days have enough data. On these, the middle day had %s steps, and "    \
    "the "                                                                             \
    "goal was met on %zu of %zu days that had one. The longest rest was %s, on %s."
#define W_BANDS_NO_DATA "No day has enough data."
#define W_BAND_STEPS    "Steps a day"
#define W_BAND_DATA     "data"
#define W_BAND_RESTS    "Longest rest, and how many of 1 h or more"
#define W_BAND_COUNT    "1 h+"
#define W_BAND_PAIN     "Pain, 0 to 10"
#define W_NO_PAIN       "no scores"
#define W_LANE_PLAN     "plan"
#define W_LANE_ALERTS   "alerts"
#define W_LANE_DEVICE   "device"
#define W_GOAL          "goal"
#define W_FLOOR         "floor"
#define W_CEILING       "ceiling"
#define W_REST_LINE     "limit %s"
#define W_HOURS         "%d h"
#define W_PERCENT       "%d %%"
#define W_SO_FAR        "so far"
#define W_DAY_EMPTY     "%s: no data"
#define W_DAY_WORDS     "%s: %s steps, data for %d %% of the day, longest rest %s"
#define W_DAY_PART_WORDS                                                               \
    "%s: %s steps or more, data for %d %% of the day only, longest rest %s"
#define W_PAIN_WORDS    "%s: pain %g"
#define W_FLARE_WORDS   "%s: pain %g, a flare"
#define W_LONG_REST     "rest over the limit"
#define W_LEGEND_REST   "longest rest"
#define W_LEGEND_STEPS  "steps, enough data"
#define W_LEGEND_PART   "not enough data: what is known, with its share of the day"
#define W_LEGEND_PAIN   "score"
#define W_LEGEND_FLARE  "flare"
#define W_LEGEND_LOW    "alert"
#define W_LEGEND_MEDIUM "urgent alert"
#define W_LEGEND_PLAN   "plan changed"
#define W_LEGEND_DEVICE "another device"

#define W_CARPET_LABEL "Every minute, %s to %s"
#define W_CARPET_WORDS                                                                 \
    "Of all hours, moved in %lld, still in %lld, not worn in %lld, no data in %lld."

#define W_PIECE_LABEL "%s to %s"
#define W_PIECE_WORDS                                                                  \
    "%s steps; minutes: %d moved, %d still, %d not worn, %d without data."

#endif
