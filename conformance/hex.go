package conformance

import "encoding/hex"

// MaxEntryBytes is how many bytes a transcript entry shows; more are shortened in the middle.
const MaxEntryBytes = 512

// Ellipsis stands for the bytes that are left out of a shortened hex string.
const Ellipsis = "…"

// ShortHex returns p in hex. If p is longer than limit, only its first and last limit/2 bytes are there, an Ellipsis between them.
func ShortHex(p []byte, limit int) string {
	if len(p) <= limit {
		return hex.EncodeToString(p)
	}
	return hex.EncodeToString(p[:limit/2]) + Ellipsis + hex.EncodeToString(p[len(p)-limit/2:])
}
