# A station interface that is connected as soon as it was told to connect, for examples that bring up Wi-Fi first.
STA_IF = 0
AP_IF = 1


class WLAN:
    def __init__(self, interface=STA_IF):
        self._active = False
        self._connected = False

    def active(self, flag=None):
        if flag is not None:
            self._active = flag
        return self._active

    def scan(self):
        return []

    def connect(self, ssid=None, key=None):
        self._connected = self._active

    def disconnect(self):
        self._connected = False

    def isconnected(self):
        return self._connected

    def ifconfig(self):
        return ("127.0.0.1", "255.0.0.0", "127.0.0.1", "127.0.0.1")
