"""Streets from a file or a server into the database, one edition at a time."""
