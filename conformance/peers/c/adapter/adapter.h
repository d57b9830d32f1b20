/*
 * The adapter: what its files share. A verb returns NULL, and then the fields that it has put are the answer, or a class, or
 * "unsupported".
 */
#ifndef ADAPTER_H
#define ADAPTER_H

#include "ockam_secrets.h"
#include "peer.h"
#include "values.h"

enum { CHANNELS = 64, SERVICES = 64, SECRETS = 255 };

/* A channel that the kit has numbered. */
typedef struct slot {
    ockam_channel *channel;
    int over;
    uint64_t now;
    ockam_address remote;
    ockam_frames frames;
    uint8_t peer[OCKAM_PUBLIC_MAX]; /* the one key that its policy takes */
    size_t peer_size;
} slot;

typedef struct adapter {
    line l;
    slot *slots[CHANNELS], *current;
    peer_service *services[SERVICES];
    size_t running;
    ockam_work *work;
    ockam_secrets *vault;
    ockam_secret secrets[SECRETS + 1]; /* by the kit's numbers */
    bool greeted, done;
    ockam_frames frames;
    uint8_t out[LINE_MAX_SIZE / 2];
} adapter;

/* NULL if it is OCKAM_OK. */
const char *class_of(ockam_status status);
/* The profile of a request, v1 if it has none; NULL if there is no such. */
const ockam_profile *profile_of(adapter *a);

/* channels.c */
void forget(adapter *a, size_t ch);
const char *open_channel(adapter *a);
const char *feed(adapter *a);
const char *write_payload(adapter *a);
const char *tick(adapter *a);
const char *claims(adapter *a);
const char *close_channel(adapter *a);

/* network.c */
const char *listen_on(adapter *a);
const char *connect_to(adapter *a);

/* secrets.c */
const char *vault(adapter *a);

/* codec.c */
const char *decode(adapter *a);
const char *encode(adapter *a);
const char *x25519(adapter *a);
const char *p256(adapter *a);
const char *seal(adapter *a);
const char *unseal(adapter *a);
const char *hkdf(adapter *a);
const char *sha256(adapter *a);

#endif
