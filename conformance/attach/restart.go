package attach

import "context"

// Restart ends the node; the next Open starts another one.
func (p *inProcess) Restart(context.Context) error {
	p.bury()
	p.stop()
	return nil
}

// Restart ends the process; the next Open starts another one.
func (p *execPeer) Restart(context.Context) error {
	p.stop()
	return nil
}

// Restart lets the adapter quit; the next Open starts another one. An adapter that does not end in order has died.
func (p *adapterPeer) Restart(context.Context) error {
	p.collect()
	if p.adapter == nil {
		return nil
	}
	p.release()
	if err := p.adapter.Close(); err != nil {
		p.deaths = append(p.deaths, err)
	}
	p.adapter = nil
	return nil
}
