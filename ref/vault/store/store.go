package store

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"sync"

	"ockamtest/ref/memory"
	"ockamtest/ref/vault/atomicfile"
)

// Config tells how a file is opened. Either Key or Passphrase is required.
type Config struct {
	// Key is the master key, 32 random bytes.
	Key []byte
	// Passphrase is what the master key is derived from.
	Passphrase []byte
	// KDF is what Create makes that cost; Open finds it in the file.
	KDF KDF
	// Memory is where opened content and the master key are; nil means memory.Heap.
	Memory memory.Allocator
	// Random is the source of nonces and salts; nil means crypto/rand.
	Random io.Reader
	// FS is the file system; nil means that of the program.
	FS atomicfile.FS
}

func (cfg Config) withDefaults() (Config, error) {
	cfg.KDF = cfg.KDF.withDefaults()
	if cfg.Memory == nil {
		cfg.Memory = memory.Heap{}
	}
	if cfg.Random == nil {
		cfg.Random = rand.Reader
	}
	if cfg.FS == nil {
		cfg.FS = atomicfile.OS{}
	}
	switch {
	case (len(cfg.Key) == 0) == (len(cfg.Passphrase) == 0):
		return cfg, fmt.Errorf("%w: either a key or a passphrase", ErrConfig)
	case len(cfg.Key) != 0 && len(cfg.Key) != KeySize:
		return cfg, fmt.Errorf("%w: a key of %d bytes", ErrConfig, len(cfg.Key))
	case !cfg.KDF.valid():
		return cfg, fmt.Errorf("%w: cost of Argon2id", ErrConfig)
	}
	if len(cfg.Key) == 0 {
		cfg.Key = nil
	}
	return cfg, nil
}

// A Store is an open file of secrets. It is made by Create or Open and must not be copied.
type Store struct {
	name   string
	fs     atomicfile.FS
	memory memory.Allocator
	random io.Reader

	mu     sync.Mutex // guards the fields below
	header header     // of the file; source, cost, and salt stay the same
	master []byte
	file   []byte // what was last read or written
	lock   io.Closer
	closed bool
}

// Create makes a file without entries. It fails with fs.ErrExist if the file is there, and with atomicfile.ErrLocked. When writing fails
// there may be a file without entries.
func Create(name string, cfg Config) (*Store, error) {
	s, err := start(name, cfg, func(s *Store, cfg Config) error {
		if f, err := s.fs.Open(name); err == nil {
			return errors.Join(fs.ErrExist, f.Close())
		} else if !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return s.create(cfg)
	})
	if err != nil {
		return nil, fmt.Errorf("create store %s: %w", name, err)
	}
	return s, nil
}

// Open opens a file and looks through all of it. It fails with fs.ErrNotExist, atomicfile.ErrLocked, ErrKey, ErrVersion, or a *CorruptError. It
// writes nothing.
func Open(name string, cfg Config) (*Store, error) {
	s, err := start(name, cfg, func(s *Store, cfg Config) error {
		file, err := readFile(s.fs, name)
		if err != nil {
			return err
		}
		return s.open(cfg, file)
	})
	if err != nil {
		return nil, fmt.Errorf("open store %s: %w", name, err)
	}
	return s, nil
}

// start takes the lock and fills a store. On failure nothing is left.
func start(name string, cfg Config, fill func(*Store, Config) error) (*Store, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	s := &Store{name: name, fs: cfg.FS, memory: cfg.Memory, random: cfg.Random}
	if s.lock, err = s.fs.Lock(name + ".lock"); err != nil {
		return nil, err
	}
	if err := fill(s, cfg); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// create writes a file without entries.
func (s *Store) create(cfg Config) (err error) {
	if cfg.Key == nil {
		s.header.source, s.header.kdf = fromPassphrase, cfg.KDF
		if _, err := io.ReadFull(s.random, s.header.salt[:]); err != nil {
			return fmt.Errorf("salt: %w", err)
		}
	}
	if s.master, err = cfg.masterKey(s.header); err != nil {
		return err
	}
	return s.write(nil)
}

// open takes over a file, if its content is sound.
func (s *Store) open(cfg Config, file []byte) (err error) {
	if s.header, err = parseHeader(file); err != nil {
		return err
	}
	if s.master, err = cfg.masterKey(s.header); err != nil {
		return err
	}
	s.file = file
	content, _, err := s.read()
	s.memory.Release(content)
	return err
}

// readFile reads a file, if it is no longer than a store can be.
func readFile(f atomicfile.FS, name string) (content []byte, err error) {
	file, err := f.Open(name)
	if err != nil {
		return nil, err
	}
	const most = headerSize + maxSealed
	content, err = io.ReadAll(io.LimitReader(file, most+1))
	if err == nil && len(content) > most {
		err = &CorruptError{Offset: most, Reason: "no store is as long"}
	}
	return content, errors.Join(err, file.Close())
}

// Close wipes the master key and gives the lock back. Operations that come later fail with ErrClosed; closing twice is harmless.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	s.memory.Release(s.master)
	s.master, s.file = nil, nil
	if err := s.lock.Close(); err != nil {
		return fmt.Errorf("close store: %w", err)
	}
	return nil
}
