"""From a picture to an upright crop of a face, and how good it is. Numpy and pillow, no torch.

landmarks   Landmarks: five points of a face, also from keypoints by their names
aligning    the similarity that brings landmarks, a box or a turned box upright into a crop
placing     where the face of an annotation or a detection is; which classes are those of faces
crop        crop_of: the crop itself, of one size for every embedder; as a PNG and back
quality     judge: blur, size, pose and light of a crop as one score, and its flaws in words
"""

from engine.cropping.aligning import MARKS, Place
from engine.cropping.crop import SIDE, Crop, crop_of, decoded
from engine.cropping.landmarks import Landmarks, landmarks_of, names_landmarks
from engine.cropping.placing import is_of_faces, place_of
from engine.cropping.quality import Flaw, Quality, judge

__all__ = [
    "MARKS",
    "SIDE",
    "Crop",
    "Flaw",
    "Landmarks",
    "Place",
    "Quality",
    "crop_of",
    "decoded",
    "is_of_faces",
    "judge",
    "landmarks_of",
    "names_landmarks",
    "place_of",
]
