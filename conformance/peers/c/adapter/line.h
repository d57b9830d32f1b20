/*
 * The lines of the adapter protocol (conformance/harness/PROTOCOL.md, sections 1 to 4): requests read, values taken out of them,
 * answers written. It knows nothing of channels; an adapter of another implementation in C can have it as it is.
 */
#ifndef LINE_H
#define LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum { LINE_MAX_SIZE = 262144, LINE_FIELDS = 16 };

typedef struct line_field {
    char *key, *value;
} line_field;

/* A control connection, the request that was read, and its answer. */
typedef struct line {
    FILE *in, *out;
    const char *id, *verb;
    size_t count;
    line_field fields[LINE_FIELDS];
    bool wrong;  /* a value was none of its kind */
    size_t size; /* of the answer's fields; above the maximum, the answer is too long */
    char text[LINE_MAX_SIZE + 1], answer[LINE_MAX_SIZE];
} line;

typedef enum line_result { LINE_END, LINE_BAD, LINE_GOOD } line_result;

/* Finds the control connection: the value of OCKAMTEST_CONTROL. */
bool line_dial(line *l, const char *control);
/* Reads a request. One that is not understood was answered (LINE_BAD). */
line_result line_read(line *l);
/*
 * Whether the request has all fields of the first list, and no other than of both; words with a space before and behind each. If
 * not, it was answered.
 */
bool line_has(line *l, const char *required, const char *optional);

/* The value of a field, NULL if it is absent. */
char *line_get(const line *l, const char *key);
/* Each takes a value and tells whether the field is there; it sets wrong if it is none of its kind, or above a maximum. */
bool line_number(line *l, const char *key, uint64_t max, uint64_t *value);
/* Bytes, decoded where they stand: to be called once for a field. */
bool line_bytes(line *l, const char *key, uint8_t **data, size_t *size);
/* So many bytes. */
bool line_exactly(line *l, const char *key, uint8_t *out, size_t size);
/* The place of a value in a list of words, -1 if it is absent or not there. */
int line_word(const line *l, const char *key, const char *const *words, size_t count);
/* A number in decimal digits, without leading zeros, up to a maximum. */
bool line_decimal(const char *text, uint64_t max, uint64_t *value);
/* Whether a text is a word: small letters, digits, hyphens. */
bool line_is_word(const char *text);
/* Decodes hex digits where they stand. */
bool line_unhex(char *text, uint8_t **data, size_t *size);

/* Fields of the answer. */
void line_put_text(line *l, const char *key, const char *value);
void line_put_number(line *l, const char *key, uint64_t value);
void line_put_bytes(line *l, const char *key, const uint8_t *data, size_t size);
/* Adds to the value of the field that was put last. */
void line_add_text(line *l, const char *text);
void line_add_bytes(line *l, const uint8_t *data, size_t size);

/* The answer, sent at once. */
void line_ok(line *l);
void line_error(line *l, const char *class);
void line_unsupported(line *l, const char *detail); /* NULL: none */

#endif
