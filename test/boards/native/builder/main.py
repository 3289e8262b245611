# The host as a board: gcc from the path, the program runs as a process..
import os
import sys

from SCons.Script import DefaultEnvironment

env = DefaultEnvironment()
sys.path.insert(0, os.path.dirname(env.PioPlatform().get_dir()))
from common import finish  # noqa: E402

env.Replace(AR="gcc-ar", RANLIB="gcc-ranlib", CC="gcc", CXX="g++", SIZETOOL="size")
env.Append(
    CPPDEFINES=["BOARD_NATIVE"],
    CCFLAGS=["-O1", "-g", "-Wall", "-Wextra"],
    CXXFLAGS=["-std=gnu++11"],
)
finish(env, "native")
