"""A second newspaper, invented: what a fork puts in the place of the first one's files."""
