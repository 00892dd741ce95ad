# SPDX-License-Identifier: Apache-2.0
"""What the peers have in common: a server started for the benchmark, and the client that all of them get.

The client is one thread over plain sockets, the same for each peer. Requests are made before the clock starts; each
connection has one on its way and sends the next when it is answered. So it costs little, and how much is measured:
its processor time is printed with each figure.
"""

import os
import pathlib
import select
import shutil
import signal
import socket
import subprocess
import time


class Skipped(Exception):
    """Why a peer is not in the table."""


def program(name, *places):
    """Where a program is, on the path or in one of `places`."""
    path = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin", *map(str, places)])
    found = shutil.which(name, path=path)
    if not found:
        raise Skipped(f"{name} is not installed")
    return found


def version(command):
    """The first number of the form 1.2 in what a program says of itself."""
    said = subprocess.run([command, "--version"], capture_output=True, text=True).stdout
    return next((w.strip("v=") for w in said.replace("=", " ").split() if w.strip("v")[:1].isdigit()), "?")


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


class Server:
    """A server on loopback, in the foreground, which is ours to stop: by its process id, whatever happens."""

    def __init__(self, name, command, folder, port, user=None):
        self.name, self.port = name, port
        self.log = pathlib.Path(folder) / "server.log"
        identity = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {}
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(list(map(str, command)), cwd=folder, stdin=subprocess.DEVNULL, stdout=log,
                                            stderr=log, start_new_session=True, **identity)

    def wait(self, is_ready, seconds=30):
        """Returns when `is_ready` no longer raises."""
        deadline = time.monotonic() + seconds
        while True:
            status = self.process.poll()
            if status is not None:
                raise Skipped(f"instead of serving, {self.state()}")
            try:
                return is_ready()
            except (OSError, Refused) as error:
                if time.monotonic() > deadline:
                    raise Skipped(f"no answer after {seconds} s ({error}); {self.state()}") from None
            time.sleep(0.05)

    def state(self):
        """Whether it runs, and the end of its log, in words."""
        try:
            # One that is about to end because of what just went wrong gets the time to.
            status = f"exited with {self.process.wait(timeout=1)}"
        except subprocess.TimeoutExpired:
            status = "runs"
        tail = " / ".join(self.log.read_text(errors="replace").strip().split("\n")[-4:])
        return f"{self.name} {status}, and its log ends: {tail or '(it is empty)'}"

    def stop(self, how=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(how)
            try:
                self.process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


class Refused(Exception):
    """A server's answer that is not the one asked for."""


class Connection:
    """A socket and what was received of an answer that is not whole yet."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.rest = b""

    def send(self, request):
        self.socket.sendall(request)

    def receive(self):
        """More bytes, after the rest that was left."""
        received = self.socket.recv(1 << 18)
        if not received:
            raise Refused("the server closed the connection")
        self.rest += received
        return self.rest

    def close(self):
        self.socket.close()


def drive(connections, requests, is_answered):
    """Sends all requests and returns when all are answered.

    `is_answered(connection)` takes what it understands off `connection.rest` and says whether the request on its way is
    done. Returns seconds, and the part of one processor that this client took.
    """
    waiting = iter(requests)
    busy = {}
    poll = select.poll()
    wall, cpu = time.perf_counter(), time.process_time()
    for connection in connections:
        request = next(waiting, None)
        if request is None:
            break
        poll.register(connection.socket.fileno(), select.POLLIN)
        busy[connection.socket.fileno()] = connection
        connection.send(request)
    while busy:
        ready = poll.poll(60_000)
        if not ready:
            raise Refused("no answer for a minute")
        for descriptor, _ in ready:
            connection = busy[descriptor]
            connection.receive()
            if not is_answered(connection):
                continue
            request = next(waiting, None)
            if request is None:
                poll.unregister(descriptor)
                del busy[descriptor]
            else:
                connection.send(request)
    wall = time.perf_counter() - wall
    return wall, (time.process_time() - cpu) / wall
