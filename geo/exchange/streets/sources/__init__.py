"""Where streets come from: one reader a form, all give ways."""
