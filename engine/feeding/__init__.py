"""What a training is fed: pictures with their truth, made various, as batches of tensors.

data           Data: pictures with their truth; a training's only view of the world
project_data   a project's images and annotations as Data
keypoint_truth keypoints of annotations as tensors, and in a mirror
augment        pictures made various
varying        one picture in one of its variants: by itself, as a mosaic, with objects pasted on
mosaic         four pictures as the quarters of one
pasting        objects of one picture laid over another
sampling       which pictures an epoch shows: those with rare classes more often
needed_sizes   how large pictures are needed at most, and kept no larger
room           how much memory is free for what is costly to make again
stillness      what a pretrained body says of each picture while it stands still, made once
batches        which pictures make up which batch
loading        batches made ahead by processes of their own
packed         a batch as one array of bytes
"""
