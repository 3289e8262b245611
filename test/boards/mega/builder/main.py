# An Arduino Mega by Debian's avr-gcc; the Arduino core itself is added by arduino.py, which PlatformIO calls for framework = arduino.
import os
import sys

from SCons.Script import DefaultEnvironment

env = DefaultEnvironment()
sys.path.insert(0, os.path.dirname(env.PioPlatform().get_dir()))
from common import finish  # noqa: E402

machine = ["-mmcu=$BOARD_MCU"]
env.Replace(
    AR="avr-gcc-ar", AS="avr-as", RANLIB="avr-gcc-ranlib", CC="avr-gcc", CXX="avr-g++", SIZETOOL="avr-size", PROGSUFFIX=".elf",
)  # fmt: skip
env.Append(
    ASPPFLAGS=["-x", "assembler-with-cpp"] + machine,
    CFLAGS=["-std=gnu11"],
    CCFLAGS=machine + ["-Os", "-g", "-ffunction-sections", "-fdata-sections", "-Wall", "-Wextra"],
    CXXFLAGS=["-std=gnu++11", "-fno-exceptions", "-fno-threadsafe-statics", "-fpermissive"],
    LINKFLAGS=machine + ["-Os", "-Wl,--gc-sections"],
    LIBS=["m"],
)
finish(env, "mega")
