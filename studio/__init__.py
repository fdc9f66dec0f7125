"""What you see and touch (PySide6). Rules live in the engine: what can be tested without Qt is there.

Layers, upper may import lower (kept by import-linter in `make check`)::

    __main__                             window or command line
    screenshots                          the real window drawn without a screen
    app                                  builds everything once, in order; nothing else does wiring
    window                               docks and menus, made from commands and panels; no decisions
    dock, switcher                       a panel's place at a side; from page to page
    actions, panels, pages, inspector, canvas, faces, status
    asking, welcome, menus
    bindables, dialogs, tools, charts, searching    tools: one file per canvas tool, no Qt inside
    annotating, attribute_form, conditions, copying, files, question_words, reshaping, runs, training, widgets
    commands
    surroundings                         Studio: what a command acts on
    queue, on counting and foresight                   what there is to decide, question by question
    inspection, on watching and what_if                one image as a run's network sees it, stage by stage;
                                         what_if_answers: what the reader works out for it
    evaluations                          which run is judged on which split, and what came of it
    identifying, on probe_vectors        faces that are asked about, and what is answered; recognising asks the worker
    deciding                             who each of them may be
    known_faces, on gallery_values       people and faces, how they are decided, what of them is picked;
                                         face_crops, and weighing: thresholds and doubts beside what is read
    session, listing, keys, layouts,     what is open and edited; which pictures are gone through; which keys are in
      jobs, theme                        force; where panels are
    view_state                           what is looked at, and how
    errands, face_errands, listening     what worker processes do: works, and questions answered one after the other
    settings, evenness, known, grouping, habits, profiles,
      visibility, lane, reader, and what jobs are made of

The GUI thread asks the project short questions; it never writes, parses, decodes or trains:

lane      the one thread that changes the project: edits in, Change out; a window says "Saved" after its commit
asker     questions to a worker process that keeps its network: boxes while they are drawn, images to watch, faces
jobs      long work in worker processes, started by spawn, each with its own connection
canvas    decodes pictures and draws tiles in threads of its own
evenness  keeps Python's own pauses, for garbage and between threads, out of the window's way
qt_pictures  what threads read and write as pictures: never by Qt's own readers, which can stop both for good
"""
