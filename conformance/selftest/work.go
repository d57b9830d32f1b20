package selftest

import (
	"context"
	"errors"
	"runtime"
	"sync"
)

// A job is one peer in one role and profile.
type job struct {
	row  *Row
	cell *Cell
}

// work does all jobs with a bounded number of goroutines and waits for them. Each job writes to its own cell.
func work(ctx context.Context, cfg Config, jobs []job) error {
	workers := cfg.Workers
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	working, cancel := context.WithCancel(ctx)
	defer cancel()
	queue := make(chan job)
	var (
		group sync.WaitGroup
		mu    sync.Mutex // guards done and errs
		done  int
		errs  []error
	)
	for range workers {
		group.Go(func() {
			for j := range queue {
				err := j.do(working, cfg)
				mu.Lock()
				if done++; err != nil {
					errs = append(errs, err)
					cancel()
				} else if cfg.Progress != nil {
					cfg.Progress(done, len(jobs))
				}
				mu.Unlock()
			}
		})
	}
	feed(working, queue, jobs)
	group.Wait()
	if err := ctx.Err(); err != nil {
		return err
	}
	return errors.Join(errs...)
}

// feed hands the jobs out until ctx ends.
func feed(ctx context.Context, queue chan<- job, jobs []job) {
	defer close(queue)
	for _, j := range jobs {
		select {
		case queue <- j:
		case <-ctx.Done():
			return
		}
	}
}
