"""Parts that networks are built from; they know tensors and weights, not detectors or files of a project.

backbones      pretrained image networks as a feature pyramid
weights        where pretrained weights come from: official by name, a file, or none
priors         anchor sizes fitted to boxes
scaling        pictures scaled for a network
region_pool    RoIAlign over the pyramid, fast on a CPU
mask_cells     masks as square cells in the frame of a box: the truth of a mask head, and its result as pixels
"""
