"""Charts, painted by ourselves.

scale     round numbers for an axis, and as many points as can be seen; no Qt
curves    lines over steps
"""
