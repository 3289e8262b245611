# Makes time's sleeps (utime is the same module then) block the thread: the build's own burn the processor until the time
# is over.
import sys
import time

import _bridge

time.sleep = lambda seconds: _bridge.sleep(int(seconds * 1000))
time.sleep_ms = _bridge.sleep
time.sleep_us = lambda microseconds: _bridge.sleep(microseconds // 1000)
sys.modules["utime"] = time
