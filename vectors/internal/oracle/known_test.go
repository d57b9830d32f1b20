package oracle_test

import (
	"bytes"
	"encoding/hex"
	"strings"
	"testing"

	"ockamtest/vectors"
	"ockamtest/vectors/internal/oracle"
)

// Everything here stands in section 12 of the specification.

func unhex(t *testing.T, s string) vectors.Hex {
	t.Helper()
	b, err := hex.DecodeString(strings.Join(strings.Fields(s), ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func counting(first byte) vectors.Hex {
	b := make(vectors.Hex, 32)
	for i := range b {
		b[i] = first + byte(i)
	}
	return b
}

// known is one handshake of section 12, as the oracle computes it from the private keys of both.
func known(t *testing.T, suite string, payloads ...string) (initiator, responder vectors.HandshakeOutput) {
	t.Helper()
	own := func(indices ...int) (list []vectors.Hex) {
		for _, i := range indices {
			p := ""
			if len(payloads) > 0 {
				p = payloads[i]
			}
			list = append(list, vectors.Hex(p))
		}
		return list
	}
	i := vectors.HandshakeInput{Suite: suite, Role: vectors.Initiator, Static: counting(0), Ephemeral: counting(0x20),
		Payloads: own(0, 2)}
	r := vectors.HandshakeInput{Suite: suite, Role: vectors.Responder, Static: counting(1), Ephemeral: counting(0x41),
		Payloads: own(1)}
	var o oracle.Subject
	for range 3 { // a message more each time
		var err error
		if initiator, err = o.Handshake(i); err != nil {
			t.Fatal(err)
		}
		r.Receive = initiator.Sent
		if responder, err = o.Handshake(r); err != nil {
			t.Fatal(err)
		}
		i.Receive = responder.Sent
	}
	return initiator, responder
}

func TestKnownHandshakes(t *testing.T) {
	for _, test := range []struct {
		name, suite string
		payloads    []string
		m           [3]string // beginning and end of m1, m2, m3
		h, k1, k2   string
	}{
		{"X25519", vectors.SuiteX25519, nil, [3]string{
			"358072d6365880d1aeea329adf9121383851ed21a28e3b75e965d0d2cd166254",
			`64b101b1d0be5a8704bd078f9895001fc03e8e9f9522f188dd128d9846d484665393019dbd6f438795da206db0886610b26108e424142c2e9b5fd1f7ea70cde8
			767ce62d7e3c0e9bcefe4ab872c0505b9e824df091b74ffe10a2b32809cab21f`,
			"e610eadc4b00c17708bf223f29a66f02342fbedf6c0044736544b9271821ae40e70144cecd9d265dffdc5bb8e051c3f83db32a425e04d8f510c58a43325fbc56"},
			"4b71f7deb470328565d99b15162eb0c4c14d6b1c85aad6fab54354d5afc72469",
			"b1c674b6535fb1d208772a972cac2cbf04d6aa087cbbd3eb8558a1a3abcaa7fb",
			"109c4b99ea3a4784ff55af5eed86c99e853f5a76d83ce437a9e3e27ede242a6a"},
		{"payloads", vectors.SuiteX25519, []string{"test_msg_0", "test_msg_1", "test_msg_2"}, [3]string{
			"358072d6365880d1aeea329adf9121383851ed21a28e3b75e965d0d2cd166254746573745f6d73675f30",
			`64b101b1d0be5a8704bd078f9895001fc03e8e9f9522f188dd128d9846d484665393019dbd6f438795da206db0886610b26108e424142c2e9b5fd1f7ea70cde8c9
			f29dcec8d3ab554f4a5330657867fe4917917195c8cf360e08d6dc5f71baf875ec6e3bfc7afda4c9c2`,
			`e610eadc4b00c17708bf223f29a66f02342fbedf6c0044736544b9271821ae40232c55cd96d1350af861f6a04978f7d5e070c07602c6b84d25a331242a71c50a
			e31dd4c164267fd48bd2`},
			"5b971fb32340e0b5208bc57354c2545c27eaa1ccb54b8bdfd174eda0de94d62d",
			"b1c674b6535fb1d208772a972cac2cbf04d6aa087cbbd3eb8558a1a3abcaa7fb",
			"109c4b99ea3a4784ff55af5eed86c99e853f5a76d83ce437a9e3e27ede242a6a"},
		{"P-256", vectors.SuiteP256, nil, [3]string{
			`04c6559d416dfb56af714f146d917c24abf818b2fb121604129649848230a2d258b2a6d82dc6c6734cf092ffaa9fc012f10f7008d3952a08d5797e85feaba5d977`,
			`04261efbd3550cf068ef013ed7366ba32f5d6fe557b4b2abce8ade58cba168a55e1788a0b29a56a6abec4084c0c96bd3dcbca6b507f35dbea9e985708479d8bdc9
			a1f510ab6373bf8de890d4b746f29a146e4263c43afd785ad5b676fe0c9ef02359d6fafe3fbf5573ebcd5e12e952acb6c2bb9499fb1da9aa2bbf53b99bc56f4fc2b4
			44f81909c051f608f847ce1349eeba294ded262e1351afa9b9c1a714892c4e`,
			`6e2fccdcaa9b1e46d4d549471506252e0d9982037848add757dae68c57513ec3c72e67b87860a3116c169c93614fc05e353e2ce40349e414772052f26d4421f701
			0953d2596ac3e93e8c7f47a8c1b6ceb0ffe8f36bdb1516afc73f7138320a5f47`},
			"600782b7133137f5b1aab7ede11e44a7a714d7e37f249fc1c707d7a2852fb83d",
			"e75b064ce6b3b7c04d9bf7082564905e", "7ea19359ed8e80c5c2237fe7dd271809"},
	} {
		t.Run(test.name, func(t *testing.T) {
			i, r := known(t, test.suite, test.payloads...)
			got := []vectors.Hex{i.Sent[0], r.Sent[0], i.Sent[1]}
			for n, m := range got {
				if want := unhex(t, test.m[n]); !bytes.Equal(m, want) {
					t.Errorf("m%d: got %x, want %x", n+1, m, want)
				}
			}
			for _, out := range []vectors.HandshakeOutput{i, r} {
				for _, v := range []struct {
					name string
					got  vectors.Hex
					want string
				}{{"h", out.H, test.h}, {"k1", out.K1, test.k1}, {"k2", out.K2, test.k2}} {
					if want := unhex(t, v.want); !bytes.Equal(v.got, want) {
						t.Errorf("%s: got %x, want %x", v.name, v.got, want)
					}
				}
			}
		})
	}
}

func TestKnownIntermediateValues(t *testing.T) {
	i, r := known(t, vectors.SuiteX25519)
	want := map[string][]string{
		"h": {"5df72b67b965add1168f0a6c756df21c204f7e64fc682be6a3ab4b682c8db64b", "5406b69e020ba02aaab23371b94629b11d165740796f9f350a51f90023724ddf",
			"46270ab42fb50a4fc6b29f78c5d92d115d05cf0d64261e1db6ad5e3f4897baf9", "4b71f7deb470328565d99b15162eb0c4c14d6b1c85aad6fab54354d5afc72469"},
		"ck": {"674afe9e8a30e6dbf073b32cad4d711d11edf32a4b83470583e6893bd40041f4", "130025cc0334817f13d5e426337f68b73a857a9f71c23d4c90cab62a85b6c453",
			"deede25eee0158a0fde982e8be1c799d395fd5baad408c6bec2ba2e90eb3c718"},
		"k": {"b85aa7e2e04a792d253b9598ed47601a5546881309478df8d70c5454328a74c7", "477bf6e316ee873dbb44e682a0556be220920dcadd274adad439c30f0bc7ec77",
			"8eb87dfe8a9af3388bfc334fd3263c4fdd7d4df339e56c62bd97b9f60e033a9d"},
	}
	for _, out := range []vectors.HandshakeOutput{i, r} {
		for name, got := range map[string][]vectors.Hex{"h": out.HS, "ck": out.CKs, "k": out.Ks} {
			if len(got) != len(want[name]) {
				t.Fatalf("%s: got %d values, want %d", name, len(got), len(want[name]))
			}
			for n, g := range got {
				if w := unhex(t, want[name][n]); !bytes.Equal(g, w) {
					t.Errorf("%s %d: got %x, want %x", name, n, g, w)
				}
			}
		}
	}
}

func TestKnownRecords(t *testing.T) {
	i, _ := known(t, vectors.SuiteX25519)
	for _, test := range []struct {
		name, profile string
		key           vectors.Hex
		counter       int
		payload, want string
	}{
		{"initiator n=0", "v1", i.K2, 0, "hello", "5309337ef3c0aadc399f648b360b89cf45a3ec086cfa7e7639"},
		{"initiator n=1", "v1", i.K2, 1, "hello", "260bc6994207fd5bf31ac649573262faaa4f9743e1048d2cd8"},
		{"initiator n=65535", "v1", i.K2, 65535, "hello", "0e2905aac9ef4158a22bf8dd93c0362660e4211270c305d952"},
		{"responder n=0", "v1", i.K1, 0, "hello", "e6c4b670c4adf3e6f76274e8dfd509502dbb02fdc4c9ff4b99"},
	} {
		in := vectors.RecordInput{Op: "seal", Profile: test.profile, Key: test.key, Counter: test.counter, H: i.H, Header: 4}
		in.Payload = vectors.Hex(test.payload)
		out, err := oracle.Subject{}.Record(in)
		if want := unhex(t, test.want); err != nil || !bytes.Equal(out.Ciphertext, want) {
			t.Errorf("%s: got %x, %v, want %x", test.name, out.Ciphertext, err, want)
		}
	}
}

func TestKnownMessages(t *testing.T) {
	for _, test := range []struct{ name, profile, message string }{
		{"m1", "v1", "01 02 02000a000002a20f 02000a000003a30f 02 02000a000001a10f 00040a0b0c0d 03 3580"},
		{"inner", "v1", "01 01 0003617070 01 00026d65 02 68656c6c6f"},
		{"ping", "v1", "01 01 02000a000003a30f 01 02000a000001a10f 00"},
		{"routed ping", "v1", "01 03 0001ff 01 00 01020304 2823 02 01 20010db8000000000000000000000001 2823 01 00040a0b0c0d 00"},
		{"routed ping of e09", "e09", "01 03 0001ff 01 00 01020304 2823 02 01 0120b80d 0000000000000000 00000100 2823 01 00040a0b0c0d 00"},
	} {
		var o oracle.Subject
		message := unhex(t, test.message)
		out, err := o.Codec(vectors.CodecInput{Op: "decode", Profile: test.profile, Element: "message", Bytes: message})
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		back, err := o.Codec(vectors.CodecInput{Op: "encode", Profile: test.profile, Element: "message", Value: out.Value})
		if err != nil || !bytes.Equal(back.Bytes, message) {
			t.Errorf("%s: got %x, %v, want %x", test.name, back.Bytes, err, message)
		}
		if route := out.Value.Message.Onward; test.name[:2] == "ro" && hex.EncodeToString(route[2].IPv6) != "20010db8000000000000000000000001" {
			t.Errorf("%s: IPv6 is %x", test.name, route[2].IPv6)
		}
	}
}
