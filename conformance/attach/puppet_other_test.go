//go:build !linux

package attach

// greedyWords are none where nobody watches what the puppet takes.
func (p *puppetPeer) greedyWords() map[string]func() { return nil }
