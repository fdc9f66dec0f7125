"""How good detections are: numbers that compare them with the truth.

detection     COCO's average precision and recall over pictures
coco_tables   pictures, truths and detections of a project as the tables that COCO's evaluator reads
coco_files    the same from COCO's own files, every row checked
"""
