# weir: build, test, try. `make help` lists the targets.
#
# Everything made goes to $(BUILD). Debian packages that are missing are installed first (tools/deps.sh).
# V=1 (show the commands), CC=clang, SAN=1 (AddressSanitizer + UndefinedBehaviorSanitizer), ROOMS="base text" (only these rooms and their tests),
# ARCH=arm64, armhf or s390x (for another machine, into build/ARCH), STATIC=1 (a command that needs no library, build/weir-static), STATE=memory
# (without SQLite, into build/memory).

BUILD   ?= build$(ARCH:%=/%)$(STATE:%=/%)
CC      := $(if $(filter default,$(origin CC)),gcc,$(CC))
HOSTCC  ?= gcc
ROOMS   ?= base text model match state record script policy flow decide load
WERROR  ?= -Werror
Q       := $(if $(V),,@)
say      = $(if $(V),,@printf '  %-6s %s\n' '$(1)' '$(patsubst $(BUILD)/%,%,$(2))')

# Files over 2 GB and years after 2038, on 32-bit machines too.
STD     := -std=c11 -D_XOPEN_SOURCE=700 -D_FILE_OFFSET_BITS=64 -D_TIME_BITS=64
WARN    := -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla $(WERROR)
OPT     ?= -O2 -g
HARDEN  := -fstack-protector-strong -fvisibility=hidden -fPIC
comma   := ,
SANFLAGS := $(if $(SAN),-fsanitize=address$(comma)undefined -fno-sanitize-recover=all -fno-omit-frame-pointer -DWEIR_SANITIZED)
PKGS    := libpcre2-8 lua5.4 libsodium sqlite3
include tools/cross.mk
# Asked only when something is compiled, after the packages are there.
PKG_CFLAGS = $(SYSROOT_CFLAGS) $(shell $(PKG_CONFIG) --cflags $(PKGS))
PKG_LIBS   = $(SYSROOT_LIBS) $(shell $(PKG_CONFIG) --libs $(PKGS)) -lm -lpthread
CLI_LIBS := -ljansson -ledit # the command alone: reading exports, editing lines
INCLUDE := -Iinclude -iquote engine -I$(BUILD)/gen
CFLAGS_ALL = $(STD) $(WARN) $(OPT) $(HARDEN) $(SANFLAGS) $(INCLUDE) $(PKG_CFLAGS) $(CFLAGS)
LDFLAGS_ALL = $(SANFLAGS) $(LDFLAGS)

