# SPDX-License-Identifier: MIT
# The compile graph. `./build.sh` is the front door; it calls this with the variant to build:
#
#     make                              build/vmwire, build/vmwire-verify, build/vmwire-standby.so and build/libvmwire.a
#     make BUILD=build/asan SANITIZE=address,undefined tests

ifeq ($(origin CC),default)
CC = clang
endif
BUILD    ?= build
SANITIZE ?=
CFLAGS   ?= -O2 -g
VERSION   = 0.1

OBJCOPY  ?= objcopy

MAKEFLAGS += --no-builtin-rules

include grammar/options.mk

GENERATED = $(BUILD)/generated
WARNINGS  = -Wall -Wextra -Wpedantic -Werror
FLAGS     = -std=c11 -D_GNU_SOURCE -DVMWIRE_VERSION=\"$(VERSION)\" $(WARNINGS) $(CFLAGS) -Iparsers -Iparsers/include -I$(GENERATED) \
            $(if $(SANITIZE),-fsanitize=$(SANITIZE) -fno-sanitize-recover=all -fno-omit-frame-pointer)
LIBRARIES = -ljansson -lelf -lcapstone
PROGRAM_LIBRARIES = $(LIBRARIES) -lgcrypt -lm

PROGRAM_SOURCES = $(wildcard parsers/program/*.c parsers/program/*/*.c)
LIBRARY_LAYERS  = base schema model read write decide skew
LIBRARY_SOURCES = $(wildcard $(LIBRARY_LAYERS:%=parsers/%/*.c) $(LIBRARY_LAYERS:%=parsers/%/*/*.c))
LIBRARY_OBJECTS = $(LIBRARY_SOURCES:parsers/%.c=$(BUILD)/objects/%.o) \
                  $(BUILD)/objects/stream_lexer.o $(BUILD)/objects/der_octets.o \
                  $(OPTIONS:%=$(BUILD)/objects/grammar_%.o)
