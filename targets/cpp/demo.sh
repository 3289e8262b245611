#!/bin/sh
# The document's example for `npm run demo`: builds it where something changed, and runs it with the server, port and client id given.
set -e
cd "$(dirname "$0")/../../generated/cpp"
out=build/haas
mkdir -p build
if [ ! -e "$out" ] || [ -n "$(find src examples/host -newer "$out" | head -1)" ]; then
  ${CXX:-g++} -std=gnu++11 -O2 -Wall -Wextra -Isrc examples/host/haas.cpp src/umqtt/*.cpp -o "$out.$$"
  mv "$out.$$" "$out"
fi
exec "$out" "$@"
