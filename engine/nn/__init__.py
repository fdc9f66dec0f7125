"""Parts that networks are built from; they know tensors and weights, not detectors or files of a project.

backbones      pretrained image networks as a feature pyramid
weights        where pretrained weights come from: official by name, a file, or none
priors         anchor sizes fitted to boxes
scaling        pictures scaled for a network, and the frame of a batch
holding        train mode without learning
shares         a batch that several processes share: loss terms as sums, what is common to all its pictures
shared_norm    batch norms over the pictures of all processes
anchor_matching which anchors of a grid stand for which objects
region_sampling which anchors or regions of a picture are learned from
region_pool    RoIAlign over the pyramid, fast on a CPU
csp            building blocks of CSP networks
csp_network    the body of a one-stage detector: trunk, pyramid down and up, decoupled head
prior_grid     the priors of a picture as a table, and boxes from what a network says of them
medians        priors fitted to boxes by k-medians
assigning      which priors answer for which objects: the papers' responsible cell, or SimOTA
dense_losses   box, objectness and class over all priors
yolox_names    tensors in YOLOX's layout under our names
coco_classes   COCO's classes in order
pairs          learning from pairs of faces: contrastive losses, a logistic head
triplets       learning from triplets of faces: miners and loss
cosine_softmax telling the people of a training apart by angle
mask_cells     masks as square cells in the frame of a box: the truth of a mask head, and its result as pixels
"""
