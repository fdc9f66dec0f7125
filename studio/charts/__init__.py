"""Charts, painted by ourselves.

scale     round numbers for an axis, and as many points as can be seen; no Qt
card      the ground, title and told value that charts share
curves    lines over steps
bars      a bar for each name
columns   a histogram: a column for each stretch of values
"""
