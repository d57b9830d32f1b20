/*
 * The faults that this copy can be built with. A build has one of them, or none: `cc -DFAULT=M2_PAYLOAD_TAG` compiles it into
 * seeded.c, and no command line changes it. What each one does is in faults.json; where it is done says `if (seeded ==
 * M2_PAYLOAD_TAG)`.
 */
#ifndef SEEDED_H
#define SEEDED_H

typedef enum ockam_fault {
    NONE,

    /* memory */
    M1_STACK_OVERFLOW,
    ADDRESS_HEAP_OVERFLOW,
    FRAME_HEAP_OVERFLOW,
    PAYLOAD_TERMINATED,
    WORK_USED_AFTER_FREE,
    NODE_FREED_TWICE,
    LENGTH_UNINITIALISED,
    SHORT_RECORD_UNDERFLOW,
    HEADER_OVERREAD,
    EMPTY_DATAGRAM,
    STALE_PAYLOAD,

    /* handshake */
    ERROR_SWALLOWED,
    M2_PAYLOAD_TAG,
    TAG_IN_PART,
    TRAILING_BYTES,
    OPEN_BEFORE_M3,
    CLEAR_AFTER_FAILED_M3,
    H_WITHOUT_LAST_TAG,
    SPLIT_REVERSED,
    EPHEMERAL_KEPT,
    SEED_OF_4_BYTES,
    NO_DEADLINE,

    /* transport phase */
    FORGERY_COUNTED,
    COUNTER_OF_16_BITS,
    COUNTER_OF_8_BITS,
    COUNTER_AFTER_ERROR,
    LENGTH_WITH_HEADER,
    NO_ASSOCIATED_DATA,
    REPLAY_ACCEPTED,

    /* framing, codec, connections */
    FRAME_IN_ONE_READ,
    LONG_FRAME_RESYNC,
    VERSION_IGNORED,
    HALF_FRAME_BLOCKS,
    HANG_AT_END,

    /* routes */
    ROUTE_OF_LAST_MESSAGE,
    UNKNOWN_ADDRESS_EXIT,
    RELAY,
} ockam_fault;

extern const ockam_fault seeded;

#endif
