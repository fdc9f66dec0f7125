"""SEAM: one file per view of the gallery workspace, each with a `VIEW`."""
