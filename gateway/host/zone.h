/* zone.h -- what the host's own parts share about time zones. */
#ifndef HOST_ZONE_H
#define HOST_ZONE_H

#include <stdbool.h>

/* True if tzdata has a zone of this name; no other file can be named by it. */
bool sw_zone_exists(const char *name);

#endif
