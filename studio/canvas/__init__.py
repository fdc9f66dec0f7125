"""The canvas: the picture, what is on it, and the hand that draws. One widget made of parts with one job each.

viewport      zoom and pan as arithmetic; steering moves it by wheel, trackpad and panning
pyramid       a picture at full size and at halves of it; pictures decodes them on threads, within a budget
tile_source   tiles of a picture in memory or of a file of them; picture_tiles reads and adjusts them on threads
picture_layer the picture as it is painted: whole where it is shown as it is, else by tiles
tile_jobs     has the file of tiles made of a picture that is too large for memory
contents      what is on an image, read on a thread; holding adds what was asked for and is not yet read
shown         the session's image: head, picture and contents as they come
sight         what of it is in sight, and what can be taken hold of
overlay       the items on cached tiles; tiles where they lie, tile_painter their painting, looks pens and words
painted       tiles as they were painted before, for what undo or a selection given up brings back
carried       many items dragged together
mask_image    a mask as an image of the view; live_mask is the one in hand, worked out again where it changed
live          what moves with the pointer: preview, grips, band, crosshair, badge; live_layer decides,
              live_extent says where; comparing has the live IoU worked out on a thread, comparison is its value
question      both sides of what the queue asks about
hand          holds the tool and feeds its gesture; pointer turns Qt's events into the tool's, computing works for it
tool_keys     which keys are the tool's, and what Escape gives up
attention     brings into sight what somebody wants to look at; empty has words in the place of a picture
padlocks      where the mark of a locked item lies, which a click opens
partner       what is compared with, dashed
badge, notice words over the picture: the live IoU beside a shape; what keeps the tool from working
paint, paths  drawing functions; shapes as painter paths
still         what is still, drawn in a thread and moved as an image; still_view is the widget that shows it:
              the picture of the Inspect page, the map of faces
layers        joins picture, overlay and live layer within a budget per frame
view          Canvas, the widget

Spaces: image pixels everywhere but in the view, whose pixels are those of the screen (Qt's logical ones times the
device pixel ratio). Measured on 10,000 polygons: see tests/bench/canvas.py.
"""
