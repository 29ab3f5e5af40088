# make run    build and start the server, data in ./data
# make test   every test
# make test-splits  splits under load, twenty runs (SPLIT_RUNS, SPLIT_SEED)
# make test-handlers  kill an app with handlers at random (HANDLER_SECONDS, HANDLER_SEED, CRASH_BUILD=release)
# make test-events  kill a server that routes events at random (HANDLER_SECONDS, HANDLER_SEED, CRASH_BUILD=release)
# make test-openapi  what the OpenAPI documents of the database and of a gateway allow and do not, sent to servers
#                    (OPENAPI_EXAMPLES, default 50)
# make fuzz   hostile input for a while (FUZZ_SECONDS, default 60)
# make bench  measurements beside nginx and PostgreSQL
# make docs   the embedded database's documentation, in .build/docs
# make lint   the formatter's opinion
# make clean  forget what was built (data stays)

SHELL := /bin/bash
.SHELLFLAGS := -o pipefail -c
.DEFAULT_GOAL := run
.PHONY: run test test-swift test-end-to-end test-openapi test-splits test-handlers test-events \
	fuzz bench docs lint clean toolchain packages

PORT ?= 8081
DATA ?= ./data
FUZZ_SECONDS ?= 60
OPENAPI_EXAMPLES ?= 50
HANDLER_SECONDS ?= 120
HANDLER_SEED ?=
CRASH_BUILD ?= debug
BENCH ?=
SPLIT_RUNS ?= 20
SPLIT_SEED ?= 1

build_packages := pkg-config liblmdb-dev libzstd-dev libmicrohttpd-dev libcurl4-gnutls-dev libgnutls28-dev \
	libpcre2-dev libyaml-dev libjemalloc-dev libpq-dev
test_packages := python3-venv iso-codes curl

run: packages
	swift build --configuration release --product orrery
	@exec .build/release/orrery serve --data $(DATA) --port $(PORT)

test: test-swift test-end-to-end
	@echo "== swift test"; grep "Test run with" .build/test-swift.log
	@echo "== end to end"; tail -n 1 .build/test-end-to-end.log

# Suites that wait for other threads run by themselves: beside those that keep every processor busy for minutes, they
# would wait for a turn rather than for what they test.
WAITING_SUITES := ^(Orrery(Tests|HTTPTests|TriggersTests|EventsTests|GatewayTests)|ExamplesTests)[.]

# What failed is said once more at the end, where it is looked for.
saying_failures = || { echo "== failed"; grep -aE '✘|recorded an issue|Fatal error' .build/test-swift.log; exit 1; } >&2

test-swift: packages
	swift build --build-tests
	swift test --skip-build --skip '$(WAITING_SUITES)' 2>&1 | tee .build/test-swift.log $(saying_failures)
	swift test --skip-build --filter '$(WAITING_SUITES)' 2>&1 | tee -a .build/test-swift.log $(saying_failures)

# What people run: the optimiser's own faults are met here.
test-end-to-end: packages
	swift build --configuration release --product orrery
	Tests/EndToEnd/run 2>&1 | tee .build/test-end-to-end.log

test-splits: packages
	ORRERY_SPLIT_RUNS=$(SPLIT_RUNS) ORRERY_SPLIT_SEED=$(SPLIT_SEED) swift test --filter SplitsUnderLoadTests

test-openapi: packages
	swift build --product orrery
	swift build --product FreightExample
	Tests/EndToEnd/schemathesis $(OPENAPI_EXAMPLES)

test-handlers: packages
	swift build --configuration $(CRASH_BUILD) --product ShopExample
	Tests/EndToEnd/handler_crash.py .build/$(CRASH_BUILD)/ShopExample 5 --plant again
	Tests/EndToEnd/handler_crash.py .build/$(CRASH_BUILD)/ShopExample 5 --plant skip
	Tests/EndToEnd/handler_crash.py .build/$(CRASH_BUILD)/ShopExample $(HANDLER_SECONDS) $(HANDLER_SEED)

test-events: packages
	swift build --configuration $(CRASH_BUILD) --product orrery
	Tests/EndToEnd/event_crash.py .build/$(CRASH_BUILD)/orrery 10 --plant
	Tests/EndToEnd/event_crash.py .build/$(CRASH_BUILD)/orrery $(HANDLER_SECONDS) $(HANDLER_SEED)

fuzz: packages
	Fuzz/run $(FUZZ_SECONDS)

bench: packages
	swift build --configuration release --product orrery
	swift build --configuration release --product orrery-bench
	.build/release/orrery-bench $(BENCH)

docs: packages
	swift build --target Orrery
	Scripts/make-docs

lint: toolchain
	swift format lint --strict --parallel --recursive Package.swift Sources Tests Bench Fuzz

clean:
	rm -rf .build

packages: toolchain
	@Scripts/require-packages $(build_packages)

toolchain:
	@command -v swift >/dev/null || { \
		echo "The Swift toolchain (6.2 or later) is missing: see https://www.swift.org/install/linux/" >&2; exit 1; }
