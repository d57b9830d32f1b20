/* Section 4, mostly what has to be refused. */
#include "test.h"

#include <stdlib.h>
#include <string.h>

/* Reads a message from memory of its own size. */
static ockam_status read(const char *profile, const uint8_t *data, size_t size, ockam_message *m)
{
    uint8_t *copy = malloc(size ? size : 1);
    if (!copy)
        abort();
    memcpy(copy, data, size);
    ockam_status status = ockam_message_read(ockam_profile_named(profile), copy, size, m);
    free(copy);
    return status;
}

static ockam_status read_hex(const char *profile, const char *hex, ockam_message *m)
{
    uint8_t data[512];
    return read(profile, data, test_unhex(hex, data, sizeof data), m);
}

static const char routed_ping[] =
    "01 03 0001ff 01 00 01020304 2823 02 01 20010db8000000000000000000000001 2823 01 00040a0b0c0d 00";

static void round_trip(test *t)
{
    ockam_message m, again;
    ockam_address a;
    uint8_t data[128], out[128];
    size_t used, offset = 0, n = test_unhex(routed_ping, data, sizeof data);
    CHECK(t, read("v1", data, n, &m) == OCKAM_OK && m.type == OCKAM_PING && m.onward.count == 3 && m.back.count == 1);
    CHECK(t, ockam_message_write(ockam_profile_named("v1"), &m, out, sizeof out, &used) == OCKAM_OK); /* WIRE-011 */
    CHECK(t, used == n && memcmp(out, data, n) == 0);
    CHECK(t, ockam_message_write(ockam_profile_named("v1"), &m, out, n - 1, &used) == OCKAM_MEMORY);
    CHECK(t, ockam_route_next(&m.onward, &offset, &a) && a.type == OCKAM_LOCAL && a.size == 1);
    CHECK(t, ockam_route_next(&m.onward, &offset, &a) && a.type == OCKAM_TCP && a.port == 9000); /* WIRE-007 */
    CHECK(t, ockam_route_next(&m.onward, &offset, &a) && a.type == OCKAM_UDP && a.host == OCKAM_IPV6 && a.value[0] == 0x20);
    CHECK(t, !ockam_route_next(&m.onward, &offset, &a));
    for (size_t size = 0; size < n; size++) /* WIRE-005: each strict prefix */
        CHECK(t, read("v1", data, size, &again) == OCKAM_TRUNCATED);
    ockam_route_remove_first(&m.onward);
    CHECK(t, m.onward.count == 2 && ockam_route_prepend(&m.onward, &a) == OCKAM_OK && m.onward.count == 3);
}

static void refused(test *t)
{
    static const struct {
        const char *profile, *hex;
        ockam_status want;
    } cases[] = {
        {"v1", "02 00 00 02", OCKAM_WIRE_VERSION},
        {"v1", "00", OCKAM_WIRE_VERSION},
        {"v1", "8100 00 00 02", OCKAM_NUMBER},
        {"v1", "8181 00 00 02", OCKAM_NUMBER},
        {"v1", "8101 00 00 02", OCKAM_WIRE_VERSION},
        {"v1", "01 00 00 06", OCKAM_UNKNOWN_TYPE},
        {"v1", "01 00 00 00 00", OCKAM_BODY},
        {"v1", "01 00 00 01 00", OCKAM_BODY},
        {"v1", "01 01 03 00 00 02", OCKAM_UNKNOWN_TYPE},
        {"v1", "01 01 01 03 00 00 02", OCKAM_UNKNOWN_TYPE},
        {"v1", "01 01 00 00 00 02", OCKAM_LENGTH},
        {"v1", "01 01 01 02 00 0000 00 02", OCKAM_LENGTH},
        {"v1", "01 01 01 02 fe 00", OCKAM_LENGTH},
        {"v1", "01 01 01 02 01 ff 5000 00 02", OCKAM_FORM},
        {"v1", "01 ff 0001aa", OCKAM_TRUNCATED},
        {"v1", "01 01 00ff 61", OCKAM_TRUNCATED},
        {"c09", "01 01 0001aa 00 02", OCKAM_TOO_MANY},
        {"c09", "01 00 01 0001aa 02", OCKAM_TOO_MANY},
        {"c010", "01 06 000101 000102 000103 000104 000105 000106 00 02", OCKAM_TOO_MANY},
    };
    ockam_message m;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        CHECK(t, read_hex(cases[i].profile, cases[i].hex, &m) == cases[i].want);
    CHECK(t, read_hex("c010", "01 05 000101 000102 000103 000104 000105 00 02", &m) == OCKAM_OK && m.size == 0);
    CHECK(t, read_hex("c09", "01 00 00 02 68", &m) == OCKAM_OK && m.size == 1);
}

