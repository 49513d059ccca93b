"""Official zones: reads a file of a publisher, checks it, and sets its shapes in a division of the ground."""
