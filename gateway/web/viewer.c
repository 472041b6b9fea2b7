/* viewer.c -- whose open pages are the same, so that they are drawn once; see web.h.
 *
 * A page is drawn from a viewer, which has nothing of a log-in but its rights: so it
 * cannot show what another log-in with the same rights may not see. */
#include <string.h>

#include "web/web.h"

/* No id has a blank in it, so no plan names it. */
#define NOBODY " "

int web_viewer_of(const struct web_request *request, struct web_viewer *ret)
{
    const struct sw_user *user = &request->user;
    bool sees_others =
        user->role != SW_ROLE_THERAPIST || user->sees_team; /* of a wall: the list */
    const char *caseload = user->id;
    *ret = (struct web_viewer){.role = user->role,
                               .sees_team = user->sees_team,
                               .hides_names = user->hides_names,
                               .acts = *request->token};
    if (sees_others) {
        int r = sw_store_find_caseload(request->server->store, user->id);
        if (r < 0)
            return r;
        if (r == SW_STORE_NONE)
            caseload = NOBODY;
    }
    strcpy(ret->caseload, caseload);
    return 0;
}

bool web_viewer_is_same(const struct web_viewer *a, const struct web_viewer *b)
{
    return a->role == b->role && a->sees_team == b->sees_team &&
           a->hides_names == b->hides_names && a->acts == b->acts &&
           strcmp(a->caseload, b->caseload) == 0;
}
