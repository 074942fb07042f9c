# cross.mk: weir for another machine, and what it weighs. Included by the Makefile before anything is built.
#
# ARCH=arm64, armhf, s390x: Debian's cross compiler, the machine's libraries unpacked below $(BUILD)/sysroot (tools/cross.sh), its
# programs run under qemu-user. What is generated is made with this machine's compiler. STATIC=1: one command that needs no library.
TRIPLE_arm64 := aarch64-linux-gnu
TRIPLE_armhf := arm-linux-gnueabihf
TRIPLE_s390x := s390x-linux-gnu
QEMU_arm64   := qemu-aarch64-static
QEMU_armhf   := qemu-arm-static
QEMU_s390x   := qemu-s390x-static
PKG_CONFIG   := pkg-config
AR           := ar
STRIP        := strip
SIZE         := size

ifneq ($(ARCH),)
TRIPLE := $(TRIPLE_$(ARCH))
ifeq ($(TRIPLE),)
$(error ARCH=$(ARCH): arm64, armhf and s390x are known)
endif
SYSROOT := $(abspath $(BUILD))/sysroot
CC      := $(TRIPLE)-gcc
AR      := $(TRIPLE)-ar
STRIP   := $(TRIPLE)-strip
SIZE    := $(TRIPLE)-size
# Libraries below /lib and /usr/lib name each other: rpath-link lets the linker find them, the finished program asks its own loader.
SYSROOT_CFLAGS := -isystem $(SYSROOT)/usr/include -isystem $(SYSROOT)/usr/include/$(TRIPLE)
SYSROOT_LIBS   := -L$(SYSROOT)/usr/lib/$(TRIPLE) -L$(SYSROOT)/lib/$(TRIPLE) -Wl,-rpath-link=$(SYSROOT)/usr/lib/$(TRIPLE):$(SYSROOT)/lib/$(TRIPLE)
PKG_CONFIG     := PKG_CONFIG_LIBDIR=$(SYSROOT)/usr/lib/$(TRIPLE)/pkgconfig:$(SYSROOT)/usr/share/pkgconfig PKG_CONFIG_SYSROOT_DIR=$(SYSROOT) pkg-config
RUN            := $(QEMU_$(ARCH)) -L $(SYSROOT)
endif

# STATE=memory: without SQLite. A state file is then refused, by name.
ifeq ($(STATE),memory)
PKGS := $(filter-out sqlite3,$(PKGS))
else ifneq ($(STATE),)
$(error STATE=$(STATE): only memory is known)
endif
