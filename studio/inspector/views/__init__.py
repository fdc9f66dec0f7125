"""SEAM: one file per view of a kind of stage."""
