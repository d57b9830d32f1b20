package mutants

import "ockamtest/vectors"

func channelMutants() []Mutant {
	k := one(vectors.KindChannel)
	return []Mutant{
		{"ChannelEarlyWrite", note("FAILS_OPEN", "CHAN-002", "A payload is sent before open, with whatever keys there are."), k, without("channel/not-open")},
		{"ChannelState", note("MISSING_CHECK", "CHAN-001", "A handshake message is taken for the one that is awaited, whatever its type."), k, without("channel/state")},
		{"ChannelAfterOpen", note("MISSING_CHECK", "CHAN-003", "A handshake message after open is answered."), k, without("channel/after-open")},
		{"ChannelPolicy", note("MISSING_CHECK", "NOISE-011", "The peer's static key is not asked about."), k, without("channel/policy")},
		{"ChannelDatagramFatal", note("DENIAL_OF_SERVICE", "NOISE-017", "On datagrams a wrong handshake message is the end."), k, without("channel/survives")},
		{"ChannelRepeatIgnored", note("LEGAL_REFUSED", "TRAN-015", "A repeat of m1 is not answered."), k, without("channel/repeat")},
		{"ChannelRouteNotLearnt", note("WRONG_VALUE", "ROUT-008", "The reply route is the peer's address, whatever the return route says."), k, without("channel/learn")},
		{"ChannelLocalInRecords", note("WRONG_FORMAT", "CHAN-010", "The channel's local address is in the return route of records too."), k, without("channel/local-in-handshake-alone")},
		{"ChannelNoWindow", note("LEGAL_REFUSED", "REC-008", "On datagrams a lost record ends the direction."), k, without("channel/window")},
		{"ChannelReplay", note("REPLAY", "REC-007", "On datagrams a record is delivered each time it comes."), k, without("channel/replay")},
	}
}

func hopMutants() []Mutant {
	k := []vectors.Kind{vectors.KindForward, vectors.KindChannel}
	return []Mutant{
		{"HopSource", note("WRONG_VALUE", "ROUT-003", "The source does not go into the return route."), k, without("router/source")},
		{"HopSourceTwice", note("WRONG_VALUE", "ROUT-003", "The source goes in front of the return route, not in place of what the sender wrote."), k, without("router/in-place")},
		{"HopOwn", note("MISSING_INPUT", "ROUT-004", "The hop does not put its own address into the return route."), k, without("router/own")},
		{"HopOpenRelay", note("MISSING_CHECK", "ROUT-007", "Messages are forwarded that nobody allowed."), k, without("router/not-allowed")},
		{"HopLoop", note("MISSING_CHECK", "ROUT-005", "A message is forwarded to the hop itself."), k, without("router/loop")},
		{"HopNotFirst", note("MISSING_CHECK", "ROUT-005", "A message is forwarded that does not name the hop first."), k, without("router/not-first")},
		{"HopNoNext", note("MISSING_CHECK", "ROUT-007", "A message that names no further hop is taken for one to forward."), k, without("router/no-next")},
		{"HopUnknown", note("MISSING_CHECK", "ROUT-006", "A message for an unknown local address is not dropped there."), k, without("router/unknown")},
		{"HopUnusable", note("MISSING_CHECK", "WIRE-013", "Messages are sent to port 0, and to unspecified, link-local, multicast, and broadcast addresses."), k, without("router/unusable")},
		{"HopUnreachable", note("MISSING_CHECK", "ROUT-006", "A message for a transport that the hop does not have is not dropped."), k, without("router/unreachable")},
		{"HopTypeUnknown", note("MISSING_CHECK", "WIRE-006", "A message of an unknown type is forwarded."), codecKinds(), without("codec/type")},
		{"HopTooLong", note("MISSING_CHECK", "REC-010", "A message that has become too long is sent."), k, without("router/too-long")},
	}
}
