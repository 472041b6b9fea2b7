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

#define W_NAMES_HIDE "Hide names"
#define W_NAMES_SHOW "Show names"
#define W_NEWS_ONE   "1 change: show"
#define W_NEWS_MANY  "%d changes: show"
#define W_NEWS_MOVED "The order changed: show"
#define W_NEWS_DOWN  "No connection to Stepward since %s. What you see is from then."

/* ---- what a minute was ---- */

#define W_ACTIVE     "moved"
#define W_STILL      "still"
#define W_UNWORN     "not worn"
#define W_UNKNOWN    "no data"
#define W_NOT_ENOUGH "not enough data"

/* ---- charts ---- */

#define W_CHART_MONTHS                                                                 \
    {                                                                                  \
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov",   \
            "Dec"                                                                      \
    }
#define W_CHART_WEEKDAYS                                                               \
    {                                                                                  \
        "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"                                \
    }

#define W_CHART_BANDS_LABEL "Day by day, %s to %s"
#define W_CHART_BANDS_WORDS                                                            \
    "%zu of %zu days have enough data. On these, the middle day had %s steps, and "    \
    "the "                                                                             \
    "goal was met on %zu of %zu days that had one. The longest rest was %s, on %s."
#define W_CHART_BANDS_NO_DATA "No day has enough data."
#define W_CHART_BAND_STEPS    "Steps a day"
#define W_CHART_BAND_DATA     "data"
#define W_CHART_BAND_RESTS    "Longest rest, number of 1 h+"
#define W_CHART_BAND_COUNT    "1 h+"
#define W_CHART_BAND_PAIN     "Pain, 0 to 10"
#define W_CHART_NO_PAIN       "no scores"
#define W_CHART_LANE_PLAN     "plan"
#define W_CHART_LANE_ALERTS   "alerts"
#define W_CHART_LANE_DEVICE   "device"
#define W_CHART_LANE_CONTACT  "contact"
#define W_CHART_GOAL          "goal"
#define W_CHART_FLOOR         "floor"
#define W_CHART_CEILING       "ceiling"
#define W_CHART_LIMIT         "limit"
#define W_CHART_HOURS         "%d h"
#define W_CHART_PERCENT       "%d %%"
#define W_CHART_SO_FAR        "so far"
#define W_CHART_DAY_EMPTY     "%s: no data"
#define W_CHART_DAY_WORDS     "%s: %s steps, data for %d %% of the day, longest rest %s"
#define W_CHART_DAY_PART_WORDS                                                         \
    "%s: %s steps or more, data for %d %% of the day only, longest rest %s"
#define W_CHART_PAIN_WORDS    "%s: pain %g"
#define W_CHART_FLARE_WORDS   "%s: pain %g, a flare"
#define W_CHART_WEEK_ALERTS   "week from %s: %d alerts"
#define W_CHART_LONG_REST     "rest over the limit"
#define W_CHART_LEGEND_REST   "longest rest"
#define W_CHART_LEGEND_STEPS  "steps, enough data"
#define W_CHART_LEGEND_PART   "not enough data: what is known, with its share of the day"
#define W_CHART_LEGEND_PAIN   "score"
#define W_CHART_LEGEND_FLARE  "flare"
#define W_CHART_LEGEND_LOW    "alert, " W_LEVEL_LOW
#define W_CHART_LEGEND_MEDIUM "alert, " W_LEVEL_MEDIUM
#define W_CHART_LEGEND_WEEK   "alerts a week"
#define W_CHART_LEGEND_PLAN   "plan changed"
#define W_CHART_LEGEND_DEVICE "another device"
#define W_CHART_LEGEND_TALK   "contact"

#define W_CHART_CARPET_LABEL "Every minute, %s to %s"
#define W_CHART_CARPET_WORDS                                                           \
    "Of all hours, moved in %lld, still in %lld, not worn in %lld, no data in %lld."

#define W_CHART_PIECE_LABEL "%s to %s"
#define W_CHART_PIECE_WORDS                                                            \
    "%s steps; minutes: %d moved, %d still, %d not worn, %d without data."

/* ---- a patient, and a day of theirs ---- */

#define W_PATIENT_TITLE     "%s (%s)"
#define W_PATIENT_HEAD      "%s to %s, %d days, %s"
#define W_PATIENT_THERAPIST "therapist %s"
#define W_PATIENT_HEARD     "last heard %s"
#define W_PATIENT_STALE                                                                \
    "Out of date: since %s the gateway has not been able to take in what devices "     \
    "sent."
#define W_PATIENT_STALE_EVER                                                           \
    "Out of date: the gateway has never taken in what devices send."
#define W_PATIENT_NEVER      "never heard from"
#define W_PATIENT_SPANS      "How many days"
#define W_PATIENT_SPAN       "%d days"
#define W_PATIENT_YEAR       "a year"
#define W_PATIENT_PLAN_LINK  "Plan"
#define W_PATIENT_DAYS       "Day by day"
#define W_PATIENT_MINUTES    "Minute by minute"
#define W_PATIENT_WINDOW     "Dashed lines: the wake window, %s to %s."
#define W_PATIENT_FIVE       "Five minutes a cell."
#define W_PATIENT_PLAN       "Plan in force"
#define W_PATIENT_SINCE      "since %s"
#define W_PATIENT_GOAL       "Goal"
#define W_PATIENT_FLOOR      "Floor"
#define W_PATIENT_CEILING    "Ceiling"
#define W_PATIENT_STEPS      "%s steps a day"
#define W_PATIENT_NONE       "none"
#define W_PATIENT_WAKE       "Wake window"
#define W_PATIENT_REST       "Alert at a rest of"
#define W_PATIENT_SILENT     "Alert without a message for"
#define W_PATIENT_SUGGESTION "Next goal"
#define W_PATIENT_SUGGESTED  "%s: goal %s, floor %s, ceiling %s."
#define W_PATIENT_FIRST      "A first goal"
#define W_PATIENT_RAISE      "Raise it"
#define W_PATIENT_EASE       "Ease it"
#define W_PATIENT_KEEP       "Keep the goal."
#define W_PATIENT_TOO_LITTLE "Too little is known yet."
#define W_PATIENT_CHANGES    "Plans and devices"
#define W_PATIENT_NO_CHANGES "No change in these days."
#define W_PATIENT_PRINT      "Print"
#define W_PATIENT_REPORT     "As a file"
#define W_PATIENT_OPEN_NOW   "Open alerts"
#define W_PATIENT_CONTACTS   "Contacts"
#define W_PATIENT_NO_CONTACT "No contact was noted in these days."
#define W_PATIENT_NOTE_ONE   "Note a contact"
#define W_PATIENT_CONTACT_BY "%s, by %s"
#define W_PATIENT_ALERTS     "Alerts"
#define W_PATIENT_NO_ALERTS  "No alert in these days."
#define W_PATIENT_MORE       "and %zu older ones"
#define W_PATIENT_TABLE      "The same in numbers"
#define W_PATIENT_NO_ROWS    "No readings and no scores in these days."
#define W_PATIENT_ENOUGH     "enough"
#define W_PATIENT_TOO_FEW    "not enough"
#define W_PATIENT_PLAN_SET   "%s: %s"
#define W_PATIENT_DEVICE     "first data of %s"
#define W_PATIENT_UNNAMED    "a device without a name"
#define W_PATIENT_OPEN       "open"
#define W_PATIENT_SEEN       "seen by %s"
#define W_PATIENT_UNTIL      "until %s"
#define W_LEVEL_MEDIUM_MARK  "\u25c6"
#define W_LEVEL_LOW_MARK     "\u25b3"
#define W_PATIENT_MEDIUM     W_LEVEL_MEDIUM
#define W_PATIENT_LOW        W_LEVEL_LOW

/* The columns of the table, in the order of `summary`. */
#define W_PATIENT_COLUMNS                                                              \
    {                                                                                  \
        "Day", "Steps", "Moved", "Still", "Not worn", "No data", "Data %",             \
            "Longest rest", "from", "Rests 1 h+", "Active hours", "Brisk", "Data",     \
            "Goal", "% of goal", "Pain, most", "Pain, mean"                            \
    }

#define W_CONTACT_CALLED  "called"
#define W_CONTACT_VISIT   "visit"
#define W_CONTACT_PLAN    "plan changed"
#define W_CONTACT_DEVICE  "device set right"
#define W_CONTACT_NOTHING "looked into it, nothing was to be done"

#define W_DAY_TITLE   "%s, %s"
#define W_DAY_BACK    "All days"
#define W_DAY_BEFORE  "Day before"
#define W_DAY_AFTER   "Day after"
#define W_DAY_PLACES  "Other days"
#define W_DAY_RUNNING "The day is not over yet."
#define W_DAY_NO_ROW  "No readings and no scores on this day."
#define W_DAY_NUMBERS "In numbers"
#define W_DAY_MINUTES "Every minute"
#define W_DAY_RESTS                                                                    \
    "Columns are steps a minute. Lines above them are rests, in hours and minutes; "   \
    "dark ones are over the "                                                          \
    "limit of %s. An arrow: the rest goes on in another picture."
#define W_DAY_ALERTS    "Alerts of the day"
#define W_DAY_NO_ALERTS "No alert on this day."
#define W_DAY_NO_STORY  "Nothing is known of this day."
#define W_DAY_TO_COME   "Yet to come"
#define W_DAY_NOT_YET   "not enough yet"
#define W_DAY_STORY     "What happened"
#define W_DAY_VERDICTS  "Why there was an alert, or none"
#define W_DAY_FROM      "from"
#define W_DAY_TO        "to"
#define W_DAY_WHAT      "what"
/* ---- now ---- */

#define W_RESTED          "rested"
#define W_N_STEPS         "%s steps"
#define W_N_DAYS          "%d days"
#define W_GOAL            "goal"
#define W_FLOOR           "floor"
#define W_CEILING         "ceiling"
#define W_MET             "goal met"
#define W_BELOW           "below the goal"
#define W_NO_GOAL         "no goal"
#define W_SO_FAR          "today so far"
#define W_NEEDS_YOU       "Needs you"
#define W_ON_TRACK        "On track"
#define W_OFF_TRACK       "Not on track"
#define W_NO_DATA_NOW     "No data"
#define W_MY_PATIENTS     "My patients"
#define W_TEAMS_PATIENTS  "The team's patients"
#define W_NOBODY          "Nobody needs you now."
#define W_NOBODY_OF_YOURS "None of your patients needs you now."
#define W_NOBODY_OF_TEAM  "None of the team's patients needs anybody now."
#define W_NO_PATIENTS     "No patients yet: add one with `stepward patient add ID`."
#define W_NO_PATIENTS_OF                                                               \
    "No patient's plan names you: `stepward patient set ID --therapist %s` does that."
#define W_LEVEL_MEDIUM    "medium" /* as in listings and payloads */
#define W_LEVEL_LOW       "low"
#define W_LEVEL_MEDIUM_IS W_LEVEL_MEDIUM ", the more pressing level"
#define W_LEVEL_LOW_IS    W_LEVEL_LOW
#define W_OVER_MARK       "▲"
#define W_OVER            "over the ceiling"
#define W_SEEN            "seen"
#define W_SEEN_BY         "seen by %s"
#define W_LATER_AT        "shown again at %s"
#define W_SINCE           "%s, since %s"
#define W_STEPS           "Steps"
#define W_REST            "Rest"
#define W_PAIN            "Pain"
#define W_WEEK            "Week"
#define W_HEARD           "Heard"
#define W_CONTACT         "contact %s"
#define W_BATTERY         "Battery"
#define W_OF              "of %s"
#define W_REST_NOW        "now"
#define W_REST_LONGEST    "longest"
#define W_REST_LONGEST_OF "longest %s"
#define W_REST_NONE       "none"
#define W_USUALLY         "usually %s"
#define W_PAIN_UP         "more than usual"
#define W_PAIN_DOWN       "less than usual"
#define W_PAIN_SAME       "as usual"
#define W_NEVER           "never"
#define W_PERCENT         "%d %%"
#define W_ACK             "Seen"
#define W_UNACK           "Undo seen"
#define W_SHELVE          "Later"
#define W_UNSHELVE        "Show again"
#define W_IN_HOURS        "in %d h"
#define W_THIS_AFTERNOON  "this afternoon, 13:00"
#define W_THIS_MORNING    "this morning, 8:00"
#define W_TOMORROW        "tomorrow, 8:00"
#define W_DONE_SEEN       "Seen: %s, %s."
#define W_DONE_LATER      "Shown again at %s: %s, %s."
#define W_DONE_UNDONE     "Open again: %s, %s."
#define W_UNDO            "Undo"
#define W_LEGEND          "What the marks mean"
#define W_SEEN_MARK       "seen, or shown again later"
#define W_ON_TRACK_IS                                                                  \
    "On track: by the newest data at least three quarters of an even pace to the "     \
    "goal, or to the floor; without either, no rest longer than the limit; and "       \
    "not over the ceiling, today or yesterday. No data: the device is silent or "      \
    "not worn, or nothing came for an hour of the wake window more than its data "     \
    "usually takes. On the bar of steps the long line is the goal, the short one "     \
    "below it the floor, the one above it the ceiling. Pain is compared with the "     \
    "middle score of the 7 days before."
#define W_RESTED_MARK "the rest that runs, or the longest today"
#define W_YET_TO_COME "yet to come"
#define W_FIND        "Find a patient"
#define W_WELL        "gateway and broker are well"
#define W_STALE       "Out of date since %s: %s"
#define W_STALE_NEVER "No data yet: %s"

/* ---- a patient's plan ---- */

#define W_PLAN_TITLE       "Plan of %s"
#define W_PLAN_BACK        "All days"
#define W_PLAN_TRY         "Try other limits"
#define W_PLAN_MORE        "More of the plan"
#define W_PLAN_SHOW        "Show what it would have meant"
#define W_PLAN_REST        "Alert at a rest of"
#define W_PLAN_SILENT      "Alert without a message for"
#define W_PLAN_GOAL        "Goal"
#define W_PLAN_FLOOR       "Floor"
#define W_PLAN_CEILING     "Ceiling"
#define W_PLAN_WAKE        "Wake window"
#define W_PLAN_NUDGE       "Nudge the wearer after a rest of"
#define W_PLAN_BREAK       "What ends a rest, in 5 minutes"
#define W_PLAN_FRESH       "A rest opens on data at most this old"
#define W_PLAN_THERAPIST   "Therapist"
#define W_PLAN_LABEL       "%s (%s)"
#define W_PLAN_MINUTES     "minutes"
#define W_PLAN_MINUTES_OFF "minutes, 0: never"
#define W_PLAN_STEPS       "steps a day, 0: none"
#define W_PLAN_STEPS_ALONE "steps"
#define W_PLAN_TIMES       "as in 08:00-21:00"
#define W_PLAN_ID          "their id"
#define W_PLAN_NO_ALERTS   "No alerts, neither then nor now."
#define W_PLAN_WHAT_IF     "The last 28 days"
#define W_PLAN_AS_IT_IS    "With the plan as it was on each of these days."
#define W_PLAN_WITH        "As if on each of these days:"
#define W_PLAN_KIND        "Alerts"
#define W_PLAN_WAS         "were"
#define W_PLAN_WOULD       "would be"
#define W_PLAN_DAYS        "%s to %s: above as it was, below as it would be"
#define W_PLAN_NOTE                                                                    \
    "\"Would be\" is the gateway's own judging over the stored readings, as if it "    \
    "had "                                                                             \
    "been connected all the time and each reading had come when it ended; so it may "  \
    "be "                                                                              \
    "more than there were even with the same plan. Kinds whose past is not stored "    \
    "are "                                                                             \
    "left out."
#define W_PLAN_FROM          "from"
#define W_PLAN_SAVE          "Save this plan"
#define W_PLAN_SUGGESTION    "Next goal"
#define W_PLAN_ACCEPT        "Take %s from tomorrow"
#define W_PLAN_CHANGES       "Changes of the plan"
#define W_PLAN_NO_CHANGES    "It is as it was at first."
#define W_PLAN_SHEET         "Your plan"
#define W_PLAN_SHEET_GOAL    "steps a day are your goal."
#define W_PLAN_SHEET_FLOOR   "steps are a good day too, when it is hard."
#define W_PLAN_SHEET_CEILING "steps are enough: save the rest for tomorrow."
#define W_PLAN_SHEET_REST                                                              \
    "After sitting or lying for %s, get up and walk for a few minutes."
#define W_PLAN_SHEET_WORDS                                                             \
    "A little and often helps your back more than much at once. It may feel stiff at " \
    "first; gentle movement does no harm. If pain grows and stays, tell your "         \
    "therapist."
#define W_PLAN_SHEET_FOOT "%s, therapist %s"

#define W_CHART_DAYS_WORDS "%s: %u alerts were raised, %u would have been, in %zu days"

/* ---- the clinic ---- */

#define W_CLINIC_GOAL      "% of goal"
#define W_CLINIC_REST      "Longest rest"
#define W_CLINIC_COVERAGE  "Data"
#define W_CLINIC_PAIN      "Pain"
#define W_CLINIC_PERCENT   "%"
#define W_CLINIC_MINUTES   "min"
#define W_CLINIC_SHOW      "What a cell shows"
#define W_CLINIC_SORT      "Order"
#define W_CLINIC_BY_CHANGE "Changed for the worse first"
#define W_CLINIC_BY_NAME   "By id"
#define W_CLINIC_HEAD      "%s, %s to %s, a cell a day"
#define W_CLINIC_EMPTY     "No patients here yet."
#define W_CLINIC_PATIENT   "Patient"
#define W_CLINIC_DAYS      "%s to %s"
#define W_CLINIC_CHANGE    "Last 7 days, and against the 7 before"
#define W_CLINIC_WAS       " %s was %.*f"
#define W_CLINIC_OVER      ", " W_OVER " on %d days"
#define W_CLINIC_OVER_ONCE ", " W_OVER " on 1 day"
#define W_CLINIC_BELOW     "below %d %s"
#define W_CLINIC_FROM      "from %d %s"
#define W_CLINIC_WEEK      "last 7 days: %.*f %s on average"
#define W_CLINIC_WEEKS     "last 7 days: %.*f %s on average, the 7 before: %.*f %s"
/* ---- log in, invitations, errors ---- */

#define W_LOG_IN         "Log in"
#define W_USER           "User"
#define W_PASSWORD       "Password"
#define W_PASSWORD_NEW   "New password"
#define W_PASSWORD_AGAIN "The same again"
#define W_PASSWORD_SET   "Set the password"
#define W_NO_USERS                                                                     \
    "Nobody may log in yet. On the machine that runs Stepward, type: sudo -u "         \
    "stepward "                                                                        \
    "stepward user add NAME --role admin"
#define W_LOG_IN_WRONG "User or password is not right. Please try again."
#define W_LOG_IN_WAIT  "That was tried too often. Please wait %lld s, then try again."
#define W_INVITED      "Welcome, %s"
#define W_INVITED_WORDS                                                                \
    "Choose a password. This link works once; from then on you log in with it."
#define W_INVITE_OVER                                                                  \
    "This link was used already, or a day has passed since it was made. Whoever "      \
    "looks "                                                                           \
    "after Stepward can make you a new one."
#define W_PASSWORDS_DIFFER "The two passwords are not the same."
#define W_BACK             "Go on"

#define W_ERROR_400 "That was not understood"
#define W_ERROR_400_WORDS                                                              \
    "The address or the form is not complete. Please try it again."
#define W_ERROR_401       "Please log in"
#define W_ERROR_401_WORDS "Log in first, or send a token that is in force."
#define W_ERROR_403       "Not possible from here"
#define W_ERROR_403_WORDS                                                              \
    "This page is too old, or came from somewhere else. Please open it again; "        \
    "nothing "                                                                         \
    "was changed."
#define W_ERROR_403_WALL "This screen shows the list alone."
#define W_ERROR_404      "Not here"
#define W_ERROR_404_WORDS                                                              \
    "There is no such page, or no such patient among those you look after."
#define W_ERROR_405       "Not possible this way"
#define W_ERROR_405_WORDS "This address does not take that. Please go back."
#define W_ERROR_409       "Not done"
#define W_ERROR_409_WORDS "It could not be done, and nothing was changed."
#define W_ERROR_413       "Too much at once"
#define W_ERROR_413_WORDS "More was sent than this page takes. Nothing was changed."
#define W_ERROR_421       "Not by this name"
#define W_ERROR_421_WORDS                                                              \
    "Stepward is not known by the name in the address bar. Add it to hosts in the "    \
    "web "                                                                             \
    "section of the configuration, if it is right."
#define W_ERROR_429       "A little too fast"
#define W_ERROR_429_WORDS "Please wait a moment, then try again."
#define W_ERROR_500       "Something went wrong"
#define W_ERROR_500_WORDS                                                              \
    "Stepward could not do this; the cause is in its log. Alerts go on as before."
#define W_ERROR_503       "Not now"
#define W_ERROR_503_WORDS "Many are here at this moment. Please try again soon."

/* ---- alerts ---- */

#define W_ALERTS_OPEN     "Open"
#define W_ALERTS_SEEN     "Seen"
#define W_ALERTS_SHELVED  "Later"
#define W_ALERTS_FOLDED   "More than the day's budget, not sent to phones"
#define W_ALERTS_CLOSED   "Closed today"
#define W_ALERTS_COUNTED  "%s (%zu)"
#define W_ALERTS_NONE     "No alert waits for anybody."
#define W_ALERTS_NONE_BUT "None but those beyond the day's budget, below."
#define W_ALERTS_NO_LOAD  "No alert in these days."
#define W_ALERTS_AGE      ", for %s"
#define W_ALERTS_UNTIL    ", until "
#define W_ALERTS_BY       " by %s"
#define W_ALERTS_HISTORY  "History"
#define W_ALERTS_OUTCOME  "What came of it"
#define W_ALERTS_NOTE     "a note"
#define W_ALERTS_RECORD   "Record"
#define W_OUTCOME_CALLED  "called them"
#define W_OUTCOME_VISIT   "saw them"
#define W_OUTCOME_PLAN    "changed the plan"
#define W_OUTCOME_DEVICE  "set the device right"
#define W_OUTCOME_NOTHING "nothing was to be done"
#define W_ALERTS_LOAD     "The last 7 days"
#define W_ALERTS_LOAD_COLUMNS                                                          \
    {                                                                                  \
        "Therapist", "Week", "Alerts", "Busiest day", "Seen", "Over in 10 min",        \
            "Over budget", "Median until seen"                                         \
    }

/* ---- devices ---- */

#define W_DEVICES_COLUMNS                                                              \
    {                                                                                  \
        "Patient", "Device", "Last heard", "Battery", "Worn, last 7 days",             \
            "How late its data comes"                                                  \
    }
#define W_DEVICES_SINCE        " since "
#define W_DEVICES_RELEASE      "Release"
#define W_DEVICES_BATTERY      "%d %%"
#define W_DEVICES_OWN_TOPIC    "sends under the patient's own topic"
#define W_DEVICES_WORN         "%d %% of wake time"
#define W_DEVICES_REFUSED      "Messages refused, the newest first"
#define W_DEVICES_NOBODY       "nobody's"
#define W_DEVICES_NONE_REFUSED "No message was refused."
#define W_DEVICES_NONE_YOURS   "No message of your patients was refused."
#define W_DEVICES_RETRY                                                                \
    "When the cause is mended, `stepward rejected --retry` has them taken once more."
#define W_DEVICES_STRANGERS "Assign a device"
#define W_DEVICES_ASSIGN_WORDS                                                         \
    "Devices that were heard of and that nobody wears stand first."
#define W_DEVICES_ID     "device id"
#define W_DEVICES_ASSIGN "Assign"
#define W_DEVICES_MISSED "Source %s: %lld of %lld items said nothing, the last one %s."

/* ---- system ---- */

#define W_SYSTEM_FIRST   "Still to be done"
#define W_SYSTEM_DONE    " (done)"
#define W_SYSTEM_ZONE    "Set the clinic's time zone in stepward.conf: timezone."
#define W_SYSTEM_PATIENT "Add a patient: stepward patient add p001."
#define W_SYSTEM_THERAPIST                                                             \
    "Name a patient's therapist: stepward patient set p001 --therapist anna."
#define W_SYSTEM_DEVICE        "Have a device send: stepward site p001 prints its topic."
#define W_SYSTEM_STATUS        "The gateway"
#define W_SYSTEM_WELL          "All is well."
#define W_SYSTEM_LAST_MESSAGE  "last message"
#define W_SYSTEM_LAST_COMMIT   "last stored"
#define W_SYSTEM_BYTES         "size of the database"
#define W_SYSTEM_MB            "%.1f MB"
#define W_SYSTEM_UPTIME        "since the gateway started"
#define W_SYSTEM_DOCTOR        "What usually goes wrong"
#define W_SYSTEM_DOCTOR_WELL   "Well: "
#define W_SYSTEM_DOCTOR_HIDDEN "Not known: "
#define W_SYSTEM_DOCTOR_WORDS  "sudo stepward doctor looks at more."
#define W_SYSTEM_INCIDENTS     "What happened in the last 28 days"
#define W_SYSTEM_STILL         ", still so"
#define W_SYSTEM_NO_INCIDENTS  "No incident is on record."
#define W_SYSTEM_BACKUPS       "Backups"
#define W_SYSTEM_NO_BACKUPS    "There is none yet."
#define W_SYSTEM_BACKUPS_WORDS "%zu, the newest of "
#define W_SYSTEM_BACKUP_FAILED "The last one could not be made: %s"
#define W_SYSTEM_USERS         "Who may log in"
#define W_SYSTEM_USERS_WORDS   "stepward user add, lock and remove change this."
#define W_SYSTEM_TEAM          ", sees the team's patients"
#define W_SYSTEM_LOCKED        ", locked"
#define W_SYSTEM_LOGGED_IN     ", last here "
#define W_SYSTEM_NEVER_IN      ", never here"
#define W_SYSTEM_INVITED       ", invited"
#define W_SYSTEM_AUDIT         "Who looked, and who acted"
#define W_SYSTEM_AUDIT_COLUMNS                                                         \
    {                                                                                  \
        "When", "Who", "By", "What", "Patient", "Detail"                               \
    }
#define W_SYSTEM_VERSION "stepward %s, site %s, %s"

#endif
