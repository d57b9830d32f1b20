package store

import (
	"fmt"
	"slices"
	"strings"

	"ockamtest/ref/vault"
	"ockamtest/ref/vault/atomicfile"
)

// Each calls f with every entry, in order of labels, until f fails, and returns what f does. The entry's bytes are wiped when Each
// returns. f may call the store.
func (s *Store) Each(f func(Entry) error) error {
	s.mu.Lock()
	content, entries, err := s.read()
	s.mu.Unlock()
	if err != nil {
		return fmt.Errorf("each: %w", err)
	}
	defer s.memory.Release(content)
	for _, e := range entries {
		if err := f(e); err != nil {
			return err
		}
	}
	return nil
}

// Add adds an entry. When it returns nil the entry is on the disk. A label that is there is vault.ErrLabelTaken.
//
// When writing fails, the store goes on without the change; the file has the old content or the new, and the next change that succeeds
// writes what the store went on with.
func (s *Store) Add(e Entry) error {
	return s.change("add", e.Attributes.Label, func(entries []Entry, i int, found bool) ([]Entry, error) {
		if found {
			return nil, vault.ErrLabelTaken
		}
		return slices.Insert(entries, i, e), nil
	})
}

// Set replaces the entry with that label, or fails with vault.ErrNotFound. It is on the disk as in Add.
func (s *Store) Set(e Entry) error {
	return s.change("set", e.Attributes.Label, func(entries []Entry, i int, found bool) ([]Entry, error) {
		if !found {
			return nil, vault.ErrNotFound
		}
		entries[i] = e
		return entries, nil
	})
}

// Remove removes the entry with that label, or fails with vault.ErrNotFound. It is gone from the disk as in Add.
func (s *Store) Remove(label string) error {
	return s.change("remove", label, func(entries []Entry, i int, found bool) ([]Entry, error) {
		if !found {
			return nil, vault.ErrNotFound
		}
		return slices.Delete(entries, i, i+1), nil
	})
}

// change writes what edit makes of the entries. i is where the label is, or would be.
func (s *Store) change(op, label string, edit func(entries []Entry, i int, found bool) ([]Entry, error)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.edit(label, edit); err != nil {
		return fmt.Errorf("%s: %w", op, err)
	}
	return nil
}

func (s *Store) edit(label string, edit func(entries []Entry, i int, found bool) ([]Entry, error)) error {
	if !vault.ValidLabel(label) {
		return vault.ErrInvalidLabel
	}
	content, entries, err := s.read()
	if err != nil {
		return err
	}
	defer s.memory.Release(content)
	i, found := slices.BinarySearchFunc(entries, label, func(e Entry, label string) int {
		return strings.Compare(e.Attributes.Label, label)
	})
	if entries, err = edit(entries, i, found); err != nil {
		return err
	}
	return s.write(entries)
}

// read opens the content and returns it, for the caller to release, and the entries in it. s.mu is held, or nobody else knows s.
func (s *Store) read() (content []byte, entries []Entry, err error) {
	if s.closed {
		return nil, nil, ErrClosed
	}
	if content, err = open(s.header, s.memory, s.master, s.file); err != nil {
		return nil, nil, err
	}
	if entries, err = parseContent(content); err != nil {
		s.memory.Release(content)
		return nil, nil, err
	}
	return content, entries, nil
}

// write makes entries the content of the file. On failure s is as before. s.mu is held, or nobody else knows s.
func (s *Store) write(entries []Entry) error {
	n := size(entries)
	if n > MaxContent {
		return ErrFull
	}
	content, err := s.memory.Allocate(n)
	if err != nil {
		return err
	}
	defer s.memory.Release(content)
	header, file, err := seal(s.header, s.random, s.master, appendContent(content[:0], entries))
	if err != nil {
		return err
	}
	if err := atomicfile.Replace(s.fs, s.name, s.name+".new", file); err != nil {
		return err
	}
	s.header, s.file = header, file
	return nil
}
