# The compile graph. `./build.sh` is the front door; it calls this with the variant to build:
#
#     make                              build/vmwire and build/libvmwire.a
#     make BUILD=build/asan SANITIZE=address,undefined tests

ifeq ($(origin CC),default)
CC = clang
endif
BUILD    ?= build
SANITIZE ?=
CFLAGS   ?= -O2 -g
VERSION   = 0.1

MAKEFLAGS += --no-builtin-rules

include grammar/options.mk

GENERATED = $(BUILD)/generated
WARNINGS  = -Wall -Wextra -Wpedantic -Werror
FLAGS     = -std=c11 -D_GNU_SOURCE -DVMWIRE_VERSION=\"$(VERSION)\" $(WARNINGS) $(CFLAGS) -Iparsers -I$(GENERATED) \
            $(if $(SANITIZE),-fsanitize=$(SANITIZE) -fno-sanitize-recover=all -fno-omit-frame-pointer)
LIBRARIES = -ljansson
PROGRAM_LIBRARIES = $(LIBRARIES) -lgcrypt

PROGRAM_SOURCES = $(wildcard parsers/program/*.c)
LIBRARY_SOURCES = $(wildcard parsers/*.c)
LIBRARY_OBJECTS = $(LIBRARY_SOURCES:parsers/%.c=$(BUILD)/objects/%.o) \
                  $(BUILD)/objects/stream_lexer.o \
                  $(OPTIONS:%=$(BUILD)/objects/grammar_%.o)
PROGRAM_OBJECTS = $(PROGRAM_SOURCES:parsers/program/%.c=$(BUILD)/objects/program/%.o)
TESTS           = $(patsubst tests/%.c,$(BUILD)/tests/%,$(wildcard tests/test_*.c))

all: $(BUILD)/vmwire
tests: $(TESTS)
library: $(BUILD)/libvmwire.a

$(BUILD)/vmwire: $(PROGRAM_OBJECTS) $(BUILD)/libvmwire.a
	$(CC) $(FLAGS) -o $@ $^ $(PROGRAM_LIBRARIES)

$(BUILD)/libvmwire.a: $(LIBRARY_OBJECTS)
	rm -f $@
	$(AR) rcs $@ $^

$(BUILD)/objects/%.o: parsers/%.c $(GENERATED)/ready
	@mkdir -p $(@D)
	$(CC) $(FLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/objects/stream_lexer.o: $(GENERATED)/stream_lexer.c $(GENERATED)/ready
	@mkdir -p $(@D)
	$(CC) $(FLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/tests/%: tests/%.c $(BUILD)/libvmwire.a $(wildcard tests/*.h)
	@mkdir -p $(@D)
	$(CC) $(FLAGS) -Itests -o $@ $< $(BUILD)/libvmwire.a $(LIBRARIES) -lcmocka

# ---- The grammar: one source, one parser per option ------------------------------------------

$(GENERATED)/%/stream.c $(GENERATED)/%/stream.h &: grammar/stream.y grammar/options.mk
	@mkdir -p $(GENERATED)/$*
	lemon $(RULES_$*:%=-D%) -d$(GENERATED)/$* grammar/stream.y

$(BUILD)/objects/grammar_%.o: $(GENERATED)/%/stream.c $(GENERATED)/ready
	@mkdir -p $(@D)
	$(CC) $(FLAGS) -Wno-unused-parameter -Wno-unused-variable -DNDEBUG -DGRAMMAR=grammar_$* -DParseInit=begin_$* -DParse=feed_$* \
	      -DParseFinalize=end_$* -DParseFallback=fallback_$* -DParse_ENGINEALWAYSONSTACK \
	      -MMD -MP -c -o $@ $<

# The grammar to read: the rules of each option without their actions.
pages: $(OPTIONS:%=grammar/pages/%.txt)

grammar/pages/%.txt: grammar/stream.y grammar/options.mk grammar/page.awk
	@mkdir -p $(@D)
	lemon -g $(RULES_$*:%=-D%) grammar/stream.y | awk -v option=$* -f grammar/page.awk > $@

print-options:
	@echo $(OPTIONS)

print-rules:
	@echo $(RULES_$(OPTION):%=-D%)

# The tokens have the same numbers under every option.
$(GENERATED)/stream.h: $(OPTIONS:%=$(GENERATED)/%/stream.h)
	for option in $(OPTIONS); do cmp $< $(GENERATED)/$$option/stream.h || exit 1; done
	cp $< $@

$(GENERATED)/token_names.inc: $(GENERATED)/stream.h
	sed -n 's/^#define TOKEN_\([A-Z_0-9]*\) .*/[TOKEN_\1] = "\1",/p' $< > $@

$(GENERATED)/stream_lexer.c $(GENERATED)/stream.conditions.h &: grammar/stream.re
	@mkdir -p $(GENERATED)
	re2c -W -Wno-match-empty-string -c --no-generation-date \
	     -t $(GENERATED)/stream.conditions.h -o $(GENERATED)/stream_lexer.c $<

$(GENERATED)/configuration.inc: grammar/configuration.json
	@mkdir -p $(GENERATED)
	sed 's/\\/\\\\/g; s/"/\\"/g; s/^/"/; s/$$/\\n"/' $< > $@

$(GENERATED)/ready: $(GENERATED)/stream.h $(GENERATED)/token_names.inc \
                    $(GENERATED)/stream.conditions.h $(GENERATED)/configuration.inc
	touch $@

-include $(shell find $(BUILD)/objects -name '*.d' 2>/dev/null)

.PHONY: all tests library pages print-rules print-options
.SECONDARY:
