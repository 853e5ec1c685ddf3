# On a Debian machine with make and Go, "make demo" and "make test" do everything: what
# they lack they install from Debian, and say so. "make help" lists the rest.

GO       ?= go
PREFIX   ?= /usr/local
FUZZTIME ?= 10s
SOAK     ?= 10m
BENCH    ?=
VERSION  ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)

# What each needs from Debian: the build, the tests, and the benchmarks' peers.
needs-build := ca-certificates gcc libc6-dev libseccomp-dev pkg-config
needs-test  := $(needs-build) bzip2 busybox-static containernetworking-plugins crun curl docker-registry gnupg iproute2 iptables nftables podman procps runc shellcheck skopeo tmux umoci xz-utils zstd
needs-bench := $(needs-test) htop

# Name service modules can't be loaded by a static binary: the Go ways serve.
STATIC := -trimpath -buildvcs=false -tags netgo,osusergo -ldflags '-s -w -linkmode external -extldflags "-static" -X main.version=$(VERSION)'
export CGO_ENABLED := 1

GOLANGCI_VERSION := v2.15.0
GOLANGCI         := .cache/bin/golangci-lint-$(GOLANGCI_VERSION)
export GOLANGCI_LINT_CACHE := $(CURDIR)/.cache/golangci

DEMO        := cmd/podtui/internal/demo
DEMO_IMAGES := $(DEMO)/assets/images.json
DEMO_PARTS  := $(wildcard $(DEMO)/program/* $(DEMO)/images/* $(DEMO)/generate/* engine/enginetest/recipe/*.go)

.DEFAULT_GOAL := help

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: need-build $(DEMO_IMAGES) ## build bin/podtui, one static binary with its demo inside
	@cd cmd/podtui/internal/podprogram && $(GO) run -buildvcs=false ./generate $(STATIC)
	@$(GO) build $(STATIC) -tags netgo,osusergo,podprogram -o bin/podtui ./cmd/podtui

demo: build ## run a pod of two apps: in the TUI on a terminal, else in batch
	@if [ -t 0 ] && [ -t 1 ]; then bin/podtui demo; else bin/podtui --batch demo; fi

test: need-test build ## run all tests, with the race detector, real pods and tmux
	$(GO) test -race -vet=off -timeout 40m ./... # lint has vetted it all

check: lint ## lint, and the fast tests: before each commit
	$(GO) test -short -timeout 10m ./...

lint: need-test $(DEMO_IMAGES) $(GOLANGCI) ## format, golangci-lint with go vet's checks, shellcheck
	@unformatted=$$(gofmt -l .); [ -z "$$unformatted" ] || { echo "gofmt would change:"; echo "$$unformatted"; exit 1; }
	$(GOLANGCI) run ./...
	shellcheck scripts/* .ci/run

soak: need-test build ## let a screen live for SOAK=10m with real pods, and monkeys press 100,000 keys over a real and a scripted engine
	$(GO) test -vet=off -count=1 -timeout 60m -v -run 'TestSoak$$' ./ui -soak $(SOAK)
	$(GO) test -vet=off -count=1 -timeout 60m -v -run 'TestMonkey' ./ui -monkey 25000 -monkey.live 100000

bench: need-bench build ## measure podtui beside runc, crun, podman and tar; BENCH=-help tells what to choose
	@$(GO) run -buildvcs=false ./engine/enginetest/bench $(BENCH)

fuzz: need-build $(DEMO_IMAGES) ## run each fuzz target for FUZZTIME=10s; FUZZ=REGEXP chooses
	@GO='$(GO)' scripts/fuzz $(FUZZTIME)

man: build ## write the man pages into bin/man: podtui.1 and one for each command
	@bin/podtui man bin/man

install: build ## install podtui below PREFIX=/usr/local, in DESTDIR if that is set
	install -D -m 755 bin/podtui '$(DESTDIR)$(PREFIX)/bin/podtui'

clean: ## remove what was built here
	rm -rf bin .cache $(DEMO)/assets/*.aci $(DEMO_IMAGES) cmd/podtui/internal/podprogram/assets/podtui-pod-*

need-build need-test need-bench: need-%:
	@GO='$(GO)' scripts/need $(needs-$*)

$(DEMO_IMAGES): $(DEMO_PARTS) | need-build
	@cd $(DEMO) && $(GO) run -buildvcs=false ./generate

$(GOLANGCI):
	@echo "building golangci-lint $(GOLANGCI_VERSION): some minutes, once"
	@GOBIN='$(CURDIR)/.cache/bin' $(GO) install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI_VERSION)
	@mv .cache/bin/golangci-lint $@

# apt-get and the compiler's cache both want one user at a time; go itself is parallel.
.NOTPARALLEL:
.PHONY: help build demo test check lint soak bench fuzz man install clean need-build need-test need-bench
