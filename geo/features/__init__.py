"""The features of any layer, whatever it is: asked for, read, drawn as tiles, written as files."""
