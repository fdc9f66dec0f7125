"""Runs inside an environment with faiss and usearch: keeps one of them on vectors and answers probes one by one.

    python _flat_index_child.py faiss|usearch VECTORS.npy PROBES.npy K

A line with the number of a probe comes in, a line of JSON goes out: milliseconds, rows and inner products. The first
line tells how long it took to load. Only the search itself is timed.
"""

from __future__ import annotations

import json
import os
import sys
import time

import numpy as np

THREADS = int(os.environ.get("OMP_NUM_THREADS", "1"))


def faiss_search(vectors, k):
    """A flat index of inner products."""
    import faiss  # type: ignore[import-not-found]

    faiss.omp_set_num_threads(THREADS)
    index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(vectors)

    def search(probe):
        products, rows = index.search(probe[None], k)
        return rows[0], products[0]

    return search


def usearch_search(vectors, k):
    """Its exact search over a matrix."""
    from usearch.index import MetricKind, search  # type: ignore[import-not-found]

    def found(probe):
        matches = search(vectors, probe, k, MetricKind.IP, exact=True, threads=THREADS)
        return matches.keys, 1 - matches.distances

    return found


def main(kind, vectors_path, probes_path, k):
    """Load, then answer until the pipe is closed."""
    start = time.perf_counter()
    vectors, probes = np.load(vectors_path), np.load(probes_path)
    search = {"faiss": faiss_search, "usearch": usearch_search}[kind](vectors, int(k))
    print(json.dumps({"loaded": time.perf_counter() - start}), flush=True)
    for line in sys.stdin:
        probe = probes[int(line)]
        start = time.perf_counter()
        rows, products = search(probe)
        taken = (time.perf_counter() - start) * 1000
        told = {"ms": taken, "rows": [int(row) for row in rows], "products": [float(each) for each in products]}
        print(json.dumps(told), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
