# install.mk: the library as others link it, and everything that goes onto a machine. Included by the Makefile.
#
# PREFIX (/usr/local) and DESTDIR as everywhere; LIBDIR for multiarch folders.
PREFIX  ?= /usr/local
LIBDIR  ?= $(PREFIX)/lib
VERSION := $(shell sed -n 's/^\#define WEIR_VERSION "\(.*\)"/\1/p' include/weir.h)
ABI     := 0
SO       = $(BUILD)/libweir.so.$(VERSION)
DIST     = weir-$(VERSION)
COMMANDS = $(shell sed -n 's/^  { "\([a-z]*\)", cmd_.*/\1/p' cli/main.c)
MANS     = $(BUILD)/man/weir.1 $(COMMANDS:%=$(BUILD)/man/weir-%.1) $(BUILD)/man/libweir.3
UNITS    = weir@.service weir@.socket
PUT      = install -D -m 644
.PHONY: so man completion install uninstall dist deb test-install test-hosts

so: $(SO) ## the shared library, build/libweir.so

# Nothing is exported but what weir.h declares (-fvisibility=hidden); make lint compares it with tools/symbols.txt.
$(SO): $(OBJ)
	$(call say,LD,$@)
	$(Q)$(CC) $(LDFLAGS_ALL) -shared -Wl,-soname,libweir.so.$(ABI) -Wl,-z,defs,-z,relro,-z,now -o $@ $(OBJ) $(PKG_LIBS)
	@ln -sf $(@F) $(BUILD)/libweir.so.$(ABI)
	@ln -sf libweir.so.$(ABI) $(BUILD)/libweir.so

$(BUILD)/weir.pc: include/weir.h tools/install.mk
	@mkdir -p $(@D)
	@printf '%s\n' 'prefix=$(PREFIX)' 'libdir=$(LIBDIR)' 'includedir=$${prefix}/include' '' 'Name: weir' \
	  'Description: decides what a chat gateway answers' 'Version: $(VERSION)' 'Libs: -L$${libdir} -lweir' \
	  'Requires.private: $(PKGS)' 'Libs.private: -lm -lpthread' 'Cflags: -I$${includedir}' > $@

# Manual pages say what --help says, so that they cannot differ.
man: $(MANS) ## manual pages, build/man

$(BUILD)/man/%.1: tools/man.sh $(BUILD)/weir
	@mkdir -p $(@D)
	@tools/deps.sh install
	$(call say,MAN,$@)
	$(Q)tools/man.sh command $(BUILD)/weir $* $(VERSION) > $@

$(BUILD)/man/libweir.3: tools/man.sh include/weir.h
	@mkdir -p $(@D)
	@tools/deps.sh install
	$(call say,MAN,$@)
	$(Q)tools/man.sh library include/weir.h libweir $(VERSION) > $@

completion: $(BUILD)/completion/weir $(BUILD)/completion/_weir ## completion for bash and zsh, build/completion

$(BUILD)/completion/weir: tools/completion.sh $(BUILD)/weir
	@mkdir -p $(@D)
	$(call say,GEN,$@)
	$(Q)tools/completion.sh bash $(BUILD)/weir > $@

$(BUILD)/completion/_weir: tools/completion.sh $(BUILD)/weir
	@mkdir -p $(@D)
	$(call say,GEN,$@)
	$(Q)tools/completion.sh zsh $(BUILD)/weir > $@

# Documents lie in one folder there, beside what is generated; packs lie in share/weir.
INSTALLED_LINKS = -e 's|](\.\./build/docs/|](|g' -e 's|](docs/|](|g' -e 's|](\(\.\./\)*rules/|](../../weir/rules/|g' -e 's|](\.\./README|](README|g'

