#!/usr/bin/env python3
"""Chooses the inputs that together reach the most of the program.

Tests/Fuzz/choose.py CONTROL COUNT FOLDER: CONTROL is what the fuzzer's -set_cover_merge wrote with
-merge_control_file: which parts of the program each input reaches. The next input is always the one that adds
the most to those before it. It is copied to FOLDER under the hash of what it holds.
"""

import hashlib
import heapq
import pathlib
import sys


def read(control):
    """What each input reaches, by its path."""
    lines = iter(pathlib.Path(control).read_text().splitlines())
    count, _ = int(next(lines)), next(lines)
    paths = [next(lines) for _ in range(count)]
    reached = {}
    for line in lines:
        kind, *words = line.split()
        if kind == "FT":
            reached[paths[int(words[0])]] = frozenset(map(int, words[1:]))
    return reached


def main():
    control, count, folder = sys.argv[1], int(sys.argv[2]), pathlib.Path(sys.argv[3])
    reached = read(control)
    size = {path: pathlib.Path(path).stat().st_size for path in reached}
    # An input never adds more than it did when fewer were chosen: most need not be counted again.
    heap = [(-len(parts), size[path], path) for path, parts in reached.items()]
    heapq.heapify(heap)
    seen, chosen = set(), 0
    while heap and chosen < count:
        _, _, path = heapq.heappop(heap)
        gain = len(reached[path] - seen)
        if gain == 0:
            continue
        if heap and (-gain, size[path], path) > heap[0]:
            heapq.heappush(heap, (-gain, size[path], path))
            continue
        seen |= reached[path]
        chosen += 1
        text = pathlib.Path(path).read_bytes()
        (folder / f"{hashlib.sha1(text).hexdigest()[:12]}.grad").write_bytes(text)
    print(f"{chosen} inputs reach {len(seen)} of {len(set().union(*reached.values()))} parts")


main()
