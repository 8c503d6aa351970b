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
	@echo 'make demo     scan a real image with real findings (installs what it needs)'
	@echo 'make check    install what the tests need and run them'
	@echo 'make check-long  sanitizers, thread sanitizer, fuzzers, kills, real components'
	@echo 'make bench    speed and memory as ratios, into bench/RESULTS.md'
	@echo 'make format   clang-format over src, tests, fuzz and bench'
	@echo 'make install  PREFIX as meson has it (DESTDIR respected)'

check:
	@tools/deps build test
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

format:
	@git ls-files '*.c' '*.h' | xargs clang-format-14 -i

install: all
	@$(MESON) install -C $(BUILD)

.PHONY: all help check check-long demo bench format install
