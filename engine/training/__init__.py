"""From annotations to checkpoints: what is trained on, how, and the loop that does it.

recipe         Recipe: how to train
plan           Plan: what a training would be, for a window to read
choosing       all that is chosen from a project where nobody chose, with reasons
comparing      runs side by side: options that differ, AP by class; compared: as values for a window
data           Data: pictures with their truth; the loop's only view of the world
keypoint_truth keypoints of annotations as tensors, and in a mirror
augment        pictures made various
varying        one picture in one of its variants: by itself, as a mosaic, with objects pasted on
mosaic         four pictures as the quarters of one
pasting        objects of one picture laid over another
sampling       which pictures an epoch shows: those with rare classes more often
room           how much memory is free for what is costly to make again
stillness      the first part of a fine-tune, in which the pretrained body stands still
feeding        batches made of the data as the recipe asks, and the reasons
batches        which pictures make up which batch
loading        batches made ahead by processes of their own
packed         a batch as one array of bytes
starting       detector, options, device and weights chosen; or a checkpoint taken up again
fitting        how many pictures a step takes on a GPU, found by two trials
learner        one step, in parts where memory is short, and the whole state as tensors
loss_scale     losses scaled for float16
ranks          several processes that train together: the design, and what they tell each other
sharing        the learner of one of them
gradients      gradients added up over all of them while the backward pass runs
following      what all but the first do
averaging      the moving average that is validated and kept
budget         epochs or minutes, learning rate, clock
hardware       device, number format, threads
validating     COCO's numbers on the validation pictures
glimpses       what is found on a few of them, the same ones each time, to be watched
loop           train(): the generator of events that ties these together
events         what it yields
checkpoints    tensors and a card as bytes
predicting     a network's results as scored shapes, many pictures at a time
manner         how pictures are looked at when detecting: whole or in tiles, in mirrors too
looking        looking so, by one network or by several
tiles          a large picture as overlapping tiles
joining        what was found on tiles made into what is on the picture
fusing         several looks at one picture made into one
picture_files  networks at work on picture files
onnx_writing   a network's parts as ONNX, compared with torch

And what connects it with a project:

project_data   a project's images and annotations as Data
recording      a training written into the file as it runs; stop, pause, resume, the queue
remembering    what exactly a run learned from, and what it found as it grew better
rebuilding     a past run's training set made again, and exported
detecting      runs' networks at work on a project's images
taking_away    a run's checkpoint in a folder, for use elsewhere
suggesting     a run's detections as suggestions, or as numbers
ready_made     weights from elsewhere as a network that detects at once, or as a run of a project
prompting      a run's network asked for the masks in boxes that a person draws
"""
