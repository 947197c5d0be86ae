"""Runs a program on a script of so many statements; prints time and memory for each statement."""

import os
import subprocess
import sys
import time

count, command = int(sys.argv[1]), sys.argv[2:]
start = time.perf_counter()
process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
_, status, usage = os.wait4(process.pid, 0)
seconds = time.perf_counter() - start
unit = 1 if sys.platform == "darwin" else 1024
print(f"{os.path.basename(command[-1])}: {seconds:.3f} s, {1e6 * seconds / count:.2f} µs and "
      f"{usage.ru_maxrss * unit / count:.0f} bytes a statement")
sys.exit(os.waitstatus_to_exitcode(status))
