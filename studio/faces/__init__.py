"""The gallery workspace: people, their templates, what was matched and why."""
