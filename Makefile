# The front door: what a fresh Debian 12 needs, then Meson.
#
# Everything else is in the meson.build files; once there is a build folder,
# `ninja -C build` and `meson test -C build` do the same as this.

DIR = inbox
LISTEN = 127.0.0.1:8080
prefix = /usr/local
sysconfdir = /etc
FUZZ = build-fuzz

# Debian's own Python has the modules that Meson and the tests import; the
# tools for file systems are in sbin.
export PATH := /usr/sbin:/usr/bin:/sbin:/bin:$(PATH)

# Where it will be installed is built in.  A prefix on the command line changes
# a build that has another; Meson resets sysconfdir whenever prefix is set.
DIRS = -Dprefix='$(prefix)' -Dsysconfdir='$(sysconfdir)'
given = $(filter command,$(firstword $(origin prefix)))

# Only the owner of this folder builds in it: `sudo make install` installs what
# is built and adds no file of root to a user's build folder.
mine := $(shell [ -O . ] && echo yes)

.PHONY: all help serve check bench torture fuzz install uninstall clean format
.PHONY: bench-packages build-packages check-packages format-packages
.PHONY: fuzz-packages torture-packages

all: build/build.ninja ## build everything: build/bitsd, build/bitsctl, build/bits
	$(if $(given),meson configure build $(DIRS))
	ninja -C build
	ln -sfn src/bitsd/bitsd build/bitsd
	ln -sfn src/bitsctl/bitsctl build/bitsctl
	ln -sfn src/bits/bits build/bits

serve: all ## take uploads into DIR (inbox) at LISTEN (127.0.0.1:8080), over TLS with TLS=yes
	$(if $(filter-out yes no,$(TLS)),$(error TLS=$(TLS): write TLS=yes or TLS=no))
	@tools/serve build/bitsd '$(LISTEN)' '$(DIR)' $(if $(filter yes,$(TLS)),tls)

check: check-packages all ## run every test
	meson test -C build --print-errorlogs \
		--num-processes $$((2 * $$(nproc)))

bench: bench-packages all ## measure it beside bare loops and other servers
	bench/run $(WORKLOADS)

torture: torture-packages all ## try to break its promises for MINUTES (10)
	tests/torture/run $(or $(MINUTES),10) $(SEED:%=--seed %) $(KIND:%=--kind %)

fuzz: $(FUZZ)/build.ninja ## fuzz each parser for MINUTES (1) of CPU time
	ninja -C $(FUZZ) fuzz
	tests/fuzz/run --build $(FUZZ) --minutes $(or $(MINUTES),1)

install: $(if $(mine),all) ## install below prefix (/usr/local), staged in DESTDIR
	@tools/install $(if $(given),--prefix='$(prefix)') --destdir='$(DESTDIR)' build

uninstall: ## remove what install has put there
	@tools/install --remove $(if $(given),--prefix='$(prefix)') --destdir='$(DESTDIR)' build

format: format-packages ## format the C sources
	git ls-files -co --exclude-standard '*.c' '*.h' | xargs clang-format -i

# What fuzzing kept in build-fuzz took time, and the next run begins there.
clean: ## remove what was built, but for fuzzing
	rm -rf build build-ci build-fuzz-coverage

help: ## list these targets
	@sed -n 's/^\([a-z]*\):.*## /make \1\t/p' Makefile | expand -t 16

build/build.ninja: | build-packages
	meson setup build $(DIRS)

$(FUZZ)/build.ninja: | build-packages fuzz-packages
	meson setup $(FUZZ) --native-file tests/fuzz/clang.ini

bench-packages build-packages check-packages format-packages \
	fuzz-packages torture-packages:
	@tools/packages $(@:-packages=)
