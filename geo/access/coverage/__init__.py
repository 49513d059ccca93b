"""Who reaches what on foot: residents along streets, and how many of them have a theme within n minutes."""
