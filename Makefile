# The two that matter: make e2e runs the main job on the embedded sandbox, make test passes the tests.
GO      ?= go
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LDFLAGS  = -s -w -X github.com/openimsdk/imctl/runtime/cli.Version=$(VERSION)

.PHONY: build e2e test check bench docs fuzz clean

build:
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags "$(LDFLAGS)" -o bin/imctl .
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags "$(LDFLAGS)" -o bin/imctl-sandbox ./runtime/sandbox/imctl-sandbox

e2e: build
	bin/imctl run scripts/e2e.lua

check:
	@out=$$(gofmt -l $$(git ls-files '*.go')); [ -z "$$out" ] || { echo "gofmt would change:"; echo "$$out"; exit 1; }
	$(GO) vet ./...

# -race needs a C compiler; the tests install nothing else by themselves.
test: build check
	$(GO) test -race -timeout 20m ./...

bench: build
	$(GO) test -run '^$$' -bench . -benchtime 1x ./testdata/bench/...

# docs writes the generated references anew; a test fails when they are stale.
docs:
	$(GO) run . docs --markdown --out .

# fuzz looks for input that breaks the check of scripts; FUZZTIME=10s makes it shorter.
FUZZTIME ?= 60s
fuzz:
	$(GO) test -run '^$$' -fuzz '^FuzzSource$$' -fuzztime $(FUZZTIME) -fuzzminimizetime 50x ./runtime/check

clean:
	rm -rf bin
