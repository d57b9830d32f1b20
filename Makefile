# Targets for people and for CI, which calls nothing else. `make help` lists them.

GO        ?= go
LINT       = .cache/bin/golangci-lint
LINT_AT    = github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
FUZZTIME  ?= 60s
PLATFORMS  = linux/amd64 linux/arm64 darwin/arm64 windows/amd64

.DEFAULT_GOAL = help

.PHONY: help
help: ## list the targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

.PHONY: test
test: deps lint unit peers whole outside bench-check cross run ## install what the tests need and run them all

.PHONY: deps
deps: ## install what the tests need beside Go (Debian packages, the linter)
	./.ci/deps
	@test -x $(LINT) || GOBIN=$(CURDIR)/.cache/bin $(GO) install $(LINT_AT)

.PHONY: lint
lint: ## vet, staticcheck, and the other rules of .golangci.yml
	$(GO) vet ./...
	$(LINT) run

.PHONY: unit
unit: ## every test, shuffled, with the race detector (of the long ones a part)
	$(GO) test -race -short -shuffle=on -timeout 20m ./...

# Every package with a test that asks for -short.
.PHONY: whole
whole: ## the long tests as they are meant: the kill matrix, the peers of other hands, every vector, a million messages
	$(GO) test -count=1 -timeout 20m -parallel 8 $$(grep -rl --include='*_test.go' 'testing[.]Short()' cmd conformance ref vectors | xargs -n1 dirname | sort -u | sed 's|^|./|')

.PHONY: foreign
foreign: peers ## the peers of other hands in all that they speak and in all attachments: a quarter of an hour
	OCKAMTEST_EVERYTHING=1 $(GO) test -count=1 -timeout 60m -parallel 6 -run 'TestCPeer|TestElixirPeer|TestPython|TestKilled|TestInterop' ./cmd/ockamtest

.PHONY: selftest
selftest: ## the whole kill matrix, with what unit leaves out of it
	$(GO) test -count=1 ./conformance/selftest

.PHONY: vectors
vectors: ## the vectors themselves, each flag with its mutant, and what the kit has against them
	$(GO) test -count=1 ./conformance/attach/subject
	$(GO) test -count=1 -run 'TestVectors|TestScripts/vectors' ./cmd/ockamtest

.PHONY: outside
outside: ## modules of their own: Wycheproof's vectors, and the project as a dependency
	cd testdata/wycheproof && $(GO) vet ./... && $(GO) test -count=1 -shuffle=on ./...
	cd testdata/consumer && $(GO) vet ./... && $(GO) test -count=1 -shuffle=on ./...

.PHONY: peers
peers: ## build the peers of other hands that come with the project, and run their own tests
	$(MAKE) -C conformance/peers/c all test
	@if command -v mix >/dev/null; then cd conformance/peers/elixir && MIX_ENV=prod mix compile && mix test; else echo "no Elixir: its peer is not built"; fi

.PHONY: cross
cross: ## build the command for every platform without cgo
	@for p in $(PLATFORMS); do \
		echo "build $$p"; \
		CGO_ENABLED=0 GOOS=$${p%/*} GOARCH=$${p#*/} $(GO) build -o /dev/null ./cmd/ockamtest || exit 1; \
	done

.PHONY: run
run: ## the conformance run, as a user types it
	CGO_ENABLED=0 $(GO) run ./cmd/ockamtest run

.PHONY: fuzz
fuzz: ## every fuzz target for FUZZTIME (default 60s)
	GO="$(GO)" ./.ci/fuzz $(FUZZTIME)

.PHONY: bench
bench: ## speed and memory, side by side with what they are measured by
	cd testdata/bench && $(GO) test -run '^$$' -bench . -benchtime 101x
	cd testdata/bench && $(GO) test -modfile pinned.mod -run '^$$' -bench Handshake -benchtime 101x

.PHONY: bench-check
bench-check: ## the benchmark module builds and its benchmarks run once
	cd testdata/bench && $(GO) vet ./... && $(GO) test -short -bench . -benchtime 1x ./...
	cd testdata/bench && $(GO) test -modfile pinned.mod -short -run '^$$' -bench Handshake -benchtime 1x ./...
