/* Inside the library: length-checked readers and writers, and the codec's parts. */
#ifndef OCK_WIRE_H
#define OCK_WIRE_H

#include "ockam.h"

/* What is left of a message. */
typedef struct ock_reader {
    const uint8_t *at;
    size_t left;
} ock_reader;

/* A buffer that is being filled; used is at most capacity. */
typedef struct ock_writer {
    uint8_t *data;
    size_t capacity, used;
} ock_writer;

ockam_status ock_take(ock_reader *r, size_t size, const uint8_t **bytes);
ockam_status ock_byte(ock_reader *r, uint8_t *value);
ockam_status ock_put(ock_writer *w, const void *bytes, size_t size);

ockam_status ock_read_address(ock_reader *r, ockam_address *address);
/* Version, routes (NULL: empty), and type: what is in front of a body. */
ockam_status ock_put_header(const ockam_profile *profile, ock_writer *w, const ockam_route *onward, const ockam_route *back,
                            uint8_t type);

#endif
