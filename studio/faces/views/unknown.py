"""Unknown: faces without a name, in groups that one name may do for."""

from studio.faces import FacesView
from studio.faces.unknown_pane import UnknownPane

VIEW = FacesView("Unknown", 20, UnknownPane, "Who are these? Those that look alike stand together")