install: $(BUILD)/weir $(LIB) $(SO) $(BUILD)/weir.pc man completion docs ## install below $(DESTDIR)$(PREFIX): command, library, header, manual, packs, units
	@install -D -m 755 $(BUILD)/weir $(DESTDIR)$(PREFIX)/bin/weir
	@install -D -m 755 $(SO) $(DESTDIR)$(LIBDIR)/$(notdir $(SO))
	@ln -sf $(notdir $(SO)) $(DESTDIR)$(LIBDIR)/libweir.so.$(ABI)
	@ln -sf libweir.so.$(ABI) $(DESTDIR)$(LIBDIR)/libweir.so
	@$(PUT) $(LIB) $(DESTDIR)$(LIBDIR)/libweir.a
	@$(PUT) include/weir.h $(DESTDIR)$(PREFIX)/include/weir.h
	@$(PUT) $(BUILD)/weir.pc $(DESTDIR)$(LIBDIR)/pkgconfig/weir.pc
	@for m in $(filter %.1,$(MANS)); do $(PUT) $$m $(DESTDIR)$(PREFIX)/share/man/man1/$$(basename $$m); done
	@$(PUT) $(BUILD)/man/libweir.3 $(DESTDIR)$(PREFIX)/share/man/man3/libweir.3
	@$(PUT) $(BUILD)/completion/weir $(DESTDIR)$(PREFIX)/share/bash-completion/completions/weir
	@$(PUT) $(BUILD)/completion/_weir $(DESTDIR)$(PREFIX)/share/zsh/site-functions/_weir
	@for u in $(UNITS); do sed 's|@BINDIR@|$(PREFIX)/bin|; s|@DOCDIR@|$(PREFIX)/share/doc/weir|' tools/systemd/$$u | $(PUT) /dev/stdin $(DESTDIR)$(PREFIX)/lib/systemd/system/$$u; done
	@$(PUT) tools/systemd/sysusers.conf $(DESTDIR)$(PREFIX)/lib/sysusers.d/weir.conf
	@$(PUT) $(BUILD)/docs/weir-meta.lua $(DESTDIR)$(PREFIX)/share/weir/lua/weir-meta.lua
	@for f in reference.md channels.md $(notdir $(PICTURES)); do $(PUT) $(BUILD)/docs/$$f $(DESTDIR)$(PREFIX)/share/doc/weir/$$f; done
	@for f in $$(find rules -type f); do $(PUT) $$f $(DESTDIR)$(PREFIX)/share/weir/$$f; done
	@for f in README.md CHANGELOG.md LICENSE $$(find docs -name '*.md' -o -name '*.json'); do $(PUT) $$f $(DESTDIR)$(PREFIX)/share/doc/weir/$${f#docs/}; done
	@sed -i $(INSTALLED_LINKS) $(DESTDIR)$(PREFIX)/share/doc/weir/*.md

uninstall: ## remove what `make install` with the same PREFIX and DESTDIR put there
	@rm -f $(DESTDIR)$(PREFIX)/bin/weir $(DESTDIR)$(LIBDIR)/libweir.a $(DESTDIR)$(LIBDIR)/libweir.so $(DESTDIR)$(LIBDIR)/libweir.so.$(ABI) \
	  $(DESTDIR)$(LIBDIR)/libweir.so.$(VERSION) $(DESTDIR)$(PREFIX)/include/weir.h $(DESTDIR)$(LIBDIR)/pkgconfig/weir.pc \
	  $(DESTDIR)$(PREFIX)/share/man/man1/weir.1 $(COMMANDS:%=$(DESTDIR)$(PREFIX)/share/man/man1/weir-%.1) $(DESTDIR)$(PREFIX)/share/man/man3/libweir.3 \
	  $(DESTDIR)$(PREFIX)/share/bash-completion/completions/weir $(DESTDIR)$(PREFIX)/share/zsh/site-functions/_weir \
	  $(UNITS:%=$(DESTDIR)$(PREFIX)/lib/systemd/system/%) $(DESTDIR)$(PREFIX)/lib/sysusers.d/weir.conf
	@rm -rf $(DESTDIR)$(PREFIX)/share/weir $(DESTDIR)$(PREFIX)/share/doc/weir

test-install: ## install, link a program, uninstall, make packages: each tried in an empty folder
	@MAKE="$(MAKE)" BUILD=$(abspath $(BUILD)) tools/run-tests.sh tests/install/install.bats

test-hosts: ## the hosts and executors of examples/ in C, Python, Node and Go, end to end (installs Go, Node, two npm packages)
	@tools/deps.sh hosts
	@command -v npm >/dev/null || tools/deps.sh npm
	@MAKE="$(MAKE)" BUILD=$(abspath $(BUILD)) tools/run-tests.sh tests/hosts/hosts.bats

dist: ## the sources of the last commit as build/weir-VERSION.tar.gz
	@mkdir -p $(BUILD)
	@git archive --format=tar.gz --prefix=$(DIST)/ -o $(BUILD)/$(DIST).tar.gz HEAD
	@echo $(BUILD)/$(DIST).tar.gz

deb: ## a Debian package for this machine, build/weir_VERSION_ARCH.deb
	@rm -rf $(BUILD)/deb
	@$(MAKE) --no-print-directory install DESTDIR=$(BUILD)/deb PREFIX=/usr LIBDIR=/usr/lib/$(shell $(CC) -print-multiarch) BUILD=$(BUILD)
	@BUILD=$(BUILD) tools/deb.sh $(BUILD)/deb $(VERSION) $(BUILD)
