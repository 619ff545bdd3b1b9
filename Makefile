# The two that matter: make e2e runs the main job on the embedded sandbox, make test passes the tests.
GO      ?= go
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LDFLAGS  = -s -w -X github.com/openimsdk/imctl/runtime/cli.Version=$(VERSION)

.PHONY: build e2e test test-sdk roundtrip deps check fuzz bench docs clean

build:
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags "$(LDFLAGS)" -o bin/imctl .
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags "$(LDFLAGS)" -o bin/imctl-sandbox ./runtime/sandbox/imctl-sandbox

e2e: build
	bin/imctl run scripts/e2e.lua

# test is the whole of it: formatting, vet, every test with the race detector (which needs a C compiler; it tries the
# seeds of all fuzz tests), and the two fuzz tests that get a minute each. make fuzz looks for new input with all of them.
# Some tests hold promises about time, and run one package at a time. The database engine is tested by way of the program
# that holds it; with the race detector it alone would take minutes to build.
ENGINE  = /sandbox/ferret$$|/imctl-sandbox$$
PATIENT = /bindings/client$$|/runtime/|/stdlib$$|/testdata/
test: deps build check
	$(GO) build -race $$($(GO) list ./... | grep -v -E '$(ENGINE)')
	$(GO) test -race -p 2 -timeout 20m $$($(GO) list ./... | grep -v -E '$(ENGINE)|$(PATIENT)')
	$(GO) test -race -p 1 -timeout 20m $$($(GO) list ./... | grep -v -E '$(ENGINE)' | grep -E '$(PATIENT)')
	$(MAKE) fuzz FUZZ="$(FUZZLONG)"

# test-sdk lets OpenIM's own client SDKs, unmodified, talk to the sandbox. They are no part of this project: it takes
# them from the folder OPENIM_SDK_DIR, in which somebody has installed them (runtime/cli/sdk_test.go tells how).
test-sdk:
	OPENIM_SDK_DIR=$(if $(OPENIM_SDK_DIR),$(abspath $(OPENIM_SDK_DIR))) $(GO) test -count=1 -v -timeout 10m -run '^TestSDK$$' ./runtime/cli

# roundtrip is the test of backup and restore at its whole size: 20,000 accounts, 500 groups, 200,000 messages.
roundtrip:
	IMCTL_ROUNDTRIP=whole $(GO) test -count=1 -v -timeout 60m -run '^TestRoundTrip$$' ./runtime/cli

# deps installs what some tests compare with or let read their reports, where it can; a test that lacks it says so.
deps:
	@missing=; for need in lua5.1:lua5.1 xmllint:libxml2-utils perl:perl chromium:chromium; do \
		command -v "$${need%%:*}" >/dev/null || missing="$$missing $${need##*:}"; done; \
	/usr/bin/python3 -c 'import junitparser' 2>/dev/null || missing="$$missing python3-junitparser"; \
	[ -z "$$missing" ] || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && \
		{ apt-get install -y -q $$missing || { apt-get update -q && apt-get install -y -q $$missing; }; } >/dev/null 2>&1; } || \
		echo "skipped:$$missing can't be installed here; the tests that use them are left out"
	@command -v kubectl >/dev/null || echo "skipped: kubectl is not installed here; nobody else reads the exported Job"

check:
	@out=$$(gofmt -l $$(git ls-files '*.go')); [ -z "$$out" ] || { echo "gofmt would change:"; echo "$$out"; exit 1; }
	CGO_ENABLED=0 $(GO) vet -trimpath ./...

# fuzz runs every fuzz test of the tree: for a while those of the check of scripts and of the way of values to Lua and back,
# which meet the strangest input, and shortly all others. FUZZTIME=10s FUZZSHORT=1s makes it shorter. What is not ours is
# built without the counters of covered code, which saves minutes. An input at work when the time is over may end Go's
# fuzzing with "context deadline exceeded" (golang/go#75804), which is no finding.
FUZZTIME  ?= 60s
FUZZSHORT ?= 3s
# FUZZ="dir:name ..." runs those only.
FUZZLONG   = runtime/check:FuzzSource bindings/convert:FuzzRoundTrip
fuzz:
	@set -e; out=$$(mktemp -d); trap 'rm -rf "$$out"' EXIT; \
	for dir in $$(git grep -l '^func Fuzz' -- '*_test.go' | xargs -n1 dirname | sort -u); do \
		case " $(FUZZ)" in " "|*" $$dir:"*) ;; *) continue;; esac; \
		$(GO) test -c -gcflags="$$($(GO) list -m)/...=-d=libfuzzer" -o $$out/test ./$$dir; \
		for name in $$(cd $$dir && $$out/test -test.list '^Fuzz'); do \
			case " $(FUZZ) " in "  "|*" $$dir:$$name "*) ;; *) continue;; esac; \
			for=$(FUZZSHORT); seen=$$out/$$dir; \
			case " $(FUZZLONG) " in *" $$dir:$$name "*) for=$(FUZZTIME); seen=$$($(GO) env GOCACHE)/fuzz/$$($(GO) list ./$$dir);; esac; \
			echo "fuzz: $$name of $$dir for $$for"; \
			(cd $$dir && $$out/test -test.run '^$$' -test.fuzz "^$$name$$" -test.fuzztime $$for -test.fuzzminimizetime 50x \
				-test.fuzzcachedir "$$seen") >$$out/log 2>&1 || \
				{ grep -q '^    context deadline exceeded$$' $$out/log && ! grep -q 'Failing input' $$out/log; } || \
				{ cat $$out/log; exit 1; }; \
			grep execs: $$out/log | tail -n 1; \
		done; \
	done

# bench prints each figure beside its yardstick, measured in the same run.
bench:
	$(GO) test -run '^$$' -bench . -benchtime 1x ./runtime/cli ./bindings/data ./testdata/bench/...
	$(GO) test -run '^$$' -bench . ./runtime/vm ./bindings/openim ./runtime/check ./runtime/sandbox

# docs writes the generated references anew; a test fails when they are stale.
docs:
	$(GO) run . docs --markdown --out .

clean:
	rm -rf bin
