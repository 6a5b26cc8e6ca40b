"""A TCP proxy whose line can be made bad: cut, hanging half-open, or slow."""

import socket
import threading
import time


def hang_up(*ends):
    for end in ends:
        try:
            end.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass  # gone already


class Proxy:
    """Between weir and a server on `target`. `mode`: pass, hang (nothing moves, nobody is told), slow
    (so many bytes a second from the server), cut (every connection is closed at once)."""

    SLOW_BYTES = 20000

    def __init__(self, target):
        self.target = target
        self.mode = "pass"
        self.pairs = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            client, _ = self.listener.accept()
            if self.mode == "cut":
                client.close()
                continue
            try:
                server = socket.create_connection(("127.0.0.1", self.target))
            except OSError:
                client.close()
                continue
            self.pairs.append((client, server))
            for source, sink, is_slow in ((client, server, False), (server, client, True)):
                threading.Thread(target=self.carry, args=(source, sink, is_slow), daemon=True).start()

    def carry(self, source, sink, may_be_slow):
        try:
            while True:
                while self.mode == "hang":
                    time.sleep(0.02)
                slow = may_be_slow and self.mode == "slow"
                data = source.recv(self.SLOW_BYTES // 20 if slow else 65536)
                while self.mode == "hang":
                    time.sleep(0.02)
                if not data:
                    break
                sink.sendall(data)
                if slow:
                    time.sleep(0.05)
        except OSError:
            pass
        hang_up(source, sink)

    def become(self, mode):
        self.mode = mode
        if mode == "cut":
            pairs, self.pairs = self.pairs, []
            for pair in pairs:
                hang_up(*pair)
