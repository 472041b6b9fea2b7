/* zone.h -- what the host's own parts share about time zones. */
#ifndef HOST_ZONE_H
#define HOST_ZONE_H

#include "stepward/civil.h"

/* True if tzdata has a zone of this name; no other file can be named by it. */
bool sw_zone_exists(const char *name);

/* The end of what sw_zone_load() covers at that time, and what it does. */
int64_t zone_covered_until(int64_t now_s);
int zone_load_until(struct sw_zone *ret, const char *name, int64_t until_s);

#endif
