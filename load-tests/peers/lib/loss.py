"""A bad network for SIP and voice over UDP: a relay on loopback that loses a share of the datagrams, the same ones for the same seed,
and is as long as it is told."""
import random, select, socket, threading, time
from collections import deque


class Loss:
    """Relays between whoever sends to `front` and `target`, both ways, losing `share` of what passes, which takes `delay` seconds."""

    def __init__(self, target, share, seed, front=("127.0.0.1", 0), delay=0):
        self.target, self.share, self.random = target, share, random.Random(seed)
        # What is on its way: when it is there, and how it arrives.
        self.delay, self.way = delay, deque()
        self.front = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.front.bind(front)
        self.port = self.front.getsockname()[1]
        self.backs, self.passed, self.lost, self.open = {}, 0, 0, True
        # How many came to `front` after something had come back.
        self.came, self.answers = False, 0
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self):
        while self.open:
            sockets = [self.front, *self.backs.values()]
            left = self.way[0][0] - time.monotonic() if self.way else 0.1
            for ready in select.select(sockets, [], [], min(0.1, max(0, left)))[0]:
                try:
                    data, source = ready.recvfrom(65536)
                except OSError:
                    continue
                if self.random.random() < self.share:
                    self.lost += 1
                    continue
                self.passed += 1
                self.answers += self.came and ready is self.front
                self.came |= ready is not self.front
                self.way.append((time.monotonic() + self.delay, self._arrival(ready, source), data))
            while self.way and self.way[0][0] <= time.monotonic():
                _, arrives, data = self.way.popleft()
                try:
                    arrives(data)
                except ConnectionRefusedError:
                    pass  # Nobody is there any more.

    def _arrival(self, ready, source):
        """Returns what lets a datagram arrive that came to a socket."""
        if ready is self.front:
            return self._back(source).send
        client = next(who for who, back in self.backs.items() if back is ready)
        return lambda data: self.front.sendto(data, client)

    def _back(self, client):
        if client not in self.backs:
            back = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            back.connect(self.target)
            self.backs[client] = back
        return self.backs[client]

    def stop(self):
        self.open = False
        self.thread.join(2)
        for each in [self.front, *self.backs.values()]:
            each.close()
