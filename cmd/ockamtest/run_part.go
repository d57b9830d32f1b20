package main

import (
	"strconv"
	"strings"

	"github.com/spf13/pflag"

	"ockamtest/conformance"
	"ockamtest/conformance/runner"
)

func (o *runOptions) partFlags(f *pflag.FlagSet) {
	f.StringVar(&o.shard, "shard", "", "I/N: of N runs that share the cases evenly, the Ith")
	o.combine.flags(f)
	f.StringVar(&o.catalogue, "catalogue", conformance.CatalogueVersion,
		"version of the catalogue, with no newer cases: "+strings.Join(conformance.CatalogueVersions(), ", "))
}

// setPart is what part of the cases is run.
func (o *runOptions) setPart(cfg *runner.Config) error {
	cfg.Catalogue = o.catalogue
	if err := o.combine.set(cfg); err != nil || o.shard == "" {
		return err
	}
	index, of, both := strings.Cut(o.shard, "/")
	i, indexErr := strconv.ParseUint(index, 10, 16)
	n, ofErr := strconv.ParseUint(of, 10, 16)
	if !both || indexErr != nil || ofErr != nil || i < 1 || i > n {
		return usagef("--shard %s: want I/N, with I from 1 to N", o.shard)
	}
	cfg.Shard = conformance.Shard{Index: int(i), Of: int(n)}
	return nil
}

// whole tells whether nothing was left out that could be run.
func (o *runOptions) whole(cfg runner.Config) bool {
	return len(o.sel.Cases)+len(o.sel.Skip)+len(o.sel.Requirements)+len(cfg.Roles)+len(cfg.Transports)+len(o.profiles)+len(o.depths) == 0 &&
		o.shard == "" && o.catalogue == conformance.CatalogueVersion
}
