"""Local life: what teams register, how it is moderated, and when things take place."""
