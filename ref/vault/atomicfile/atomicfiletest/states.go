package atomicfiletest

import (
	"maps"
	"slices"
)

// Killed returns the disk as the next process finds it when this one is killed: everything that was done is there, and nobody holds a
// lock.
func (d *Disk) Killed() *Disk {
	d.mu.Lock()
	defer d.mu.Unlock()
	return copyOf(d.names, func(i *inode) []byte { return i.data })
}

// States returns every disk that the machine may find when it starts again after a crash now, without doubles in names.
func (d *Disk) States() []*Disk {
	d.mu.Lock()
	defer d.mu.Unlock()
	contents := []func(*inode) []byte{
		func(i *inode) []byte { return i.flushed },
		func(i *inode) []byte { return i.data },
		func(i *inode) []byte { return i.data[:(len(i.flushed)+len(i.data))/2] },
		func(i *inode) []byte {
			return append(slices.Clone(i.flushed), make([]byte, len(i.data)-len(i.flushed))...)
		},
	}
	var states []*Disk
	for _, names := range d.directories() {
		for _, content := range contents {
			states = append(states, copyOf(names, content))
		}
	}
	return states
}

// directories returns every choice of names: those that changed since the directory was flushed are each as before or as after.
func (d *Disk) directories() []map[string]*inode {
	changed := slices.DeleteFunc(slices.Sorted(maps.Keys(merged(d.names, d.durable))), func(name string) bool {
		return d.names[name] == d.durable[name]
	})
	var all []map[string]*inode
	for choice := range 1 << len(changed) {
		names := maps.Clone(d.durable)
		for i, name := range changed {
			if choice>>i&1 == 0 {
				continue
			}
			if names[name] = d.names[name]; names[name] == nil {
				delete(names, name)
			}
		}
		all = append(all, names)
	}
	return all
}

func merged(a, b map[string]*inode) map[string]*inode {
	all := maps.Clone(a)
	maps.Copy(all, b)
	return all
}

// copyOf returns a disk that has been at rest with these names and contents.
func copyOf(names map[string]*inode, content func(*inode) []byte) *Disk {
	d := NewDisk()
	for name, i := range names {
		data := slices.Clone(content(i))
		d.names[name] = &inode{data: data, flushed: data}
	}
	d.durable = maps.Clone(d.names)
	return d
}

// Content returns the content of a file, and false if there is none. It is no call.
func (d *Disk) Content(name string) ([]byte, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	i, ok := d.names[name]
	if !ok {
		return nil, false
	}
	return slices.Clone(i.data), true
}

// Put gives a file a content, durably. It is no call.
func (d *Disk) Put(name string, content []byte) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.names[name] = &inode{data: slices.Clone(content), flushed: slices.Clone(content)}
	d.durable = maps.Clone(d.names)
}

// Names returns the names of all files, in order. It is no call.
func (d *Disk) Names() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Sorted(maps.Keys(d.names))
}
