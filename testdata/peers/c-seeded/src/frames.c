/* Section 3.1: frames. */
#include "ockam.h"
#include "seeded.h"

#include <string.h>

void ockam_frames_init(ockam_frames *frames, size_t limit)
{
    frames->have = 0;
    frames->limit = limit < OCKAM_MESSAGE_MAX ? limit : OCKAM_MESSAGE_MAX;
}

/* Moves bytes until there are so many; false if there are not. */
static bool fill(ockam_frames *frames, size_t want, const uint8_t **data, size_t *size)
{
    size_t n = want > frames->have ? want - frames->have : 0;
    if (n > *size)
        n = *size;
    if (n) {
        memcpy(frames->bytes + frames->have, *data, n);
        frames->have += n;
        *data += n;
        *size -= n;
    }
    return frames->have >= want;
}

ockam_status ockam_frames_next(ockam_frames *frames, const uint8_t **data, size_t *size, const uint8_t **message,
                               size_t *message_size)
{
    *message = NULL;
    if (!fill(frames, 2, data, size)) /* TRAN-002: split between the two as well */
        return OCKAM_OK;
    size_t length = (size_t)frames->bytes[0] << 8 | frames->bytes[1]; /* TRAN-001 */
    if (seeded == LONG_FRAME_RESYNC && length > 32768) {
        frames->have = 0; /* what comes next is taken for a frame */
        return OCKAM_OK;
    }
    if (length > frames->limit)
        return OCKAM_TOO_LONG; /* TRAN-008 */
    if (!fill(frames, 2 + length, data, size))
        return OCKAM_OK;
    *message = frames->bytes + 2;
    *message_size = length;
    frames->have = 0;
    return OCKAM_OK;
}

ockam_status ockam_frame_header(size_t message_size, uint8_t header[2])
{
    if (message_size > OCKAM_MESSAGE_MAX)
        return OCKAM_TOO_LONG; /* TRAN-005 */
    header[0] = (uint8_t)(message_size >> 8);
    header[1] = (uint8_t)message_size;
    return OCKAM_OK;
}

ockam_status ockam_frames_end(const ockam_frames *frames)
{
    return frames->have ? OCKAM_TRUNCATED : OCKAM_OK; /* TRAN-004 */
}
