/* patient_contacts.c -- what is done about a patient: open alerts with their buttons, what
 * came of them, contacts that were noted, and a form for one more. */
#include <stdio.h>
#include <string.h>

#include "board/alert_forms.h"
#include "board/patient_parts.h"
#include "chart/words.h"
#include "stepward/rule.h"
#include "stepward/wire.h"
#include "util/number.h"

enum { CONTACTS_SHOWN = 20 };

const char *board_contact_word(enum sw_contact_outcome outcome)
{
    static const char *const words[SW_CONTACTS] = {
        [SW_CONTACT_CALLED] = W_CONTACT_CALLED,
        [SW_CONTACT_VISIT] = W_CONTACT_VISIT,
        [SW_CONTACT_PLAN] = W_CONTACT_PLAN,
        [SW_CONTACT_DEVICE] = W_CONTACT_DEVICE,
        [SW_CONTACT_NOTHING] = W_CONTACT_NOTHING};
    return words[outcome];
}

/* The fields of a contact; about an alert, if there is one. */
static void contact_form(const struct board_view *view, struct mk *m,
                         const char *patient, const char *alert)
{
    static const char *const words[SW_CONTACTS] = {
        [SW_CONTACT_CALLED] = W_OUTCOME_CALLED,
        [SW_CONTACT_VISIT] = W_OUTCOME_VISIT,
        [SW_CONTACT_PLAN] = W_OUTCOME_PLAN,
        [SW_CONTACT_DEVICE] = W_OUTCOME_DEVICE,
        [SW_CONTACT_NOTHING] = W_OUTCOME_NOTHING};
    board_form(view, m, "/act/contact");
    board_hidden(m, "patient", patient);
    if (alert)
        board_hidden(m, "alert", alert);
    mk_open(m, "select");
    mk_attr(m, "name", "outcome");
    mk_attr(m, "aria-label", W_ALERTS_OUTCOME);
    for (int i = 0; i < SW_CONTACTS; i++) {
        mk_open(m, "option");
        mk_attr(m, "value", sw_contact_name((enum sw_contact_outcome)i));
        mk_text(m, words[i]);
        mk_close(m);
    }
    mk_close(m);
    mk_open(m, "input");
    mk_attr(m, "type", "text");
    mk_attr(m, "name", "note");
    mk_attr_int(m, "maxlength", SW_ALERT_NOTE_MAX);
    mk_attr(m, "placeholder", W_ALERTS_NOTE);
    mk_attr(m, "aria-label", W_ALERTS_NOTE);
    mk_close(m);
    mk_element(m, "button", W_ALERTS_RECORD);
    mk_close(m);
}

/* ---- open alerts ---- */

struct open_alerts {
    const struct board_view *view;
    struct mk *m;
    const struct sw_patient *patient;
    size_t n;
};

static void begin_section(struct open_alerts *alerts)
{
    struct mk *m = alerts->m;
    mk_open_keyed(m, "section", "open-alerts");
    mk_attr(m, "class", "card open-alerts");
    mk_element(m, "h2", W_PATIENT_OPEN_NOW);
    mk_open(m, "ul");
    mk_attr(m, "class", "happened");
}

static int put_open(void *ctx, int64_t patient_key, const struct sw_alert *alert)
{
    struct open_alerts *alerts = ctx;
    const struct board_view *view = alerts->view;
    struct mk *m = alerts->m;
    enum board_alert_state state = board_alert_state(view, alert);
    const char *about = sw_rule(alert->kind)->words->about;
    char id[SW_ALERT_ID_MAX + 1], title[BOARD_TITLE_MAX];
    (void)patient_key;
    if (alerts->n++ == 0)
        begin_section(alerts);
    sw_alert_id_format(alert, id);
    board_patient_title(view, alerts->patient, title);
    mk_open(m, "li");
    mk_open(m, "span");
    board_alert_mark(m, alert->level, state, about);
    mk_close(m);
    board_alert_says(view, m, alert);
    if (view->token) {
        board_alert_forms(view, m, id, state, NULL, title);
        mk_open(m, "details");
        mk_element(m, "summary", W_ALERTS_OUTCOME);
        contact_form(view, m, alerts->patient->id.str, id);
        mk_close(m);
    }
    mk_close(m);
    return 0;
}

int board_open_alerts(const struct board_view *view, struct mk *m,
                      const struct sw_patient *patient)
{
    struct open_alerts alerts = {view, m, patient, 0};
    struct sw_alert_filter filter = {.patient = patient->id};
    int r = sw_store_each_alert(view->store, &filter, put_open, &alerts);
    if (alerts.n > 0) {
        mk_close(m);
        mk_close(m);
    }
    return r;
}

/* ---- contacts ---- */

static void put_contact(const struct board_view *view, struct mk *m,
                        const struct sw_contact *contact)
{
    mk_open(m, "li");
    board_moment(view, m, contact->at_s);
    mk_text(m, " ");
    mk_textf(m, W_PATIENT_CONTACT_BY, board_contact_word(contact->outcome),
             contact->who);
    if (*contact->note)
        mk_textf(m, ": %s", contact->note);
    mk_close(m);
}

void board_contacts(const struct board_view *view, struct mk *m,
                    const struct sw_history *history)
{
    size_t n = history->n_contacts;
    mk_open_keyed(m, "section", "contacts");
    mk_attr(m, "class", "card");
    mk_element(m, "h2", W_PATIENT_CONTACTS);
    mk_open(m, "ul");
    mk_attr(m, "class", "happened");
    for (size_t i = n; i-- > 0 && n - i <= CONTACTS_SHOWN;)
        put_contact(view, m, &history->contacts[i]);
    if (n == 0)
        mk_element(m, "li", W_PATIENT_NO_CONTACT);
    if (n > CONTACTS_SHOWN) {
        mk_open(m, "li");
        mk_attr(m, "class", "quiet");
        mk_textf(m, W_PATIENT_MORE, n - CONTACTS_SHOWN);
        mk_close(m);
    }
    mk_close(m);
    if (view->token) {
        mk_element(m, "h3", W_PATIENT_NOTE_ONE);
        contact_form(view, m, history->patient.id.str, NULL);
    }
    mk_close(m);
}
