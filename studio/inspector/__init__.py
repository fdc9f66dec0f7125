"""Stages of a trace beside the view that fits each."""
