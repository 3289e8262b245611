#!/bin/sh
# Builds the testee of a profile into generated/cpp/build: `testee.sh full`, `testee.sh tiny`; `testee.sh full-asan` with sanitizers.
set -e
cd "$(dirname "$0")/../.."
case "$1" in
  *-asan) name=${1%-asan} flags='-O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all' ;;
  *) name=$1 flags=-O2 ;;
esac
case "$name" in
  rv32imc) exec sh test/boards/rv32imc/testee.sh ;; # the full profile on that board, emulated
  full) define= ;;
  std) define=-DUMQTT_STD ;;
  tiny) define=-DUMQTT_TINY ;;
  *) echo "no profile '$name'; there are full, std and tiny" >&2; exit 1 ;;
esac
out=generated/cpp/build/testee-$1
mkdir -p generated/cpp/build
newest=$(ls -t targets/cpp/testee/* generated/cpp/testee/* generated/cpp/src/umqtt/*.* generated/cpp/src/umqtt/*/* targets/cpp/testee.sh | head -1)
[ "$out" -nt "$newest" ] && exit 0
${CXX:-g++} -std=${STD:-gnu++11} $flags $define -Wall -Wextra -Wconversion -Wpedantic -Werror -fno-exceptions -fno-rtti \
  -Igenerated/cpp/testee targets/cpp/testee/*.cpp generated/cpp/src/umqtt/*.cpp -o "$out.tmp"
mv "$out.tmp" "$out"
