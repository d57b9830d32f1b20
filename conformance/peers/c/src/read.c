/* IO-002: a message in parts. */
#include "ockam.h"

#include <string.h>

ockam_status ockam_read(ockam_message_reader *reader, uint8_t *out, size_t capacity, size_t *size)
{
    *size = reader->size < capacity ? reader->size : capacity;
    if (*size)
        memcpy(out, reader->rest, *size);
    reader->rest += *size;
    reader->size -= *size;
    return reader->size ? OCKAM_MORE : OCKAM_OK;
}
