# Debian's arduino-core-avr: the real Arduino API (Arduino.h, Client.h, Stream, IPAddress, String) with a 16-bit int.
import os

from SCons.Script import DefaultEnvironment

env = DefaultEnvironment()
board = env.BoardConfig()
arduino = os.environ.get("ARDUINO_AVR", "/usr/share/arduino/hardware/arduino/avr")
core = os.path.join(arduino, "cores", board.get("build.core"))
variant = os.path.join(arduino, "variants", board.get("build.variant"))
if not os.path.isdir(core):
    raise SystemExit("umqtt: no Arduino core in %s; run 'npm run setup:boards'" % arduino)

env.Append(
    CPPDEFINES=[
        ("F_CPU", "$BOARD_F_CPU"),
        ("ARDUINO", 10819),
        "ARDUINO_ARCH_AVR",
        "ARDUINO_AVR_MEGA2560",
        ("DECIMAL_DIG", 17),  # avr-libc has none, the core's String wants it
        ("SERIAL_RX_BUFFER_SIZE", 1024),  # a UART has no flow control: room for what a broker sends at once
    ],
    CPPPATH=[core, variant],
)
# wiring_pulse.S would be compiled to the object of wiring_pulse.c; both serve pulseIn() only, which nobody here calls.
quiet = env.Clone()
quiet.Append(CCFLAGS=["-w"])
env.Prepend(LIBS=[quiet.BuildLibrary(os.path.join("$BUILD_DIR", "arduino"), core, "+<*> -<wiring_pulse.S>")])
