"""One file per menu; only `@command` functions. What a command does is elsewhere: here is what happens on a click.

file       project files, what goes in and out
edit       undo, redo, what is selected
view       zoom, what is shown, the palette
image      from picture to picture, their state and split
annotate   classes and suggestions
shape      shapes joined, cut, converted and mended
train      fine-tune, detect
help       keys, about
"""