PROGRAM_OBJECTS = $(PROGRAM_SOURCES:parsers/program/%.c=$(BUILD)/objects/program/%.o)
# The checker shares with the program how a file is loaded. It is linked without the engine.
VERIFY_OBJECTS  = $(patsubst proofs/%.c,$(BUILD)/objects/proofs/%.o,$(wildcard proofs/*.c)) \
                  $(filter-out $(BUILD)/objects/decide/% $(BUILD)/objects/skew/%,$(LIBRARY_OBJECTS)) \
                  $(addprefix $(BUILD)/objects/program/shared/,load.o make_description.o parsed_schemas.o program_files.o confined_file.o leave_out_pages.o ram_pages.o report_error.o json_line.o terminal_text.o)
TESTS           = $(patsubst tests/%.c,$(BUILD)/tests/%,$(wildcard tests/test_*.c))

all: $(BUILD)/vmwire $(BUILD)/vmwire-verify $(BUILD)/vmwire-standby.so
tests: $(TESTS)
library: $(BUILD)/libvmwire.a

$(BUILD)/vmwire: $(PROGRAM_OBJECTS) $(BUILD)/libvmwire.a
	$(CC) $(FLAGS) -o $@ $^ $(PROGRAM_LIBRARIES)

$(BUILD)/vmwire-verify: $(VERIFY_OBJECTS)
	$(CC) $(FLAGS) -o $@ $^ $(LIBRARIES)

# A QEMU loads it, which may be of an older system: it needs no version of a symbol, and no sanitizer.
$(BUILD)/vmwire-standby.so: parsers/preload/standby.c
	@mkdir -p $(@D)
	$(CC) -std=c11 -D_GNU_SOURCE $(WARNINGS) -O2 -U_FORTIFY_SOURCE -fno-stack-protector -fPIC -shared -nostdlib -o $@ $<

# One object, of which only the names that include/vmwire/ declares are seen from outside.
$(BUILD)/libvmwire.a: $(LIBRARY_OBJECTS)
	rm -f $@
	$(LD) -r -o $(BUILD)/objects/vmwire.o $^
	$(OBJCOPY) --localize-hidden $(BUILD)/objects/vmwire.o
	$(AR) rcs $@ $(BUILD)/objects/vmwire.o

# What an object of the library shows outside is said in the public headers.
$(LIBRARY_OBJECTS): FLAGS += -fPIC -fvisibility=hidden

$(BUILD)/objects/%.o: parsers/%.c | $(GENERATED)/ready
	@mkdir -p $(@D)
	$(CC) $(FLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/objects/proofs/%.o: proofs/%.c | $(GENERATED)/ready
	@mkdir -p $(@D)
	$(CC) $(FLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/objects/stream_lexer.o: $(GENERATED)/stream_lexer.c | $(GENERATED)/ready
	@mkdir -p $(@D)
	$(CC) $(FLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/objects/der_octets.o: $(GENERATED)/der_octets.c | $(GENERATED)/ready
	@mkdir -p $(@D)
	$(CC) $(FLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/objects/tests/%.o: tests/%.c | $(GENERATED)/ready
	@mkdir -p $(@D)
	$(CC) $(FLAGS) -Itests -Ifuzz -MMD -MP -c -o $@ $<

$(BUILD)/tests/%: $(BUILD)/objects/tests/%.o $(BUILD)/libvmwire.a
	@mkdir -p $(@D)
	$(CC) $(FLAGS) -o $@ $< $(BUILD)/libvmwire.a $(LIBRARIES) -lcmocka

$(BUILD)/tests/test_libtasn1: LIBRARIES += -ltasn1

# Programs to be read, not to be run: each of a release, with a module.
DECLARED = $(foreach release,203 702 1101,$(BUILD)/tests/declared_program_$(release) $(BUILD)/tests/declared_module_$(release).so) \
           $(BUILD)/tests/declared_program_shared
DECLARE  = $(CC) -std=gnu11 -O1 -ffreestanding -nostdlib -fno-stack-protector -fPIC -fvisibility=hidden
$(BUILD)/tests/test_declarations: | $(DECLARED)

$(BUILD)/tests/declared_program_shared: tests/declared_program.c
	@mkdir -p $(@D)
	$(DECLARE) -DSHARED -pie -Wl,-e,start,--export-dynamic,-s -o $@ $<

$(BUILD)/tests/declared_program_%: tests/declared_program.c
	@mkdir -p $(@D)
	$(DECLARE) -DRELEASE=$* -pie -Wl,-e,start,--export-dynamic,-s -o $@ $<

$(BUILD)/tests/declared_module_%.so: tests/declared_program.c
	@mkdir -p $(@D)
	$(DECLARE) -DRELEASE=$* -DMODULE -shared -o $@ $<

# ---- Fuzz targets ------------------------------------------------------------------------------
# LIB_FUZZING_ENGINE is the engine to link the targets with, as in OSS-Fuzz: -fsanitize=fuzzer, or a library. Without it
# the targets run over files. MUTATOR=none leaves out the grammar-aware mutator.

FUZZ_TARGETS = $(patsubst fuzz/targets/%.c,$(BUILD)/fuzz/%,$(wildcard fuzz/targets/*_fuzzer.c))
FUZZ_INPUTS  = $(patsubst fuzz/%.c,$(BUILD)/objects/fuzz/%.o,$(wildcard fuzz/inputs/*.c)) \
               $(BUILD)/objects/fuzz/inputs/packed_schemas.o
FUZZ_PROPERTIES = $(patsubst fuzz/%.c,$(BUILD)/objects/fuzz/%.o,$(wildcard fuzz/properties/*.c)) \
                  $(BUILD)/objects/fuzz/targets/memory_sanitizer.o
FUZZ_RUN_FILES = $(BUILD)/objects/fuzz/targets/run_files.o
FUZZ_LIBRARY = $(BUILD)/libfuzz.a
FUZZ_MUTATED = empty $(shell awk '$$2 == "streams" { print $$1 }' fuzz/targets/targets.list)
FUZZ_MUTATOR = $(patsubst fuzz/%.c,$(BUILD)/objects/fuzz/%.o,$(filter-out %/json_mutator.c,$(wildcard fuzz/mutator/*.c)))
FUZZ_JSON_MUTATOR = $(patsubst %,$(BUILD)/objects/fuzz/mutator/%.o,json_mutator fuzzing_engine afl)
FUZZ_ENGINE  = $(if $(LIB_FUZZING_ENGINE),$(LIB_FUZZING_ENGINE) \
                 $(if $(filter none,$(MUTATOR)),,$(if $(filter $*,$(FUZZ_MUTATED)),$(FUZZ_MUTATOR),$(FUZZ_JSON_MUTATOR))),\
                 $(FUZZ_RUN_FILES))
FUZZ_LINK   ?= $(CC)
# MemorySanitizer needs this (fuzz/targets/memory_sanitizer.c).
WRAP_PARSER  = -Wl,--wrap=json_loadb -Wl,--wrap=json_load_callback
FUZZ_LIBRARIES = $(LIBRARIES) $(if $(findstring memory,$(filter -fsanitize=%,$(FLAGS))),$(WRAP_PARSER))

fuzz: $(FUZZ_TARGETS)

$(FUZZ_TARGETS) $(BUILD)/fuzz/empty: $(BUILD)/fuzz/%: $(BUILD)/objects/fuzz/targets/%.o $(FUZZ_LIBRARY) \
                 $(FUZZ_MUTATOR) $(FUZZ_JSON_MUTATOR) $(FUZZ_RUN_FILES) $(BUILD)/libvmwire.a
	@mkdir -p $(@D)
	$(FUZZ_LINK) $(filter-out -std=%,$(FLAGS)) -o $@ $< $(FUZZ_ENGINE) $(FUZZ_LIBRARY) $(BUILD)/libvmwire.a $(FUZZ_LIBRARY) $(FUZZ_LIBRARIES)

# The linker takes only the objects that a target uses.
$(FUZZ_LIBRARY): $(FUZZ_INPUTS) $(FUZZ_PROPERTIES)
	rm -f $@
	$(AR) rcs $@ $^

print-fuzz-targets:
	@echo $(notdir $(FUZZ_TARGETS))

mutator: $(BUILD)/fuzz/mutator_streams.so $(BUILD)/fuzz/mutator_json.so

$(BUILD)/fuzz/mutator_streams.so: $(FUZZ_MUTATOR) $(FUZZ_INPUTS) $(BUILD)/libvmwire.a
$(BUILD)/fuzz/mutator_json.so: $(FUZZ_JSON_MUTATOR)
$(BUILD)/fuzz/mutator_streams.so $(BUILD)/fuzz/mutator_json.so:
	@mkdir -p $(@D)
	$(CC) -shared -Wl,-Bsymbolic $(filter-out -std=%,$(FLAGS)) -o $@ $^ $(FUZZ_LIBRARIES)

# AFL++ loads the mutators as shared libraries.
$(BUILD)/objects/fuzz/%.o: fuzz/%.c | $(GENERATED)/ready
	@mkdir -p $(@D)
	$(CC) $(FLAGS) -fPIC -Ifuzz -MMD -MP -c -o $@ $<

$(GENERATED)/schemas.pack: fuzz/inputs/pack fuzz/tools/common.py $(wildcard corpus/witnesses/originals/*)
	@mkdir -p $(@D)
	fuzz/inputs/pack $@

$(BUILD)/objects/fuzz/inputs/packed_schemas.o: fuzz/inputs/packed_schemas.S $(GENERATED)/schemas.pack
	@mkdir -p $(@D)
	$(CC) -DPACK=\"$(GENERATED)/schemas.pack\" -c -o $@ $<

# ---- The grammar: one source, one parser per option ------------------------------------------

$(GENERATED)/%/stream.c $(GENERATED)/%/stream.h &: grammar/stream.y grammar/options.mk
	@mkdir -p $(GENERATED)/$*
	lemon $(RULES_$*:%=-D%) -d$(GENERATED)/$* grammar/stream.y
	@touch $(GENERATED)/$*/stream.h # lemon leaves one that would be the same

$(BUILD)/objects/grammar_%.o: $(GENERATED)/%/stream.c | $(GENERATED)/ready
	@mkdir -p $(@D)
	$(CC) $(FLAGS) -Wno-unused-parameter -Wno-unused-variable -Wno-type-limits -DNDEBUG -DGRAMMAR=grammar_$* -DParseInit=begin_$* -DParse=feed_$* \
	      -DParseFinalize=end_$* -DParseFallback=fallback_$* -DParse_ENGINEALWAYSONSTACK \
	      -MMD -MP -c -o $@ $<

# The grammar to read: a page an option, and all of them with diagrams for a report.
PAGES = /usr/bin/python3 grammar/pages.py
PAGE_SOURCES = $(addprefix grammar/,stream.y stream.re asn1.re wire.toml example.toml options.mk pages.py tables.py)

pages: $(OPTIONS:%=grammar/pages/%.txt)
	grammar/tables.py --header parsers/include/vmwire/wire.h

grammar/pages/%.txt: $(PAGE_SOURCES)
	@mkdir -p $(@D)
	$(PAGES) --page $* --out $@

report-pages: $(GENERATED)/grammar_pages.json

$(GENERATED)/grammar_pages.json: $(PAGE_SOURCES)
	@mkdir -p $(@D)
	$(PAGES) --json --out $@

print-options:
	@echo $(OPTIONS)

print-rules:
	@echo $(RULES_$(OPTION):%=-D%)

# The tokens have the same numbers under every option.
$(GENERATED)/stream.h: $(OPTIONS:%=$(GENERATED)/%/stream.h)
	for option in $(OPTIONS); do cmp $< $(GENERATED)/$$option/stream.h || exit 1; done
	cmp -s $< $@ || cp $< $@

$(GENERATED)/token_names.inc: $(GENERATED)/stream.h
	sed -n 's/^#define TOKEN_\([A-Z_0-9]*\) .*/[TOKEN_\1] = "\1",/p' $< > $@

# The names of bytes for re2c, the tables of the lexer, and the public constants, which are kept in parsers/include.
$(GENERATED)/wire.re $(GENERATED)/wire_rows.h &: grammar/tables.py grammar/wire.toml parsers/include/vmwire/wire.h
	@mkdir -p $(GENERATED)
	grammar/tables.py --re $(GENERATED)/wire.re --rows $(GENERATED)/wire_rows.h --header $(GENERATED)/wire.h
	@cmp $(GENERATED)/wire.h parsers/include/vmwire/wire.h || { echo "wire.h is not what grammar/wire.toml says: make pages"; exit 1; }
	@touch $(GENERATED)/wire.re $(GENERATED)/wire_rows.h # tables.py leaves one that would be the same

# The rules of QEMU's loader.
$(GENERATED)/loader_rows.h: grammar/loader_rows.py grammar/tables.py grammar/loader.toml
	@mkdir -p $(@D)
	grammar/loader_rows.py $@
	@touch $@

$(GENERATED)/stream_lexer.c $(GENERATED)/stream.conditions.h &: grammar/stream.re grammar/asn1.re $(GENERATED)/wire.re
	@mkdir -p $(GENERATED)
	re2c -W -Wno-match-empty-string -c --no-generation-date -I $(GENERATED) \
	     -t $(GENERATED)/stream.conditions.h -o $(GENERATED)/stream_lexer.c $<

$(GENERATED)/der_octets.c: grammar/der.re
	@mkdir -p $(GENERATED)
	re2c -W --no-generation-date -o $@ $<

$(GENERATED)/%.bytes.inc: grammar/%.json
	@mkdir -p $(@D)
	od -An -v -tu1 $< | sed 's/[0-9][0-9]*/&,/g' > $@

# The page of the report and what it is made of.
REPORT_PARTS = page.html page.css page.js plots.js viewer.js

$(GENERATED)/report/%.bytes.inc: parsers/program/report/%
	@mkdir -p $(@D)
	od -An -v -tu1 $< | sed 's/[0-9][0-9]*/&,/g' > $@

# What the decision table and its page are also made of.
DOCUMENTS = grammar byte_grammars costs
$(GENERATED)/documents/grammar.bytes.inc: $(GENERATED)/grammar_pages.json
$(GENERATED)/documents/byte_grammars.bytes.inc: proofs/bytes/results.json
$(GENERATED)/documents/costs.bytes.inc: fuzz/baseline/costs.json

$(GENERATED)/documents/%.bytes.inc:
	@mkdir -p $(@D)
	od -An -v -tu1 $< | sed 's/[0-9][0-9]*/&,/g' > $@

# Rules, states and conflicts of each option's grammar, as lemon counts them.
$(GENERATED)/grammar_sizes.inc: grammar/stream.y grammar/options.mk
	@mkdir -p $(@D)/sizes
	{ $(foreach option,$(OPTIONS),lemon -s -q $(RULES_$(option):%=-D%) -d$(@D)/sizes grammar/stream.y | \
	  awk '$$1 == "rules......" || /^  rules\./ { r = $$NF } /^  states\./ { s = $$NF } /^  conflicts\./ { c = $$NF } \
	       END { printf "{\"$(option)\", %d, %d, %d},\n", r, s, c }' &&) true; } > $@

# The files of grammar/layouts as one array of JSON.
LAYOUTS := $(filter-out %.schema.json,$(sort $(wildcard grammar/layouts/*.json)))

$(GENERATED)/layouts.bytes.inc: $(LAYOUTS)
	@mkdir -p $(@D)
	{ printf '['; sep=; for file in $(LAYOUTS); do printf '%s' "$$sep"; cat $$file; sep=,; done; \
	  printf ']'; } | od -An -v -tu1 | sed 's/[0-9][0-9]*/&,/g' > $@

# There before anything is compiled; which of it an object depends on is in its .d.
$(GENERATED)/ready: Makefile $(GENERATED)/wire_rows.h $(GENERATED)/loader_rows.h $(GENERATED)/stream.h $(GENERATED)/token_names.inc \
                    $(GENERATED)/stream.conditions.h $(GENERATED)/configuration.bytes.inc $(GENERATED)/layouts.bytes.inc \
                    $(REPORT_PARTS:%=$(GENERATED)/report/%.bytes.inc) $(DOCUMENTS:%=$(GENERATED)/documents/%.bytes.inc) \
                    $(GENERATED)/grammar_sizes.inc
	touch $@

# ---- Installation ------------------------------------------------------------------------------
# make install PREFIX=/usr DESTDIR=/tmp/package

PREFIX     ?= /usr/local
DESTDIR    ?=
LIBDIR     ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
MANDIR     ?= $(PREFIX)/share/man
OBJCOPY    ?= objcopy
INSTALL    ?= install
SONAME      = libvmwire.so.$(firstword $(subst ., ,$(VERSION)))
PUBLIC_HEADERS = $(wildcard parsers/include/vmwire/*.h)

# Only what the public headers declare is visible outside.
$(LIBRARY_OBJECTS): FLAGS += -fPIC -fvisibility=hidden

shared: $(BUILD)/libvmwire.so

$(BUILD)/libvmwire.so: $(LIBRARY_OBJECTS)
	$(CC) $(FLAGS) -shared -Wl,-soname,$(SONAME) -o $@ $^ $(LIBRARIES)

# The archive to install. A linker ignores visibility between the members of an archive. So this one has a single
# member, in which hidden names are local.
$(BUILD)/installed/libvmwire.a: $(LIBRARY_OBJECTS)
	@mkdir -p $(@D)
	$(LD) -r -o $(@D)/libvmwire.o $^
	$(OBJCOPY) --localize-hidden $(@D)/libvmwire.o
	rm -f $@
	$(AR) rcs $@ $(@D)/libvmwire.o

define PKG_CONFIG_FILE
prefix=$(PREFIX)
libdir=$(LIBDIR)
includedir=$(INCLUDEDIR)

Name: vmwire
Description: Reads, writes and decides about migration streams of QEMU
Version: $(VERSION)
Requires.private: jansson, libelf, capstone
Libs: -L$${libdir} -lvmwire
Cflags: -I$${includedir}
endef
export PKG_CONFIG_FILE

install: $(BUILD)/vmwire $(BUILD)/vmwire-verify $(BUILD)/libvmwire.so $(BUILD)/installed/libvmwire.a
	$(INSTALL) -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(INCLUDEDIR)/vmwire $(DESTDIR)$(LIBDIR)/pkgconfig \
	              $(DESTDIR)$(MANDIR)/man1
	$(INSTALL) -m 755 $(BUILD)/vmwire $(BUILD)/vmwire-verify $(DESTDIR)$(PREFIX)/bin
	$(INSTALL) -m 644 $(PUBLIC_HEADERS) $(DESTDIR)$(INCLUDEDIR)/vmwire
	$(INSTALL) -m 644 $(BUILD)/installed/libvmwire.a $(DESTDIR)$(LIBDIR)
	$(INSTALL) -m 755 $(BUILD)/libvmwire.so $(DESTDIR)$(LIBDIR)/libvmwire.so.$(VERSION)
	ln -sf libvmwire.so.$(VERSION) $(DESTDIR)$(LIBDIR)/$(SONAME)
	ln -sf $(SONAME) $(DESTDIR)$(LIBDIR)/libvmwire.so
	echo "$$PKG_CONFIG_FILE" > $(DESTDIR)$(LIBDIR)/pkgconfig/vmwire.pc
	$(INSTALL) -m 644 parsers/program/vmwire.1 $(DESTDIR)$(MANDIR)/man1

-include $(shell find $(BUILD)/objects -name '*.d' 2>/dev/null)

.PHONY: all tests library shared install fuzz mutator pages report-pages print-rules print-options print-fuzz-targets
.SECONDARY:
