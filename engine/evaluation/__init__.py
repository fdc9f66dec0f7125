"""How good detections are, and how far people agree: numbers that compare, and questions that follow from them.

detection     COCO's average precision and recall over pictures
coco_tables   pictures, truths and detections of a project as the tables that COCO's evaluator reads
disagreement  what a run and the annotations of an image disagree about, and the edits that settle it
queue         what there is to decide on an image, and counted ahead for all images
agreement     how far two annotators agree: Cohen's kappa and mean IoU
comparison    truths beside detections as columns, with the IoU of all that overlap
matching      which detection found which truth, and average precision from that
curves        precision and recall of each class and IoU
errors        why average precision is lost, and what each type of error costs
confusion     what was taken for what
calibration   whether scores mean what they say
bowl          the score of the Data Science Bowl 2018
analysis      all of these at once
stored        the detections that a project keeps of a run, beside its annotations
coco_files    the tables from COCO's own files, every row checked
"""
