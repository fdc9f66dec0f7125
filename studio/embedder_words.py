"""What embedders are called in the window, and a sentence about each. No Qt."""

TITLES = {"pixels": "Pixels", "latent": "Latent", "siamese": "Siamese", "onnx": "Own network"}
TIPS = {
    "pixels": "Crops compared pixel by pixel: the baseline, which fails where light or pose differ",
    "latent": "Features of a classifier of things: better than pixels, though it never learned faces",
    "siamese": "A distance learnt for the purpose: two towers that share their weights",
    "onnx": "A face network of one's own",
}