ENGINE  := $(foreach room,$(ROOMS),$(sort $(wildcard engine/$(room)/*.c))) $(if $(filter load,$(ROOMS)),$(wildcard engine/*.c))
ENGINE  := $(filter-out $(if $(STATE),engine/state/sqlite%,engine/state/no_sqlite.c),$(ENGINE))
CLI     := $(sort $(wildcard cli/*.c))
GEN     := $(if $(filter text,$(ROOMS)),$(BUILD)/gen/fold_tables.h) $(if $(filter state,$(ROOMS)),$(if $(STATE),,$(BUILD)/gen/schema.h)) $(if $(filter load,$(ROOMS)),$(BUILD)/gen/vocabulary.h $(BUILD)/gen/templates.h)
UNIT    := $(foreach room,$(ROOMS) $(if $(filter load,$(ROOMS)),engine),$(sort $(wildcard tests/unit/$(room)_*.c)))
BATS    := $(sort $(wildcard tests/cli/*.bats))
DOC_TEST := tests/docs/run.py
BENCHES := $(sort $(wildcard bench/*.c))

OBJ      = $(ENGINE:%.c=$(BUILD)/obj/%.o)
CLI_OBJ  = $(CLI:%.c=$(BUILD)/obj/%.o)
UNIT_BIN = $(UNIT:tests/unit/%.c=$(BUILD)/tests/%)
BENCH_BIN = $(BENCHES:bench/%.c=$(BUILD)/bench/%)
LIB      = $(BUILD)/libweir.a
DEPS     = $(BUILD)/.deps

.DELETE_ON_ERROR:
.SUFFIXES:
.SECONDARY:
.PHONY: all help deps docs lib unit test test-docs test-asan test-tsan attack fault fault-packs fault-units soak bench bench-hosts bench-deps bench-match diff powercut crash golden lint lint-deep coverage coverage-run demo clean

all: $(if $(STATIC),$(BUILD)/weir-static,$(BUILD)/weir) ## build the command, build/weir

help: ## list the targets
	@sed -n 's/^\([a-z0-9-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

deps: ## install missing Debian packages (as root; otherwise print the line to run)
	@tools/deps.sh

$(DEPS): tools/deps.sh $(if $(ARCH),tools/cross.sh)
	@mkdir -p $(@D)
	@$(if $(ARCH),tools/cross.sh $(ARCH) $(SYSROOT),tools/deps.sh)
	@touch $@

lib: $(LIB) ## build the library, build/libweir.a

$(LIB): $(OBJ)
	$(call say,AR,$@)
	@rm -f $@
	$(Q)$(AR) rcs $@ $(OBJ)

$(BUILD)/weir: $(CLI_OBJ) $(LIB)
	$(call say,LD,$@)
	$(Q)$(CC) $(LDFLAGS_ALL) -o $@ $(CLI_OBJ) $(LIB) $(CLI_LIBS) $(PKG_LIBS)

# The static command is for small boxes: what is not on the way of an event is compiled for size, and lines are not edited, for libedit
# and what it needs is a fifth of a megabyte.
STATIC_LIBS = $(SYSROOT_LIBS) $(shell $(PKG_CONFIG) --static --libs $(PKGS)) -ljansson -lm -lpthread
STATIC_OBJ  = $(patsubst %.c,$(BUILD)/obj/static/%.o,$(CLI) $(ENGINE))
SMALL       = cli/% engine/load/% engine/script/% engine/flow/% engine/policy/% engine/decide/% engine/%.c
$(BUILD)/weir-static: $(STATIC_OBJ)
	$(call say,LD,$@)
	$(Q)$(CC) $(LDFLAGS_ALL) -static -Wl,--gc-sections,--no-warnings -o $@ $(STATIC_OBJ) $(STATIC_LIBS)

$(BUILD)/obj/static/%.o: %.c Makefile | $(DEPS) $(GEN)
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(CFLAGS_ALL) $(if $(filter $(SMALL),$<),-Os) -ffunction-sections -fdata-sections -DWEIR_PLAIN_LINES -MMD -MP -c -o $@ $<

$(BUILD)/obj/%.o: %.c Makefile | $(DEPS) $(GEN)
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(CFLAGS_ALL) -MMD -MP -c -o $@ $<

# Generated sources
$(BUILD)/tools/%: tools/%.c Makefile | $(DEPS)
	@mkdir -p $(@D)
	$(call say,HOSTCC,$<)
	$(Q)$(HOSTCC) $(STD) -O2 -Wall -Wextra -Iinclude -o $@ $< -lutf8proc

$(BUILD)/gen/fold_tables.h: $(BUILD)/tools/fold_tables
	@mkdir -p $(@D)
	$(call say,GEN,$@)
	$(Q)$< > $@

$(BUILD)/gen/vocabulary.h: tools/embed.sh $(wildcard lua/*.lua)
	@mkdir -p $(@D)
	$(call say,GEN,$@)
	$(Q)tools/embed.sh lua/*.lua > $@

$(BUILD)/gen/templates.h: tools/embed.sh $(wildcard cli/templates/*.tmpl)
	@mkdir -p $(@D)
	$(call say,GEN,$@)
	$(Q)tools/embed.sh cli/templates/*.tmpl > $@

$(BUILD)/gen/schema.h: tools/embed.sh $(wildcard engine/state/*.sql)
	@mkdir -p $(@D)
	$(call say,GEN,$@)
	$(Q)tools/embed.sh engine/state/*.sql > $@

# Tests
TEST_LIBS = -lcmocka -ljansson -lutf8proc $(PKG_LIBS)
$(BUILD)/obj/tests/%.o: tests/%.c Makefile | $(DEPS) $(GEN)
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(CFLAGS_ALL) -Wno-missing-prototypes -Itests -MMD -MP -c -o $@ $<

$(BUILD)/tests/%: $(BUILD)/obj/tests/unit/%.o $(LIB)
	@mkdir -p $(@D)
	$(Q)$(CC) -o $@ $< $(LIB) $(LDFLAGS_ALL) $(WRAP:%=-Wl,--wrap=%) $(TEST_LIBS)

# Calls that the test lets fail.
SELF_FAULTY = record_faults state_refused state_refused_claims
$(BUILD)/tests/record_faults: WRAP = malloc calloc pthread_mutex_init pthread_mutex_lock sodium_init sodium_malloc sodium_mprotect_noaccess \
	sodium_mprotect_readonly crypto_sign_keypair crypto_sign_seed_keypair crypto_sign_detached
$(BUILD)/tests/state_refused $(BUILD)/tests/state_refused_claims: WRAP = sqlite3_step weir_mem_step weir_mem_take weir_mem_use_text

unit: $(UNIT_BIN) ## run the unit tests only
	@tools/run-tests.sh $(UNIT_BIN)

# The proofs among them run in a small form.
PROOFS   = $(BUILD)/diff $(BUILD)/powercut $(BUILD)/crash
test: $(UNIT_BIN) $(PROOFS) $(BUILD)/weir $(BUILD)/docs/reference.md ## run all fast tests
	@BUILD=$(abspath $(BUILD)) SAMPLE=$(or $(SAMPLE),$(if $(SAN),200,2000)) IMAGES=$(if $(SAN),60,200) ROUNDS=$(if $(SAN),3,12) DELIVERIES=5000 \
		tools/run-tests.sh $(UNIT_BIN) $(PROOFS) $(BATS) $(DOC_TEST)

test-docs: $(BUILD)/weir $(BUILD)/docs/reference.md ## every example in README.md, docs/ and the packs (one file: BUILD=build tests/docs/run.py docs/rules.md)
	@BUILD=$(abspath $(BUILD)) tools/run-tests.sh $(DOC_TEST)

$(BUILD)/diff: tests/diff.c $(LIB) Makefile
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(CFLAGS_ALL) -Wno-missing-prototypes -Itests -MMD -MP -o $@ $< $(LIB) $(LDFLAGS_ALL) $(PKG_LIBS)

diff: $(BUILD)/diff ## matches with and without prefilter and JIT: every comment, 10 to 10,000 rules; SAMPLE=2000: only so many
	@SAMPLE=$(SAMPLE) $(BUILD)/diff

# Proofs of what a state promises. The linker leads the store's own file calls to the recording disk (tests/power_disk.h).
$(BUILD)/powercut: tests/powercut.c $(LIB) Makefile
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(CFLAGS_ALL) -Wno-missing-prototypes -Itests -Wl,--wrap=rename,--wrap=unlink,--wrap=fsync -MMD -MP -o $@ $< $(LIB) $(LDFLAGS_ALL) $(PKG_LIBS)

powercut: $(BUILD)/powercut ## cut the power after every operation on the state file: IMAGES=2000 SEED=1
	@IMAGES=$(IMAGES) SEED=$(SEED) $(BUILD)/powercut

$(BUILD)/crash: tests/crash.c $(LIB) Makefile
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(CFLAGS_ALL) -Wno-missing-prototypes -Itests -MMD -MP -o $@ $< $(LIB) $(LDFLAGS_ALL) -ljansson $(PKG_LIBS)

crash: $(BUILD)/crash $(BUILD)/weir ## kill -9 under load, and events given many times: ROUNDS=300 DELIVERIES=100000 SEED=1
	@BUILD=$(abspath $(BUILD)) ROUNDS=$(ROUNDS) DELIVERIES=$(DELIVERIES) SEED=$(SEED) $(BUILD)/crash
$(BUILD)/attack: tests/attack.c $(LIB) Makefile
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(CFLAGS_ALL) -Wno-missing-prototypes -Itests -MMD -MP -o $@ $< $(LIB) $(LDFLAGS_ALL) $(PKG_LIBS)

attack: $(BUILD)/attack ## hostile scripts, patterns, templates and packs; prints the slowest (SHOW=1: all)
	@$(BUILD)/attack

# The linker gives what may fail to tests/fault_points.h.
FAULT_CALLS = malloc calloc aligned_alloc realloc free sodium_malloc sodium_free realpath opendir closedir fopen64 fdopen open_memstream fclose getline scandir64 \
	$(addprefix weir_,arena_alloc arena_zalloc arena_array arena_bytes arena_str heap_alloc heap_realloc memory_store_open sqlite_store_open)
PACKS      = $(patsubst %/,%,$(sort $(wildcard rules/*/)))
FAULT_WRAP = $(FAULT_CALLS:%=-Wl,--wrap=%)
$(BUILD)/fault: tests/fault.c $(LIB) Makefile
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(CFLAGS_ALL) -Wno-missing-prototypes -Itests -MMD -MP -o $@ $< $(LIB) $(LDFLAGS_ALL) $(FAULT_WRAP) $(PKG_LIBS)

