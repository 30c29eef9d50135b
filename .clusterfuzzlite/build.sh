#!/bin/bash -eu
# SPDX-License-Identifier: MIT
# Runs in the image of the Dockerfile beside it, with LIB_FUZZING_ENGINE, OUT and the compilers' flags set.
exec "$SRC/vmwire/build.sh"
