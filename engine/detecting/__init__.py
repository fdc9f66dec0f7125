"""Trained networks at work: on pictures, on picture files and on the images of a project.

predicting     a network's results as scored shapes, many pictures at a time
manner         how pictures are looked at: whole or in tiles, in mirrors too
looking        looking so, by one network or by several
tiles          a large picture as overlapping tiles
settled        a network with the settings that were kept for its run
joining        what was found on tiles made into what is on the picture
fusing         several looks at one picture made into one
picture_files  networks at work on picture files
ready_made     weights from elsewhere as a network that detects at once
project_images runs' networks at work on a project's images
suggesting     a run's detections as suggestions, or as numbers
prompting      a run's network asked for the masks in boxes that a person draws
"""
