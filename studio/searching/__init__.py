"""How pictures are found and chosen; what the image list and the grid of thumbnails have in common.

bar           the query box with its presets, its order and how many pictures were found
field         the query box: completion while typing, errors in words
presets       common, saved and recent searches as a menu, and examples
rows          the listed pictures as a model that reads only what is in sight
choosing      keeps the selection of a view and the session in step
marks         the colours and words of review states and splits
command_menu  a menu of commands about the chosen pictures
menu_button   a button that opens a menu, for a narrow place
"""
