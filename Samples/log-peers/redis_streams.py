# SPDX-License-Identifier: Apache-2.0
"""Redis Streams with `appendfsync always`.

Fair to it: XADD with a field of one byte, 64 in one pipeline; one sync of Redis covers whatever all connections sent
meanwhile. The append-only file is not rewritten while the clock runs, as it would be by default. All data also stays
in memory, which the table mentions.
"""

import re

from store import Connection, Refused, Server, program, version


class RedisStreams:
    name = "Redis Streams"

    def __init__(self, folder, port):
        command = program("redis-server")
        self.version = version(command)
        self.folder, self.port = folder, port
        self.server = Server("redis-server", [
            command, "--port", port, "--bind", "127.0.0.1", "--dir", folder, "--daemonize", "no", "--save", "",
            "--appendonly", "yes", "--appendfsync", "always", "--auto-aof-rewrite-percentage", "0"], folder, port)
        self.control = None
        self.written_before = 0

    def start(self):
        self.server.wait(lambda: self.ask("PING"))

    def stop(self):
        self.server.stop()

    #: What is measured: which kind of table, if there are several; connections; events a request.
    shapes = [("", 1, 64), ("", 8, 64), ("", 64, 1)]
    note = "durable: appendfsync always"

    def label(self, kind):
        return f"Redis {self.version} Streams"

    def fresh(self, kind):
        self.ask("FLUSHALL")
        self.written_before = self.written()

    def connect(self, kind):
        return Connection(self.port)

    def requests(self, lines, batch):
        events = [b"*5\r\n$4\r\nXADD\r\n$6\r\nevents\r\n$1\r\n*\r\n$1\r\nl\r\n$%d\r\n%s\r\n" % (len(line), line)
                  for line in lines]
        return [b"".join(events[first:first + batch]) for first in range(0, len(events), batch)]

    def answered(self, connection, batch):
        if not connection.rest.startswith(b"$"):
            raise Refused(connection.rest[:200].decode(errors="replace"))
        # An answer is two lines: the length of the entry's id, and the id.
        if connection.rest.count(b"\n") < 2 * batch:
            return False
        connection.rest = b""
        return True

    def count(self):
        return int(self.ask("XLEN", "events")[1:])

    def size(self):
        """Bytes on disk at best, and what else is to be said of them."""
        count = self.count()
        written = (self.written() - self.written_before) / count
        memory = int(re.search(r"used_memory_dataset:(\d+)", self.ask("INFO", "memory")).group(1)) / count
        self.ask("BGREWRITEAOF")
        self.server.wait(self.is_rewritten, seconds=120)
        rewritten = sum(p.stat().st_size for p in self.folder.glob("appendonlydir/*"))
        return rewritten, f"after BGREWRITEAOF; {written:.0f} B an event until then; and {memory:.0f} B of memory"

    def written(self):
        """Bytes of the log of commands."""
        return int(re.search(r"aof_current_size:(\d+)", self.ask("INFO", "persistence")).group(1))

    def is_rewritten(self):
        state = self.ask("INFO", "persistence")
        if "aof_rewrite_in_progress:0" not in state or "aof_rewrite_scheduled:0" not in state:
            raise Refused("still rewriting")

    def ask(self, *words):
        """One command and its answer, as text."""
        if self.control is None:
            self.control = Connection(self.port)
        self.control.send(b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(w), w.encode()) for w in words))
        while True:
            answer = self.control.receive()
            head, ended, body = answer.partition(b"\r\n")
            if ended and (head[:1] != b"$" or len(body) >= int(head[1:]) + 2):
                break
        self.control.rest = b""
        if answer.startswith(b"-"):
            raise Refused(answer.decode())
        return (body if head[:1] == b"$" else head).decode()
