package peers

// localAddress gives each channel of a connection a local address of its own, which puts it on datagrams though the transport is a stream
// (CHAN-010, CHAN-011). Each m1 for the node makes a new channel; what is for no channel is dropped.
func localAddress(s *script) {
	s.addressed = func(*conn) bool { return true }
}
