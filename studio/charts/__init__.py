"""Plots (pyqtgraph). Imported when a panel that shows one is first seen, never at the start."""
