"""What the commands say of a model, as values, tables and text."""
