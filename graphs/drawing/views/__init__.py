"""What is shown: boxes, edges and time axes as values, without places or colours."""
