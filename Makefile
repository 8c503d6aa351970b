# The front of the build: what a person types. Meson does the work in build/.
BUILD ?= build
MESON ?= meson

all: $(BUILD)/build.ninja
	@ninja -C $(BUILD)

$(BUILD)/build.ninja:
	@tools/deps build
	@$(MESON) setup $(BUILD) $(MESON_FLAGS)

help:
	@echo 'make          build/plimsoll'
	@echo 'make deps     fetch the bash grammar, without which there are no shell rules'
	@echo 'make demo     scan a real image with real findings (installs what it needs)'
	@echo 'make check    install what the tests need and run them'
	@echo 'make check-long  sanitizers, thread sanitizer, fuzzers, kills, real components'
	@echo 'make bench    speed and memory as ratios, into bench/RESULTS.md'
	@echo 'make format   clang-format over src, tests, fuzz and bench'
	@echo 'make install  PREFIX as meson has it (DESTDIR respected)'

# What Debian does not package (the bash grammar), checked against its digest; then built in.
deps:
	@tools/deps build lint
	@tools/fetch-deps
	@[ ! -f $(BUILD)/build.ninja ] || $(MESON) setup --reconfigure $(BUILD) >/dev/null

check:
	@tools/deps build test
	@$(MAKE) --no-print-directory deps || echo 'the tests go on without the shell rules'
	@$(MAKE) --no-print-directory all
	@tools/run-tests $(BUILD) unit golden cli fault fuzz

check-long:
	@tools/deps build test ci
	@tools/check-long

demo:
	@tools/deps build demo
	@$(MAKE) --no-print-directory all
	@tools/demo

bench:
	@tools/deps build bench
	@$(MAKE) --no-print-directory all
	@bench/run
	@bench/lint
	@bench/mine

format:
	@git ls-files '*.c' '*.h' | xargs clang-format-14 -i

install: all
	@$(MESON) install -C $(BUILD)

.PHONY: all help deps check check-long demo bench format install
