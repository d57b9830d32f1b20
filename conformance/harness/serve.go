package harness

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
)

// maxDetail is the longest detail of an answer in bytes.
const maxDetail = 200

// Serve answers the kit's requests over a control connection, which it owns, until quit, the end of the connection, or the end of ctx. It
// carries out one request after the other, and forgets all channels before it returns. The error is nil after quit and after an orderly end.
func Serve(ctx context.Context, conn io.ReadWriteCloser, a Adapter) error {
	s := &server{adapter: a, declared: a.declared(), channels: map[int]Channel{}, signatures: map[Verb]Signature{}}
	for _, sig := range Signatures() {
		s.signatures[sig.Verb] = sig
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() }) // ends the read
	defer stop()
	err := s.serve(conn)
	if ctx.Err() != nil {
		return errors.Join(ctx.Err(), s.reset())
	}
	if errors.Is(err, ErrEnded) { // the kit may go without a word
		return errors.Join(s.reset(), conn.Close())
	}
	return errors.Join(err, s.reset(), conn.Close())
}

// A server is the state of one control connection.
type server struct {
	adapter    Adapter
	declared   Capabilities
	signatures map[Verb]Signature
	channels   map[int]Channel
	greeted    bool
	quit       bool
}

func (s *server) serve(conn io.ReadWriter) error {
	r := bufio.NewReaderSize(conn, 64<<10)
	w := bufio.NewWriterSize(conn, 64<<10)
	var line, out []byte
	for !s.quit {
		var err error
		line, err = readLine(r, line[:0])
		var answer Answer
		switch {
		case errors.Is(err, errOverlong):
			answer = refused(idOf(line), Refuse(ClassSyntax))
		case err != nil:
			return err
		default:
			answer = s.answer(string(line))
		}
		if out, err = answer.Append(out[:0]); err != nil {
			// The adapter has made what the grammar does not have: more events than a line holds, or a token that is none.
			out, _ = refused(answer.ID, &Refusal{ClassInternal, "answer-too-long-or-malformed"}).Append(out[:0])
		}
		if _, err := w.Write(out); err != nil {
			return fmt.Errorf("%w: %w", ErrBroken, err)
		}
		if pending, _ := r.Peek(r.Buffered()); bytes.IndexByte(pending, '\n') >= 0 && !s.quit {
			continue // its answer goes with the next
		}
		if err := w.Flush(); err != nil {
			return fmt.Errorf("%w: %w", ErrBroken, err)
		}
	}
	return nil
}

// answer carries out one request.
func (s *server) answer(line string) Answer {
	r, err := ParseRequest(line)
	if err != nil {
		return refused(r.ID, Refuse(ClassSyntax))
	}
	if !s.greeted && r.Verb != VerbHello {
		return refused(r.ID, Refuse(ClassSequence))
	}
	sig, known := s.signatures[r.Verb]
	if !known || !s.declared.Has(r.Verb) {
		return Answer{ID: r.ID, Status: StatusUnsupported}
	}
	if what := s.declared.undeclared(sig, r.Fields); what != "" {
		return Answer{ID: r.ID, Status: StatusUnsupported, Fields: Fields{{"detail", what}}}
	}
	fields, err := s.do(r)
	var refusal *Refusal
	switch {
	case err == nil:
		return Answer{ID: r.ID, Status: StatusOK, Fields: fields}
	case errors.Is(err, ErrUnsupported):
		return Answer{ID: r.ID, Status: StatusUnsupported}
	case errors.As(err, &refusal):
		return refused(r.ID, refusal)
	}
	return refused(r.ID, &Refusal{ClassInternal, detail(err)})
}

func refused(id uint32, r *Refusal) Answer {
	return Answer{ID: id, Status: StatusError, Fields: Fields{{"class", string(r.Class)}}.token("detail", r.Detail)}
}

// detail is an error's text as one word.
func detail(err error) string {
	text := []byte(err.Error())
	for i, c := range text {
		if c <= ' ' || c > '~' || c == '=' {
			text[i] = '-'
		}
	}
	return string(text[:min(len(text), maxDetail)])
}

// do carries out a request for something that is declared.
func (s *server) do(r Request) (Fields, error) {
	d := &decoder{fields: r.Fields}
	switch r.Verb {
	case VerbHello:
		return s.hello(d)
	case VerbCapabilities:
		return s.declared.fields(), nil
	case VerbReset:
		return nil, s.reset()
	case VerbQuit:
		s.quit = true
		return nil, nil
	case VerbOpen, VerbFeed, VerbWrite, VerbTick, VerbClaims, VerbClose:
		return s.channel(r.Verb, d)
	case VerbDecode, VerbEncode:
		return s.codec(r.Verb, d)
	case VerbX25519, VerbP256, VerbSeal, VerbUnseal, VerbHKDF, VerbSHA256:
		return s.vault(r.Verb, d)
	case VerbVault:
		return s.secrets(d)
	case VerbListen, VerbConnect:
		return s.network(r.Verb, d)
	}
	return nil, ErrUnsupported
}

func (s *server) hello(d *decoder) (Fields, error) {
	versions := d.versions()
	if err := d.err(); err != nil {
		return nil, err
	}
	if !slices.Contains(versions, Version) {
		return nil, Refuse(ClassVersion)
	}
	s.greeted = true
	return Hello{Version, MaxLine, s.adapter.Name}.fields(), nil
}

// reset forgets everything but the hello.
func (s *server) reset() error {
	var errs []error
	for n, ch := range s.channels {
		delete(s.channels, n)
		errs = append(errs, ch.Close())
	}
	if s.adapter.Secrets != nil {
		errs = append(errs, s.adapter.Secrets.Reset())
	}
	if s.adapter.Network != nil {
		errs = append(errs, s.adapter.Network.Reset())
	}
	return errors.Join(errs...)
}

// err is the refusal of a request with a field that is missing or malformed, nil if all are well.
func (d *decoder) err() error {
	if d.wrong == "" {
		return nil
	}
	return &Refusal{ClassArgument, d.wrong}
}
