"""Runs' networks watched on a project's images: traces, what-if against the truth, and why objects were missed."""
