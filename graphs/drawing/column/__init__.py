"""Where the boxes of one column stand and where its wires run; one column serves every step."""
