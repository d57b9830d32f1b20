/* The command: an echo peer. */
#include "ockam_vault.h"
#include "peer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] = "usage: ockam-peer responder|initiator tcp|udp HOST:PORT v1|c09|c010\n"
                            "                  [--timeout MS] [--key FILE] [--peerkey HEX] [--depth N]\n";

static int digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Reads hex digits up to the end or white space; false if there are others, or too many. */
static bool unhex(const char *text, uint8_t *out, size_t capacity, size_t *size)
{
    size_t n = strcspn(text, " \t\r\n");
    if (n % 2 || n / 2 > capacity)
        return false;
    for (*size = 0; *size < n / 2; ++*size) {
        int high = digit(text[2 * *size]), low = digit(text[2 * *size + 1]);
        if (high < 0 || low < 0)
            return false;
        out[*size] = (uint8_t)(high << 4 | low);
    }
    return true;
}

/* The private key in a file of 64 hex digits. */
static bool read_key(const char *path, uint8_t *key)
{
    char text[2 * OCKAM_PRIVATE_SIZE + 2] = {0};
    size_t size = 0;
    FILE *f = fopen(path, "r");
    bool ok = f && setvbuf(f, NULL, _IONBF, 0) == 0 && fgets(text, sizeof text, f) &&
              unhex(text, key, OCKAM_PRIVATE_SIZE, &size) && size == OCKAM_PRIVATE_SIZE;
    if (f)
        (void)fclose(f);
    ockam_wipe(text, sizeof text);
    return ok;
}

static bool number(const char *text, unsigned long max, unsigned long *value)
{
    char *end;
    errno = 0;
    *value = strtoul(text, &end, 10);
    return digit(*text) >= 0 && digit(*text) < 10 && *end == 0 && errno == 0 && *value <= max;
}

static bool option(peer_options *o, const char *name, const char *value, bool *has_key)
{
    unsigned long n = 0;
    if (strcmp(name, "--timeout") == 0 && number(value, 30000, &n)) {
        o->timeout = (uint32_t)n;
        return true;
    }
    if (strcmp(name, "--depth") == 0 && number(value, 64, &n)) {
        o->depth = n;
        return true;
    }
    if (strcmp(name, "--key") == 0)
        return *has_key = read_key(value, o->key);
    return strcmp(name, "--peerkey") == 0 && unhex(value, o->peer_key, sizeof o->peer_key, &o->peer_key_size) &&
           o->peer_key_size == o->profile->public_size;
}

static bool parse(int argc, char **argv, peer_options *o, bool *has_key)
{
    if (argc < 5 || argc % 2 == 0)
        return false;
    bool initiator = strcmp(argv[1], "initiator") == 0;
    o->role = initiator ? OCKAM_INITIATOR : OCKAM_RESPONDER;
    o->udp = strcmp(argv[2], "udp") == 0;
    o->profile = ockam_profile_named(argv[4]);
    if ((!initiator && strcmp(argv[1], "responder") != 0) || (!o->udp && strcmp(argv[2], "tcp") != 0) || !o->profile ||
        (!o->udp && !o->profile->tcp) || !peer_resolve(argv[3], o->udp, &o->at))
        return false;
    for (int i = 5; i < argc; i += 2)
        if (!option(o, argv[i], argv[i + 1], has_key))
            return false;
    return true;
}

static int run(const peer_options *options)
{
    peer_socket here;
    int fd = peer_open(options, &here);
    if (fd < 0)
        return peer_fail("socket");
    if (options->role == OCKAM_RESPONDER)
        peer_announce(&here);
    return peer_run(options, fd);
}

int main(int argc, char **argv)
{
    peer_options options = {.depth = 1, .stop = -1};
    bool has_key = false;
    int status = 2;
    if (!parse(argc, argv, &options, &has_key))
        (void)fputs(usage, stderr);
    else if (!has_key && ockam_generate(options.profile->p256, options.key) != OCKAM_OK)
        status = peer_fail("random");
    else
        status = run(&options);
    ockam_wipe(&options, sizeof options);
    return status;
}
