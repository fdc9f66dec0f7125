"""Tests of the inspector's parts."""
