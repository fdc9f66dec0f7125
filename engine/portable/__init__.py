"""A trained detector without torch: ONNX for the network, numpy for all that comes before and after.

`boxwright export-weights --onnx` writes the modules of this folder beside the ONNX files, where they need nothing but
numpy and onnxruntime (and Pillow to open picture files from the command line). So they import only each other.

card          Card: what has to be known besides the networks
arithmetic    pictures scaled, boxes decoded, cut and thinned out
anchors       the boxes from which objects are guessed
regions       features of a box (RoIAlign), masks on the picture, keypoints
one_stage     what YOLO, SSD and RetinaNet say, as detections
two_stage     the same of the R-CNN family
model         Model: a folder that detects
"""
