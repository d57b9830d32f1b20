/* The values of the adapter protocol that are the library's types: addresses, routes, profiles. */
#ifndef VALUES_H
#define VALUES_H

#include "line.h"
#include "ockam.h"

/* As those of line.h. An address that can be written, but is none (local: of no bytes), is kept for the library to refuse. */
bool value_address(line *l, const char *key, ockam_address *address);
/* The status is the library's opinion of the addresses; the route is as long as it was. */
bool value_route(line *l, const char *key, ockam_route *route, ockam_status *status);
void value_put_address(line *l, const char *key, const ockam_address *address);
void value_put_route(line *l, const char *key, const ockam_route *route);

#endif
