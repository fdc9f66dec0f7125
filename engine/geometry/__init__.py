"""Geometry in numpy and shapely: shapes, arrays of boxes, masks, overlap, spaces, picking.

Knows nothing of files, networks or windows. All coordinates are float64 in continuous pixels (see the glossary).

shapes    Box, RotatedBox, Polygon, Mask, Keypoints: frozen values
packing   a shape as bytes for the project file, and back
boxes     (N, 4) arrays: iou, clip, convert
masks     run-length masks, bitmaps and polygons into one another; painting, area, iou
overlap   live IoU of one moving shape against thousands
spaces    Affine: image, view and model space into one another
picking   what is under the pointer
"""
