"""The project file: what is kept, and how it changes. The only SQL in the program.

store        Project: open, ask, change inside atomic(), announce a Change
schema       every migration the file went through, oldest first; faces_migration: the second
opening      whether a file may be opened, and what is done before it is: version, backup, migration
explaining   SQLite's words for the world's faults as a UserError
records      frozen rows: ImageRecord, ClassRecord, Annotation, Detection, Run, Checkpoint ...
contents     large values in hashed chunks, each stored once
images, classes, annotations, detections, runs, authors     questions and writes, one module per noun
gallery      people, faces and pairs; embeddings: their vectors; run_faces: what embedders learned from
shapes       a shape as columns of a row
edits        Edit: apply() changes the project and returns its inverse; the edits of annotations
  class_tree                                    ... of their order and digits, and the classes as a tree
  class_edits, attribute_edits, image_edits     ... of classes, of attributes and groups, of images
  shape_edits, copy_edits, review_edits         ... of shapes, of copies elsewhere, of what people and models differ on
  gallery_edits, people_edits                   ... of faces, of people; face_steps: the rows that they write
erasing      a person taken out for good, from history (erasing_history) and runs (erasing_runs), proven (erasing_proof)
  traces_of_person, needles                     what is theirs; pieces of it, looked for in every byte of the file
holdings     all that is held of a person, told and written out
material     what there is to learn from; placement: where it lies; run_queue: the runs that wait, one after the other
splits       images divided at random, every class in proportion
attributes   what annotations of a class say beside their shape
acceptance   what became of a run's suggestions
conflicts    what another person drew where ours is different; marks: what each person marked on an image
surveys      how often a run and annotations disagree, by image; origins: what annotations were when they came in
queries      which images a query finds; query_language: its words; query_completion: what can come next
statistics   what annotations are like, as arrays for charts
restoring    Restore: rows as they were, the inverse of every edit; inverses: as bytes; restorable: of which tables
many         many rows written by few statements
history      undo and redo: two stacks of inverses, kept in the file
presence     who has the file open in a window, and what is done after a crash
processes    which process that is, and whether it still runs
snapshots    whole copies of the file, made while it is open; saving: "Save a copy"
checking     every hash, key and page of a file verified, the damage named
  inspections; byte_, shape_, face_inspections         the stages of a check; findings: what they find
  naming                                               what rows are called when a person is told of them
definitions  whether tables and indexes are defined as this program defines them

Any function here may raise UserError for a full disk, a read-only or locked file, or a damaged one.
"""
