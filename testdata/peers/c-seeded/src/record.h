/* Inside the library: records (section 7), which is counters and keys. */
#ifndef OCK_RECORD_H
#define OCK_RECORD_H

#include "ockam_vault.h"

enum { OCK_COUNTERS = 65536 }; /* of a direction (REC-003) */

/*
 * Both directions of an open channel. Highest is the highest counter that verified, -1 before any; seen has a bit for each up to
 * it.
 */
typedef struct ock_records {
    uint8_t send_key[OCKAM_SECRET_SIZE], receive_key[OCKAM_SECRET_SIZE];
    size_t key_size;
    uint8_t ad[OCKAM_HASH_SIZE];
    size_t ad_size;
    uint32_t sent;
    int32_t highest;
    int32_t window; /* W of REC-008 */
    uint8_t seen[OCKAM_WINDOW_MAX / 8];
} ock_records;

/* Encrypts in place: the tag goes behind the bytes. Spends a counter (REC-002, REC-003). */
ockam_status ock_records_seal(ock_records *records, uint8_t *bytes, size_t size);
/*
 * Decrypts to plain, which has room for the ciphertext, whatever counter it is, if that may be received: on a stream it is the
 * next. Unless a tag verifies nothing changes (REC-004).
 */
ockam_status ock_records_unseal(ock_records *records, bool stream, ockam_bytes ciphertext, uint8_t *plain);

#endif
