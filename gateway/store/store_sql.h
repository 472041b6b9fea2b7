/* store_sql.h -- every statement of the store, in one table.
 *
 * Parameters are numbered in the order in which they are bound. A list of columns is
 * what the read_…() function beside the statement's use expects, in its order. "ORDER
 * BY +" makes SQLite sort apart from the table, so that a callback may put the rows it
 * receives; a walk in place would meet a changed row again and again. SQL_EACH_OF_DAY
 * and SQL_EACH_DEVICE walk in place: their callbacks put none.
 */
#ifndef STORE_STORE_SQL_H
#define STORE_STORE_SQL_H

#include "stepward/health.h"
#include "store/schema.h"

#define SQL_PATIENT                                                                    \
    "key, id, name, added_at_s, heard_at_s, heard_clock,"                              \
    " refused_n, refused_from_s, refused_to_s, refused_why, refused_fast_s"

#define SQL_PLAN                                                                       \
    "therapist, wake_from_min, wake_to_min, rest_limit_min, nudge_after_min,"          \
    " break_steps, goal, floor, ceiling, silent_after_s, fresh_min"

#define SQL_RUN "device, start_s, seconds, worn, width, steps, crc"

#define SQL_DAY_VALUES                                                                 \
    "steps, active_min, still_min, unworn_min, unknown_min, coverage_pct,"             \
    " longest_rest_min, longest_rest_from, rests_60, active_hours, brisk_min, valid,"  \
    " goal, goal_pct, pain_max, pain_mean"
#define SQL_DAY "patient, day, " SQL_DAY_VALUES

#define SQL_ALERT                                                                      \
    "a.patient, p.id, a.therapist, a.kind, a.level, a.state, a.reason, a.rev,"         \
    " a.opened_at_s AS opened, a.updated_at_s, a.closed_at_s, a.shelved_until_s,"      \
    " a.acted_by, a.note, a.evidence_0, a.evidence_1, a.evidence_2, a.span_from_s,"    \
    " a.span_to_s, a.id AS alert_id, a.device, a.over_budget"

#define SQL_ALERT_OF                                                                   \
    " FROM alert AS a JOIN patient AS p ON p.key = a.patient"                          \
    " WHERE (?1 = '' OR p.id = ?1) AND (?2 = '' OR a.therapist = ?2)"

#define SQL_IS_ACK " AND from_state <> 'acknowledged' AND to_state = 'acknowledged'"

#define SQL_HEALTH_COUNTER(name, help) #name ", "
#define SQL_HEALTH                                                                     \
    SW_HEALTH_COUNTERS(SQL_HEALTH_COUNTER)                                             \
    "version, connected, clock_trusted, written_at_s, last_message_at_s,"              \
    " last_commit_at_s, problem, incident"

#define SQL_CONTACT                                                                    \
    "p.id, c.at_s, c.who, c.outcome, c.alert, c.note FROM contact AS c"                \
    " JOIN patient AS p ON p.key = c.patient WHERE 1"

#define SQL_AUDIT       "key, at_s, who, how, what, patient, detail FROM audit"
#define SQL_AUDIT_ORDER " ORDER BY at_s DESC, key DESC LIMIT ?4"

#define SQL_USER                                                                       \
    "u.id, u.role, u.sees_team, u.hides_names, u.locked, u.password <> '',"            \
    " u.created_at_s, u.logged_in_at_s"

/* The holder of an unknown topic's is that topic. */
#define SQL_REJECTED                                                                   \
    "id, at_s, refusal, why, topic, payload, retained, clock,"                         \
    " iif(known, CAST(holder AS TEXT), '')"

/* An alert's evidence as in its payload: SW_EVIDENCE_NONE becomes null. */
#define SQL_EVIDENCE                                                                   \
    "json_array(nullif(evidence_0, -9223372036854775808),"                             \
    " nullif(evidence_1, -9223372036854775808),"                                       \
    " nullif(evidence_2, -9223372036854775808))"

