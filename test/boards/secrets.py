# The ESP32 environments' credentials: [secrets] of secrets.ini becomes macros. What is missing is named before anything is compiled.
# Leaves their use to the firmware, and no default to anyone: a firmware without a network is of no use.
import configparser
import os
import sys
import zlib

Import("env")  # noqa: F821  (PlatformIO's)

WANTED = ["wifi_ssid", "wifi_password", "server"]
OPTIONAL = ["port", "user", "password"]


def macro(name):
    return "UMQTT_" + name.upper()


# Not by PlatformIO's extra_configs: a password may hold %, # and ;, which are PlatformIO's.
file = configparser.RawConfigParser()
file.read(os.path.join(env.subst("$PROJECT_DIR"), "secrets.ini"), encoding="utf8")  # noqa: F821
given = dict(file.items("secrets")) if file.has_section("secrets") else {}
flags = " ".join(env.Flatten(env.get("BUILD_FLAGS", [])))  # noqa: F821
missing = [name for name in WANTED if name not in given and macro(name) not in flags]
unknown = [name for name in given if name not in WANTED + OPTIONAL]

if missing or unknown:
    for name in unknown:
        sys.stderr.write("secrets.ini: unknown '%s' (known: %s)\n" % (name, ", ".join(WANTED + OPTIONAL)))
    if missing:
        sys.stderr.write("No %s for the firmware. Write a file secrets.ini beside platformio.ini:\n\n  [secrets]\n" % ", ".join(missing))
        sys.stderr.write("".join("  %s = ...\n" % name for name in WANTED))
        example = "-D %s='\"...\"'" % macro(missing[0])
        sys.stderr.write("\n(git ignores it.) Or give build flags: PLATFORMIO_BUILD_FLAGS=\"%s\"\n" % example.replace('"', '\\"'))
    env.Exit(1)  # noqa: F821


def literal(name, value):
    return value if name == "port" else '"%s"' % value.replace("\\", "\\\\").replace('"', '\\"')


# A header and not -D flags: those pass through a shell, to which a password may mean something.
header = env.subst(os.path.join("$BUILD_DIR", "secrets.h"))  # noqa: F821
text = "".join("#define %s %s\n" % (macro(name), literal(name, value)) for name, value in given.items())
with open(header, "w", encoding="utf8") as out:
    out.write(text)
# SCons does not look into what -include names; the checksum makes a changed secret compile anew.
env.Append(CCFLAGS=["-include", header], CPPDEFINES=[("UMQTT_SECRETS", "%#x" % zlib.crc32(text.encode()))])  # noqa: F821
