# SPDX-License-Identifier: Apache-2.0
"""PostgreSQL with `fsync` and `synchronous_commit` on, as they are by default.

Fair to it: statements prepared once, their parameters in binary, all events of a transaction in one statement and one
round trip, no index but the key, no full page left to write from the run before. Everything else is as initdb leaves
it.
"""

import os
import pathlib
import pwd
import signal
import struct
import subprocess

from store import Connection, Refused, Server, Skipped, program, version


class PostgreSQL:
    name = "PostgreSQL"

    def __init__(self, folder, port):
        places = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
        postgres, initdb = program("postgres", *places), program("initdb", *places)
        self.version = version(postgres)
        self.folder, self.port = folder, port
        user, identity = None, {}
        if os.geteuid() == 0:
            user = self.unprivileged()
            os.chown(folder, user.pw_uid, user.pw_gid)
            identity = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        data = folder / "data"
        made = subprocess.run([initdb, "-D", data, "-U", "benchmark", "-A", "trust", "-E", "UTF8", "--locale=C"],
                              cwd=folder, capture_output=True, text=True, **identity)
        if made.returncode != 0:
            raise Skipped(f"initdb exited with {made.returncode}: {made.stderr.strip()[-300:]}")
        self.server = Server("postgres", [
            postgres, "-D", data, "-p", port, "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=",
            "-c", "fsync=on", "-c", "synchronous_commit=on", "-c", "max_connections=100"], folder, port, user)
        self.control = None

    @staticmethod
    def unprivileged():
        """Who runs it where we are root, which it refuses to be run by."""
        for name in ("postgres", "nobody"):
            try:
                return pwd.getpwnam(name)
            except KeyError:
                continue
        raise Skipped("PostgreSQL refuses to run as root, and there is no user 'postgres' or 'nobody'")

    def start(self):
        self.server.wait(lambda: self.ask("SELECT 1"))

    def stop(self):
        # A fast shutdown: it ends its connections rather than wait for them.
        self.server.stop(signal.SIGINT)

    shapes = [("text", 1, 64), ("text", 8, 64), ("jsonb", 8, 64), ("text", 64, 1)]
    note = "durable: fsync and synchronous_commit on"

    def label(self, kind):
        return f"PostgreSQL {self.version} {kind}"

    def fresh(self, kind):
        self.ask("DROP TABLE IF EXISTS event")
        self.ask(f"CREATE TABLE event(seq bigserial PRIMARY KEY, at timestamptz NOT NULL DEFAULT now(), "
                 f"line {kind} NOT NULL)")
        self.ask("CHECKPOINT")

    def connect(self, kind=None):
        connection = Connection(self.port)
        parameters = b"user\0benchmark\0database\0postgres\0\0"
        connection.send(struct.pack("!ii", len(parameters) + 8, 196608) + parameters)
        self.answer(connection)
        if kind:
            statement = f"INSERT INTO event(line) SELECT line::{kind} FROM unnest($1::text[]) AS line"
            connection.send(message(b"P", b"insert\0" + statement.encode() + b"\0" + struct.pack("!h", 0))
                            + message(b"S", b""))
            self.answer(connection)
        return connection

    def requests(self, lines, batch):
        # Bind: portal, statement, one parameter in binary (format 1), which is an array of text (type 25).
        start = b"\0insert\0" + struct.pack("!hhh", 1, 1, 1)
        end = struct.pack("!h", 0)
        elements = [struct.pack("!i", len(line)) + line for line in lines]
        requests = []
        for first in range(0, len(elements), batch):
            some = elements[first:first + batch]
            array = struct.pack("!iiiii", 1, 0, 25, len(some), 1) + b"".join(some)
            requests.append(message(b"B", start + struct.pack("!i", len(array)) + array + end)
                            + message(b"E", b"\0" + struct.pack("!i", 0)) + message(b"S", b""))
        return requests

    def answered(self, connection, batch):
        return self.take(connection) is not None

    def take(self, connection):
        """What came until the server is ready again, by type of message; None when more is to come."""
        received, start, found = connection.rest, 0, {}
        while start + 5 <= len(received):
            kind, size = received[start:start + 1], struct.unpack_from("!i", received, start + 1)[0]
            if start + 1 + size > len(received):
                return None
            body = received[start + 5:start + 1 + size]
            if kind == b"E":
                fields = dict((f[:1], f[1:].decode(errors="replace")) for f in body.split(b"\0") if f)
                raise Refused(fields.get(b"M", "an error without words"))
            found[kind] = body
            start += 1 + size
            if kind == b"Z":
                connection.rest = received[start:]
                return found
        return None

    def answer(self, connection):
        while True:
            connection.receive()
            found = self.take(connection)
            if found is not None:
                return found

    def ask(self, statement):
        """A statement and the one value of its last row, as text; None without a row."""
        if self.control is None:
            self.control = self.connect()
        self.control.send(message(b"Q", statement.encode() + b"\0"))
        row = self.answer(self.control).get(b"D")
        return None if row is None else row[6:].decode()

    def count(self):
        return int(self.ask("SELECT count(*) FROM event"))

    def size(self):
        self.ask("CHECKPOINT")
        return int(self.ask("SELECT pg_total_relation_size('event')")), "table and key, without the write-ahead log"


def message(kind, body):
    return kind + struct.pack("!i", len(body) + 4) + body
