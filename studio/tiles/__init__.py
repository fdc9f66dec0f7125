"""Views of many equal tiles, chosen by pointer and keys, of which only those in sight are painted.

cells      where tiles lie, as arithmetic
sections   the same under headings
view       TileView: scrolling, rubber band and arrows, whatever is on the tiles
"""
