"""Benchmarks: `make bench` runs every script of this folder in a process of its own, one after the other.

A script is a module whose name starts without an underscore. Run as `python -m tests.bench.NAME`, it measures ours
beside what it is compared with, in one process where that is possible, and calls `show` with its rows (`_rows`).
"""
