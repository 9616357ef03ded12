"""A bad network for SIP and voice over UDP: a relay on loopback that loses a share of the datagrams, the same ones for the same seed."""
import random, select, socket, threading


class Loss:
    """Relays between whoever sends to `front` and `target`, both ways, losing `share` of what passes."""

    def __init__(self, target, share, seed, front=("127.0.0.1", 0)):
        self.target, self.share, self.random = target, share, random.Random(seed)
        self.front = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.front.bind(front)
        self.port = self.front.getsockname()[1]
        self.backs, self.passed, self.lost, self.open = {}, 0, 0, True
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self):
        while self.open:
            sockets = [self.front, *self.backs.values()]
            for ready in select.select(sockets, [], [], 0.1)[0]:
                try:
                    data, source = ready.recvfrom(65536)
                except OSError:
                    continue
                if self.random.random() < self.share:
                    self.lost += 1
                    continue
                self.passed += 1
                if ready is self.front:
                    self._back(source).send(data)
                else:
                    client = next(who for who, back in self.backs.items() if back is ready)
                    self.front.sendto(data, client)

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
