"""What is read from pixels without any trained network: regions of a colour, borders, a box's object.

Numpy alone; knows nothing of files, projects or windows. Shapes come and go in image pixels.

patch         a window of a picture's pixels, at full size or coarser
colour        sRGB to CIE Lab, where distances are about as large as they look
regions       connected regions of strips and bitmaps, holes filled
flood         colour wand: the region around a point that looks like it
scissors      live wire: the way along borders from one point to any other
grabcut       a box to the mask of what is in it, refined by points in and out
  mixture     the colours of one side as a mixture of Gaussians
  min_cut     the cheapest border on a grid of pixels
brush         painting and erasing strokes on a mask, at the cost of the stroke
levels        brightness, contrast, gamma and channels as one lookup
"""
