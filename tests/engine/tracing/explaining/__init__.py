"""Tests of what is said of stages."""
