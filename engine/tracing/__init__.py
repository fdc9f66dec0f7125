"""How a result came about: the record of one forward pass, and what else could have come of it. numpy alone.

stages     the kinds of stage that a pass is made of, each row of one knowing the row of an earlier one it came from
trace      the stages of one pass on one picture, and what was checked of them
rules      the cuts by which many scored boxes become few: thresholds, top-k, suppression
numbers    settings from a few numbers in words
decoding   boxes from anchors and terms, also of anchors that the network does not have
selecting  rules at work on scored boxes: what was cut, where, and by whom; the model's own rules give its own result
stepping   suppression turn by turn: whose it is, whom it suppresses, who waits
sampling   RoIAlign: the sample points of a region, the cells they draw on, and the level it is looked up on
mask_pixels  logits of a mask head as probabilities, and the pixels that are at least so probable
nearest    which result of a trace is a detection that was seen elsewhere
whatif     the rest of a pass with other numbers, and of anchors of another size
files      a trace as a file, readable without torch
rule_text  rules as they are written in files and projects; rule_words: as they are told
paths      from an anchor through heads and cuts to a result, with the numbers of each step
autopsy    why an annotated object was missed: where the last of what was on it was lost
verdicts   what an autopsy is asked, and what it answers
sought     the object that an autopsy looks for, and which rows are on it
losing     verdicts on what a cut dropped
endings    verdicts on what no cut dropped
outlook    what becomes of it where its cut is undone
remedies   cuts with the number that would have let something pass
standings  how a candidate stood at each cut: its place, and who suppressed it
explaining what a stage does, in words and formulas with the numbers of the picture

A trace is made where networks are (`engine.detectors`: what is Traceable); it is read, replayed and asked here, so that
neither the window nor a reader of a trace file needs torch.

Legend: A anchors (default boxes, priors) over all levels, L levels, R regions, K classes without the background,
C candidates: pairs of a row and a class. Boxes are (N, 4) float32 x0, y0, x1, y1 in model pixels, unless the name says
otherwise.
"""
