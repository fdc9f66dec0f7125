"""Faces: embedders taught by them, and faces of a project enrolled and recognised.

An embedder learns from crops and whose they are, and knows no project:

recipe     FaceRecipe: how to train
face_set   faces by person, split so that nobody is on both sides; batches in which people weigh evenly
varying    faces shown in other ways, and people made up by warps
teaching   what a batch of vectors is taught: softmax over angles, then pairs or triplets
clicked    pairs that a person confirmed or rejected: some to learn from, others to be tried on
learner    one step, the moving average, and the whole state as tensors
trying     a network judged on people it never learned from, and the pairs that mislead it
resting    where a training stands, as bytes to go on from exactly
training   train(): the generator of events that ties these together
events     what it yields

In a project:

sources      where faces come from, as values; cutting: faces from any of them, or why there is none
  picture_faces, marked_faces                  ... from files and folders; from annotations and detections
finding      Finder: a detector's network that finds the faces in picture files; finders: which runs can
enrolling    enrol: those faces as templates, in one step to undo
choice       EmbedderChoice, DecideRequest: which embedder is wanted, how it is decided
bringing     an embedder's network from wherever its weights are
ensuring     an embedder with its weights in the project
identifying  picture files held against the gallery: identify (1:K), verify (1:1)
recognising  Recogniser: such an embedder at work; embed: the vectors that templates lack
gathering    what can be learned from in a project: people's faces, and clicked pairs
plan, choosing                               ... what one click trains, as values; everything chosen, with reasons
recording    a training written into the project file as a run; carry_out: a run of any kind
improving    improve: the embedder in use trained further on clicks, and compared; improved: that, as values
hardest      the pairs that mislead a run's network, found again
protocol     how embedders and rules are judged: one template or five, everybody enrolled or half of the people
evaluating   evaluate: an embedder of the project judged by a folder of people it never learned from
"""
