package harness

import (
	"context"
	"errors"
	"fmt"
)

// The methods of this file send one request and wait for its answer. Errors are those of Call.Wait, or ErrAnswer.

// Capabilities asks what the adapter has.
func (c *Client) Capabilities(ctx context.Context) (Capabilities, error) {
	return answered(ctx, c.Start(Request{Verb: VerbCapabilities}), (*decoder).capabilities)
}

// Reset lets the adapter forget all channels, listeners, and connections.
func (c *Client) Reset(ctx context.Context) error {
	_, err := c.Start(Request{Verb: VerbReset}).Wait(ctx)
	return err
}

// Quit lets the adapter end, and waits until it has closed the control connection. The Client is of no use afterwards.
func (c *Client) Quit(ctx context.Context) error {
	if _, err := c.Start(Request{Verb: VerbQuit}).Wait(ctx); err != nil {
		return err
	}
	// A request that nobody will answer: it fails with the end of the connection.
	_, err := c.Start(Request{Verb: VerbReset}).Wait(ctx)
	if errors.Is(err, ErrEnded) {
		return nil
	}
	if err == nil {
		err = Refuse(ClassSequence)
	}
	return fmt.Errorf("quit: the control connection is not closed: %w", err)
}

// Open makes a channel without sockets.
func (c *Client) Open(ctx context.Context, m Open) (Step, error) { return c.step(ctx, m.Request()) }

// Feed gives a channel bytes from the other end.
func (c *Client) Feed(ctx context.Context, m Feed) (Step, error) { return c.step(ctx, m.Request()) }

// Write gives a channel application bytes to send. A Refusal has changed nothing.
func (c *Client) Write(ctx context.Context, m Write) (Step, error) { return c.step(ctx, m.Request()) }

// Tick lets the clock of a channel go on.
func (c *Client) Tick(ctx context.Context, m Tick) (Step, error) { return c.step(ctx, m.Request()) }

func (c *Client) step(ctx context.Context, r Request) (Step, error) { return c.Start(r).Step(ctx) }

// Step waits for the answer to open, feed, write, or tick.
func (c *Call) Step(ctx context.Context) (Step, error) { return answered(ctx, c, (*decoder).step) }

// Claims asks what the implementation says of a channel.
func (c *Client) Claims(ctx context.Context, channel int) (Claims, error) {
	r := Request{Verb: VerbClaims, Fields: Fields{numberField("ch", uint64(channel))}}
	return answered(ctx, c.Start(r), (*decoder).claims)
}

// CloseChannel closes a channel. It keeps its number, closed, until another is opened with that.
func (c *Client) CloseChannel(ctx context.Context, channel int) error {
	_, err := c.Start(Request{Verb: VerbClose, Fields: Fields{numberField("ch", uint64(channel))}}).Wait(ctx)
	return err
}

// Decode decodes bytes.
func (c *Client) Decode(ctx context.Context, m Decode) (Decoded, error) {
	return answered(ctx, c.Start(m.Request()), func(d *decoder) Decoded { return d.decoded(m.As) })
}

// Encode encodes.
func (c *Client) Encode(ctx context.Context, m Encode) ([]byte, error) {
	return c.bytes(ctx, m.Request(), "data")
}

// PublicKey returns the public key of m.Private; m.Public is nil.
func (c *Client) PublicKey(ctx context.Context, m Agree) ([]byte, error) {
	return c.bytes(ctx, m.Request(), "public")
}

// Agree returns a Diffie-Hellman result.
func (c *Client) Agree(ctx context.Context, m Agree) (Secret, error) {
	return answered(ctx, c.Start(m.Request()), func(d *decoder) Secret { return d.secret("secret") })
}

// AEAD encrypts or decrypts.
func (c *Client) AEAD(ctx context.Context, m AEAD) ([]byte, error) {
	return c.bytes(ctx, m.Request(), "data")
}

// HKDF returns the blocks one behind the other.
func (c *Client) HKDF(ctx context.Context, m HKDF) (Secret, error) {
	return answered(ctx, c.Start(m.Request()), func(d *decoder) Secret { return d.secret("data") })
}

// Hash returns the SHA-256 of bytes.
func (c *Client) Hash(ctx context.Context, m Hash) ([]byte, error) {
	return c.bytes(ctx, m.Request(), "data")
}

// Operate works with the vault, secret by secret.
func (c *Client) Operate(ctx context.Context, m Operation) (Operated, error) {
	return answered(ctx, c.Start(m.Request()), func(d *decoder) Operated { return d.operated(m.Op) })
}

// Listen starts a responder on a real socket and returns where it listens.
func (c *Client) Listen(ctx context.Context, m Listen) (Address, error) {
	return answered(ctx, c.Start(m.Request()), func(d *decoder) Address { return d.address("at", true) })
}

// Connect starts an initiator on a real socket.
func (c *Client) Connect(ctx context.Context, m Connect) error {
	_, err := c.Start(m.Request()).Wait(ctx)
	return err
}

func (c *Client) bytes(ctx context.Context, r Request, key string) ([]byte, error) {
	return answered(ctx, c.Start(r), func(d *decoder) []byte { return d.hex(key, true) })
}
