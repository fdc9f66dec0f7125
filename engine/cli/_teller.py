"""What a person is told on the command line while something trains."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from engine.cli._output import Output
from engine.faces.events import Collapsed, FacesRunBegan
from engine.training.events import BatchHalved, Paused, RunBegan, SetChanged, WentOn


@dataclass(slots=True)
class Teller:
    """Shows how far it is, and says once what happened."""

    output: Output
    is_paused: bool = False

    def hear(self, event: Any) -> None:
        """Take in an event of a training, of detectors or of embedders."""
        match event:
            case BatchHalved():
                self.output.say(f"Step {event.step}: {event.why} Pictures are taken {event.n_at_once} at a time now.")
            case Collapsed():
                self.output.say(f"Step {event.step}: {event.words}")
            case Paused() if not self.is_paused:
                self.output.say(f"Paused after step {event.step}, its checkpoint stored; boxwright go-on goes on.")
            case WentOn():
                self.output.say("It goes on.")
            case SetChanged():
                self.output.say(event.words)
            case RunBegan():
                self.output.say(f"Run {event.run_id}; {event.n_waiting} more in the queue.")
            case FacesRunBegan():
                self.output.say(f"Run {event.run_id}.")
        self.is_paused = isinstance(event, Paused)
        self.output.show(event)
