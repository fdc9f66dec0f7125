"""Pictures too large for memory: streamed once from their first row to the last, from then on read tile by tile.

streaming   a large picture's pixels through libvips, upright and RGB, with little memory; its preview
writing     a file of tiles, at full size and at halves of it, written while the picture streams by
reading     the tiles of such a file, any of them at any time; needs no libvips
cache       where these files lie on this machine, by the picture's SHA-256: bounded, and safe to delete
making      the file of tiles of a project's image, as long work
windows     any window of a picture at full resolution
viewing     a picture as networks see it, shrunk where it is too large for memory

What counts as large is `engine.pictures.is_large`. A file of tiles is a Deep Zoom pyramid in an uncompressed zip of
JPEG tiles: a gigapixel takes some hundred megabytes and about as many seconds as decoding it once does.
"""
