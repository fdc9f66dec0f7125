"""What goes in and out of a project: pictures and annotations of other tools' formats.

sources      which format a path is of, and its pages; a folder of bare pictures too
staging      pictures verified, hashed and put into the project file, before anything refers to them
merging      three-way difference of one image's annotations: as imported, ours, theirs
importing    pages into a project, in one transaction
joining      another person's project into this one; comparing: image by image; join_edit: as one edit
exporting    a project into a folder of a format
proof        what was written, read back and compared object by object
"""
