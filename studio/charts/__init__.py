"""Charts, painted by ourselves.

scale        round numbers for an axis, and as many points as can be seen; no Qt
axes         what axes share: a line across with its number
card         the ground, title and told value that charts share
curves       lines over steps
bars         a bar for each name
columns      a histogram: a column for each stretch of values
table        numbers in rows and columns, sorted by any of them
matrix       what was taken for what
plot         lines in the unit square, of which each point can be picked; a mark that is dragged
ruled        a plot whose axes have numbers of their own kind, as rates on a logarithmic axis, with bands
reliability  how often detections of a score are right
saving       a chart as the bytes of a PNG or SVG file
dots         widths and heights, with priors among them
"""
