"""Recordings: all that came into a run from outside, in a file, so that the run can be had again without it."""
