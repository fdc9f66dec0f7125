"""Tests of how a result came about."""
