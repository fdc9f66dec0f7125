"""How a result came about: stages of a forward pass, captured and replayed. Nothing is here yet."""
