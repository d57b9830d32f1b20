/* Runs the tests. */
#include "test.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void test_check(test *t, bool ok, const char *what, const char *file, int line)
{
    t->checks++;
    if (ok)
        return;
    t->failures++;
    if (t->failures <= 20)
        fprintf(stderr, "%s:%d: %s: %s\n", file, line, t->name, what);
}

size_t test_unhex(const char *hex, uint8_t *out, size_t capacity)
{
    size_t size = 0;
    for (unsigned byte; *hex; hex += *hex == ' ' ? 1 : 2)
        if (*hex != ' ' && sscanf(hex, "%2x", &byte) == 1 && size < capacity)
            out[size++] = (uint8_t)byte;
    return size;
}

bool test_is(const uint8_t *data, size_t size, const char *hex)
{
    uint8_t want[1024];
    return test_unhex(hex, want, sizeof want) == size && memcmp(data, want, size) == 0;
}

void test_key(uint8_t first, uint8_t out[OCKAM_PRIVATE_SIZE])
{
    for (size_t i = 0; i < OCKAM_PRIVATE_SIZE; i++)
        out[i] = (uint8_t)(first + i);
}

ockam_address test_address(uint8_t type, const char *ip, uint16_t port)
{
    bool six = strchr(ip, ':') != NULL;
    ockam_address a = {.type = type, .host = six ? OCKAM_IPV6 : OCKAM_IPV4, .port = port, .size = six ? 16 : 4};
    if (inet_pton(six ? AF_INET6 : AF_INET, ip, a.value) != 1)
        a.size = 0;
    return a;
}

int main(void)
{
    static const struct {
        const char *name;
        void (*run)(test *t);
    } tests[] = {{"vault", test_vault},     {"secrets", test_secrets}, {"wire", test_wire}, {"known answers", test_known},
                 {"channel", test_channel}, {"records", test_records}, {"node", test_node}};
    unsigned failed = 0;
    for (size_t i = 0; i < sizeof tests / sizeof *tests; i++) {
        test t = {.name = tests[i].name};
        tests[i].run(&t);
        printf("%-14s %6u checks, %u failures\n", t.name, t.checks, t.failures);
        failed += t.failures > 0 || t.checks == 0;
    }
    return failed ? 1 : 0;
}
