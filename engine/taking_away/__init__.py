"""A run's network taken away, for use elsewhere.

weights_folder a run's checkpoint in a folder, with what it is and how to use it
onnx_writing   a network's parts as ONNX, compared with torch
"""
