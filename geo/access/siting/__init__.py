"""Where people lack a theme, what a change would do, and where the next service would reach most of them."""
