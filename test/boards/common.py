# What the three platforms' build scripts share: the program, its size, and the targets that PlatformIO users know.
# Leaves compilers and flags to native/, rv32imc/ and mega/, and starting a program to boot.sh.
import os
import subprocess

from SCons.Script import AlwaysBuild, Default


def boot(env, board):
    """`pio run -t upload`: what a flashing tool does on a board, boot.sh does here. --upload-port is the broker's TCP port."""

    def action(target, source, env):
        script = os.path.join(os.path.dirname(env.PioPlatform().get_dir()), "boot.sh")
        command = [script, board, env.subst("$PROG_PATH"), *env.get("PROGRAM_ARGS", [])]
        port = env.subst("$UPLOAD_PORT")
        environment = dict(os.environ, UMQTT_LINK=port) if port else None
        return subprocess.run(command, env=environment, check=False).returncode

    return env.VerboseAction(action, "Booting $PROG_PATH")


def finish(env, board):
    program = env.BuildProgram()
    env.AddPlatformTarget("upload", program, [boot(env, board)], "Boot")
    AlwaysBuild(env.Alias("buildprog", program, program))
    Default([program])
