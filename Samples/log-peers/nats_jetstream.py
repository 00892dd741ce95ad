# SPDX-License-Identifier: Apache-2.0
"""NATS JetStream with file storage.

It acknowledges before it syncs (`sync_interval`, two minutes by default), so a power cut loses what it acknowledged:
its rate is no measure for a durable store, and is shown for orientation only. Fair to it: the plain protocol, one
subject, 64 messages published before their acknowledgements are awaited.
"""

import json

from store import Connection, Refused, Server, program, version


class Inbox(Connection):
    """A connection that subscribes to a subject of its own, where answers come."""

    #: What requests say in the place of the subject, which is as long.
    PLACE = b"inbox.....X"

    def __init__(self, port):
        super().__init__(port)
        self.subject = b"inbox.%05d" % self.socket.getsockname()[1]
        self.acknowledged = 0
        super().send(b'CONNECT {"verbose":false,"pedantic":false}\r\nSUB %s 1\r\nPING\r\n' % self.subject)
        while not self.receive().endswith(b"PONG\r\n"):
            pass
        self.rest = b""

    def send(self, request):
        super().send(request.replace(self.PLACE, self.subject))

    def answer_pings(self, lines):
        """The server asks now and then whether we are still here, between messages."""
        if lines.startswith(b"PING") or b"\r\nPING" in lines:
            super().send(b"PONG\r\n")


class NATSJetStream:
    name = "NATS JetStream"

    def __init__(self, folder, port):
        command = program("nats-server")
        self.version = version(command)
        self.folder, self.port = folder, port
        self.server = Server("nats-server", [command, "-a", "127.0.0.1", "-p", port, "-js", "-sd", folder / "store"],
                             folder, port)
        self.control = None

    def start(self):
        self.server.wait(lambda: self.ask("INFO", {}))

    def stop(self):
        self.server.stop()

    shapes = [("", 8, 64), ("", 64, 1)]
    note = "NOT durable: it acknowledges before it syncs; for orientation only"

    def label(self, kind):
        return f"NATS {self.version} JetStream file"

    def fresh(self, kind):
        try:
            self.ask("STREAM.DELETE.EVENTS", {})
        except Refused as error:
            if "stream not found" not in str(error):
                raise
        self.ask("STREAM.CREATE.EVENTS", {"name": "EVENTS", "subjects": ["events"], "storage": "file",
                                          "retention": "limits", "discard": "old", "num_replicas": 1})

    def connect(self, kind):
        return Inbox(self.port)

    def requests(self, lines, batch):
        events = [b"PUB events %s %d\r\n%s\r\n" % (Inbox.PLACE, len(line), line) for line in lines]
        return [b"".join(events[first:first + batch]) for first in range(0, len(events), batch)]

    def answered(self, connection, batch):
        lines, _, connection.rest = connection.rest.rpartition(b"\r\n")
        if b'"error"' in lines or b"-ERR" in lines:
            raise Refused(lines[-300:].decode(errors="replace"))
        connection.answer_pings(lines)
        connection.acknowledged += lines.count(b'"seq":')
        if connection.acknowledged < batch:
            return False
        connection.acknowledged = 0
        return True

    def count(self):
        return self.ask("STREAM.INFO.EVENTS", {})["state"]["messages"]

    def size(self):
        return sum(p.stat().st_size for p in (self.folder / "store").rglob("*.blk")), "its block files"

    def ask(self, subject, request):
        """One request to JetStream's interface and its answer."""
        if self.control is None:
            self.control = Inbox(self.port)
        body = json.dumps(request).encode()
        self.control.send(b"PUB $JS.API.%s %s %d\r\n%s\r\n" % (subject.encode(), Inbox.PLACE, len(body), body))
        received = b""
        while True:
            received += self.control.receive()
            self.control.rest = b""
            while received.startswith(b"PING\r\n"):
                self.control.answer_pings(received)
                received = received[6:]
            head, ended, rest = received.partition(b"\r\n")
            if ended and not head.startswith(b"MSG "):
                raise Refused(head.decode(errors="replace"))
            if ended and len(rest) >= int(head.split()[-1]) + 2:
                break
        answer = json.loads(rest[:int(head.split()[-1])])
        if "error" in answer:
            raise Refused(answer["error"].get("description", str(answer["error"])))
        return answer
