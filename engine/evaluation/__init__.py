"""How good detections are, and how far people agree: numbers that compare, and questions that follow from them.

detection     COCO's average precision and recall
coco_tables   pictures, truths and detections of a project as the columns that are compared
coco_files    the same from COCO's own files, every row checked
stored        the detections that a project keeps of a run, judged beside its annotations
comparison    truths beside detections, with the IoU of all that overlap: what everything below starts from
matching      which detection found which truth, and average precision from that
curves        precision and recall of each class and IoU
operating     precision, recall and F1 from each score on
errors        why average precision is lost, and what each type of error costs
confusion     what was taken for what
calibration   whether scores mean what they say
bowl          the score of the Data Science Bowl 2018
analysis      all of these at once, as a report has them
look          the same at one IoU and score, as a person looks at them
cases         the truths and detections behind a number
report        an evaluation as JSON or CSV

verification  how well distances recognise people: curves, figures and intervals over people

disagreement  what a run and the annotations of an image disagree about, and the edits that settle it
queue         what there is to decide on an image, and counted ahead for all images
agreement     how far two annotators agree: Cohen's kappa and mean IoU
"""
