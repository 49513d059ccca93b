"""The pages: templates, catalogues, components and the functions that put them together."""
