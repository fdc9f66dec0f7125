"""Tests of engine.tracing."""