static void numbers(test *t)
{
    uint8_t out[2];
    uint16_t value;
    size_t used;
    unsigned good = 0;
    for (uint32_t n = 0; n < 0x4000; n++)
        good += ockam_u2le_write(n, out, 2, &used) == OCKAM_OK && used == (n < 128 ? 1 : 2) &&
                ockam_u2le_read(out, used, &value, &used) == OCKAM_OK && value == n;
    CHECK(t, good == 0x4000);
    CHECK(t, ockam_u2le_write(0x4000, out, 2, &used) == OCKAM_NUMBER); /* WIRE-002 */
    CHECK(t, ockam_u2le_write(128, out, 1, &used) == OCKAM_MEMORY);
}

static ockam_address named(const char *name)
{
    ockam_address a = {.type = OCKAM_TCP, .host = OCKAM_NAME, .port = 80, .size = (uint8_t)strlen(name)};
    memcpy(a.value, name, a.size);
    return a;
}

static void addresses(test *t)
{
    static const char *const bad[] = {"a b", "under_score", "1", "127.1", "0x7f", "a.0xff", "256.256.256.256", "[::1]", "."};
    ockam_address a = named("EXAMPLE.com."), b = named("example.com");
    ockam_address four = test_address(OCKAM_UDP, "10.0.0.1", 4000), six = test_address(OCKAM_UDP, "::ffff:10.0.0.1", 4000);
    CHECK(t, ockam_address_equal(&a, &b));
    CHECK(t, ockam_address_equal(&four, &six)); /* WIRE-013 */
    four.port = 4001;
    CHECK(t, !ockam_address_equal(&four, &six));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        a = named(bad[i]);
        CHECK(t, ockam_address_canonical(&a, &b) != OCKAM_OK); /* WIRE-015 */
    }
    static const struct {
        const char *ip;
        uint16_t port;
        bool sendable;
    } hosts[] = {{"127.0.0.1", 1, true},     {"127.0.0.1", 0, false},       {"0.0.0.0", 1, false},
                 {"224.0.0.1", 1, false},    {"255.255.255.255", 1, false}, {"2001:db8::1", 1, true},
                 {"fe80::1", 1, false},      {"ff02::1", 1, false},         {"::", 1, false},
                 {"::ffff:1.2.3.4", 1, true}};
    for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++) {
        a = test_address(OCKAM_UDP, hosts[i].ip, hosts[i].port);
        CHECK(t, ockam_address_sendable(&a) == hosts[i].sendable);
    }
}

static void routes(test *t)
{
    static ockam_route route; /* zeroed */
    ockam_route r = route;
    ockam_address a = {.type = OCKAM_LOCAL, .size = 1};
    for (unsigned i = 0; i < 255; i++)
        CHECK(t, ockam_route_append(&r, &a) == OCKAM_OK);
    CHECK(t, ockam_route_append(&r, &a) == OCKAM_TOO_MANY && r.count == 255); /* WIRE-008 */
    r = route;
    a.size = 255;
    while (ockam_route_append(&r, &a) == OCKAM_OK)
        continue;
    CHECK(t, r.count >= 8 && r.size == r.count * 257);
    a.size = 0;
    CHECK(t, ockam_route_prepend(&r, &a) == OCKAM_LENGTH); /* WIRE-012 */
}

static void frames(test *t)
{
    static const uint8_t stream[] = {0, 3, 1, 2, 3, 0, 0, 0, 1, 9, 0, 5, 7};
    ockam_frames *f = calloc(1, sizeof *f);
    const uint8_t *message, *data;
    size_t size, message_size;
    if (!f)
        abort();
    for (size_t piece = 1; piece <= sizeof stream; piece++) { /* TRAN-002, TRAN-003: in pieces of each size */
        unsigned count = 0, bytes = 0;
        ockam_frames_init(f, 100);
        for (size_t at = 0; at < sizeof stream; at += piece) {
            data = stream + at;
            size = sizeof stream - at < piece ? sizeof stream - at : piece;
            do {
                CHECK(t, ockam_frames_next(f, &data, &size, &message, &message_size) == OCKAM_OK);
                count += message != NULL;
                bytes += message ? (unsigned)message_size : 0;
            } while (size || message);
        }
        CHECK(t, count == 3 && bytes == 4 && ockam_frames_end(f) == OCKAM_TRUNCATED); /* TRAN-004, TRAN-006 */
    }
    ockam_frames_init(f, 2);
    data = stream;
    size = sizeof stream;
    CHECK(t, ockam_frames_next(f, &data, &size, &message, &message_size) == OCKAM_TOO_LONG); /* TRAN-008 */
    free(f);
}

void test_wire(test *t)
{
    round_trip(t);
    refused(t);
    numbers(t);
    addresses(t);
    routes(t);
    frames(t);
}
