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

#endif
