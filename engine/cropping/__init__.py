"""From a picture to an upright crop of a face, and how good it is. Numpy and pillow, no torch."""
