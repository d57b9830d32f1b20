// Package keytest is the contract test of key.Agreement: every key agreement passes the same checks, whatever is behind it (KEY-004;
// specification section 5.1, area KEY). Beside it are what tests of handshakes share: the known answers of section 12 and a vault
// that counts secrets and fails on request.
//
// It does not know how an agreement makes its keys, so that known answers and interoperation are for the agreement's own tests.
// It is for tests only. Nothing here is safe for concurrent use.
package keytest
