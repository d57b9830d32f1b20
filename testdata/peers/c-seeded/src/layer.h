/*
 * Inside the library: one channel (section 6), of those that are inside each other. Its IO is the layer below, the lowest one's
 * the transport.
 */
#ifndef OCK_LAYER_H
#define OCK_LAYER_H

#include "noise.h"
#include "record.h"

typedef struct ock_layer {
    const ockam_config *config;
    const ockam_profile *profile;
    bool lowest;
    bool stream;
    ockam_state state;
    ockam_status why;       /* it has failed */
    size_t limit;           /* of messages */
    uint64_t deadline;      /* NOISE-013; UINT64_MAX: none yet */
    uint64_t due, interval; /* of the next repeat (TRAN-014); UINT64_MAX: none */
    uint8_t left;           /* repeats */
    ock_noise noise;        /* until open */
    ockam_route route;      /* where messages go (ROUT-008) */
    ockam_address source;   /* of m1 (TRAN-014) */
    ock_body m1, m2, m3;
    ock_records records; /* from then on */
    uint8_t h[OCKAM_HASH_SIZE], peer[OCKAM_PUBLIC_MAX];
} ock_layer;

/* What a layer did with a message. Out has room for OCKAM_MESSAGE_MAX bytes. */
typedef struct ock_result {
    uint8_t *out;
    size_t out_size;  /* 0: nothing is to be sent */
    ockam_address to; /* to where, if it has a size */
    bool opened;
    bool received;
    const uint8_t *payload;
    size_t size;
    ockam_route onward, back;
} ock_result;

/* A state that nothing leads out of (CHAN-004). */
bool ock_layer_ended(const ock_layer *layer);
ockam_status ock_layer_init(ock_layer *layer, const ockam_config *config, bool lowest);
ockam_status ock_layer_start(ock_layer *layer, uint64_t now, bool stream, size_t limit, ock_result *result);
/* Plain has room for the message, and is where a payload lies. */
ockam_status ock_layer_receive(ock_layer *layer, uint64_t now, const ockam_address *from, ockam_bytes message, uint8_t *plain,
                               ock_result *result);
ockam_status ock_layer_write(ock_layer *layer, const ockam_route *onward, const ockam_route *back, ockam_bytes payload,
                             ock_result *result);
ockam_status ock_layer_tick(ock_layer *layer, uint64_t now, ock_result *result);
uint64_t ock_layer_due(const ock_layer *layer);
/* Bytes of the longest payload (CHAN-008). */
size_t ock_layer_payload_limit(const ock_layer *layer);
/* Ends it and wipes its keys. Returns why. */
ockam_status ock_layer_end(ock_layer *layer, ockam_state state, ockam_status why);

/* Between layer.c and handshake.c: */

/* A message to a route (ROUT-004). */
ockam_status ock_layer_pack(const ock_layer *layer, const ockam_route *to, uint8_t type, ockam_bytes body, ock_result *result);
/* A message of type 3, 4, or 5, of which the return route begins with the source. */
ockam_status ock_layer_handshake(ock_layer *layer, uint64_t now, const ockam_message *message, const ockam_address *from,
                                 bool to_local, ock_result *result);
/* The next repeat, and how many. */
void ock_layer_repeat(ock_layer *layer, uint64_t now, uint8_t times);

/*
 * ROUT-002, ROUT-003: over a transport (from is not NULL) the first onward address names us, and the first return address is the
 * source.
 */
ockam_status ock_arrive(const ockam_profile *profile, const ockam_address *from, ockam_message *message);

#endif