# The same in the command, and in the library under the unit tests: what the tests themselves ask for does not fail.
FAULT_OBJ = $(BUILD)/obj/tests/fault_inject.o
# Not those that let calls fail by themselves.
FAULT_UNIT = $(patsubst $(BUILD)/tests/%,$(BUILD)/fault-tests/%,$(filter-out $(SELF_FAULTY:%=$(BUILD)/tests/%),$(UNIT_BIN)))
# Without a sample: those that run longer than a second, because they try very much.
FAULT_LONG = base_buf base_zone engine_accounts engine_alloc engine_decide engine_erase engine_flow engine_give_up engine_links engine_on_sent engine_open_json engine_peace \
	engine_people engine_rewards engine_stack engine_threads engine_waiting load_hostile load_wrong match_gates match_keywords match_prefilter match_quiet \
	match_regex policy_property record_heads record_log record_verify script_attacks script_faults state_changes state_faults state_files state_links \
	state_memory_undo state_meters state_model state_snapshot state_sqlite text_unicode
FAULT_SOME = $(filter-out $(FAULT_LONG:%=$(BUILD)/fault-tests/%),$(FAULT_UNIT))

$(BUILD)/fault-weir: $(CLI_OBJ) $(FAULT_OBJ) $(LIB)
	$(call say,LD,$@)
	$(Q)$(CC) $(LDFLAGS_ALL) -o $@ $(CLI_OBJ) $(FAULT_OBJ) $(LIB) $(FAULT_WRAP) -Wl,--wrap=weir_engine_open,--wrap=mkdtemp $(CLI_LIBS) $(PKG_LIBS)

