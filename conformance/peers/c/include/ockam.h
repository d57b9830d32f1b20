/*
 * Ockam channels, version 1 and the dialects c09 and c010, written from the specification (conformance/spec/ockam-v1.md).
 *
 * A channel is a state machine without IO and without a clock: messages and the time go in, messages and events come out. It runs
 * over TCP, UDP, or anything else that carries messages, and, with a depth above 1, over itself. No function keeps a pointer that
 * it was given, unless it says so; none may be called for one object by two threads at once; there is no global state.
 */
#ifndef OCKAM_H
#define OCKAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    OCKAM_MESSAGE_MAX = 65535, /* bytes of a wire message (REC-010) */
    OCKAM_ROUTE_MAX = 4096,    /* bytes of the addresses of one route, which at least 15 of any kind fit in (WIRE-008) */
    OCKAM_PRIVATE_SIZE = 32,
    OCKAM_PUBLIC_MAX = 65, /* bytes of a public key: 32 of X25519, 65 of P-256 */
    OCKAM_HASH_SIZE = 32,
    OCKAM_WINDOW_MAX = 1024, /* W of REC-008 */
};

/* Everything that can go wrong. Each function says OCKAM_OK or why not. */
typedef enum ockam_status {
    OCKAM_OK = 0,
    OCKAM_TRUNCATED,      /* ends inside a field */
    OCKAM_WIRE_VERSION,   /* the version is not 1 */
    OCKAM_NUMBER,         /* not a canonical u2le */
    OCKAM_TOO_MANY,       /* more addresses than are supported */
    OCKAM_UNKNOWN_TYPE,   /* of an address, a host, or a message */
    OCKAM_LENGTH,         /* of an address or a key */
    OCKAM_FORM,           /* an address that has no form on the wire */
    OCKAM_BODY,           /* a ping or pong with a body */
    OCKAM_TOO_LONG,       /* longer than the limit */
    OCKAM_MESSAGE_LENGTH, /* of a handshake message */
    OCKAM_AUTHENTICATION, /* a tag does not verify */
    OCKAM_SHORT,          /* no room for a tag */
    OCKAM_PUBLIC_KEY,     /* no such point */
    OCKAM_PRIVATE_KEY,    /* no such scalar */
    OCKAM_WEAK_KEY,       /* an all-zero result */
    OCKAM_REFLECTION,     /* one's own ephemeral key */
    OCKAM_REFUSED,        /* by the policy */
    OCKAM_UNEXPECTED,     /* not in this state or role */
    OCKAM_NOT_ADDRESSED,  /* for somebody else */
    OCKAM_INNER,          /* verified, but what is inside is malformed */
    OCKAM_DEADLINE,       /* the handshake took too long */
    OCKAM_NOT_OPEN,       /* a write before open */
    OCKAM_CLOSED,         /* closed or failed before */
    OCKAM_EXHAUSTED,      /* all counters of the direction are spent */
    OCKAM_ENDED,          /* the IO below has ended */
    OCKAM_UNSENDABLE,     /* an address that is never sent to */
    OCKAM_ARGUMENT,       /* the caller's mistake */
    OCKAM_MEMORY,         /* out of memory, or of room in a buffer */
    OCKAM_CRYPTO,         /* libcrypto has failed */
    OCKAM_NO_SECRET,      /* destroyed, of another vault, or never made */
    OCKAM_WRONG_TYPE,     /* not for a secret of that type */
    OCKAM_NOT_EXPORTABLE, /* not made to be exported */
    OCKAM_NOT_SUPPORTED,  /* the vault does not have the type or size */
    OCKAM_LABEL,          /* taken, not found, or none that the vault takes */
    OCKAM_MORE,           /* no error: a part was read, more of the same message follows */
} ockam_status;

/* A short name: "too-long". */
const char *ockam_status_name(ockam_status status);

/* --- Section 11: profiles are data --- */

typedef struct ockam_profile {
    const char *name;
    bool tcp;               /* it has TCP; all have UDP */
    bool p256;              /* P-256 and AES-128, else X25519 and AES-256 */
    bool bare_records;      /* the outer message of a record is the ciphertext alone */
    bool bind_hash;         /* the associated data of records is h, else empty */
    bool fresh_static;      /* a new static key for each handshake */
    bool repeats;           /* TRAN-014, TRAN-015, else TRAN-016 */
    uint8_t addresses;      /* in a route, at most */
    uint8_t inner_onward;   /* in the inner onward route */
    uint8_t inner_back;     /* in the inner return route */
    uint8_t public_size;    /* bytes of a public key */
    uint8_t key_size;       /* bytes of an AEAD key */
    uint16_t message_limit; /* bytes of an outer message */
    uint16_t send_limit;    /* bytes of a payload */
    uint16_t receive_limit;
} ockam_profile;

/* "v1", "c09", or "c010"; NULL for any other. */
const ockam_profile *ockam_profile_named(const char *name);

/* --- Section 4: wire messages --- */

enum { OCKAM_LOCAL = 0, OCKAM_TCP = 1, OCKAM_UDP = 2 };                       /* types of addresses */
enum { OCKAM_IPV4 = 0, OCKAM_IPV6 = 1, OCKAM_NAME = 2 };                      /* types of hosts */
enum { OCKAM_PING, OCKAM_PONG, OCKAM_PAYLOAD, OCKAM_M1, OCKAM_M2, OCKAM_M3 }; /* types of messages */

/* An address; one of size 0 is none. Zeroed it is none. */
typedef struct ockam_address {
    uint8_t type;
    uint8_t host;       /* of TCP and UDP */
    uint16_t port;      /* of TCP and UDP */
    uint8_t size;       /* of the value: 1 to 255, IPv4 4, IPv6 16, names at most 253 */
    uint8_t value[255]; /* a local address, an IP address in network order, a name */
} ockam_address;

/* Addresses as they are on the wire, without the count. Zeroed it is the empty route. Only the functions below change it. */
typedef struct ockam_route {
    uint8_t count;
    uint16_t size;
    uint8_t bytes[OCKAM_ROUTE_MAX];
} ockam_route;

typedef struct ockam_message {
    ockam_route onward, back;
    uint8_t type;
    const uint8_t *body; /* into the message that was read */
    size_t size;
} ockam_message;

/* Reading: *used is how many bytes were taken, more may follow. What is not canonical is read as it is, if it may be received. */
ockam_status ockam_u2le_read(const uint8_t *data, size_t size, uint16_t *value, size_t *used);
ockam_status ockam_address_read(const uint8_t *data, size_t size, ockam_address *address, size_t *used);
ockam_status ockam_route_read(const ockam_profile *profile, const uint8_t *data, size_t size, ockam_route *route, size_t *used);
ockam_status ockam_message_read(const ockam_profile *profile, const uint8_t *data, size_t size, ockam_message *message);

/* Writing: *used is how many bytes were written. OCKAM_MEMORY: more than capacity. */
ockam_status ockam_u2le_write(uint32_t value, uint8_t *out, size_t capacity, size_t *used);
ockam_status ockam_route_write(const ockam_profile *profile, const ockam_route *route, uint8_t *out, size_t capacity,
                               size_t *used);
ockam_status ockam_message_write(const ockam_profile *profile, const ockam_message *message, uint8_t *out, size_t capacity,
                                 size_t *used);

/* The form in which encoders write an address (WIRE-013); OCKAM_FORM or OCKAM_LENGTH if it has none. They may be the same. */
ockam_status ockam_address_canonical(const ockam_address *in, ockam_address *out);
/* Whether two addresses mean the same (WIRE-013). */
bool ockam_address_equal(const ockam_address *a, const ockam_address *b);
/* Whether an address may be sent to: no port 0, no name, not link-local, unspecified, multicast, or broadcast (WIRE-013). */
bool ockam_address_sendable(const ockam_address *address);

/* Puts the canonical form of an address behind, or in front of, the others. */
ockam_status ockam_route_append(ockam_route *route, const ockam_address *address);
ockam_status ockam_route_prepend(ockam_route *route, const ockam_address *address);
void ockam_route_remove_first(ockam_route *route);
/* Walks over a route: *offset is 0 at first; false behind the last. */
bool ockam_route_next(const ockam_route *route, size_t *offset, ockam_address *address);
/* The same addresses in canonical form (WIRE-015). In and out differ. */
ockam_status ockam_route_canonical(const ockam_route *in, ockam_route *out);

/* --- Section 3.1: frames on a stream --- */

typedef struct ockam_frames {
    size_t have; /* bytes of the frame that is not complete, its length included */
    size_t limit;
    uint8_t bytes[2 + OCKAM_MESSAGE_MAX];
} ockam_frames;

void ockam_frames_init(ockam_frames *frames, size_t limit);
/*
 * Takes bytes from *data until a frame is complete. Then *message is set, and valid until the next call; NULL if there is none
 * yet. Call it until *size is 0 and *message is NULL. OCKAM_TOO_LONG ends the connection (TRAN-008).
 */
ockam_status ockam_frames_next(ockam_frames *frames, const uint8_t **data, size_t *size, const uint8_t **message,
                               size_t *message_size);
/* What is in front of a message; OCKAM_TOO_LONG if no frame is that long (TRAN-005). */
ockam_status ockam_frame_header(size_t message_size, uint8_t header[2]);
/* At the end of the stream: OCKAM_TRUNCATED inside a frame (TRAN-004). */
ockam_status ockam_frames_end(const ockam_frames *frames);

/* --- Sections 5 to 8: channels --- */

typedef enum ockam_role { OCKAM_INITIATOR, OCKAM_RESPONDER } ockam_role;

typedef enum ockam_state {
    OCKAM_START,
    OCKAM_SENT_M1,
    OCKAM_SENT_M2,
    OCKAM_STATE_OPEN,
    OCKAM_STATE_CLOSED,
    OCKAM_FAILED
} ockam_state;

/* Tells whether a static public key is accepted (NOISE-011). */
typedef bool (*ockam_policy)(const void *context, const uint8_t *key, size_t size);

/* Accepts any key: chosen by name, never by default. */
bool ockam_accept_any(const void *context, const uint8_t *key, size_t size);

/* What a channel is made with. Zeroed fields are the defaults; profile and policy are required. */
typedef struct ockam_config {
    const ockam_profile *profile; /* kept */
    ockam_role role;
    uint8_t static_key[OCKAM_PRIVATE_SIZE];
    ockam_policy policy;
    const void *policy_context; /* kept */
    bool stream;                /* the IO below keeps the order, loses nothing, and carries nothing else (CHAN-011) */
    size_t depth;               /* channels inside each other; 0 means 1 */
    ockam_address own;          /* transport address of this end; none: an IO without addresses */
    ockam_address remote;       /* and of the other one, to which an initiator's m1 goes */
    ockam_route route;          /* onward route of an initiator's m1; empty: remote alone */
    ockam_address address;      /* own local address (CHAN-010) */
    ockam_address listener;     /* local address of the listener for which a responder stands */
    uint32_t window;            /* W of REC-008, 32 to OCKAM_WINDOW_MAX; 0 means 64 */
    size_t limit;               /* longest message that the IO below carries; 0: as the transport has it (REC-010) */
    uint32_t deadline;          /* milliseconds for each handshake, at most 30,000 (NOISE-013); 0 means 10,000 */
    bool fixed_ephemeral_for_tests;
    uint8_t ephemeral_for_tests[OCKAM_PRIVATE_SIZE];
} ockam_config;

typedef struct ockam_channel ockam_channel;
typedef struct ockam_work ockam_work; /* buffers, for any number of channels of one thread */

ockam_work *ockam_work_new(void);
void ockam_work_free(ockam_work *work); /* NULL is none */

/* What a channel works with while it works. */
typedef struct ockam_io {
    uint64_t now; /* milliseconds of any clock that does not go back */
    ockam_work *work;
    /*
     * Sends a message, to NULL if the IO has no addresses. On a stream a failure is fatal to the channel. It does not call the
     * channel.
     */
    ockam_status (*send)(void *context, const ockam_address *to, const uint8_t *message, size_t size);
    void *context;
} ockam_io;

/* What happened, beside what was sent. */
typedef struct ockam_event {
    bool opened;            /* the (innermost) handshake is complete */
    bool received;          /* a payload was, with its inner routes (REC-011) */
    const uint8_t *payload; /* valid until work is used to receive again: it can be written back */
    size_t size;
    ockam_route onward, back;
} ockam_event;

/* A message that an application reads in parts (IO-002): {event->payload, event->size}. */
typedef struct ockam_message_reader {
    const uint8_t *rest;
    size_t size;
} ockam_message_reader;

/* Reads so many bytes at most: OCKAM_MORE if the message has more, OCKAM_OK with its last part, which is empty if it is. */
ockam_status ockam_read(ockam_message_reader *reader, uint8_t *out, size_t capacity, size_t *size);

/* What a channel claims; of the innermost, if it is not the only one. */
typedef struct ockam_claims {
    ockam_state state;
    ockam_status why;               /* it has failed */
    bool proven;                    /* open: what follows is known */
    uint8_t h[OCKAM_HASH_SIZE];     /* channel binding (NOISE-014) */
    uint8_t peer[OCKAM_PUBLIC_MAX]; /* its static public key */
    size_t peer_size;
    uint32_t sent, received; /* counters that are spent */
    size_t limit;            /* bytes of a payload (CHAN-008) */
} ockam_claims;

ockam_status ockam_channel_new(const ockam_config *config, ockam_channel **channel);
/* Wipes the keys. NULL is none. */
void ockam_channel_free(ockam_channel *channel);

/* Starts the handshake: an initiator sends m1, a responder waits for it. To be called once. */
ockam_status ockam_channel_start(ockam_channel *channel, const ockam_io *io);
/*
 * Takes a message that came from an address (NULL: the other end). The status is why it was rejected, which on datagrams changes
 * nothing; after a fatal one the state is OCKAM_FAILED.
 */
ockam_status ockam_channel_receive(ockam_channel *channel, const ockam_io *io, const ockam_address *from, const uint8_t *message,
                                   size_t size, ockam_event *event);
/* Sends a payload, with inner routes (NULL: empty). If it is refused nothing was sent and nothing has changed. */
ockam_status ockam_channel_write(ockam_channel *channel, const ockam_io *io, const ockam_route *onward, const ockam_route *back,
                                 const uint8_t *payload, size_t size);
/* Does what is due: ends a handshake that took too long, repeats a message. */
ockam_status ockam_channel_tick(ockam_channel *channel, const ockam_io *io);
/* When tick is to be called next; UINT64_MAX: never. */
uint64_t ockam_channel_due(const ockam_channel *channel);
/* Tells that the IO below has ended, or fails: OCKAM_ENDED, OCKAM_TRUNCATED. */
void ockam_channel_end(ockam_channel *channel, ockam_status why);
/* Sends nothing (CHAN-013) and wipes the keys. */
void ockam_channel_close(ockam_channel *channel);
/* The state of the innermost, and whether the lowest is on a stream. */
ockam_state ockam_channel_state(const ockam_channel *channel);
bool ockam_channel_is_on_stream(const ockam_channel *channel);
void ockam_channel_claims(const ockam_channel *channel, ockam_claims *claims);
/* Whether a message is the m1 that a responder has answered, from the same source (TRAN-014). */
bool ockam_channel_knows_m1(const ockam_channel *channel, const ockam_address *from, const uint8_t *m1, size_t size);

#endif
