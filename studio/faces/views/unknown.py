"""Unknown: faces without a name, in groups that one name may do for."""

from studio.faces import FacesView

VIEW = FacesView(
    "Unknown", 20, "studio.faces.unknown_pane:UnknownPane", "Who are these? Those that look alike stand together."
)
