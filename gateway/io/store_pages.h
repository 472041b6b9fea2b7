/* store_pages.h -- SQLite's file, with a checksum at the end of every page. */
#ifndef IO_STORE_PAGES_H
#define IO_STORE_PAGES_H

#include <sqlite3.h>

/* For sqlite3_open_v2(): made when first asked for. NULL: no memory. */
const char *sw_pages_vfs(void);

/* A new database of this connection, VACUUM INTO included, gets room for checksums. One
 * that was made without stays as it is, and is not checked. */
void sw_pages_reserve(sqlite3 *db);

#endif
