"""What a person types: the command line and the tools behind it."""
