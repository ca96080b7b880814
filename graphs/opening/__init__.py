"""From a graph as written to primitives: copies of bodies, wires followed through ports, first values of states."""
