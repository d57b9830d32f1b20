package keytest

import (
	"encoding/hex"

	"ockamtest/ref/profile"
)

// A Known is a handshake of the specification's section 12, with the keys of that section.
type Known struct {
	Name       string
	Suite      profile.Suite
	Payloads   [3][]byte // of m1, m2, m3; empty in version 1
	M1, M2, M3 []byte
	H, K1, K2  []byte
	Records    []KnownRecords
}

// KnownRecords are the first records of a Known: the responder sends "yellowsubmarine", the initiator "submarineyellow", both
// without a header.
type KnownRecords struct {
	AssociatedData profile.AssociatedData
	FromResponder  []byte
	FromInitiator  []byte
}

// The plaintexts of KnownRecords.
const (
	ResponderPlaintext = "yellowsubmarine"
	InitiatorPlaintext = "submarineyellow"
)

// PrivateKeys returns the static and the ephemeral private key of a side in section 12: 32 ascending bytes each.
func PrivateKeys(initiator bool) (static, ephemeral []byte) {
	if initiator {
		return ascending(0x00), ascending(0x20)
	}
	return ascending(0x01), ascending(0x41)
}

// KnownAnswers returns the handshakes of section 12.
func KnownAnswers() []Known {
	return []Known{knownX25519(), knownPayloads(), knownP256()}
}

func knownX25519() Known {
	return Known{
		Name: "X25519", Suite: profile.X25519AES256(),
		M1: unhex("358072d6365880d1aeea329adf9121383851ed21a28e3b75e965d0d2cd166254"),
		M2: unhex("64b101b1d0be5a8704bd078f9895001fc03e8e9f9522f188dd128d9846d48466" +
			"5393019dbd6f438795da206db0886610b26108e424142c2e9b5fd1f7ea70cde8" +
			"767ce62d7e3c0e9bcefe4ab872c0505b9e824df091b74ffe10a2b32809cab21f"),
		M3: unhex("e610eadc4b00c17708bf223f29a66f02342fbedf6c0044736544b9271821ae40" +
			"e70144cecd9d265dffdc5bb8e051c3f83db32a425e04d8f510c58a43325fbc56"),
		H:  unhex("4b71f7deb470328565d99b15162eb0c4c14d6b1c85aad6fab54354d5afc72469"),
		K1: unhex("b1c674b6535fb1d208772a972cac2cbf04d6aa087cbbd3eb8558a1a3abcaa7fb"),
		K2: unhex("109c4b99ea3a4784ff55af5eed86c99e853f5a76d83ce437a9e3e27ede242a6a"),
		Records: []KnownRecords{
			{
				AssociatedData: profile.HandshakeHash,
				FromResponder:  unhex("9ea1da1ec3bfecfffab213e537ed170ed50de782953cb27b4c5c3339c54eca"),
				FromInitiator:  unhex("217c5111fad7afde33bd28abaff3decc280d054cdfd4784fc51d103a82ff22"),
			},
			{
				AssociatedData: profile.NoData,
				FromResponder:  unhex("9ea1da1ec3bfecfffab213e537ed1791bfa887dd9c631351b3f63d6315ab9a"),
				FromInitiator:  unhex("217c5111fad7afde33bd28abaff3def88a57ab50515115d23a10f28621f842"),
			},
		},
	}
}

func knownPayloads() Known {
	return Known{
		Name: "X25519 with payloads", Suite: profile.X25519AES256(),
		Payloads: [3][]byte{[]byte("test_msg_0"), []byte("test_msg_1"), []byte("test_msg_2")},
		M1:       unhex("358072d6365880d1aeea329adf9121383851ed21a28e3b75e965d0d2cd166254746573745f6d73675f30"),
		M2: unhex("64b101b1d0be5a8704bd078f9895001fc03e8e9f9522f188dd128d9846d484665393019dbd6f438795da" +
			"206db0886610b26108e424142c2e9b5fd1f7ea70cde8c9f29dcec8d3ab554f4a5330657867fe49179171" +
			"95c8cf360e08d6dc5f71baf875ec6e3bfc7afda4c9c2"),
		M3: unhex("e610eadc4b00c17708bf223f29a66f02342fbedf6c0044736544b9271821ae40232c55cd96d1350af861" +
			"f6a04978f7d5e070c07602c6b84d25a331242a71c50ae31dd4c164267fd48bd2"),
		H:  unhex("5b971fb32340e0b5208bc57354c2545c27eaa1ccb54b8bdfd174eda0de94d62d"),
		K1: unhex("b1c674b6535fb1d208772a972cac2cbf04d6aa087cbbd3eb8558a1a3abcaa7fb"),
		K2: unhex("109c4b99ea3a4784ff55af5eed86c99e853f5a76d83ce437a9e3e27ede242a6a"),
	}
}

func knownP256() Known {
	return Known{
		Name: "P-256", Suite: profile.P256AES128(),
		M1: unhex("04c6559d416dfb56af714f146d917c24abf818b2fb121604129649848230a2d2" +
			"58b2a6d82dc6c6734cf092ffaa9fc012f10f7008d3952a08d5797e85feaba5d977"),
		M2: unhex("04261efbd3550cf068ef013ed7366ba32f5d6fe557b4b2abce8ade58cba168a5" +
			"5e1788a0b29a56a6abec4084c0c96bd3dcbca6b507f35dbea9e985708479d8bdc9" +
			"a1f510ab6373bf8de890d4b746f29a146e4263c43afd785ad5b676fe0c9ef02359" +
			"d6fafe3fbf5573ebcd5e12e952acb6c2bb9499fb1da9aa2bbf53b99bc56f4fc2b4" +
			"44f81909c051f608f847ce1349eeba294ded262e1351afa9b9c1a714892c4e"),
		M3: unhex("6e2fccdcaa9b1e46d4d549471506252e0d9982037848add757dae68c57513ec3" +
			"c72e67b87860a3116c169c93614fc05e353e2ce40349e414772052f26d4421f701" +
			"0953d2596ac3e93e8c7f47a8c1b6ceb0ffe8f36bdb1516afc73f7138320a5f47"),
		H:  unhex("600782b7133137f5b1aab7ede11e44a7a714d7e37f249fc1c707d7a2852fb83d"),
		K1: unhex("e75b064ce6b3b7c04d9bf7082564905e"),
		K2: unhex("7ea19359ed8e80c5c2237fe7dd271809"),
		Records: []KnownRecords{{
			AssociatedData: profile.HandshakeHash,
			FromResponder:  unhex("ec56c454c5405606a53751bb977046f76a0c3b23aa9f36ef79f4098b247562"),
			FromInitiator:  unhex("2b4cb2564d779cc33f0d3f8561f906686a8cc866218d1f41d44b0eb63a4a55"),
		}},
	}
}

func ascending(first byte) []byte {
	b := make([]byte, 32)
	for i := range b {
		b[i] = first + byte(i)
	}
	return b
}

// unhex decodes a constant of this package.
func unhex(s string) []byte {
	b, err := hex.DecodeString(s)
	if err != nil {
		panic("keytest: " + err.Error())
	}
	return b
}
