"""The loop that turns annotations into checkpoints, and what is written of it.

recipe         Recipe: how to train
plan           Plan: what a training would be, for a window to read
choosing       all that is chosen from a project where nobody chose, with reasons
variety        how much pictures may vary, chosen from names and places of what is on them
comparing      runs side by side: options that differ, AP by class; compared: as values for a window
asked_batches  batches made of the data as the recipe asks, and the reasons
starting       detector, options, device and weights chosen; or a checkpoint taken up again
fitting        how many pictures a step takes on a GPU, found by two trials
learner        one step, in parts where memory is short, and the whole state as tensors
loss_scale     losses scaled for float16
averaging      the moving average that is validated and kept
budget         epochs or minutes, learning rate, clock
validating     COCO's numbers on the validation pictures
glimpses       what is found on a few of them, the same ones each time, to be watched
loop           train(): the generator of events that ties these together
events         what it yields

Several processes that train together:

ranks          the design, and what they tell each other
sharing        the learner of one of them
gradients      gradients added up over all of them while the backward pass runs
following      what all but the first do

And what connects it with a project:

run_record     how any training is written into its run: claimed, measured, paused, stopped, and how it ended
recording      a detector's training written into the file as it runs; the queue
remembering    what exactly a run learned from, and what it found as it grew better
set_changes    what became different in a run's training set while it rested
rebuilding     a past run's training set made again, and exported
imported_runs  weights from elsewhere as a run that was never trained here
"""
