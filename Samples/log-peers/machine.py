# SPDX-License-Identifier: Apache-2.0
"""What the figures were taken on, and who else was at work there meanwhile."""

import os
import pathlib
import platform
import subprocess
import time


def description(folder):
    """The machine and the disk that `folder` lies on."""
    try:
        lines = pathlib.Path("/proc/cpuinfo").read_text().splitlines()
        processor = next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        processor = platform.processor() or "unknown processor"
    found = subprocess.run(["df", "-PT", folder], capture_output=True, text=True).stdout.split("\n")
    disk = found[1].split() if len(found) > 1 else []
    return {"processor": processor, "processors": os.cpu_count(), "system": f"{platform.system()} {platform.release()}",
            "fileSystem": f"{disk[1]} on {disk[0]}" if len(disk) > 1 else "unknown",
            "load": os.getloadavg()[0], "niceness": os.nice(0)}


class Others:
    """How much of the processors others take: what is busy, less what this process and its descendants use.

    A ratio taken while others work says little even where both sides had the same neighbours: a store with one thread
    loses more by them than one with two.
    """

    #: Ticks are too coarse to say anything of less, in seconds.
    LEAST = 0.5

    def __init__(self):
        self.last, self.found = self.ticks(), None

    def share(self):
        """The part of all processors that others took since the last call; None where the system does not say."""
        now = self.ticks()
        if now is None or self.last is None:
            return None
        busy, ours, wall = (new - old for new, old in zip(now, self.last))
        # Figures that come together were taken together.
        if wall >= self.LEAST or self.found is None:
            self.last = now
            self.found = max(0, busy - ours) / (max(wall, 1e-6) * os.sysconf("SC_CLK_TCK") * os.cpu_count())
        return self.found

    @staticmethod
    def ticks():
        """Ticks that all processors were busy or taken away, ticks of ours, and seconds of the clock."""
        try:
            lines = pathlib.Path("/proc/stat").read_text().split("\n")
        except OSError:
            return None
        user, nice, system, _, _, interrupts, soft, stolen = map(int, lines[0].split()[1:9])
        parents, used = {}, {}
        for folder in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue  # It ended while we looked; whoever waited for it counts its ticks.
            parents[int(folder.name)] = int(fields[1])
            # Its own and those of children it has waited for.
            used[int(folder.name)] = sum(map(int, fields[11:15]))

        def is_ours(process):
            while process in parents and process != os.getpid():
                process = parents[process]
            return process == os.getpid()

        return (user + nice + system + interrupts + soft + stolen,
                sum(ticks for process, ticks in used.items() if is_ours(process)), time.monotonic())
