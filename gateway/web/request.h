/* request.h -- a request from its first line to its end, as libmicrohttpd calls us. */
#ifndef WEB_REQUEST_H
#define WEB_REQUEST_H

#include "web/web.h"

void *web_request_begin(void *cls, const char *uri, struct MHD_Connection *connection);
enum MHD_Result web_request_handle(void *cls, struct MHD_Connection *connection,
                                   const char *url, const char *method,
                                   const char *version, const char *upload,
                                   size_t *upload_size, void **con_cls);
void web_request_end(void *cls, struct MHD_Connection *connection, void **con_cls,
                     enum MHD_RequestTerminationCode code);

#endif