$(BUILD)/fault-lib.o: $(FAULT_OBJ) $(LIB)
	$(call say,LD,$@)
	$(Q)$(CC) -r -nostdlib -o $@ $(FAULT_OBJ) -Wl,--whole-archive $(LIB) -Wl,--no-whole-archive $(FAULT_WRAP)

$(BUILD)/fault-tests/%: $(BUILD)/obj/tests/unit/%.o $(BUILD)/fault-lib.o
	@mkdir -p $(@D)
	$(Q)$(CC) -o $@ $< $(BUILD)/fault-lib.o $(LDFLAGS_ALL) -Wl,--wrap=weir_engine_open,--wrap=mkdtemp $(TEST_LIBS)

$(BUILD)/fault-runs: tests/fault_runs.c Makefile
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(STD) -D_DEFAULT_SOURCE $(WARN) $(OPT) -o $@ $<

fault: $(BUILD)/fault fault-packs fault-units ## every request for memory and every store operation fails in turn; SAMPLE=2000: only so many
	@SAMPLE=$(SAMPLE) $(BUILD)/fault

# Of a pack, or a test, a hundredth of the sample.
fault-packs: $(BUILD)/fault-runs $(BUILD)/fault-weir ## the same in `weir test`, over every pack of rules/
	@SAMPLE=$(if $(SAMPLE),$$(($(SAMPLE) / 100))) $(BUILD)/fault-runs packs $(BUILD)/fault-weir $(PACKS)

