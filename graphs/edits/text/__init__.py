"""From a changed tree back to the text that it was composed from: what did not change stays as it is, to the byte."""
