"""Tests of the readers: one module per module, fixtures written by hand after the descriptions."""
