# The front of the build: what a person types. Meson does the work in build/.
BUILD ?= build
MESON ?= meson

all: $(BUILD)/build.ninja
	@ninja -C $(BUILD)

$(BUILD)/build.ninja:
	@$(MESON) setup $(BUILD) $(MESON_FLAGS)

.PHONY: all
