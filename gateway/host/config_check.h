/* config_check.h -- whether a configuration value's text is acceptable.
 * Each returns true, or false with what is accepted in why. Private to io. */
#ifndef HOST_CONFIG_CHECK_H
#define HOST_CONFIG_CHECK_H

#include "stepward/types.h"

bool sw_check_any(const char *value, char why[static SW_WHY_MAX]);
bool sw_check_site(const char *value, char why[static SW_WHY_MAX]);
bool sw_check_timezone(const char *value, char why[static SW_WHY_MAX]);
bool sw_check_path(const char *value, char why[static SW_WHY_MAX]);
bool sw_check_max_age(const char *value, char why[static SW_WHY_MAX]);
bool sw_check_max_future(const char *value, char why[static SW_WHY_MAX]);
bool sw_check_commit_interval(const char *value, char why[static SW_WHY_MAX]);
bool sw_check_alert_budget(const char *value, char why[static SW_WHY_MAX]);
bool sw_check_bool(const char *value, char why[static SW_WHY_MAX]);
bool sw_check_uri(const char *value, char why[static SW_WHY_MAX]);
bool sw_check_client_id(const char *value, char why[static SW_WHY_MAX]);
bool sw_check_protocol(const char *value, char why[static SW_WHY_MAX]);
bool sw_check_source_topic(const char *value, char why[static SW_WHY_MAX]);
bool sw_check_pointer(const char *value, char why[static SW_WHY_MAX]);
bool sw_check_member(const char *value, char why[static SW_WHY_MAX]);
bool sw_check_unit(const char *value, char why[static SW_WHY_MAX]);
bool sw_check_stamp(const char *value, char why[static SW_WHY_MAX]);
bool sw_check_seconds(const char *value, char why[static SW_WHY_MAX]);

/* A regular file that we may read. */
bool sw_check_readable(const char *path, char why[static SW_WHY_MAX]);
/* That and a secret: none of those bits of its mode are set. */
bool sw_check_secret(const char *path, unsigned bits, char why[static SW_WHY_MAX]);

bool sw_is_true(const char *value); /* of what sw_check_bool() accepts */

#endif
