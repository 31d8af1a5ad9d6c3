"""What the kernel knows of processes and of the machine."""

import os
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
KIB = 1024


def tree(pid):
    """The process and all that descend from it."""
    pids = [pid]
    for parent in pids:
        try:
            for task in os.listdir(f"/proc/{parent}/task"):
                path = f"/proc/{parent}/task/{task}/children"
                with open(path, encoding="ascii") as file:
                    pids += [int(p) for p in file.read().split()]
        except FileNotFoundError:
            pass
    return pids


def cpu_of(pid):
    """CPU seconds of the tree, kernel included, dead children included."""
    ticks = 0
    for member in tree(pid):
        try:
            with open(f"/proc/{member}/stat", encoding="ascii") as file:
                fields = file.read().rpartition(")")[2].split()
        except FileNotFoundError:
            continue
        ticks += sum(int(field) for field in fields[11:15])
    return ticks / TICKS


def _status(pid, name):
    try:
        with open(f"/proc/{pid}/status", encoding="ascii") as file:
            for line in file:
                if line.startswith(name + ":"):
                    return int(line.split()[1]) * KIB
    except FileNotFoundError:
        pass
    return 0


def peak_rss(pid):
    """Bytes; pages that processes share count for each of them."""
    return sum(_status(member, "VmHWM") for member in tree(pid))


def rss(pid):
    return sum(_status(member, "VmRSS") for member in tree(pid))


def busy():
    """CPU seconds that the whole machine has worked."""
    with open("/proc/stat", encoding="ascii") as file:
        fields = [int(field) for field in file.readline().split()[1:]]
    idle = fields[3] + fields[4]
    stolen = fields[7]
    return (sum(fields[:8]) - idle - stolen) / TICKS


def load_average():
    with open("/proc/loadavg", encoding="ascii") as file:
        return float(file.read().split()[0])


def free_mib():
    with open("/proc/meminfo", encoding="ascii") as file:
        for line in file:
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) // KIB
    return 0


def machine():
    """The machine in a few words."""
    model = "unknown CPU"
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        for line in file:
            if line.startswith("model name"):
                model = line.partition(":")[2].strip()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return (f"{model}, {os.cpu_count()} CPUs, {memory / 2**30:.0f} GiB, "
            f"Linux {os.uname().release}")


def _has_no_journal(path):
    """By number: what /proc/mounts calls the device (/dev/root, a name below
    /dev/mapper) is not always what the kernel calls it."""
    device = os.stat(path).st_dev
    block = Path(f"/sys/dev/block/{os.major(device)}:{os.minor(device)}")
    task = Path("/sys/fs/ext4") / block.resolve().name / "journal_task"
    return task.exists() and task.read_text().strip() == "<none>"


def file_system(path):
    """The type of the file system that holds the path, in words."""
    best, kind = "", "unknown"
    with open("/proc/mounts", encoding="utf-8") as file:
        for line in file:
            mount, name = line.split()[1:3]
            inside = path == mount or path.startswith(mount.rstrip("/") + "/")
            if inside and len(mount) >= len(best):
                best, kind = mount, name
    return kind + (" without a journal" if _has_no_journal(path) else "")
