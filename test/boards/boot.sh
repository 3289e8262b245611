#!/bin/sh
# Boots a program on one of our boards, bounded in time: boot.sh native|rv32imc|mega <program> [argument ...]
# Its standard input and output are the program's (rv32imc: by semihosting; mega: Serial, or Serial1 where Serial is the link).
# Leaves building to PlatformIO and test/tools/rv32.ts. Settings, all optional, by environment:
#   UMQTT_SECONDS  60    after so many seconds the emulator is ended, exit code 124; 0: never
#   UMQTT_LINK           TCP port on 127.0.0.1 wired to the board's UART: a broker's, or a test's
#   UMQTT_UART     3     mega: which UART that is. 3 is a modem to the WiFi shim (dials, hangs up); 0 makes Serial the wire itself
#   UMQTT_REDIAL         rv32imc: set, the wire need not be answered at once, and comes back a second after the other side closed it
#   UMQTT_ICOUNT         rv32imc: set, one instruction is one nanosecond, so that rdinstret counts exactly
#   UMQTT_MEMORY   16    rv32imc: MiB of memory
set -eu
here=$(cd "$(dirname "$0")" && pwd)
board=$1 program=$2
shift 2
bounded="timeout -v --foreground -k 2 ${UMQTT_SECONDS:-60}"

case $board in
native)
  exec $bounded "$program" "$@"
  ;;
rv32imc)
  arguments=,arg=
  [ $# = 0 ] || arguments=
  serial=null
  [ -z "${UMQTT_LINK:-}" ] || serial=tcp:127.0.0.1:$UMQTT_LINK${UMQTT_REDIAL:+,reconnect=1}
  for argument in "$@"; do arguments="$arguments,arg=$(printf %s "$argument" | sed 's/,/,,/g')"; done
  exec $bounded qemu-system-riscv32 -M virt -bios none -m "${UMQTT_MEMORY:-16}" -display none -monitor none ${UMQTT_ICOUNT:+-icount shift=0} \
    -cpu rv32,a=off,f=off,d=off,h=off,s=off,mmu=off -semihosting-config "enable=on,target=native$arguments" \
    -serial "$serial" -kernel "$program"
  ;;
mega)
  source=$here/../tools/simavr-serial.c tool=$here/../../build/simavr-serial
  if [ ! "$tool" -nt "$source" ]; then
    mkdir -p "$(dirname "$tool")"
    cc -O2 -Wall -Wextra -o "$tool.$$" "$source" -lsimavr -lelf
    mv "$tool.$$" "$tool" # two may build it at once
  fi
  exec $bounded "$tool" ${UMQTT_LINK:+--link "${UMQTT_UART:-3}:$UMQTT_LINK"} "$program"
  ;;
*)
  echo "boot.sh: no board '$board' (native, rv32imc, mega)" >&2
  exit 2
  ;;
esac
