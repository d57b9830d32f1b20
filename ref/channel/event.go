package channel

import "ockamtest/ref/wire"

// A Kind tells what happened.
type Kind uint8

// The zero Kind is None: nothing that concerns the application.
const (
	None      Kind = iota
	Opened         // the handshake is complete on this side; PeerStatic and ChannelBinding are set
	Delivered      // a payload has arrived
)

// An Event is what a message meant to the application.
type Event struct {
	Kind Kind
	// Link is where the answer that came with the event leaves. The zero Link if there is no answer, or over an IO without addresses.
	Link wire.Link
	// Payload are the application bytes of Delivered. On a stream they alias the message that was handled; on datagrams they lie in
	// the free capacity of the slice that Handle returned.
	Payload []byte
	// Onward and Return are the inner routes of Delivered (REC-011), empty unless the peer's application set them. They are the
	// channel's, valid until its next call.
	Onward, Return wire.Route
}
