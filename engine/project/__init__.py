"""The project file: what is kept, and how it changes. The only SQL in the program.

store        Project: open, ask, change inside atomic(), announce a Change
schema       every migration the file went through, oldest first
opening      whether a file may be opened, by whom it is open, what to do before it is
records      frozen rows: ImageRecord, ClassRecord, Annotation, Detection, Run, Checkpoint ...
contents     large values in hashed chunks, each stored once
images, classes, annotations, detections, runs      questions and writes, one module per noun
edits        Edit: apply() changes the project and returns its inverse
history      undo and redo: two stacks of inverses, kept in the file
checking     every hash, key and page of a file verified, the damage named

Any function here may raise UserError for a full disk, a read-only or locked file, or a damaged one.
"""
