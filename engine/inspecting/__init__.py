"""Runs' networks watched on a project's images: traces, what-if against the truth, and why objects were missed.

tracing        one pass of a network on one picture as a trace, and what was checked of it
tracer         networks of runs watched on images of a project, or on picture files
animating      the steps of a suppression as an animated GIF; step_frames draws them, without Qt
judging        what settings find on a picture beside its annotations
assignments    training seen from inside: which anchors and regions of an image stand for which objects
wanting        annotations as what an autopsy looks for: which detection was counted for which
split_autopsy  why the annotations of a split were missed, by a run's network
picture_autopsy  the same of one picture, from its trace, without a network
misses         what is asked of that and what it answers, for readers without a network
"""
