/* zone.h -- what the host's own parts share about time zones. */
#ifndef HOST_ZONE_H
#define HOST_ZONE_H

#include "stepward/civil.h"

/* True if tzdata has a zone of this name. The name cannot lead to another file. */
bool sw_zone_exists(const char *name);

/* Until when sw_zone_load() covers at that time; and the same for any such end. */
int64_t zone_covered_until(int64_t now_s);
int zone_load_until(struct sw_zone *ret, const char *name, int64_t until_s);

#endif
