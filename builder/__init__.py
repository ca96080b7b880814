"""From a graph to PyTorch: schedule, lowering, generated source, and the interpreter that says what is true."""
