"""What the studio knows and does, without any window: usable headless and under torchrun.

Layers, upper may import lower (kept by import-linter in `make check`)::

    cli                                  one file per command group
    faces                                embedders taught by faces; faces enrolled and recognised in a project
    training, taking_away                the loop that turns annotations into checkpoints; those for use elsewhere
    inspecting                           runs' networks watched on a project's images; why objects were missed
    feeding, detecting                   what a training is fed; trained networks at work
    evaluation                           detections and recognised faces into numbers
    checkpoints                          weights with what has to be known of them, as bytes
    detectors, embedders                 seams: one file per network
    nn                                   parts that networks are built from
    hardware                             device, number format, threads, and whether memory is short
    tracing                              how a result came about: read, replayed and asked without torch
    cropping                             from a picture to a face's crop
    interchange                          what goes in and out of a project: import, conflicts, export, proof
    samples                              the sample project, drawn here
    formats                              seam: one file per interchange format
    tiling                               pictures too large for memory, streamed once and read as tiles
    project                              the project file; the only SQL in the program
    gallery                              who a face is, by distances of vectors
    imaging                              regions, borders and objects in pixels, without any network
    pictures                             foreign pictures opened safely, upright
    portable                             detecting without torch: what is written beside ONNX files; numpy alone
    geometry                             numpy and shapely; knows nothing of files or networks
    options                              what a drop-in lets a user choose
    registry, errors, progress, writing

Glossary (the nouns of the program; code, window and messages use these and no others):

=============  ==========================================================================  ==========================
noun           is                                                                          say not
=============  ==========================================================================  ==========================
Project        one SQLite file with everything in it                                       workspace, dataset
Image          a picture the project holds (bytes inside by default, linked by choice)     photo, frame, sample
Shape          pure geometry in image pixels                                               region, roi
Annotation     a Shape + Class (+ Identity, attributes) on an Image, placed or accepted    label, object, gt
               by a person
Class          what kind of thing; its id never drifts                                     category, label, tag
Detection      a scored Shape from a detector; an Annotation only when accepted            prediction, result
Truth          the annotations of one image as tensors                                     target, gt
Recipe         how to train                                                                config
Run            one training                                                                experiment
Checkpoint     saved weights                                                               model file
Metric         one number at one step of a run                                             log
Identity       a person                                                                    subject
Template       a crop of a face, enrolled for an identity once it is confirmed             hit
Embedding      the vector of a template                                                    feature
Gallery        the enrolled templates                                                      db
Probe          a face to identify                                                          query
Decision       who a probe is, or nobody, and how far each person is                       match, result
Trace, Stage   the record of one forward pass; one named value in it                       debug, dump
Command        what a user can ask for                                                     slot
Edit           a reversible act                                                            mutation
Change         what became different                                                       event
Page, Pages    one picture with its shapes as a format holds them; many of them            record, sample
Space          image, view or model pixels                                                 coords
=============  ==========================================================================  ==========================

Coordinates carry their space in their name (`xy_image`, `xy_view`, `boxes_model`). Image space is continuous: the
pixel in column i and row j covers [i, i + 1) x [j, j + 1), so a box around one pixel has width 1.
"""

__version__ = "0.1.0"
