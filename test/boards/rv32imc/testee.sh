#!/bin/sh
# Builds the C++ testee for the emulated rv32imc board, and beside it, as generated/cpp/build/testee-rv32imc, what boots it. Its buffers are of 24 MiB
# (half a gigabyte in all is what QEMU is given): what is longer it answers with `bad too_long`.
set -e
cd "$(dirname "$0")/../../.."
out=generated/cpp/build/testee-rv32imc
mkdir -p generated/cpp/build
newest=$(ls -t targets/cpp/testee/* generated/cpp/testee/* generated/cpp/src/umqtt/*.* generated/cpp/src/umqtt/*/* test/boards/rv32imc/* | head -1)
[ "$out" -nt "$newest" ] && exit 0
machine='-march=rv32imc -mabi=ilp32 --specs=picolibc.specs'
objects=$(mktemp -d)
trap 'rm -rf "$objects"' EXIT
for source in targets/cpp/testee/*.cpp generated/cpp/src/umqtt/[!s]*.cpp test/boards/rv32imc/board.cpp; do
  riscv64-unknown-elf-g++ $machine -std=gnu++11 -Os -Wall -Wextra -Wno-format -fno-exceptions -fno-rtti -fno-threadsafe-statics -ffunction-sections \
    -fdata-sections -DTESTEE_ROOM='(24u << 20)' -Itest/boards/rv32imc -Igenerated/cpp/testee -include stdin.h -c "$source" -o "$objects/$(echo "$source" | tr / _).o"
done
# Linked by gcc: Debian has no C++ library for bare metal.
riscv64-unknown-elf-gcc $machine --crt0=semihost --oslib=semihost -T picolibcpp.ld -Wl,--gc-sections,--no-warn-rwx-segments \
  -Wl,--defsym=__flash=0x80000000,--defsym=__flash_size=0x200000,--defsym=__ram=0x80200000,--defsym=__ram_size=0x1f000000,--defsym=__stack_size=0x8000 \
  "$objects"/*.o -o "$out.elf"
cat > "$out.tmp" <<'BOOT'
#!/bin/sh
here=$(cd "$(dirname "$0")" && pwd)
UMQTT_SECONDS=0 UMQTT_MEMORY=512 exec "$here/../../../test/boards/boot.sh" rv32imc "$here/testee-rv32imc.elf"
BOOT
chmod +x "$out.tmp"
mv "$out.tmp" "$out"