fault-units: $(BUILD)/fault-runs $(if $(SAMPLE),$(FAULT_SOME),$(FAULT_UNIT)) ## the same under every unit test; with SAMPLE, the quick ones
	@SAMPLE=$(if $(SAMPLE),$$(($(SAMPLE) / 200))) $(BUILD)/fault-runs units $(if $(SAMPLE),$(FAULT_SOME),$(FAULT_UNIT))

$(BUILD)/soak: tests/soak.c $(LIB) Makefile
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(CFLAGS_ALL) -Wno-missing-prototypes -MMD -MP -o $@ $< $(LIB) $(LDFLAGS_ALL) $(PKG_LIBS)

soak: $(BUILD)/soak ## memory and latency over many events, some hostile, with 1,000 rules: make soak EVENTS=10000000
	@EVENTS=$(EVENTS) $(BUILD)/soak

TSAN = $(BUILD)/tsan/tests/engine_threads
test-tsan: ## engines in several threads, one ruleset, with ThreadSanitizer
	@$(MAKE) --no-print-directory BUILD=$(BUILD)/tsan SANFLAGS="-fsanitize=thread -fno-omit-frame-pointer -DWEIR_SANITIZED" OPT="-O1 -g" $(TSAN)
	@tools/run-tests.sh $(TSAN)

test-asan: ## the same with AddressSanitizer and UndefinedBehaviorSanitizer
	@$(MAKE) --no-print-directory BUILD=$(BUILD)/asan SAN=1 OPT="-O1 -g" test

# Benches
$(BUILD)/bench/%: bench/%.c $(LIB) Makefile
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(CFLAGS_ALL) -Wno-missing-prototypes -MMD -MP -o $@ $< $(LIB) $(LDFLAGS_ALL) -ljansson -lutf8proc $(PKG_LIBS)

bench: $(BENCH_BIN) $(BUILD)/weir bench-match ## measure; tables to the terminal, JSON to build/bench
	@for b in $(BENCH_BIN); do echo "== $$b"; BUILD=$(BUILD) $$b || exit 1; done

bench-hosts: $(BUILD)/weir $(LIB) ## what a call costs hosts in Python, Node and Go (installs Go, Node, an npm package)
	@tools/deps.sh hosts
	@command -v npm >/dev/null || tools/deps.sh npm
	@MAKE="$(MAKE)" bench/hosts/cost.sh $(BUILD) $(CALLS)

# The matcher beside PCRE2, RE2 and Hyperscan: the only C++, in a folder of its own.
BENCH_MATCH = $(BUILD)/bench/match-peers
bench-deps: ## install what bench-match compares with: g++, Hyperscan, RE2
	@tools/deps.sh bench

bench-match: $(LIB) ## the matcher beside PCRE2, RE2 and Hyperscan (BENCH_SLOW=1: real patterns too)
	@if tools/deps.sh check bench; then $(MAKE) --no-print-directory $(BENCH_MATCH) && BUILD=$(BUILD) $(BENCH_MATCH); \
	else echo "bench-match is left out: run 'make bench-deps' first"; fi

