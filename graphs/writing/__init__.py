"""From a graph to text: a spec that reads back as the same graph, and a readable print."""
