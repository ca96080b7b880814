"""Composites whose body depends on more than a body's `$names` can say: functions from parameters to its text."""
