# One verb a task; each does its own set-up first. `make run` and `make test` are all a newcomer needs.
.DEFAULT_GOAL := run
.PHONY: run test bench certs fmt lint build web

SETUP := load-tests/setup
WITH  := $(SETUP)/with

# Builds the release binary and starts it in development mode: loopback only, data under ./data.
run: build
	@exec $(WITH) sh -c 'exec "$${CARGO_TARGET_DIR:-target}"/release/tandem serve'

# Installs what is missing and runs every check; the last line says how many passed and failed.
test:
	@$(SETUP)/install.sh build test
	@$(WITH) load-tests/check.py

# Prints what the release binary does beside its peers, as figures and ratios; judges nothing.
bench: build
	@$(SETUP)/install.sh test
	@$(WITH) load-tests/peers/bench.py

# Makes a development CA and certificates in certs/dev (not in git); certs/README.md tells how real ones are put in.
certs: build
	@$(WITH) sh -c '"$${CARGO_TARGET_DIR:-target}"/release/tandem certs dev certs/dev'

fmt:
	@cargo fmt --all

lint:
	@cargo fmt --all --check
	@$(SETUP)/install.sh build
	@$(WITH) cargo lint

build:
	@$(SETUP)/install.sh build
	@$(WITH) cargo build --release -p gateway -p load-tests