#define SW_STATEMENTS(X)                                                               \
    X(SQL_BEGIN, "BEGIN IMMEDIATE")                                                    \
    X(SQL_COMMIT, "COMMIT")                                                            \
    X(SQL_ROLLBACK, "ROLLBACK")                                                        \
    X(SQL_DATA_VERSION, "PRAGMA data_version")                                         \
    X(SQL_NOTE_ACT, "INSERT INTO meta (name, text) VALUES ('acts', '1')"               \
                    " ON CONFLICT (name) DO UPDATE SET text = text + 1")               \
    X(SQL_GET_NOTED, "SELECT (SELECT text FROM meta WHERE name = 'acts'),"             \
                     " (SELECT max(key) FROM audit), (SELECT max(key) FROM contact)")  \
    /* patients and plans */                                                           \
    X(SQL_ADD_PATIENT, "INSERT INTO patient (id, name, added_at_s, heard_at_s)"        \
                       " VALUES (?1, ?2, ?3, ?4) ON CONFLICT (id) DO NOTHING")         \
    X(SQL_RENAME_PATIENT, "UPDATE patient SET name = ?2 WHERE key = ?1")               \
    X(SQL_PUT_HEARD, "UPDATE patient SET heard_at_s = ?2, heard_clock = ?3"            \
                     " WHERE key = ?1")                                                \
    X(SQL_PUT_LATENESS,                                                                \
      "INSERT INTO lateness (patient, hour, age_min) VALUES (?1, ?2, ?3)"              \
      " ON CONFLICT (patient) DO UPDATE SET hour = ?2, age_min = ?3")                  \
    X(SQL_EACH_LATENESS, "SELECT p.id, l.hour, l.age_min FROM lateness AS l"           \
                         " JOIN patient AS p ON p.key = l.patient"                     \
                         " WHERE ?1 = 0 OR l.patient = ?1")                            \
    X(SQL_PUT_REFUSING, "UPDATE patient SET refused_n = ?2, refused_from_s = ?3,"      \
                        " refused_to_s = ?4, refused_why = ?5, refused_fast_s = ?6"    \
                        " WHERE key = ?1")                                             \
    X(SQL_FIND_PATIENT, "SELECT " SQL_PATIENT " FROM patient WHERE id = ?1")           \
    X(SQL_EACH_PATIENT, "SELECT " SQL_PATIENT " FROM patient ORDER BY id")             \
    X(SQL_EACH_PATIENT_ON,                                                             \
      "SELECT " SQL_PATIENT ", " SQL_PLAN " FROM patient AS p LEFT JOIN plan"          \
      " ON plan.patient = p.key AND from_day = coalesce("                              \
      "(SELECT max(from_day) FROM plan WHERE patient = p.key AND from_day <= ?1),"     \
      "(SELECT min(from_day) FROM plan WHERE patient = p.key)) ORDER BY id")           \
    X(SQL_PUT_PLAN,                                                                    \
      "INSERT OR REPLACE INTO plan (patient, from_day, " SQL_PLAN ")"                  \
      " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)")              \
    X(SQL_PLAN_ON, "SELECT " SQL_PLAN " FROM plan WHERE patient = ?1 AND"              \
                   " from_day = coalesce("                                             \
                   "(SELECT max(from_day) FROM plan"                                   \
                   " WHERE patient = ?1 AND from_day <= ?2),"                          \
                   "(SELECT min(from_day) FROM plan WHERE patient = ?1))")             \
    X(SQL_EACH_PLAN, "SELECT " SQL_PLAN ", from_day FROM plan WHERE patient = ?1"      \
                     " ORDER BY +from_day")                                            \
    /* a patient's stored data as JSON, see store_patient.c */                         \
    X(SQL_BEGIN_READING, "BEGIN")                                                      \
    X(SQL_EXPORT_PATIENT,                                                              \
      "SELECT json_object('patient', id, 'name', name, 'added_at',"                    \
      " strftime('%Y-%m-%dT%H:%M:%SZ', nullif(added_at_s, 0), 'unixepoch'),"           \
      " 'heard_at', strftime('%Y-%m-%dT%H:%M:%SZ', nullif(heard_at_s, 0),"             \
      " 'unixepoch'), 'age_min', (SELECT age_min FROM lateness"                        \
      " WHERE patient = ?1)) FROM patient WHERE key = ?1")                             \
    X(SQL_EXPORT_PLANS,                                                                \
      "SELECT json_object('from', date(from_day * 86400, 'unixepoch'),"                \
      " 'therapist', therapist, 'wake_from_min', wake_from_min, 'wake_to_min',"        \
      " wake_to_min, 'rest_limit_min', rest_limit_min, 'nudge_after_min',"             \
      " nudge_after_min, 'break_steps', break_steps, 'goal', goal, 'floor',"           \
      " floor, 'ceiling', ceiling, 'silent_after_s', silent_after_s, 'fresh_min',"     \
      " fresh_min) FROM plan"                                                          \
      " WHERE patient = ?1 ORDER BY from_day")                                         \
    X(SQL_EXPORT_DEVICES,                                                              \
      "SELECT json_object('device', id, 'battery', iif(battery_at_s,"                  \
      " battery_pct, NULL), 'battery_at', strftime('%Y-%m-%dT%H:%M:%SZ',"              \
      " nullif(battery_at_s, 0), 'unixepoch')) FROM device WHERE patient = ?1"         \
      " ORDER BY id")                                                                  \
    X(SQL_EXPORT_WEARINGS,                                                             \
      "SELECT json_object('device', device, 'from',"                                   \
      " strftime('%Y-%m-%dT%H:%M:%SZ', nullif(from_s, 0), 'unixepoch'), 'to',"         \
      " strftime('%Y-%m-%dT%H:%M:%SZ', to_s, 'unixepoch')) FROM (SELECT"               \
      " device, from_s, patient, lead(from_s) OVER (PARTITION BY device ORDER"         \
      " BY from_s) AS to_s FROM device_assignment) WHERE patient = ?1 ORDER BY "       \
      "device,"                                                                        \
      " from_s")                                                                       \
    X(SQL_EXPORT_DAYS,                                                                 \
      "SELECT json_object('day', day, 'steps', steps, 'active_min',"                   \
      " active_min, 'still_min', still_min, 'unworn_min', unworn_min,"                 \
      " 'unknown_min', unknown_min, 'coverage_pct', coverage_pct,"                     \
      " 'longest_rest_min', longest_rest_min, 'longest_rest_from',"                    \
      " longest_rest_from, 'rests_60', rests_60, 'active_hours', active_hours,"        \
      " 'brisk_min', brisk_min, 'valid', valid, 'goal', goal, 'goal_pct',"             \
      " goal_pct, 'pain_max', pain_max, 'pain_mean', pain_mean) FROM day WHERE"        \
      " patient = (SELECT id FROM patient WHERE key = ?1) ORDER BY day")               \
    X(SQL_EXPORT_ALERTS,                                                               \
      "SELECT json_object('id', id, 'therapist', therapist, 'kind', kind,"             \
      " 'level', level, 'state', state, 'reason', nullif(reason, ''), 'rev',"          \
      " rev, 'opened_at', strftime('%Y-%m-%dT%H:%M:%SZ', nullif(opened_at_s,"          \
      " 0), 'unixepoch'), 'updated_at', strftime('%Y-%m-%dT%H:%M:%SZ',"                \
      " nullif(updated_at_s, 0), 'unixepoch'), 'closed_at',"                           \
      " strftime('%Y-%m-%dT%H:%M:%SZ', nullif(closed_at_s, 0), 'unixepoch'),"          \
      " 'shelved_until', strftime('%Y-%m-%dT%H:%M:%SZ',"                               \
      " nullif(shelved_until_s, 0), 'unixepoch'), 'by', nullif(acted_by, ''),"         \
      " 'note', nullif(note, ''), 'device', nullif(device, ''), 'over_budget',"        \
      " over_budget, 'evidence', " SQL_EVIDENCE ", 'span_from_s', span_from_s,"        \
      " 'span_to_s', span_to_s, 'log', (SELECT json_group_array(json_object('at',"     \
      " strftime('%Y-%m-%dT%H:%M:%SZ', nullif(at_s, 0), 'unixepoch'), 'who',"          \
      " actor, 'from', from_state, 'to', to_state, 'why', why)) FROM (SELECT *"        \
      " FROM alert_log WHERE alert = a.id ORDER BY key))) FROM alert AS a"             \
      " WHERE patient = ?1 ORDER BY opened_at_s, id")                                  \
    X(SQL_EXPORT_PAIN,                                                                 \
      "SELECT json_object('at', at_s, 'score', score, 'flare',"                        \
      " json(iif(flare, 'true', 'false'))) FROM pain WHERE patient = ?1 ORDER"         \
      " BY at_s, clock")                                                               \
    X(SQL_EXPORT_TOTALS,                                                               \
      "SELECT json_remove(json_object('at', t.at_s, 'total', t.total,"                 \
      " 'device', d.id, 'by_receipt', json('true')), iif(d.id = '', '$.device',"       \
      " '$.none'), iif(t.clock = 0, '$.by_receipt', '$.none'))"                        \
      " FROM device AS d CROSS JOIN total AS t ON t.device = d.key"                    \
      " WHERE d.patient = ?1 ORDER BY d.key, t.at_s, t.clock")                         \
    X(SQL_EXPORT_CONTACTS,                                                             \
      "SELECT json_object('at', strftime('%Y-%m-%dT%H:%M:%SZ', at_s, 'unixepoch'),"    \
      " 'who', who, 'outcome', outcome, 'alert', nullif(alert, ''), 'note',"           \
      " nullif(note, '')) FROM contact WHERE patient = ?1 ORDER BY at_s, key")         \
    X(SQL_EXPORT_AUDIT,                                                                \
      "SELECT json_object('at', strftime('%Y-%m-%dT%H:%M:%SZ', at_s, 'unixepoch'),"    \
      " 'who', who, 'how', how, 'what', what, 'detail', nullif(detail, ''))"           \
      " FROM audit WHERE patient <> '' AND patient ="                                  \
      " (SELECT id FROM patient WHERE key = ?1) ORDER BY key")                         \
    X(SQL_EXPORT_READING, /* one reading; ?5: its device's id */                       \
      "SELECT json_remove(json_object('start', ?1, 'seconds', ?2, 'steps', ?3,"        \
      " 'worn', json(iif(?4, 'true', 'false')), 'device', ?5),"                        \
      " iif(?5 = '', '$.device', '$.none'))")                                          \
    /* erasing: rows that refer to the patient's row go with it */                     \
    X(SQL_EACH_TOMBSTONE, "SELECT id FROM tombstone WHERE ?1 = 0")                     \
    X(SQL_FIND_TOMBSTONE, "SELECT erased_at_s FROM tombstone WHERE id = ?1")           \
    X(SQL_PUT_TOMBSTONE, "INSERT INTO tombstone (id, erased_at_s) VALUES (?1, ?2)"     \
                         " ON CONFLICT (id) DO NOTHING")                               \
    X(SQL_COUNT_TRACES, /* of patient ?1 with the key ?2 */                            \
      "SELECT (SELECT count(*) FROM device AS d CROSS JOIN total AS t"                 \
      " ON t.device = d.key WHERE d.patient = ?2)"                                     \
      " + (SELECT count(*) FROM pain WHERE patient = ?2),"                             \
      " (SELECT count(*) FROM day WHERE patient = ?1),"                                \
      " (SELECT count(*) FROM alert WHERE patient = ?2),"                              \
      " (SELECT count(*) FROM contact WHERE patient = ?2)")                            \
    X(SQL_EACH_THERAPIST, /* all who may have received data of patient ?1 */           \
      "SELECT therapist FROM plan WHERE patient = ?1"                                  \
      " UNION SELECT therapist FROM alert WHERE patient = ?1")                         \
    X(SQL_EVERY_THERAPIST, "SELECT therapist FROM plan WHERE ?1 = 0"                   \
                           " UNION SELECT therapist FROM alert WHERE ?1 = 0")          \
    X(SQL_EACH_PUBLISHED, "SELECT t.therapist, p.id, t.word FROM"                      \
                          " (SELECT therapist, patient, kind AS word FROM alert UNION" \
                          " SELECT therapist, patient, ?1 FROM plan) AS t"             \
                          " JOIN patient AS p ON p.key = t.patient")                   \
    X(SQL_FIND_THERAPIST, "SELECT 1 WHERE EXISTS"                                      \
                          " (SELECT 1 FROM plan WHERE therapist = ?1) OR EXISTS"       \
                          " (SELECT 1 FROM alert WHERE therapist = ?1)")               \
    X(SQL_FIND_CASELOAD, "SELECT 1 FROM plan WHERE therapist = ?1 LIMIT 1")            \
    X(SQL_WORN_DEVICES,                                                                \
      "SELECT DISTINCT device FROM device_assignment WHERE patient = ?1")              \
    X(SQL_UNWEAR, "UPDATE device_assignment SET patient = NULL WHERE patient = ?1")    \
    X(SQL_REMOVE_PATIENT, "DELETE FROM patient WHERE key = ?1")                        \
    X(SQL_EACH_OUTBOUND, "SELECT seq, topic FROM outbox ORDER BY +seq")                \
    X(SQL_EMPTY_LOG, "PRAGMA wal_checkpoint(TRUNCATE)")                                \
    X(SQL_FREE_PAGES, "PRAGMA freelist_count")                                         \
    /* readings */                                                                     \
    X(SQL_FIND_DEVICE, "SELECT key FROM device WHERE patient = ?1 AND id = ?2")        \
    X(SQL_COUNT_DEVICES, "SELECT count(*) FROM device WHERE patient = ?1")             \
    X(SQL_ADD_DEVICE, "INSERT INTO device (patient, id) VALUES (?1, ?2)")              \
    X(SQL_PUT_RECENT,                                                                  \
      "INSERT INTO recent (device, start_s, seconds, steps, worn, crc)"                \
      " VALUES (?1, ?2, ?3, ?4, ?5, ?6)")                                              \
    X(SQL_CHANGE_RECENT, "UPDATE recent SET steps = ?4, worn = ?5, crc = ?6"           \
                         " WHERE device = ?1 AND start_s = ?2 AND seconds = ?3")       \
    X(SQL_EACH_RECENT,                                                                 \
      "SELECT device, start_s, seconds, steps, worn, crc FROM recent")                 \
    X(SQL_REMOVE_RECENT, "DELETE FROM recent"                                          \
                         " WHERE device = ?1 AND start_s BETWEEN ?2 AND ?3")           \
    X(SQL_EMPTY_RECENT, "DELETE FROM recent")                                          \
    X(SQL_PUT_RUN, /* skips a device that was removed by hand */                       \
      "INSERT INTO readings_run (" SQL_RUN ") SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7"       \
      " WHERE EXISTS (SELECT 1 FROM device WHERE key = ?1)"                            \
      " ON CONFLICT (device, start_s, seconds) DO UPDATE SET worn = excluded.worn,"    \
      " width = excluded.width, steps = excluded.steps, crc = excluded.crc"            \
      " WHERE (worn, width, steps)"                                                    \
      " <> (excluded.worn, excluded.width, excluded.steps)")                           \
    X(SQL_REMOVE_RUN, "DELETE FROM readings_run"                                       \
                      " WHERE device = ?1 AND start_s = ?2 AND seconds = ?3")          \
    X(SQL_EACH_RUN,                                                                    \
      "SELECT " SQL_RUN " FROM readings_run"                                           \
      " WHERE device = ?1 AND start_s BETWEEN ?2 AND ?3 ORDER BY start_s")             \
    X(SQL_EVERY_RUN, "SELECT rowid, " SQL_RUN " FROM readings_run NOT INDEXED")        \
    X(SQL_EVERY_RUN_KEY, /* walks the index alone */                                   \
      "SELECT rowid, device, start_s, seconds FROM readings_run"                       \
      " ORDER BY device, start_s, seconds")                                            \
    X(SQL_EACH_START, "SELECT start_s FROM readings_run WHERE device = ?1"             \
                      " ORDER BY start_s")                                             \
    X(SQL_LAST_RUNS, "SELECT " SQL_RUN " FROM readings_run"                            \
                     " WHERE device = ?1 AND start_s < ?2 ORDER BY start_s DESC")      \
    X(SQL_EACH_DEVICE, "SELECT key, id FROM device WHERE patient = ?1 ORDER BY id")    \
    X(SQL_PUT_TOTAL,                                                                   \
      "INSERT INTO total (device, at_s, total, clock) VALUES (?1, ?2, ?3, ?4)"         \
      " ON CONFLICT (device, at_s, clock) DO UPDATE SET total = excluded.total"        \
      " WHERE excluded.total > total")                                                 \
    X(SQL_TOTAL_NEIGHBOURS,                                                            \
      "SELECT coalesce((SELECT max(at_s) FROM total WHERE device = ?1 AND at_s < ?2)," \
      " ?2 - 1), coalesce((SELECT min(at_s) FROM total WHERE device = ?1 AND at_s > "  \
      "?2),"                                                                           \
      " ?2)")                                                                          \
    X(SQL_PUT_PAIN, "INSERT INTO pain (patient, at_s, score, flare, clock)"            \
                    " VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (patient, at_s, clock)"  \
                    " DO UPDATE SET score = max(score, excluded.score),"               \
                    " flare = max(flare, excluded.flare)"                              \
                    " WHERE excluded.score > score OR excluded.flare > flare")         \
    X(SQL_PUT_BATTERY, "UPDATE device SET battery_pct = ?2, battery_at_s = ?3,"        \
                       " battery_clock = ?4"                                           \
                       " WHERE key = ?1 AND (battery_at_s < ?3 OR battery_at_s > ?5"   \
                       " OR (battery_at_s = ?3 AND battery_pct > ?2))")                \
    X(SQL_EACH_BATTERY,                                                                \
      "SELECT id, battery_pct, battery_at_s, battery_clock"                            \
      " FROM device"                                                                   \
      " WHERE patient = ?1 AND battery_at_s > 0"                                       \
      " AND battery_at_s <= ?2"                                                        \
      " AND coalesce((SELECT w.patient IS ?1 FROM device_assignment AS w"              \
      " WHERE w.device = device.id ORDER BY w.from_s DESC LIMIT 1),"                   \
      " 1)"                                                                            \
      " ORDER BY +battery_at_s DESC, +id")                                             \
    X(SQL_LAST_PAINS, /* of the newest ?3, those within ?2 of the newest */            \
      "SELECT at_s, score, flare, clock FROM pain WHERE patient = ?1 AND at_s <= ?4"   \
      " AND at_s >= max((SELECT max(at_s) FROM pain WHERE patient = ?1"                \
      " AND at_s <= ?4) - ?2,"                                                         \
      " coalesce((SELECT at_s FROM pain WHERE patient = ?1 AND at_s <= ?4"             \
      " ORDER BY at_s DESC LIMIT 1 OFFSET ?3 - 1), 0)) ORDER BY at_s")                 \
    X(SQL_LOAD_TOTALS, /* with the totals before and after the span */                 \
      "SELECT t.device, t.at_s, t.total, t.clock"                                      \
      " FROM device AS d CROSS JOIN total AS t ON t.device = d.key"                    \
      " WHERE d.patient = ?1 AND t.at_s >= coalesce((SELECT max(at_s) FROM total"      \
      " WHERE device = d.key AND at_s < ?2), ?2)"                                      \
      " AND t.at_s <= min(?4, coalesce((SELECT min(at_s) FROM total"                   \
      " WHERE device = d.key AND at_s >= ?3), ?3))")                                   \
    X(SQL_LOAD_BREAKS, /* of devices ever assigned to the patient */                   \
      "SELECT d.key, w.from_s, -1, 0 FROM device AS d"                                 \
      " CROSS JOIN device_assignment AS w ON w.device = d.id WHERE d.patient = ?1"     \
      " AND EXISTS (SELECT 1 FROM device_assignment WHERE device = d.id AND patient "  \
      "= ?1)"                                                                          \
      " AND w.from_s >= coalesce((SELECT max(from_s) FROM device_assignment"           \
      " WHERE device = d.id AND from_s < ?2), ?2)"                                     \
      " AND w.from_s <= coalesce((SELECT min(from_s) FROM device_assignment"           \
      " WHERE device = d.id AND from_s >= ?3), ?3)")                                   \
    X(SQL_LOAD_PAINS, "SELECT at_s, score, flare, clock FROM pain"                     \
                      " WHERE patient = ?1 AND at_s >= ?2 AND at_s < ?3"               \
                      " AND at_s <= ?4 ORDER BY at_s")                                 \
    X(SQL_LAST_TOTAL, /* the patient's newest before ?2 */                             \
      "SELECT max((SELECT max(at_s) FROM total WHERE device = d.key AND at_s < ?2))"   \
      " FROM device AS d WHERE d.patient = ?1")                                        \
    /* device assignments */                                                           \
    X(SQL_PUT_ASSIGNMENT,                                                              \
      "INSERT OR REPLACE INTO device_assignment (device, from_s, patient)"             \
      " VALUES (?1, ?2, ?3)")                                                          \
    X(SQL_MERGE_WEARERS, /* drop rows that repeat the one before */                    \
      "DELETE FROM device_assignment WHERE device = ?1 AND from_s IN (SELECT from_s "  \
      "FROM"                                                                           \
      " (SELECT from_s, patient, lag(patient) OVER (ORDER BY from_s) AS before"        \
      " FROM device_assignment WHERE device = ?1) WHERE patient IS before)")           \
    X(SQL_EACH_ASSIGNMENT,                                                             \
      "SELECT w.device, w.from_s, p.key, p.id,"                                        \
      " lead(w.from_s) OVER (PARTITION BY w.device ORDER BY w.from_s)"                 \
      " FROM device_assignment AS w LEFT JOIN patient AS p ON p.key = w.patient"       \
      " WHERE ?1 = '' OR w.device = ?1 ORDER BY +w.device, +w.from_s")                 \
    X(SQL_COUNT_TOTALS, "SELECT count(*) FROM total WHERE device = ?1"                 \
                        " AND at_s >= ?2 AND at_s < ?3")                               \
    X(SQL_COPY_TOTALS, "INSERT INTO total (device, at_s, total, clock)"                \
                       " SELECT ?2, at_s, total, clock FROM total"                     \
                       " WHERE device = ?1 AND at_s >= ?3 AND at_s < ?4"               \
                       " ON CONFLICT (device, at_s, clock) DO UPDATE"                  \
                       " SET total = excluded.total WHERE excluded.total > total")     \
    X(SQL_REMOVE_TOTALS, "DELETE FROM total WHERE device = ?1"                         \
                         " AND at_s >= ?2 AND at_s < ?3")                              \
    /* days: a row that would not change is not written */                             \
    X(SQL_PUT_DAY, "INSERT INTO day (" SQL_DAY ") VALUES"                              \
                   " ((SELECT id FROM patient WHERE key = ?1), ?2, ?3, ?4, ?5, ?6,"    \
                   " ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)"         \
                   " ON CONFLICT (day, patient) DO UPDATE SET (" SQL_DAY_VALUES ") ="  \
                   " (?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16,"  \
                   " ?17, ?18) WHERE (" SQL_DAY_VALUES ") IS NOT"                      \
                   " (?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16,"  \
                   " ?17, ?18)")                                                       \
    X(SQL_REMOVE_DAY, "DELETE FROM day WHERE day = ?2"                                 \
                      " AND patient = (SELECT id FROM patient WHERE key = ?1)")        \
    X(SQL_EACH_DAY, "SELECT " SQL_DAY " FROM day WHERE patient = ?1"                   \
                    " AND day BETWEEN ?2 AND ?3 ORDER BY +day")                        \
    X(SQL_EACH_DAY_OF_ALL, "SELECT " SQL_DAY " FROM day WHERE day BETWEEN ?1 AND ?2"   \
                           " ORDER BY +patient, +day")                                 \
    X(SQL_EACH_OF_DAY, "SELECT " SQL_DAY " FROM day WHERE day = ?1 ORDER BY patient")  \
    X(SQL_LAST_VALID_DAYS, "SELECT " SQL_DAY " FROM day WHERE day < ?2 AND valid = 1"  \
                           " AND patient = (SELECT id FROM patient WHERE key = ?1)"    \
                           " ORDER BY day DESC LIMIT ?3")                              \
    /* alerts */                                                                       \
    X(SQL_PUT_ALERT,                                                                   \
      "INSERT INTO alert (id, patient, therapist, kind, level, state, reason, rev,"    \
      " opened_at_s, updated_at_s, closed_at_s, shelved_until_s, acted_by, note,"      \
      " evidence_0, evidence_1, evidence_2, span_from_s, span_to_s, device,"           \
      " over_budget)"                                                                  \
      " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15,"     \
      " ?16, ?17, ?18, ?19, ?20, ?21) ON CONFLICT (id) DO UPDATE SET"                  \
      " therapist = excluded.therapist, level = excluded.level,"                       \
      " state = excluded.state, reason = excluded.reason, rev = excluded.rev,"         \
      " updated_at_s = excluded.updated_at_s, closed_at_s = excluded.closed_at_s,"     \
      " shelved_until_s = excluded.shelved_until_s, acted_by = excluded.acted_by,"     \
      " note = excluded.note, evidence_0 = excluded.evidence_0,"                       \
      " evidence_1 = excluded.evidence_1, evidence_2 = excluded.evidence_2,"           \
      " span_from_s = excluded.span_from_s, span_to_s = excluded.span_to_s,"           \
      " device = excluded.device")                                                     \
    X(SQL_LOG_ALERT,                                                                   \
      "INSERT INTO alert_log (alert, at_s, actor, from_state, to_state, why)"          \
      " VALUES (?1, ?2, ?3, ?4, ?5, ?6)")                                              \
    X(SQL_PRUNE_LOG_OF, /* keep the newest, the first, the first and last ack */       \
      "DELETE FROM alert_log WHERE key IN (SELECT key FROM alert_log"                  \
      " WHERE alert = ?1 AND key > (SELECT min(key) FROM alert_log WHERE alert = ?1)"  \
      " AND key IS NOT (SELECT min(key) FROM alert_log WHERE alert = ?1" SQL_IS_ACK    \
      ") AND key IS NOT (SELECT max(key) FROM alert_log WHERE alert = ?1" SQL_IS_ACK   \
      ") ORDER BY key DESC LIMIT -1 OFFSET ?2)")                                       \
    X(SQL_PRUNE_LOG_OF_KIND, /* keep the newest; of older alerts the acks */           \
      "DELETE FROM alert_log WHERE key IN (SELECT l.key FROM alert AS a"               \
      " JOIN alert_log AS l ON l.alert = a.id WHERE a.patient = ?1 AND a.kind = ?2"    \
      " AND (SELECT count(*) FROM alert_log WHERE alert = ?4) = 1"                     \
      " AND l.key <= (SELECT l.key FROM alert AS a JOIN alert_log AS l"                \
      " ON l.alert = a.id WHERE a.patient = ?1 AND a.kind = ?2"                        \
      " ORDER BY l.key DESC LIMIT 1 OFFSET ?3) AND l.key IS NOT"                       \
      " (SELECT min(key) FROM alert_log WHERE alert = a.id" SQL_IS_ACK                 \
      ") AND l.key IS NOT"                                                             \
      " (SELECT max(key) FROM alert_log WHERE alert = a.id" SQL_IS_ACK "))")           \
    X(SQL_EACH_TRANSITION,                                                             \
      "SELECT l.at_s, a.id, a.kind, l.actor, l.from_state, l.to_state, l.why"          \
      " FROM alert AS a JOIN alert_log AS l ON l.alert = a.id"                         \
      " WHERE a.patient = ?1 AND l.at_s >= ?2 AND l.at_s < ?3 ORDER BY l.key")         \
    X(SQL_EACH_TRANSITION_OF,                                                          \
      "SELECT l.at_s, a.id, a.kind, l.actor, l.from_state, l.to_state, l.why"          \
      " FROM alert AS a JOIN alert_log AS l ON l.alert = a.id"                         \
      " WHERE a.id = ?1 ORDER BY l.key")                                               \
    X(SQL_EACH_ALERT,                                                                  \
      "SELECT " SQL_ALERT ", 0 AS rank" SQL_ALERT_OF " AND a.state <> 'closed'"        \
      " UNION ALL SELECT " SQL_ALERT ", 1 AS rank" SQL_ALERT_OF                        \
      " AND ?3 AND a.state = 'closed' AND a.updated_at_s >= ?4"                        \
      " ORDER BY rank, opened DESC, alert_id")                                         \
    X(SQL_EACH_OPEN_ALERT,                                                             \
      "SELECT " SQL_ALERT " FROM alert AS a JOIN patient AS p ON p.key = a.patient"    \
      " WHERE a.state <> 'closed'")                                                    \
    X(SQL_EACH_LIFE, /* acknowledged from another state, not again */                  \
      "SELECT " SQL_ALERT ", coalesce(min(l.at_s), 0), coalesce(max(l.at_s), 0)"       \
      " FROM alert AS a JOIN patient AS p ON p.key = a.patient"                        \
      " LEFT JOIN alert_log AS l ON l.alert = a.id AND l.at_s < ?3"                    \
      " AND l.to_state = 'acknowledged' AND l.from_state <> 'acknowledged'"            \
      " WHERE (?1 = '' OR a.therapist = ?1) AND a.opened_at_s < ?3"                    \
      " AND (a.state <> 'closed' OR a.closed_at_s >= ?2)"                              \
      " GROUP BY a.id ORDER BY opened, alert_id")                                      \
    X(SQL_FIND_ALERT, "SELECT " SQL_ALERT " FROM alert AS a"                           \
                      " JOIN patient AS p ON p.key = a.patient WHERE a.id = ?1")       \
    X(SQL_COUNT_OPENED, "SELECT count(*) FROM alert WHERE therapist = ?1"              \
                        " AND opened_at_s >= ?2 AND opened_at_s < ?3")                 \
    X(SQL_OPEN_ALERTS, "SELECT count(*) FROM alert WHERE state <> 'closed'")           \
    /* outbox */                                                                       \
    X(SQL_PUT_OUTBOUND, "INSERT OR REPLACE INTO outbox (topic, about, payload)"        \
                        " VALUES (?1, ?2, ?3)")                                        \
    X(SQL_NEXT_OUTBOUND,                                                               \
      "SELECT seq, topic, payload, about FROM outbox WHERE seq > ?1"                   \
      " ORDER BY seq LIMIT 1")                                                         \
    X(SQL_OUTBOUND_DONE, "DELETE FROM outbox WHERE seq = ?1")                          \
    /* notifications */                                                                \
    X(SQL_PUT_NOTIFICATION,                                                            \
      "INSERT INTO notification (patient, alert, rev, at_s, kind, level, state,"       \
      " therapist, words) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)")                \
    X(SQL_EACH_NOTIFICATION, "SELECT seq, alert, at_s, told FROM notification"         \
                             " WHERE seq > ?1 ORDER BY seq")                           \
    X(SQL_FIND_NOTIFICATION,                                                           \
      "SELECT p.id, n.alert, n.rev, n.at_s, n.kind, n.level, n.state, n.therapist,"    \
      " n.words, n.told, p.name FROM notification AS n"                                \
      " JOIN patient AS p ON p.key = n.patient WHERE n.seq = ?1")                      \
    X(SQL_NOTIFICATION_TOLD, "UPDATE notification SET told = ?2 WHERE seq = ?1")       \
    X(SQL_DROP_NOTIFICATION, "DELETE FROM notification WHERE seq = ?1")                \
    X(SQL_COUNT_NOTIFICATIONS,                                                         \
      "SELECT count(*), coalesce(min(at_s), 0) FROM notification")                     \
    /* refused messages */                                                             \
    X(SQL_PUT_REJECTED,                                                                \
      "INSERT INTO rejected (at_s, refusal, why, topic, payload, retained,"            \
      " clock, known, holder) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)")            \
    X(SQL_REJECTED_ROOM, /* unknown topics and known patients */                       \
      "SELECT known, n, bytes FROM rejected_total")                                    \
    X(SQL_PRUNE_REJECTED, /* the oldest of the largest holder of kind ?1 */            \
      "DELETE FROM rejected WHERE id = (SELECT min(id) FROM rejected"                  \
      " WHERE known = ?1 AND holder = (SELECT holder FROM rejected_share"              \
      " WHERE known = ?1"                                                              \
      " ORDER BY n * " REJECTED_ROW_BYTES " + bytes DESC LIMIT 1))")                   \
    X(SQL_EACH_REJECTED,                                                               \
      "SELECT " SQL_REJECTED " FROM rejected ORDER BY id DESC LIMIT ?1")               \
    X(SQL_MARK_REJECTED, "UPDATE rejected SET retry = 1 WHERE id = ?1")                \
    X(SQL_EACH_MARKED,                                                                 \
      "SELECT " SQL_REJECTED " FROM rejected WHERE retry = 1 ORDER BY id LIMIT ?1")    \
    X(SQL_REFUSE_AGAIN, "UPDATE rejected SET refusal = ?2, why = ?3, retry = 0"        \
                        " WHERE id = ?1")                                              \
    X(SQL_DROP_REJECTED, "DELETE FROM rejected WHERE id = ?1")                         \
    X(SQL_DROP_HELD, "DELETE FROM rejected WHERE known = 1 AND holder = ?1")           \
    /* the clocks that date receipts, see store_clock.c */                             \
    X(SQL_PUT_CLOCK, "INSERT OR REPLACE INTO clock (key, boot, offset_ms, since_ms,"   \
                     " seen_ms, offset_before_ms, reported_at_s)"                      \
                     " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")                           \
    X(SQL_PRUNE_CLOCKS, "DELETE FROM clock WHERE key <= ?1 - 100")                     \
    X(SQL_LAST_CLOCK, "SELECT key, boot, offset_ms, since_ms, seen_ms,"                \
                      " offset_before_ms, reported_at_s FROM clock"                    \
                      " ORDER BY key DESC LIMIT 1")                                    \
    X(SQL_NEXT_TO_COME, /* the first total, score or level after ?1 */                 \
      "SELECT min(at_s) FROM (SELECT (SELECT min(at_s) FROM total"                     \
      " WHERE device = d.key AND at_s > ?1) AS at_s FROM device AS d"                  \
      " UNION ALL SELECT (SELECT min(at_s) FROM pain"                                  \
      " WHERE patient = p.key AND at_s > ?1) FROM patient AS p"                        \
      " UNION ALL SELECT battery_at_s FROM device WHERE battery_at_s > ?1)")           \
    X(SQL_COUNTED_SPAN, /* of patient ?1, until ?2 */                                  \
      "SELECT min(first_s), max(last_s) FROM (SELECT"                                  \
      " (SELECT min(at_s) FROM total WHERE device = d.key) AS first_s,"                \
      " (SELECT max(at_s) FROM total WHERE device = d.key AND at_s <= ?2) AS last_s"   \
      " FROM device AS d WHERE d.patient = ?1 UNION ALL SELECT"                        \
      " (SELECT min(at_s) FROM pain WHERE patient = ?1),"                              \
      " (SELECT max(at_s) FROM pain WHERE patient = ?1 AND at_s <= ?2))")              \
    /* Rows may move onto keys of rows yet to move: unused clocks keep them apart. */  \
    X(SQL_TOTALS_OF_CLOCK, "SELECT min(at_s), max(at_s) FROM total"                    \
                           " WHERE device = ?1 AND clock = ?2")                        \
    X(SQL_REDATE_TOTALS, "UPDATE total SET at_s = at_s + ?3, clock = -1 - ?2"          \
                         " WHERE device = ?1 AND clock = ?2")                          \
    X(SQL_REDATED_TOTALS, "UPDATE total SET clock = ?2"                                \
                          " WHERE device = ?1 AND clock = -1 - ?2")                    \
    X(SQL_DROP_TOTALS, "DELETE FROM total"                                             \
                       " WHERE device = ?1 AND clock = ?2 AND at_s > ?3")              \
    X(SQL_PAINS_OF_CLOCK, "SELECT min(at_s), max(at_s) FROM pain"                      \
                          " WHERE patient = ?1 AND clock = ?2")                        \
    X(SQL_REDATE_PAINS, "UPDATE pain SET at_s = at_s + ?3, clock = -1 - ?2"            \
                        " WHERE patient = ?1 AND clock = ?2")                          \
    X(SQL_REDATED_PAINS, "UPDATE pain SET clock = ?2"                                  \
                         " WHERE patient = ?1 AND clock = -1 - ?2")                    \
    X(SQL_DROP_PAINS, "DELETE FROM pain"                                               \
                      " WHERE patient = ?1 AND clock = ?2 AND at_s > ?3")              \
    X(SQL_REDATE_BATTERIES, "UPDATE device SET battery_at_s = battery_at_s + ?3"       \
                            " WHERE patient = ?1 AND battery_clock = ?2")              \
    X(SQL_DROP_BATTERIES, "UPDATE device SET battery_at_s = 0, battery_pct = 0"        \
                          " WHERE patient = ?1 AND battery_clock = ?2"                 \
                          " AND battery_at_s > ?3")                                    \
    X(SQL_REDATE_HEARD, "UPDATE patient SET heard_at_s = heard_at_s + ?3"              \
                        " WHERE key = ?1 AND heard_clock = ?2")                        \
    X(SQL_CUT_HEARD, "UPDATE patient SET heard_at_s = min(heard_at_s, ?2),"            \
                     " added_at_s = min(added_at_s, ?2) WHERE key = ?1"                \
                     " AND max(heard_at_s, added_at_s) > ?2")                          \
    X(SQL_REDATE_SILENCE, /* what open alerts rest on */                               \
      "UPDATE alert SET span_from_s = span_from_s + ?3, span_to_s = span_to_s + ?3"    \
      " WHERE patient = ?1 AND kind = 'silent' AND state <> 'closed' AND EXISTS"       \
      " (SELECT 1 FROM patient WHERE key = ?1 AND heard_clock = ?2)")                  \
    X(SQL_REDATE_REST,                                                                 \
      "UPDATE alert SET span_from_s = span_from_s + ?3, span_to_s = span_to_s + ?3"    \
      " WHERE patient = ?1 AND kind = 'rest' AND state <> 'closed' AND EXISTS"         \
      " (SELECT 1 FROM device AS d CROSS JOIN total AS t ON t.device = d.key"          \
      " WHERE d.patient = ?1 AND t.clock = ?2"                                         \
      " AND t.at_s BETWEEN alert.span_from_s AND alert.span_to_s)")                    \
    X(SQL_REDATE_PAIN,                                                                 \
      "UPDATE alert SET"                                                               \
      " span_from_s = span_from_s + iif(EXISTS (SELECT 1 FROM pain WHERE"              \
      " patient = ?1 AND clock = ?2 AND at_s = alert.span_from_s), ?3, 0),"            \
      " span_to_s = span_to_s + iif(EXISTS (SELECT 1 FROM pain WHERE"                  \
      " patient = ?1 AND clock = ?2 AND at_s = alert.span_to_s), ?3, 0)"               \
      " WHERE patient = ?1 AND kind = 'pain' AND state <> 'closed'")                   \
    X(SQL_REDATE_SHELVED, "UPDATE alert SET shelved_until_s ="                         \
                          " max(?1, shelved_until_s + ?2) WHERE state <> 'closed'"     \
                          " AND shelved_until_s > ?1 AND updated_at_s > ?1")           \
    X(SQL_REDATE_REJECTED, "UPDATE rejected SET at_s = at_s + ?2 WHERE clock = ?1")    \
    X(SQL_RETRY_MISDATED, "UPDATE rejected SET retry = 1 WHERE clock = ?1"             \
                          " AND at_s >= ?2 AND refusal IN ('future', 'too-old')")      \
    X(SQL_REDATE_INCIDENTS,                                                            \
      "UPDATE OR REPLACE incident SET at_s = at_s + ?2,"                               \
      " over_at_s = over_at_s + iif(over_at_s > ?1, ?2, 0) WHERE at_s > ?1")           \
    X(SQL_DROP_INCIDENT, "DELETE FROM incident WHERE kind = ?1 AND at_s = ?2")         \
    /* the state of the gateway itself */                                              \
    X(SQL_PUT_HEALTH, "INSERT OR REPLACE INTO health (one, " SQL_HEALTH ")"            \
                      " VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11,"      \
                      " ?12, ?13, ?14, ?15)")                                          \
    X(SQL_GET_HEALTH, "SELECT " SQL_HEALTH " FROM health")                             \
    X(SQL_PRUNE_MISSED, "DELETE FROM source_missed WHERE last_s < ?1")                 \
    X(SQL_ADD_MISSED,                                                                  \
      "INSERT INTO source_missed VALUES (?1, ?2, ?3, ?4, ?5, ?6)"                      \
      " ON CONFLICT (source) DO UPDATE SET last_s = max(last_s, excluded.last_s),"     \
      " n_missed = n_missed + excluded.n_missed, n_seen = n_seen + excluded.n_seen,"   \
      " example = excluded.example")                                                   \
    X(SQL_EACH_MISSED, "SELECT source, since_s, last_s, n_missed, n_seen, example"     \
                       " FROM source_missed WHERE last_s >= ?1 ORDER BY source")       \
    X(SQL_EXTEND_ONLINE,                                                               \
      "UPDATE online_span SET to_s = max(to_s, ?2) WHERE from_s = ?1")                 \
    X(SQL_ADD_ONLINE, "INSERT INTO online_span (from_s, to_s) VALUES (?1, ?2)")        \
    X(SQL_DROP_ONLINE, "DELETE FROM online_span WHERE from_s >= ?1")                   \
    X(SQL_CUT_ONLINE, "UPDATE online_span SET to_s = ?1 WHERE to_s > ?1")              \
    X(SQL_PRUNE_ONLINE, "DELETE FROM online_span WHERE from_s <= (SELECT from_s"       \
                        " FROM online_span ORDER BY from_s DESC LIMIT 1 OFFSET ?1)")   \
    X(SQL_GET_ONLINE, "SELECT from_s, to_s FROM online_span"                           \
                      " ORDER BY from_s DESC LIMIT ?1")                                \
    X(SQL_FIRST_ONLINE, "SELECT coalesce(min(from_s), 0) FROM online_span")            \
    X(SQL_PUT_INCIDENT,                                                                \
      "INSERT OR REPLACE INTO incident (kind, at_s, over_at_s, text)"                  \
      " VALUES (?1, ?2, ?3, ?4)")                                                      \
    X(SQL_PRUNE_INCIDENTS, "DELETE FROM incident WHERE at_s <= (SELECT at_s"           \
                           " FROM incident ORDER BY at_s DESC LIMIT 1 OFFSET ?1)")     \
    X(SQL_GET_INCIDENTS, "SELECT kind, at_s, over_at_s, text FROM incident"            \
                         " WHERE at_s >= ?1 OR over_at_s = 0 OR over_at_s >= ?1"       \
                         " ORDER BY at_s DESC")                                        \
    X(SQL_PUT_META, "INSERT OR REPLACE INTO meta (name, text) VALUES (?1, ?2)")        \
    X(SQL_GET_META, "SELECT text FROM meta WHERE name = ?1")                           \
    /* contacts, and who did what */                                                   \
    X(SQL_PUT_CONTACT,                                                                 \
      "INSERT INTO contact (patient, at_s, who, outcome, alert, note)"                 \
      " VALUES (?1, ?2, ?3, ?4, ?5, ?6)")                                              \
    X(SQL_LAST_CONTACT, "SELECT " SQL_CONTACT " AND c.patient = ?1"                    \
                        " ORDER BY c.at_s DESC, c.key DESC LIMIT 1")                   \
    X(SQL_EACH_CONTACT, "SELECT " SQL_CONTACT " AND c.patient = ?1"                    \
                        " AND c.at_s >= ?2 AND c.at_s < ?3 ORDER BY c.at_s, c.key")    \
    X(SQL_EVERY_CONTACT, "SELECT " SQL_CONTACT " AND c.at_s >= ?1 AND c.at_s < ?2"     \
                         " ORDER BY c.at_s, c.key")                                    \
    X(SQL_AUDIT_HEAD,                                                                  \
      "SELECT key, hash, cut_key, cut_hash, cut_at_s FROM audit_chain")                \
    X(SQL_PUT_AUDIT, "INSERT INTO audit (key, at_s, who, how, what, patient, detail,"  \
                     " salt, subject, hash)"                                           \
                     " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)")              \
    X(SQL_VERIFY_AUDIT,                                                                \
      "SELECT key, at_s, erased, who, how, what, patient, detail, salt, subject, hash" \
      " FROM audit ORDER BY key")                                                      \
    X(SQL_COUNT_EMPTIED,                                                               \
      "SELECT count(*) FROM audit WHERE erased <> 0 AND erased = ?1")                  \
    X(SQL_FIND_EMPTIED, /* without an erasure */                                       \
      "SELECT a.key FROM audit AS a LEFT JOIN audit AS e ON e.key = a.erased"          \
      " AND e.key > a.key AND e.what = ?1"                                             \
      " WHERE a.erased <> 0 AND e.key IS NULL ORDER BY a.key LIMIT 1")                 \
    /* by time, the newest first: each has its index */                                \
    X(SQL_EACH_AUDIT, "SELECT " SQL_AUDIT " WHERE ?1 = '' AND ?2 = ''"                 \
                      " AND at_s >= ?3" SQL_AUDIT_ORDER)                               \
    X(SQL_EACH_AUDIT_BY, "SELECT " SQL_AUDIT " WHERE ?1 = '' AND who = ?2"             \
                         " AND at_s >= ?3" SQL_AUDIT_ORDER)                            \
    X(SQL_EACH_AUDIT_OF, "SELECT " SQL_AUDIT " WHERE patient <> '' AND patient = ?1"   \
                         " AND (?2 = '' OR who = ?2) AND at_s >= ?3" SQL_AUDIT_ORDER)  \
    X(SQL_ERASE_AUDIT, "UPDATE audit SET patient = '', detail = '', salt = x'',"       \
                       " erased = (SELECT key + 1 FROM audit_chain)"                   \
                       " WHERE patient <> '' AND patient = ?1")                        \
    /* what is older than the clinic keeps */                                          \
    X(SQL_GET_KEPT, "SELECT from_s FROM kept WHERE what = ?1")                         \
    X(SQL_PUT_KEPT, "INSERT INTO kept VALUES (?1, ?2) ON CONFLICT (what) DO UPDATE"    \
                    " SET from_s = excluded.from_s WHERE excluded.from_s > from_s")    \
    X(SQL_HAS_OLD_RECENT,                                                              \
      "SELECT count(*) FROM (SELECT 1 FROM recent WHERE start_s < ?1 LIMIT 1)")        \
    X(SQL_FIND_OLD_RUN,                                                                \
      "SELECT d.key FROM device AS d WHERE EXISTS (SELECT 1 FROM readings_run AS r"    \
      " WHERE r.device = d.key AND r.start_s < ?1) LIMIT 1")                           \
    X(SQL_REMOVE_OLD_RUNS,                                                             \
      "DELETE FROM readings_run WHERE rowid IN (SELECT rowid FROM readings_run"        \
      " WHERE device = ?1 AND start_s < ?2 ORDER BY start_s LIMIT ?3)")                \
    X(SQL_FIND_OLD_TOTAL, /* the newest one before stays: the next counts from it */   \
      "SELECT d.key FROM device AS d WHERE EXISTS (SELECT 1 FROM total AS t"           \
      " WHERE t.device = d.key AND t.at_s < (SELECT max(at_s) FROM total"              \
      " WHERE device = d.key AND at_s < ?1)) LIMIT 1")                                 \
    X(SQL_REMOVE_OLD_TOTALS,                                                           \
      "DELETE FROM total WHERE (device, at_s, clock) IN (SELECT device, at_s, clock"   \
      " FROM total WHERE device = ?1 AND at_s < (SELECT max(at_s) FROM total"          \
      " WHERE device = ?1 AND at_s < ?2) ORDER BY at_s LIMIT ?3)")                     \
    X(SQL_FIND_OLD_PAIN,                                                               \
      "SELECT p.key FROM patient AS p WHERE EXISTS (SELECT 1 FROM pain"                \
      " WHERE patient = p.key AND at_s < ?1) LIMIT 1")                                 \
    X(SQL_REMOVE_OLD_PAINS,                                                            \
      "DELETE FROM pain WHERE (patient, at_s, clock) IN (SELECT patient, at_s, clock"  \
      " FROM pain WHERE patient = ?1 AND at_s < ?2 ORDER BY at_s LIMIT ?3)")           \
    X(SQL_REMOVE_OLD_REJECTED,                                                         \
      "DELETE FROM rejected WHERE at_s < ?1"                                           \
      " AND id IN (SELECT id FROM rejected ORDER BY id LIMIT ?2)")                     \
    X(SQL_REMOVE_OLD_ALERTS,                                                           \
      "DELETE FROM alert WHERE id IN (SELECT id FROM alert WHERE state = 'closed'"     \
      " AND updated_at_s < ?1 ORDER BY updated_at_s LIMIT ?2)")                        \
    X(SQL_REMOVE_OLD_CONTACTS,                                                         \
      "DELETE FROM contact WHERE key IN (SELECT key FROM contact"                      \
      " WHERE at_s < ?1 LIMIT ?2)")                                                    \
    X(SQL_OLDEST_AUDIT, "SELECT key, at_s, hash FROM audit ORDER BY key LIMIT ?1")     \
    X(SQL_CUT_AUDIT,                                                                   \
      "UPDATE audit_chain SET cut_key = ?1, cut_at_s = ?2, cut_hash = ?3")             \
    X(SQL_REMOVE_OLD_AUDIT, "DELETE FROM audit WHERE key <= ?1")                       \
    /* who may log in, in a database of their own: users.c */                          \
    X(SQL_ADD_USER,                                                                    \
      "INSERT INTO user (id, role, sees_team, hides_names, created_at_s)"              \
      " VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (id) DO NOTHING")                      \
    X(SQL_SWITCH_NAMES, "UPDATE user SET hides_names = NOT hides_names WHERE id = ?1") \
    X(SQL_PUT_USER,                                                                    \
      "UPDATE user SET role = ?2, sees_team = ?3, hides_names = ?4 WHERE id = ?1")     \
    X(SQL_FIND_USER, "SELECT " SQL_USER " FROM user AS u WHERE u.id = ?1")             \
    X(SQL_EACH_USER, "SELECT " SQL_USER " FROM user AS u ORDER BY u.id")               \
    X(SQL_COUNT_USERS, "SELECT count(*) FROM user")                                    \
    X(SQL_IS_LAST_ADMIN, /* nobody else could name another one */                      \
      "SELECT count(*) FROM user AS u WHERE id = ?1 AND role = 'admin' AND locked = 0" \
      " AND NOT EXISTS (SELECT 1 FROM user AS o WHERE o.role = 'admin'"                \
      " AND o.locked = 0 AND o.password <> '' AND o.id <> u.id)")                      \
    X(SQL_LOCK_USER, "UPDATE user SET locked = ?2 WHERE id = ?1")                      \
    X(SQL_REMOVE_USER, "DELETE FROM user WHERE id = ?1")                               \
    X(SQL_GET_PASSWORD, "SELECT password FROM user WHERE id = ?1 AND locked = 0")      \
    X(SQL_PUT_PASSWORD, "UPDATE user SET password = ?2 WHERE id = ?1")                 \
    X(SQL_ADD_SESSION,                                                                 \
      "INSERT INTO session (hash, user, created_at_s, used_at_s)"                      \
      " SELECT ?1, key, ?3, ?3 FROM user WHERE id = ?2 AND locked = 0")                \
    X(SQL_LOGGED_IN, "UPDATE user SET logged_in_at_s = ?2 WHERE id = ?1")              \
    X(SQL_PRUNE_SESSIONS,                                                              \
      "DELETE FROM session WHERE hash IN (SELECT s.hash FROM session AS s JOIN user"   \
      " AS u ON u.key = s.user WHERE u.id = ?1"                                        \
      " ORDER BY s.hash = ?3 DESC, s.used_at_s DESC LIMIT -1 OFFSET ?2)")              \
    X(SQL_FIND_SESSION, "SELECT " SQL_USER " FROM session AS s JOIN user AS u"         \
                        " ON u.key = s.user WHERE s.hash = ?1 AND u.locked = 0"        \
                        " AND s.used_at_s >= ?2")                                      \
    X(SQL_TOUCH_SESSION, "UPDATE session SET used_at_s = ?2 WHERE hash = ?1"           \
                         " AND used_at_s NOT BETWEEN ?2 - ?3 + 1 AND ?2")              \
    X(SQL_SESSION_IS_DUE, "SELECT count(*) FROM session WHERE hash = ?1"               \
                          " AND used_at_s NOT BETWEEN ?2 - ?3 + 1 AND ?2")             \
    X(SQL_END_SESSION, "DELETE FROM session WHERE hash = ?1")                          \
    X(SQL_END_SESSIONS, "DELETE FROM session"                                          \
                        " WHERE user = (SELECT key FROM user WHERE id = ?1)")          \
    X(SQL_PUT_INVITE, "INSERT OR REPLACE INTO invite (user, hash, ends_at_s)"          \
                      " SELECT key, ?2, ?3 FROM user WHERE id = ?1 AND locked = 0")    \
    X(SQL_FIND_INVITE, "SELECT " SQL_USER " FROM invite AS i JOIN user AS u"           \
                       " ON u.key = i.user WHERE i.hash = ?1 AND u.locked = 0"         \
                       " AND i.ends_at_s > ?2")                                        \
    X(SQL_END_INVITE, "DELETE FROM invite"                                             \
                      " WHERE user = (SELECT key FROM user WHERE id = ?1)")            \
    X(SQL_COUNT_TOKENS, "SELECT count(*) FROM token"                                   \
                        " WHERE user = (SELECT key FROM user WHERE id = ?1)")          \
    X(SQL_END_TOKENS, "DELETE FROM token WHERE ends_at_s <= ?2"                        \
                      " AND user = (SELECT key FROM user WHERE id = ?1)")              \
    X(SQL_ADD_TOKEN, "INSERT INTO token (hash, user, name, created_at_s, ends_at_s)"   \
                     " SELECT ?2, key, ?3, ?4, ?5 FROM user WHERE id = ?1"             \
                     " ON CONFLICT (user, name) DO NOTHING")                           \
    X(SQL_FIND_TOKEN, "SELECT " SQL_USER " FROM token AS t JOIN user AS u"             \
                      " ON u.key = t.user WHERE t.hash = ?1 AND u.locked = 0"          \
                      " AND t.ends_at_s > ?2")                                         \
    X(SQL_TOUCH_TOKEN, "UPDATE token SET used_at_s = ?2 WHERE hash = ?1"               \
                       " AND used_at_s NOT BETWEEN ?2 - ?3 + 1 AND ?2")                \
    X(SQL_TOKEN_IS_DUE, "SELECT count(*) FROM token WHERE hash = ?1"                   \
                        " AND used_at_s NOT BETWEEN ?2 - ?3 + 1 AND ?2")               \
    X(SQL_EACH_TOKEN,                                                                  \
      "SELECT t.key, u.id, t.name, t.created_at_s, t.ends_at_s, t.used_at_s"           \
      " FROM token AS t JOIN user AS u ON u.key = t.user"                              \
      " WHERE ?1 = '' OR u.id = ?1 ORDER BY u.id, t.name")                             \
    X(SQL_REMOVE_TOKEN, "DELETE FROM token WHERE name = ?2"                            \
                        " AND user = (SELECT key FROM user WHERE id = ?1)")

enum sw_sql {
#define X(name, text) name,
    SW_STATEMENTS(X)
#undef X
        SW_SQLS,
};

#endif
