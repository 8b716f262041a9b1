"""Run faceage with a kernel filter that kills the process when it opens a network socket.

    python no_network.py score photographs --model demo ...
    python no_network.py script.py

A guard in Python would not see what compiled libraries do; nor does this one need a tracer.
"""

from __future__ import annotations

import ctypes
import os
import platform
import runpy
import socket
import struct
import sys

SOCKET = {"x86_64": 41, "aarch64": 198}[platform.machine()]  # number of the system call
FAMILIES = (socket.AF_INET, socket.AF_INET6, socket.AF_NETLINK, socket.AF_PACKET)
LOAD, EQUAL, RETURN = 0x20, 0x15, 0x06
ALLOW, KILL = 0x7FFF0000, 0x80000000
NUMBER, FIRST_ARGUMENT = 0, 16  # where seccomp puts them
NO_NEW_PRIVILEGES, SECCOMP, FILTER = 38, 22, 2


class Program(ctypes.Structure):
    """The kernel's struct sock_fprog."""

    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def forbid_sockets():
    """Kill this process, and its children, at the first socket that could leave the machine."""
    steps = [(LOAD, 0, 0, NUMBER), (EQUAL, 0, len(FAMILIES) + 1, SOCKET)]
    steps += [(LOAD, 0, 0, FIRST_ARGUMENT)]
    steps += [(EQUAL, len(FAMILIES) - i, 0, family) for i, family in enumerate(FAMILIES)]
    steps += [(RETURN, 0, 0, ALLOW), (RETURN, 0, 0, KILL)]
    code = b"".join(struct.pack("HBBI", *step) for step in steps)
    program = Program(len(steps), code)
    kernel = ctypes.CDLL(None, use_errno=True).prctl
    if kernel(NO_NEW_PRIVILEGES, 1, 0, 0, 0) or kernel(SECCOMP, FILTER, ctypes.byref(program)):
        raise OSError(ctypes.get_errno(), "the kernel takes no filter")


if __name__ == "__main__":
    os.environ.pop("ORT_DISABLE_TELEMETRY", None)  # as a user starts it
    forbid_sockets()
    if sys.argv[1:] == ["socket"]:  # shows that the filter works
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    elif sys.argv[1].endswith(".py"):
        runpy.run_path(sys.argv[1])
    else:
        from faceage_stats.cli import main

        sys.exit(main(sys.argv[1:]))
