"""How good detections are, and how far people agree: numbers that compare, and questions that follow from them.

detection     COCO's average precision and recall over pictures
coco_tables   pictures, truths and detections of a project as the tables that COCO's evaluator reads
disagreement  what a run and the annotations of an image disagree about, and the edits that settle it
queue         what there is to decide on an image, and counted ahead for all images
agreement     how far two annotators agree: Cohen's kappa and mean IoU
coco_files    the same from COCO's own files, every row checked
"""