$(BENCH_MATCH): $(wildcard bench/match/*.cc bench/match/*.h) bench/match/weir_side.c tests/match_rules.h $(LIB) Makefile
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(CC) $(CFLAGS_ALL) -c -o $@.weir_side.o bench/match/weir_side.c
	$(Q)g++ -std=c++17 -O2 -g -Wall -Wextra -Itests -Ibench/match -o $@ bench/match/*.cc $@.weir_side.o $(LIB) $(LDFLAGS_ALL) -lre2 -lhs $(PKG_LIBS)

golden: $(BUILD)/weir ## write the golden records anew, after a change that is meant to change bytes
	@tests/golden/make.sh $(BUILD)/weir tests/golden

$(BUILD)/tools/channels_doc: tools/channels_doc.c $(LIB) Makefile
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(CFLAGS_ALL) -D_DEFAULT_SOURCE -Wno-missing-prototypes -o $@ $< $(LIB) $(LDFLAGS_ALL) $(PKG_LIBS)

$(BUILD)/docs/channels.md: $(BUILD)/tools/channels_doc
	@mkdir -p $(@D)
	$(call say,GEN,$@)
	$(Q)$< > $@

$(BUILD)/tools/reference_doc: tools/reference_doc.c $(LIB) Makefile
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(CFLAGS_ALL) -o $@ $< $(LIB) $(LDFLAGS_ALL) $(PKG_LIBS)

$(BUILD)/docs/reference.md: $(BUILD)/tools/reference_doc
	@mkdir -p $(@D)
	$(call say,GEN,$@)
	$(Q)$< > $@

$(BUILD)/docs/weir-meta.lua: $(BUILD)/tools/reference_doc
	@mkdir -p $(@D)
	$(call say,GEN,$@)
	$(Q)$< lua > $@

PICTURES = $(patsubst docs/%.dot,$(BUILD)/docs/%.svg,$(wildcard docs/*.dot))
$(BUILD)/docs/%.svg: docs/%.dot tools/picture.sh
	@mkdir -p $(@D)
	@tools/deps.sh pictures
	$(call say,GEN,$@)
	$(Q)tools/picture.sh $< > $@

docs: $(BUILD)/docs/channels.md $(BUILD)/docs/reference.md $(BUILD)/docs/weir-meta.lua $(PICTURES) ## every word of rules, what each platform allows, words for editors, pictures: build/docs

lint: $(LIB) ## include rules, banned functions, numbers outside limits.h, exported symbols
	@tools/lint.sh
	@tools/symbols.sh $(LIB)

lint-deep: $(GEN) ## clang-tidy, cppcheck, gcc -fanalyzer: minutes (FILES="engine/script/*.c": only these)
	@tools/lint-deep.sh $(BUILD) $(wildcard $(FILES))

# What the tests take of the engine's branches: all unit tests but those that only measure (stacks, threads), all of the command's tests,
# among them the packs' scenarios and the golden records, and the proofs in a form that takes minutes. LINES=file shows what no test of the
# last run took, and runs nothing.
COV = $(BUILD)/cov
COV_LINES = $(filter engine/%,$(LINES))
COV_TESTS = $(filter-out %/engine_stack %/engine_threads,$(UNIT_BIN)) $(BATS) $(BUILD)/attack $(BUILD)/powercut $(BUILD)/fault
coverage: ## branch coverage by room: units, command, scenarios, attack, powercut, fault (LIST=1: files below 90 %; LINES=engine/x/y.c: what nothing took)
ifeq ($(COV_LINES),)
	@mkdir -p $(COV)
	@find $(COV) -name '*.gcda' -delete
	@$(MAKE) --no-print-directory BUILD=$(COV) OPT="-O0 -g --coverage" SANFLAGS=-DWEIR_SANITIZED LDFLAGS=--coverage coverage-run >$(COV).log 2>&1 || { tail -40 $(COV).log; exit 1; }
endif
	@LINES=$(COV_LINES) tools/coverage.sh $(COV)

coverage-run: $(UNIT_BIN) $(BUILD)/weir $(BUILD)/attack $(BUILD)/powercut $(BUILD)/fault
	@BUILD=$(abspath $(BUILD)) IMAGES=$(or $(IMAGES),60) SAMPLE=$(or $(SAMPLE),20000) tools/run-tests.sh $(COV_TESTS)
	@ALL=1 tools/run-tests.sh $(BUILD)/tests/state_refused

$(BUILD)/demo: examples/demo.c $(LIB) Makefile
	$(call say,CC,$<)
	$(Q)$(CC) $(CFLAGS_ALL) -Wno-missing-prototypes -MMD -MP -o $@ $< $(LIB) $(LDFLAGS_ALL) $(PKG_LIBS)

demo: $(BUILD)/weir $(BUILD)/demo ## a day of comments through the test-papers funnel
	@mkdir -p $(BUILD)/demo-out
	@$(BUILD)/demo rules/test-papers examples/demo-day.tsv $(BUILD)/demo-out

clean: ## remove everything made
	rm -rf $(BUILD)

-include $(OBJ:.o=.d) $(CLI_OBJ:.o=.d) $(STATIC_OBJ:.o=.d) $(UNIT_BIN:$(BUILD)/tests/%=$(BUILD)/obj/tests/unit/%.d) $(FAULT_OBJ:.o=.d) $(BENCH_BIN:=.d) $(PROOFS:=.d) $(BUILD)/demo.d $(BUILD)/attack.d $(BUILD)/fault.d $(BUILD)/soak.d

include tools/install.mk
include tools/cross-targets.mk

# Fuzzing
# libFuzzer comes with clang. All of the engine is built anew for it, watched for coverage and by the sanitizers.
FUZZ      := $(patsubst fuzz/%.c,%,$(sort $(wildcard fuzz/*.c)))
FUZZ_BIN   = $(FUZZ:%=$(BUILD)/fuzz/%)
FUZZ_OBJ   = $(ENGINE:%.c=$(BUILD)/fuzz/obj/%.o)
FUZZ_SAN   = -O1 -g -fno-omit-frame-pointer -fno-sanitize-recover=all -DWEIR_SANITIZED
FUZZ_CC    = clang $(STD) $(WARN) $(FUZZ_SAN) $(INCLUDE) -iquote fuzz $(PKG_CFLAGS) -MMD -MP
SECONDS   ?= 60
SMOKE     ?= 5
.PHONY: fuzz fuzz-smoke

fuzz-smoke: $(FUZZ_BIN) ## every fuzz target for a few seconds, from its seeds
	@fuzz/run.sh smoke $(BUILD)/fuzz $(SMOKE) $(FUZZ)

fuzz: $(if $(T),$(BUILD)/fuzz/$(T)) ## one fuzz target for as long as you like: make fuzz T=json SECONDS=600
	@test -n "$(T)" || { echo "which one? make fuzz T=name SECONDS=60, name one of: $(FUZZ)" >&2; exit 1; }
	@fuzz/run.sh one $(BUILD)/fuzz $(SECONDS) $(T)

$(BUILD)/fuzz/obj/%.o: %.c Makefile | $(DEPS) $(GEN)
	@mkdir -p $(@D)
	$(call say,FUZZCC,$<)
	$(Q)$(FUZZ_CC) -fsanitize=fuzzer-no-link,address,undefined -c -o $@ $<

$(BUILD)/fuzz/libweir.a: $(FUZZ_OBJ)
	$(call say,AR,$@)
	@rm -f $@
	$(Q)ar rcs $@ $(FUZZ_OBJ)

$(BUILD)/fuzz/faults: FUZZ_LINK = $(FAULT_WRAP:%=-Wl,--wrap=%)
$(BUILD)/fuzz/%: fuzz/%.c $(BUILD)/fuzz/libweir.a Makefile
	@mkdir -p $(@D)
	$(call say,FUZZCC,$<)
	$(Q)$(FUZZ_CC) -fsanitize=fuzzer,address,undefined $(FUZZ_LINK) -o $@ $< $(BUILD)/fuzz/libweir.a $(PKG_LIBS)

-include $(FUZZ_OBJ:.o=.d) $(FUZZ_BIN:=.d)
