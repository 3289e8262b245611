# PlatformIO's Unity reader without Unity: check.h prints Unity's lines, so nothing has to be downloaded.
# Starting the program, with its time-out, is boot.sh's (test_testing_command in platformio.ini).
from platformio.test.runners.unity import UnityTestRunner


class CustomTestRunner(UnityTestRunner):
    EXTRA_LIB_DEPS = None

    def configure_build_env(self, env):
        return env
