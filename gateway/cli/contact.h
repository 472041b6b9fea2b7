/* contact.h -- a contact with a patient, in one line. */
#ifndef CLI_CONTACT_H
#define CLI_CONTACT_H

#include "cli/cli.h"

enum { CLI_CONTACT_MAX = 640 };
/* "12:15 called by anna, about p017-rest-1774779300: back hurts less" */
void cli_contact_format(const struct cli *cli, const struct sw_contact *contact,
                        char out[static CLI_CONTACT_MAX]);

#endif
