# cross-targets.mk: what is tried on other machines, and what weir weighs. Included by the Makefile at its end; cross.mk says how.
.PHONY: check-cross check-arm check-s390x check-golden size size-of instructions instructions-of

# The command as the bats files start it: a script that calls the emulator, where they look for the command.
EMULATED = $(abspath $(BUILD))/emulated
$(EMULATED)/weir: $(BUILD)/weir tools/cross.mk
	@mkdir -p $(@D)
	@printf '#!/bin/sh\nexec %s %s "$$@"\n' '$(RUN)' '$(abspath $(BUILD))/weir' > $@
	@chmod +x $@

# SHORT=1: the rooms where a machine's words and bytes matter most, and the golden records.
CROSS_UNIT = $(if $(SHORT),$(filter $(addprefix $(BUILD)/tests/,base_% text_% model_% match_% record_%),$(UNIT_BIN)),$(UNIT_BIN))
CROSS_BATS = $(if $(SHORT),tests/cli/golden.bats,$(BATS))

check-cross: $(CROSS_UNIT) $(EMULATED)/weir
	@BUILD=$(EMULATED) RUN="$(RUN)" tools/run-tests.sh $(CROSS_UNIT) $(CROSS_BATS)

check-golden: $(EMULATED)/weir
	@BUILD=$(EMULATED) tools/run-tests.sh tests/cli/golden.bats

check-arm: ## unit tests, golden records and the command under qemu-user, for arm64 and armhf (many minutes; SHORT=1: a part)
	@$(MAKE) --no-print-directory ARCH=arm64 BUILD=$(BUILD)/arm64 check-cross
	@$(MAKE) --no-print-directory ARCH=armhf BUILD=$(BUILD)/armhf check-cross

check-s390x: ## golden records on a big-endian machine, under qemu-user; CHECK=check-cross: all tests
	@$(MAKE) --no-print-directory ARCH=s390x BUILD=$(BUILD)/s390x $(or $(CHECK),check-golden)

size: $(BUILD)/weir-static $(BUILD)/bench/footprint ## what weir weighs: command, engine, stack for three machines (minutes), memory and start on this one
	@printf '  %-8s %22s %14s %22s %14s\n' '' 'static command, bytes' 'engine alone' 'deepest stack, deciding' 'loading'
	@$(MAKE) --no-print-directory size-of
	@$(MAKE) --no-print-directory ARCH=arm64 BUILD=$(BUILD)/arm64 size-of
	@$(MAKE) --no-print-directory ARCH=armhf BUILD=$(BUILD)/armhf size-of
	@BUILD=$(BUILD) $(BUILD)/bench/footprint $(BUILD)/weir-static

# The engine alone: code and constants of libweir.a. The stack: what a test with hostile scripts, patterns and sources measures, and tells.
DEEPEST = sed -n 's/^.*deepest stack:.*$1 \([0-9]*\) bytes.*/\1/p' $(BUILD)/deepest-stack | sort -n | tail -1
size-of: $(BUILD)/weir-static $(LIB) $(BUILD)/tests/engine_stack
	@$(STRIP) -o $(BUILD)/weir-stripped $(BUILD)/weir-static
	@$(RUN) $(BUILD)/tests/engine_stack > $(BUILD)/deepest-stack 2>&1
	@printf '  %-8s %22d %14d %23d %14d\n' $(or $(ARCH),here) $$(stat -c %s $(BUILD)/weir-stripped) $$($(SIZE) -t $(LIB) | awk 'END { print $$1 }') \
	  $$($(call DEEPEST,deciding)) $$($(call DEEPEST,loading))

# Static: the program's addresses are then those that nm tells.
$(BUILD)/instructions: bench/instructions/decisions.c $(LIB) Makefile
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS_ALL) -static -no-pie -Wl,--no-warnings -o $@ $< $(LIB) $(LDFLAGS_ALL) $(SYSROOT_LIBS) $(shell $(PKG_CONFIG) --static --libs $(PKGS)) -lm -lpthread

instructions: ## instructions of one decision on arm64, under qemu-user, beside bench/instructions/arm64.txt (UPDATE=1: write that)
	@$(MAKE) --no-print-directory ARCH=arm64 BUILD=$(BUILD)/arm64 instructions-of

instructions-of: $(BUILD)/instructions
	@tools/instructions.py $(QEMU_$(ARCH)) $< $(TRIPLE)-nm bench/instructions/arm64.txt $(if $(UPDATE),update)
