"""How good detections are: numbers that compare them with the truth.

detection     COCO's average precision and recall over pictures
coco_tables   pictures, truths and detections as the tables that COCO's evaluator reads; from a project or from files
"""
