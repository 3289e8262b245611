# What PlatformIO would download from its registry for every build, made from what is installed: tool-scons (the SCons of the
# virtual environment) and tool-cppcheck (Debian's). Also makes .venv's programs use this checkout's .pio-core, quietly.
# Leaves toolchains and platforms alone: ours come from Debian and from test/boards.
import json
import os
import re
import shutil
import sysconfig

from platformio.dependencies import get_core_dependencies

CORE = os.environ["PLATFORMIO_CORE_DIR"]
SCONS = """import sys
from SCons.Script import main

sys.exit(main())
"""


def stand_in(name):
    """An installed package as PlatformIO sees one: without the owner in .piopm it would ask the registry who made it."""
    version = re.sub(r"^[^\d]*", "", get_core_dependencies()[name])
    version += ".0" * (2 - version.count("."))
    folder = os.path.join(CORE, "packages", name)
    os.makedirs(folder, exist_ok=True)
    spec = {"owner": "platformio", "id": None, "name": name, "requirements": None, "uri": None}
    write(folder, "package.json", json.dumps({"name": name, "version": version, "description": "Stand-in, made by setup:boards"}))
    write(folder, ".piopm", json.dumps({"type": "tool", "name": name, "version": version, "spec": spec}))
    write(folder, ".piokeep", "")
    return folder


def write(folder, name, text):
    with open(os.path.join(folder, name), "w", encoding="utf8") as file:
        file.write(text)


write(stand_in("tool-scons"), "scons.py", SCONS)

cppcheck = os.path.join(stand_in("tool-cppcheck"), "cppcheck")
if not os.path.lexists(cppcheck):
    os.symlink(shutil.which("cppcheck"), cppcheck)

# A .pth line runs whenever .venv's python starts, so that plain `pio …` needs no variables; a user's own settings win.
settings = {
    "PLATFORMIO_CORE_DIR": CORE,
    "PLATFORMIO_SETTING_ENABLE_TELEMETRY": "no",
    "PLATFORMIO_SETTING_CHECK_PLATFORMIO_INTERVAL": "9999",
}
write(
    sysconfig.get_paths()["purelib"],
    "umqtt-boards.pth",
    "import os; [os.environ.setdefault(*setting) for setting in %r.items()]\n" % settings,
)
