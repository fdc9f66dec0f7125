"""Geometry in numpy and shapely: shapes, arrays of boxes, masks, overlap, spaces, picking.

Knows nothing of files, networks or windows. All coordinates are float64 in continuous pixels (see the glossary).

shapes        Box, RotatedBox, Polygon, Mask, Keypoints: frozen values
packing       a shape as bytes for the project file, and back
boxes         (N, 4) arrays: iou, clip, convert
masks         run-length masks, bitmaps and polygons into one another; painting, set operations, iou
  spans         a mask's pixels as vertical strips: the arithmetic behind masks
  scanline      polygon -> mask by the pixel-centre rule
  outlines      mask -> polygon along the cracks between pixels
  sampling      a mask as it is seen in a view
  coco_text     COCO's compressed run lengths
spaces        Affine: image, view and model space into one another; shapes moved by it
planar        shapes as shapely geometries: repair, set operations, cuts, simplifying
combining     shapes joined, cut, converted and clipped, each in its own kind where it can
views         a mask as a polygon that a hand can edit; holes and parts
overlap       exact IoU of any two shapes; live IoU of one moving shape against thousands
  company       live IoU of many shapes that move together
  surfaces      shapes with what was worked out about their areas
matching      which shape of one set is which of another, by IoU
snapping      the vertex or border of a neighbour near a point
picking       what is under the pointer
  nearness      how near a point is to one shape
  bounds_index  which of thousands of shapes lie about a place
shaping       what a hand does to one shape: vertices, handles, moving
mirrors       which keypoint becomes which in a mirror
"""
