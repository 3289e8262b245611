# rv32imc, the ESP32-C3's instruction set, by Debian's gcc and picolibc; the flags are those of test/tools/rv32.ts.
# Linked by gcc and not g++: Debian has no C++ library for bare metal.
import os
import sys

from SCons.Script import DefaultEnvironment

env = DefaultEnvironment()
here = env.PioPlatform().get_dir()
sys.path.insert(0, os.path.dirname(here))
from common import finish  # noqa: E402

cross = "riscv64-unknown-elf-"
machine = ["-march=rv32imc", "-mabi=ilp32", "--specs=picolibc.specs"]
memory = {"__flash": 0x80000000, "__flash_size": 0x200000, "__ram": 0x80200000, "__ram_size": 0x50000, "__stack_size": 0x2000}

env.Replace(
    AR=cross + "gcc-ar", AS=cross + "as", RANLIB=cross + "gcc-ranlib", CC=cross + "gcc", CXX=cross + "g++", LINK=cross + "gcc",
    SIZETOOL=cross + "size", PROGSUFFIX=".elf",
)  # fmt: skip
env.Append(
    CPPDEFINES=["BOARD_RV32IMC"],
    CPPPATH=[here],
    ASPPFLAGS=machine,
    CCFLAGS=machine + ["-Os", "-g", "-ffunction-sections", "-fdata-sections", "-Wall", "-Wextra"],
    CXXFLAGS=["-std=gnu++11", "-fno-exceptions", "-fno-rtti", "-fno-threadsafe-statics"],
    LINKFLAGS=machine + ["--crt0=semihost", "--oslib=semihost", "-T", "picolibcpp.ld", "-Wl,--gc-sections,--no-warn-rwx-segments"]
    + ["-Wl,--defsym=%s=%#x" % item for item in memory.items()],
)
env.BuildSources(os.path.join("$BUILD_DIR", "board"), here, "+<board.cpp>")
finish(env, "rv32imc")
