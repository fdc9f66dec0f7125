"""The canvas: the picture, what is on it, and the hand that draws. One widget made of parts with one job each.

viewport      zoom and pan as arithmetic; steering moves it by wheel, trackpad and panning
pyramid       a picture at full size and at halves of it; pictures decodes them on threads, within a budget
contents      what is on an image, read on a thread; holding adds what was asked for and is not yet read
shown         the session's image: head, picture and contents as they come
sight         what of it is in sight, and what can be taken hold of
overlay       the items on cached tiles; tiles where they lie, tile_painter their painting, looks pens and words
carried       many items dragged together
mask_image    a mask of the live layer as an image
live          what moves with the pointer: preview, grips, band, crosshair, badge; live_layer decides,
              live_extent says where; comparison is the live IoU
hand          holds the tool and feeds its gesture; pointer turns Qt's events into the tool's, computing works for it
paint, paths  drawing functions; shapes as painter paths
layers        joins picture, overlay and live layer within a budget per frame
view          Canvas, the widget

Spaces: image pixels everywhere but in the view, whose pixels are those of the screen (Qt's logical ones times the
device pixel ratio). Measured on 10,000 polygons: see tests/bench/canvas.py.
"""
